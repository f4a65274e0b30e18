"""Checks of notebook 05: the ascent step, the octaves, the tiles, other scores, a soft mask."""

from functools import partial

import numpy as np
import tensorflow as tf

from exercises import verdict
from exercises.verdict import Wrong, answer, call, check_number, close, explain, passed, refuse

same_pixels = partial(close, atol=1e-3)  # how far an image with values up to 255 may be off


def reference_step(image, score, step_size):
    """One step uphill of ``score(image)``: pixels move by ``step_size`` as a root mean square."""
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = score(image)
    slope = tape.gradient(value, image)
    size = tf.sqrt(tf.reduce_mean(slope * slope)) + 1e-8
    return tf.clip_by_value(image + (step_size / size) * slope, 0.0, 255.0)


def ascent_step(function):
    """Check ``function(image, score, step_size)``: one step uphill, by the gradient's spread."""
    for seed, shape, step in ((0, (5, 7, 3), 3.0), (1, (4, 4, 3), 0.5)):
        random = np.random.default_rng(seed)
        image = random.uniform(40, 200, shape).astype("float32")
        weight = random.uniform(0.001, 0.02, shape).astype("float32")

        def hill(x, weight=weight):
            return -tf.reduce_sum(weight * (x - 90.0) ** 2)

        found = np.asarray(answer(function, tf.constant(image), hill, step))
        slope = -2 * weight * (image - 90)
        size = np.sqrt(np.mean(slope**2))
        mistakes = [
            (image, "the image did not move: add step_size times the scaled gradient"),
            (image - step * slope / size, "you went downhill: the score must grow, so add the "
             "gradient"),
            (image + step * slope, "scale the gradient first: divide it by its root mean square"),
            (image + slope / size, "the step size has no effect: multiply by it"),
            (image + step * slope / np.abs(slope).mean(), "divide by the root mean square of the "
             "gradient, not by its mean absolute value"),
            (image + step * slope / slope.std(), "divide by the root of the mean square; the "
             "standard deviation takes the mean away first"),
            (image + step * slope / np.mean(slope**2), "divide by the root of the mean square, "
             "not by the mean square"),
            (image + step * slope / np.abs(slope).max(), "divide by the root mean square of the "
             "gradient, not by its largest value"),
            (image + step * slope / np.linalg.norm(slope), "you divide by the length of the whole "
             "gradient: take the mean of its squares, not their sum, or the step shrinks with the "
             "size of the picture"),
            (image + step * np.sign(slope), "keep the gradient's sizes, not only its signs"),
            (step * slope / size, "this is the step alone: add it to the image"),
        ]  # fmt: skip
        refuse(found.shape != shape, f"the image has shape {shape}, yours comes back as "
               f"{found.shape}")  # fmt: skip
        otherwise = "the image moved to the wrong place: image + step_size * gradient / spread"
        explain(found, image + step * slope / size, mistakes, "", otherwise, same_pixels)
    passed("one step lands where the formula says.")


def ascent_step_stays_in_range(function):
    """Check that a large step is clipped to [0, 255], and that a flat place does no harm."""
    image = np.full((5, 7, 3), 2.0, "float32")
    image[2:] = 253.0
    up, down, flat = (
        np.asarray(answer(function, tf.constant(image), score, step))
        for score, step in (
            (lambda x: tf.reduce_sum(x * x), 40.0),
            (lambda x: -tf.reduce_sum(x * x), 900.0),
            (lambda x: tf.reduce_sum(0.0 * x), 3.0),
        )
    )
    refuse(up.max() > 255.01 or up.min() < -0.01, "after a large step the pixels reach "
           f"{up.min():.0f} to {up.max():.0f}: clip them to [0, 255]")  # fmt: skip
    refuse(down.min() < -0.01, f"after a large step the pixels reach {down.min():.0f}: clip them "
           "to [0, 255]")  # fmt: skip
    refuse(not np.isfinite(flat).all(), "where the gradient is 0 you divide 0 by 0: add a tiny "
           "number to the spread")  # fmt: skip
    refuse(not same_pixels(flat, image), "where the gradient is 0 the image must stay as it is")
    passed("pixels stay in [0, 255], and a flat place changes nothing.")


def _resize(image, size):
    return tf.image.resize(image, size, antialias=True).numpy()


def reference_octaves(image, ascend, num_repeats, rescale_factor, blend):
    """The dream of an image, small copies first: float32 ``(H, W, 3)`` in and out."""
    if num_repeats > 0:
        size = [max(1, round(side * rescale_factor)) for side in image.shape[:2]]
        numbers = num_repeats - 1, rescale_factor, blend
        small = reference_octaves(_resize(image, size), ascend, *numbers)
        image = blend * image + (1 - blend) * _resize(small, image.shape[:2])
    return ascend(image)


def octaves(function):
    """Check ``function(image, ascend, num_repeats, rescale_factor, blend)``, the recursion."""
    for shape, numbers in (((40, 60, 3), (2, 0.5, 0.2)), ((30, 21, 3), (1, 0.7, 0.4))):
        wanted = _check_octaves(function, shape, numbers)
    passed("small first, then larger: " + ", ".join(f"{h}x{w}" for h, w in wanted) + ".")


def _check_octaves(function, shape, numbers):
    image = np.random.default_rng(1).uniform(50, 150, shape).astype("float32")
    calls, expected_calls = [], []

    def ascent(log):
        """An ascent that only writes down what it is given and marks it."""
        return lambda image: (log.append(np.array(image)), np.asarray(image) + 10.0)[1]

    found = answer(function, image, ascent(calls), *numbers)
    expected = reference_octaves(image, ascent(expected_calls), *numbers)
    sizes, wanted = ([call.shape[:2] for call in each] for each in (calls, expected_calls))
    refuse(sizes == wanted[::-1] and len(wanted) > 1, "you begin with the large picture: call "
           "yourself on the small one first")  # fmt: skip
    refuse(sizes == wanted[1:], "the smallest octave is missing: with num_repeats = 0 dream on the "
           "image too")  # fmt: skip
    refuse(sizes == wanted[:-1], "the full size is missing: after mixing, dream on the image "
           "itself")  # fmt: skip
    refuse(sizes != wanted, f"the ascent was called for the sizes {sizes}, wanted {wanted}")
    alike, blend = partial(close, atol=0.05), numbers[-1]
    below, original = (_resize(x, wanted[1]) for x in (calls[0] + 10.0, image))
    swapped = (1 - blend) * original + blend * below
    refuse(not alike(calls[0], expected_calls[0]), "the smallest octave must start from the "
           "original, shrunk step by step")  # fmt: skip
    refuse(alike(calls[1], swapped), "blend is the share of the original, 1 - blend that of the "
           "dream")  # fmt: skip
    refuse(alike(calls[1], below), "the original is not mixed in: blend * image + (1 - blend) * "
           "enlarged dream")  # fmt: skip
    refuse(alike(calls[1], original), "the small dream is lost: enlarge what the call for the "
           "small image returned")  # fmt: skip
    refuse(not alike(calls[1], expected_calls[1]), "an octave must start from blend * image + (1 - "
           "blend) * enlarged dream")  # fmt: skip
    refuse(not alike(found, expected), "return what the last ascent returned, at the size of the "
           "image")  # fmt: skip
    return wanted


def reference_tiles(length, tile, shift):
    """Starts of the tiles that cover pixels 0 to ``length - 1``, the first at ``-shift``."""
    return list(range(-shift, length, tile))


def reference_shift(tile, random):
    """A whole number from 0 to ``tile - 1``, all alike, from a NumPy generator."""
    return int(random.integers(tile))


def tile_starts(function):
    """Check ``function(length, tile, shift)``: starts of tiles that cover a line of pixels."""
    for length, tile, shift in ((100, 25, 0), (100, 25, 7), (101, 25, 24), (10, 25, 3), (1, 8, 0)):
        try:
            starts = [int(start) for start in answer(function, length, tile, shift)]
        except TypeError:
            raise Wrong("return the starts as a list or a range of whole numbers") from None
        what = f"for length {length}, tile {tile}, shift {shift}"
        refuse(not starts, f"{what} there is no tile at all: a short line needs one too")
        count = np.zeros(length, int)
        for start in starts:
            count[max(start, 0) : max(start + tile, 0)] += 1
        refuse(count[-1] == 0, f"{what} the last pixel belongs to no tile: go on until the tiles "
               "reach the end (this mistake stands in a well-known tutorial)")  # fmt: skip
        refuse(count[0] == 0, f"{what} the first pixel belongs to no tile: begin at -shift, not at "
               "shift")  # fmt: skip
        refuse(count.max() > 1, f"{what} tiles overlap: neighbors start {tile} pixels apart")
        refuse((count == 0).any(), f"{what} there are gaps: neighbors start {tile} pixels apart")
        refuse(starts[0] != -shift, f"{what} the first tile must start at {-shift}, yours at "
               f"{starts[0]}")  # fmt: skip
        refuse(starts[-1] >= length, f"{what} the last tile lies outside the line: it is work for "
               "nothing")  # fmt: skip
    passed("every pixel belongs to one tile, at every shift.")


def random_shift(function):
    """Check ``function(tile, random)``: a shift that reaches every place of the tile alike."""
    verdict.own_work(function)
    for tile in (32, 12):
        random = np.random.default_rng(2)
        found = [call(function, tile, random) for _ in range(60 * tile)]
        low, high = min(found), max(found)
        refuse(any(int(value) != value for value in found), "a shift is a whole number of pixels: "
               "use random.integers")  # fmt: skip
        refuse(low == high, "the shift is always the same: draw it from the generator each time")
        refuse(low < 0 or high > tile - 1, f"shifts lie from 0 to tile - 1 = {tile - 1}, yours "
               f"from {low} to {high}")  # fmt: skip
        counts = np.bincount(np.asarray(found, int), minlength=tile)
        uneven = (counts == 0).any() or counts.max() > 2.5 * counts.mean()
        refuse(uneven, "some shifts come far more often than others, or never: draw them all alike")
    passed("the borders of the tiles fall everywhere alike.")


def channel_score(function):
    """Check ``function(features, channels)``: mean of squares of the chosen channels."""
    for seed, shape, channels in ((1, (1, 4, 5, 8), [0, 3, 5]), (2, (1, 3, 3, 6), [4])):
        features = np.random.default_rng(seed).normal(0.5, 1, shape).astype("float32")
        chosen = features[..., channels]
        expected = np.mean(chosen**2)
        mistakes = [
            (chosen.mean(), "the squares are missing: a channel of -2 counts as much as one of 2"),
            (chosen.mean() ** 2, "square first, then take the mean"),
            (np.sum(chosen**2), "take the mean, not the sum: a larger picture must not score more"),
            (np.mean(features**2), "all channels are counted: choose those of the argument"),
            (np.mean(chosen**2) * len(channels) / shape[-1], "divide by the number of the chosen "
             "channels, not of all"),
            (np.sqrt(expected), "no root here: the mean of the squares"),
            (np.mean(np.abs(chosen)), "squares, not absolute values"),
            (np.mean(features[:, :, [c % shape[2] for c in channels]] ** 2), "channels stand on "
             "the last axis"),
            (-expected, "the score must grow with the activation: no minus sign"),
        ]  # fmt: skip
        tensor = tf.constant(features)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            found = tf.convert_to_tensor(answer(function, tensor, channels))
        check_number(found, expected, mistakes, "channel_score")
        _check_gradient(tape, found, tensor, "channel_score")
    passed(f"mean square of the chosen channels, {expected:.4f} on the last test features.")


def _check_gradient(tape, value, tensor, name):
    cut = tape.gradient(value, tensor) is None
    refuse(cut, f"{name} has no gradient: use TensorFlow's operations, not NumPy's")


def reference_mask(height, width, box, feather):
    """1 in the box (top, left, bottom, right), falling to 0 over ``feather`` pixels: (H, W)."""
    away = np.maximum(*_distances(height, width, box))
    return np.maximum(0.0, 1.0 - away / feather)


def _distances(height, width, box):
    """How far each pixel of (height, width) lies from the box, down and across: two arrays."""
    top, left, bottom, right = box
    rows, columns = np.mgrid[:height, :width]
    down = np.maximum(np.maximum(top - rows, rows - bottom + 1), 0)
    return down, np.maximum(np.maximum(left - columns, columns - right + 1), 0)


def feathered_mask(function):
    """Check ``function(height, width, box, feather)``: 1 in the box, falling to 0 outside it."""
    for height, width, box, feather in (
        (9, 14, (2, 3, 5, 8), 4),
        (12, 7, (4, 0, 9, 3), 2),
        (6, 6, (1, 1, 4, 5), 1),
    ):
        top, left, bottom, right = box
        away_y, away_x = _distances(height, width, box)
        away, further = np.maximum(away_y, away_x), (top, left, bottom + 1, right + 1)

        def fall(distance, feather=feather):
            return np.maximum(0.0, 1 - distance / feather)

        mistakes = [
            ((away == 0) * 1.0, "the edge is hard: outside the box the mask falls by 1 / feather "
             "with each pixel"),
            (np.minimum(1.0, away / feather), "inside and outside are swapped: 1 in the box"),
            (reference_mask(height, width, further, feather), "bottom and right are the first row "
             "and column *outside* the box, as in a slice"),
            (1 - away / feather, "far away the mask is negative: stop at 0"),
            (fall(away_y + away_x), "at the corners take the larger of the two distances, not "
             "their sum"),
            (fall(np.hypot(away_y, away_x)), "at the corners take the larger of the two "
             "distances, not the length of the diagonal"),
            (fall(np.minimum(away_y, away_x)), "take the larger of the two distances, not the "
             "smaller"),
            (fall(away, feather + 1), "at a distance of feather pixels the mask is 0"),
            (fall(away_y), "the columns have no effect"),
            (fall(away_x), "the rows have no effect"),
        ]  # fmt: skip
        where = f"box {box}, feather {feather}"
        found = np.asarray(answer(function, height, width, box, feather))
        turned = found.shape == (width, height) != (height, width)
        refuse(turned, f"{where}: the mask has shape {found.shape}, but height comes first")
        explain(found, fall(away), mistakes, f"{where}: the mask")
    passed("1 in the box, 0 beyond the feather, even steps between.")


def _roughness(image):
    """Mean squared difference of neighbors, below each other and beside each other."""
    down, right = image[1:] - image[:-1], image[:, 1:] - image[:, :-1]
    return tf.reduce_mean(down**2) + tf.reduce_mean(right**2)


def roughness(function):
    """Check ``function(image)``: how much neighboring pixels differ, as one number."""
    for seed, shape in ((3, (5, 8, 3)), (4, (7, 4, 3))):
        image = np.random.default_rng(seed).uniform(0, 3, shape).astype("float32")
        down, right = np.diff(image, axis=0), np.diff(image, axis=1)
        expected = np.mean(down**2) + np.mean(right**2)
        round_down, round_right = (image - np.roll(image, 1, axis) for axis in (0, 1))
        mistakes = [
            (np.mean(down**2), "the neighbors to the right are missing"),
            (np.mean(right**2), "the neighbors below are missing"),
            (np.mean(np.abs(down)) + np.mean(np.abs(right)), "squares, not absolute values"),
            (np.mean(down) + np.mean(right), "the squares are missing: ups and downs cancel"),
            (np.sum(down**2) + np.sum(right**2), "take means, not sums: a larger picture is not "
             "rougher"),
            (expected / 2, "the two means are added, not averaged"),
            (np.mean(round_down**2) + np.mean(round_right**2), "the last row is no neighbor of "
             "the first: use slices, not a roll"),
            (np.mean(right**2) + np.mean(np.diff(image, axis=2) ** 2), "the colors are no "
             "neighbors: rows are axis 0, columns axis 1"),
            (np.var(image), "the variance does not know who is whose neighbor"),
        ]  # fmt: skip
        check_number(answer(function, tf.constant(image)), expected, mistakes, "roughness")
    passed(f"neighbors below and beside, {expected:.4f} for the last test picture.")


def calm_score(function):
    """Check ``function(score, weight)``: a new score that roughness makes smaller.

    The roughness that it calls is the right one, whatever the student's is.
    """

    def score(image):
        return tf.reduce_sum(image * image) / 50.0

    for seed, weight in ((5, 0.3), (6, 2.0)):
        image = np.random.default_rng(seed).uniform(0, 3, (5, 6, 3)).astype("float32")
        tensor = tf.constant(image)
        new = answer(function, score, weight, roughness=_roughness)
        refuse(not callable(new), "calm_score must return a function of the image, as layer_score "
               "does: write `return lambda image: ...`")  # fmt: skip
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            found = tf.convert_to_tensor(call(new, tensor))
        old, rough = float(score(tensor)), float(_roughness(tensor))
        mistakes = [
            (old + weight * rough, "roughness is subtracted: the ascent would roughen the picture"),
            (old, "roughness has no effect: subtract weight times roughness(image)"),
            (old - rough, "the weight has no effect"),
            (weight * old - rough, "the weight belongs to the roughness"),
            (weight * (old - rough), "the weight belongs to the roughness only"),
            (-weight * rough, "the old score is missing"),
        ]
        check_number(found, old - weight * rough, mistakes, "the calm score")
        _check_gradient(tape, found, tensor, "the calm score")
    passed("the old score less weight times roughness, with a gradient.")
