"""The checks behind the exercises of notebook 05: the ascent step, the octaves, the tiles.

A check compares a student's function with an independent reference, prints one line when it
passes and raises ``checks.Wrong`` with the likely mistake when it does not.
"""

import numpy as np
import tensorflow as tf

from helpers.checks.verdict import Wrong, close, passed

PIXELS = 1e-3  # how far an image with values up to 255 may be off


def _hill(image):
    """A landscape whose slope is known by hand: ``-sum((image - 90)^2 * weight)``."""
    return -tf.reduce_sum(_WEIGHT * (image - 90.0) ** 2)


_WEIGHT = np.linspace(0.001, 0.02, 5 * 7 * 3).reshape(5, 7, 3).astype("float32")


def ascent_step(function):
    """Check ``function(image, score, step_size)``: one step uphill, by the gradient's spread."""
    image = np.random.default_rng(0).uniform(40, 200, (5, 7, 3)).astype("float32")
    slope = -2 * _WEIGHT * (image - 90)
    size = np.sqrt(np.mean(slope**2))
    kept = image.copy()
    found = function(tf.constant(image), _hill, 3.0)
    if found is None:
        raise Wrong("your function returns nothing: return the changed image")
    found = np.asarray(found)
    if found.shape != image.shape:
        raise Wrong(f"the image has shape {image.shape}, yours comes back as {found.shape}")
    if close(found, kept, PIXELS):
        raise Wrong("the image did not move: add step_size times the scaled gradient")
    for value, sentence in (
        (image - 3 * slope / size, "you went downhill: the score must grow, so add the gradient"),
        (image + 3 * slope, "scale the gradient first: divide it by its root mean square"),
        (image + slope / size, "the step size has no effect: multiply by it"),
        (
            image + 3 * slope / np.abs(slope).mean(),
            "divide by the root mean square of the gradient, not by its mean absolute value",
        ),
        (
            image + 3 * slope / np.linalg.norm(slope),
            "you divide by the length of the whole gradient: take the mean of its squares, not "
            "their sum, or the step shrinks with the size of the picture",
        ),
        (image + 3 * np.sign(slope), "keep the gradient's sizes, not only its signs"),
    ):
        if close(found, value, PIXELS):
            raise Wrong(sentence)
    if not close(found, image + 3 * slope / size, PIXELS):
        raise Wrong("the image moved to the wrong place: image + step_size * gradient / spread")
    passed("one step lands where the formula says.")


def ascent_step_stays_in_range(function):
    """Check that a large step is clipped to [0, 255], and that a flat place does no harm."""
    image = np.full((5, 7, 3), 2.0, "float32")
    image[2:] = 253.0
    down = np.asarray(function(tf.constant(image), lambda x: tf.reduce_sum(x * x), 40.0))
    if down.max() > 255.01 or down.min() < -0.01:
        raise Wrong(
            f"after a large step the pixels reach {down.min():.0f} to {down.max():.0f}: clip "
            "them to [0, 255]"
        )
    flat = np.asarray(function(tf.constant(image), lambda x: tf.reduce_sum(0.0 * x), 3.0))
    if not np.isfinite(flat).all():
        raise Wrong("where the gradient is 0 you divide 0 by 0: add a tiny number to the spread")
    if not close(flat, image, PIXELS):
        raise Wrong("where the gradient is 0 the image must stay as it is")
    passed("pixels stay in [0, 255], and a flat place changes nothing.")


def _log(calls):
    """An ascent that only writes down what it is given and marks it."""

    def ascend(image):
        calls.append(np.array(image))
        return np.asarray(image) + 10.0

    return ascend


def _shrink(image, size):
    return tf.image.resize(image, size, antialias=True).numpy()


def _reference_octaves(image, ascend, num_repeats, rescale_factor, blend):
    if num_repeats > 0:
        size = [max(1, round(side * rescale_factor)) for side in image.shape[:2]]
        small = _reference_octaves(
            _shrink(image, size), ascend, num_repeats - 1, rescale_factor, blend
        )
        image = blend * image + (1 - blend) * _shrink(small, image.shape[:2])
    return ascend(image)


def octaves(function):
    """Check ``function(image, ascend, num_repeats, rescale_factor, blend)``, the recursion."""
    image = np.random.default_rng(1).uniform(50, 150, (40, 60, 3)).astype("float32")
    calls, expected_calls = [], []
    found = function(image, _log(calls), 2, 0.5, 0.2)
    expected = _reference_octaves(image, _log(expected_calls), 2, 0.5, 0.2)
    sizes, wanted = ([call.shape[:2] for call in each] for each in (calls, expected_calls))
    if sizes == wanted[::-1] and len(wanted) > 1:
        raise Wrong("you begin with the large picture: call yourself on the small one first")
    if sizes == wanted[1:]:
        raise Wrong("the smallest octave is missing: with num_repeats = 0 dream on the image too")
    if sizes == wanted[:-1]:
        raise Wrong("the full size is missing: after mixing, dream on the image itself")
    if sizes != wanted:
        raise Wrong(f"the ascent was called for the sizes {sizes}, wanted {wanted}")
    _check_mix(calls, expected_calls, image)
    if found is None or not close(found, expected, 0.05):
        raise Wrong("return what the last ascent returned, at the size of the image")
    passed("small first, then larger: " + ", ".join(f"{h}x{w}" for h, w in wanted) + ".")


def _check_mix(calls, expected, image):
    if not close(calls[0], expected[0], 0.05):
        raise Wrong("the smallest octave must start from the original, shrunk step by step")
    below = _shrink(calls[0] + 10.0, calls[1].shape[:2])
    original = _shrink(image, calls[1].shape[:2])
    if close(calls[1], 0.8 * original + 0.2 * below, 0.05):
        raise Wrong("blend is the share of the original, 1 - blend that of the dream")
    if close(calls[1], below, 0.05):
        raise Wrong("the original is not mixed in: blend * image + (1 - blend) * enlarged dream")
    if close(calls[1], original, 0.05):
        raise Wrong("the small dream is lost: enlarge what the call for the small image returned")
    if not close(calls[1], expected[1], 0.05):
        raise Wrong("an octave must start from blend * image + (1 - blend) * enlarged dream")


def tile_starts(function):
    """Check ``function(length, tile, shift)``: starts of tiles that cover a line of pixels."""
    for length, tile, shift in ((100, 25, 0), (100, 25, 7), (101, 25, 24), (10, 25, 3), (1, 8, 0)):
        try:
            starts = [int(start) for start in function(length, tile, shift)]
        except TypeError:
            raise Wrong("return the starts as a list or a range of whole numbers") from None
        what = f"for length {length}, tile {tile}, shift {shift}"
        if not starts:
            raise Wrong(f"{what} there is no tile at all: a short line needs one too")
        count = np.zeros(length, int)
        for start in starts:
            count[max(start, 0) : max(start + tile, 0)] += 1
        if count[-1] == 0:
            raise Wrong(
                f"{what} the last pixel belongs to no tile: go on until the tiles reach the end "
                "(this mistake stands in a well-known tutorial)"
            )
        if count[0] == 0:
            raise Wrong(f"{what} the first pixel belongs to no tile: begin at -shift, not at shift")
        if count.max() > 1:
            raise Wrong(f"{what} tiles overlap: neighbours start {tile} pixels apart")
        if (count == 0).any():
            raise Wrong(f"{what} there are gaps: neighbours start {tile} pixels apart")
        if starts[0] != -shift:
            raise Wrong(f"{what} the first tile must start at {-shift}, yours at {starts[0]}")
        if starts[-1] >= length:
            raise Wrong(f"{what} the last tile lies outside the line: it is work for nothing")
    passed("every pixel belongs to one tile, at every shift.")


def random_shift(function):
    """Check ``function(tile, random)``: a shift that reaches every place of the tile alike."""
    random = np.random.default_rng(2)
    found = [function(32, random) for _ in range(2000)]
    if any(int(value) != value for value in found):
        raise Wrong("a shift is a whole number of pixels: use random.integers")
    low, high = min(found), max(found)
    if low == high:
        raise Wrong("the shift is always the same: draw it from the generator each time")
    if low < 0 or high > 31:
        raise Wrong(f"shifts lie from 0 to tile - 1 = 31, yours from {low} to {high}")
    counts = np.bincount(np.asarray(found, int), minlength=32)
    if (counts == 0).any() or counts.max() > 2.5 * counts.mean():
        raise Wrong("some shifts come far more often than others: draw them all alike")
    passed("the borders of the tiles fall everywhere alike.")
