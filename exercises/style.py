"""The checks behind the exercises of notebook 06: Gram matrix, losses, the step, the colors.

A check compares a student's function with an independent reference on random input of a fixed
seed, prints one line when it passes and raises ``exercises.Wrong`` with the likely mistake when it
does not.
"""

import numpy as np
import tensorflow as tf

from exercises.answers import answer, own_work
from exercises.verdict import Wrong, close, passed

LUMA = np.array([0.299, 0.587, 0.114])


def _array(value, shape, what):
    """What a function returned as float64; ``Wrong`` unless it has ``shape`` and is finite."""
    try:
        found = np.asarray(value, "float64")
    except (TypeError, ValueError):
        raise Wrong(f"return {what} as numbers, not {type(value).__name__}") from None
    if found.shape != shape:
        raise Wrong(f"{what} must have shape {shape}, yours has {found.shape}")
    if not np.isfinite(found).all():
        raise Wrong(f"{what} holds NaN or infinity: a negative number has no broken power")
    return found


def _near(found, expected):
    """Whether two arrays agree to a part in ten thousand."""
    return close(found, expected, atol=1e-4 * max(1e-3, float(np.abs(expected).max())))


def _features(seed, height=6, width=4, channels=3):
    random = np.random.default_rng(seed)
    return random.uniform(0, 3, (height, width, channels)).astype("float32")


def _gram(features):
    height, width, channels = features.shape
    total = np.zeros((channels, channels))
    for row in range(height):
        for column in range(width):
            total += np.outer(features[row, column], features[row, column])
    return total / (height * width)


def gram_matrix(function):
    """Check ``function(features)``: the mean over all positions of products of channels."""
    own_work(function)
    for seed in (0, 1):
        features = _features(seed)
        expected, count = _gram(features), features.shape[0] * features.shape[1]
        found = answer(function, tf.constant(features))
        if np.shape(found) == (count, count):
            raise Wrong(
                f"your matrix is {count} by {count}: that compares positions. Compare channels, so "
                "that it is 3 by 3: the transposed rows come first"
            )
        found = _array(found, (3, 3), "the Gram matrix")
        rows = features.reshape(-1, 3).astype("float64")
        centered = rows - rows.mean(0)
        for value, sentence in (
            (expected * count, "divide by the number of positions: the mean of the products"),
            (expected / 3, "divide by the positions only, not by the channels too"),
            (expected * count / 3, "divide by the number of positions, not by that of channels"),
            (expected * 4, "divide by all positions, height times width, not by the height alone"),
            (centered.T @ centered / count, "do not subtract the mean: that is the covariance"),
            (np.corrcoef(rows.T), "do not divide by the spreads: that is the correlation"),
        ):
            if _near(found, value):
                raise Wrong(sentence)
        mixed = features.transpose(2, 0, 1).reshape(-1, 3).astype("float64")
        if _near(found, mixed.T @ mixed / count):
            raise Wrong("one row for one position: reshape to (positions, channels)")
        if not _near(found, expected):
            raise Wrong(
                "wrong values: entry (a, b) is the mean over all positions of channel a times "
                "channel b"
            )
    passed("entry (a, b) is the mean of channel a times channel b.")


def gram_matrix_forgets(function):
    """Check that neither the order nor the number of positions matters, nor the width."""
    own_work(function)
    features = _features(2, 8, 6, 5)
    random = np.random.default_rng(3)
    rows = features.reshape(-1, 5)
    shuffled = rows[random.permutation(len(rows))].reshape(features.shape)
    whole = _array(answer(function, tf.constant(features)), (5, 5), "the Gram matrix")
    other = _array(answer(function, tf.constant(shuffled)), (5, 5), "the Gram matrix")
    if not _near(other, whole):
        raise Wrong("positions were shuffled and your matrix changed: sum over them all")
    twice = np.concatenate([features, features])
    if not _near(_array(answer(function, tf.constant(twice)), (5, 5), "the Gram matrix"), whole):
        raise Wrong("a picture twice as large, of the same stuff, keeps its matrix: take a mean")
    if not _near(whole, whole.T) or not (np.diag(whole) > 0).all():
        raise Wrong("a Gram matrix is symmetric, and its diagonal holds mean squares")
    if not _near(whole, _gram(features)):
        raise Wrong("wrong values for 5 channels: nothing in it may depend on 3 channels")
    passed("places are forgotten, and so is the size of the picture.")


def style_loss(function):
    """Check ``function(gram, target)``: squared differences by the squares of the target."""
    own_work(function)
    for seed in (4, 5):
        gram, target = _gram(_features(seed, 5, 5, 4)), _gram(_features(seed + 10, 5, 7, 4))
        gram, target = gram.astype("float32"), target.astype("float32")
        found = _array(answer(function, tf.constant(gram), tf.constant(target)), (), "the loss")
        squares = np.sum((gram - target) ** 2)
        expected = squares / np.sum(target**2)
        for value, sentence in (
            (squares, "divide by the sum of the target's squares, or loud layers drown the others"),
            (squares / 16, "a mean is not enough: divide by the sum of the target's squares"),
            (squares / np.sum(gram**2), "divide by the squares of the target, not of the picture"),
            (np.sqrt(expected), "no square root: the sum of squares itself"),
            (np.sum(np.abs(gram - target)) / np.sum(np.abs(target)), "square the differences"),
            (squares / np.sum(target) ** 2, "square the target's entries first, then sum them"),
            (np.sum((gram - target) ** 2 / target**2), "sum first, above and below, then divide"),
        ):
            if _near(found, value):
                raise Wrong(sentence)
        if not _near(found, expected):
            raise Wrong("wrong value: sum((gram - target)^2) / sum(target^2)")
        if abs(float(function(tf.constant(target), tf.constant(target)))) > 1e-6:
            raise Wrong("a picture with the target's own matrix must have loss 0")
    passed("0 for the same style, and no unit left in it.")


def _variation(image):
    total = 0.0
    for row in range(image.shape[0] - 1):
        for column in range(image.shape[1] - 1):
            down = image[row + 1, column] - image[row, column]
            right = image[row, column + 1] - image[row, column]
            total += np.sum((down**2 + right**2) ** 1.25)
    return total


def total_variation(function):
    """Check ``function(image)``: lecture_style's roughness."""
    own_work(function)
    for seed in (6, 7):
        image = np.random.default_rng(seed).uniform(0, 255, (5, 8, 3)).astype("float32")
        found = _array(answer(function, tf.constant(image)), (), "the loss")
        pixels, expected = image.astype("float64"), _variation(image.astype("float64"))
        down = (pixels[1:, :-1] - pixels[:-1, :-1]) ** 2
        right = (pixels[:-1, 1:] - pixels[:-1, :-1]) ** 2
        for value, sentence in (
            (np.sum(down + right), "raise the sum of the two squares to the power 1.25"),
            (np.sum(down**1.25 + right**1.25), "add the two squares first, then take the power"),
            (np.sum(down + right) ** 1.25, "take the power at every pixel, then sum"),
            (np.sum(down**1.25), "only the vertical neighbor counts: add the horizontal one"),
            (np.sum(right**1.25), "only the horizontal neighbor counts: add the vertical one"),
            (np.sum((np.sqrt(down) + np.sqrt(right)) ** 1.25), "square the differences"),
            (expected / down.size, "sum over all pixels and channels; this is their mean"),
            (np.sum((down.sum(-1) + right.sum(-1)) ** 1.25),
             "the power belongs to every channel by itself: sum the channels last"),
        ):  # fmt: skip
            if _near(found, value):
                raise Wrong(sentence)
        rolled = [(pixels - np.roll(pixels, -1, axis)) ** 2 for axis in (0, 1)]
        if _near(found, np.sum((rolled[0] + rolled[1]) ** 1.25)):
            raise Wrong("the last row has no neighbor below it: leave it out instead of wrapping")
        if not _near(found, expected):
            raise Wrong(
                "wrong value: sum over pixels of (vertical difference^2 + horizontal "
                "difference^2)^1.25, without the last row and column"
            )
    passed("every pixel is compared with its lower and its right neighbor.")


class _Slide:
    """An optimizer that only writes down what it is asked to do, and then takes a plain step."""

    def __init__(self, rate):
        self.rate, self.calls = rate, []

    def apply(self, gradients, variables=None):
        self.calls.append((gradients, variables))
        for gradient, variable in zip(gradients, variables or []):
            if gradient is not None:
                variable.assign_sub(self.rate * tf.convert_to_tensor(gradient))

    def apply_gradients(self, pairs):
        gradients, variables = zip(*pairs)
        self.apply(list(gradients), list(variables))


_TARGET = np.random.default_rng(8).uniform(60, 200, (4, 5, 3)).astype("float32")
_WEIGHT = np.linspace(0.5, 2.0, 60).reshape(4, 5, 3).astype("float32")


def _valley(image):
    return tf.reduce_sum(_WEIGHT * (image - _TARGET) ** 2)


def transfer_step(function):
    """Check ``function(image, loss, optimizer)``: one step downhill, by the given optimizer."""
    own_work(function)
    for seed in (9, 10):
        begun = np.random.default_rng(seed).uniform(60, 200, _TARGET.shape).astype("float32")
        variable, optimizer = tf.Variable(begun), _Slide(0.05)
        slope = 2 * _WEIGHT * (begun - _TARGET)
        before = float(_valley(tf.constant(begun)))
        found = answer(function, variable, _valley, optimizer)
        after = variable.numpy()
        if not optimizer.calls and close(after, begun, 1e-4):
            raise Wrong("the picture did not move: call optimizer.apply([gradient], [image])")
        if not optimizer.calls:
            raise Wrong("the optimizer was not asked: it decides the step, not you")
        if len(optimizer.calls) > 1:
            raise Wrong("one step only: the loop stands outside of this function")
        _gradient_given(optimizer, slope)
        if not close(after, np.clip(begun - 0.05 * slope, 0, 255), 1e-2):
            raise Wrong("the picture ends in the wrong place: after the optimizer's step only clip")
        value = _array(found, (), "the loss before the step")
        if _near(value, float(_valley(tf.constant(after)))) and not _near(value, before):
            raise Wrong("return the loss from before the step; a second evaluation costs time")
        if not _near(value, before):
            raise Wrong("return the loss from before the step")
    passed("one step of the given optimizer, and the loss from before it.")


def _gradient_given(optimizer, slope):
    gradients, variables = optimizer.calls[0]
    if not isinstance(variables, (list, tuple)) or len(gradients) != 1 or len(variables) != 1:
        raise Wrong("apply takes two lists: optimizer.apply([gradient], [image])")
    if gradients[0] is None:
        raise Wrong("the gradient is None: compute the loss of the variable inside the tape")
    given = np.asarray(gradients[0])
    if close(given, -slope, 1e-2):
        raise Wrong("give the gradient itself: an optimizer goes downhill by itself, no minus")
    if not close(given, slope, 1e-2):
        raise Wrong("the optimizer got something else than the gradient of the loss")


def transfer_step_range(function):
    """Check that pixels stay in [0, 255] after a large step, in the variable itself."""
    own_work(function)
    begun = np.random.default_rng(11).uniform(60, 200, _TARGET.shape).astype("float32")
    variable = tf.Variable(begun)
    function(variable, _valley, _Slide(3.0))
    after = variable.numpy()
    if close(after, begun, 1e-4):
        raise Wrong("the picture did not move: change the variable in place")
    if after.min() < -1e-3 or after.max() > 255.001:
        raise Wrong(
            f"after a large step the pixels reach {after.min():.0f} to {after.max():.0f}: assign "
            "the variable its own values, clipped to [0, 255]"
        )
    expected = np.clip(begun - 6.0 * _WEIGHT * (begun - _TARGET), 0, 255)
    if not close(after, expected, 0.05):
        raise Wrong("clip pixels to [0, 255], and change nothing else about the step")
    passed("pixels stay in [0, 255].")


def _moments(features):
    rows = features.reshape(-1, features.shape[-1]).astype("float64")
    return rows.mean(0), rows.std(0)


def moments_loss(function):
    """Check ``function(features, target)``: means and standard deviations of every channel."""
    own_work(function)
    for seed in (12, 13):
        features, target = _features(seed, 6, 5, 4), 2.0 * _features(seed + 20, 3, 8, 4) + 0.5
        target = target * np.array([0.5, 1.0, 1.5, 2.0], "float32")
        (mean, spread), (wanted_mean, wanted_spread) = _moments(features), _moments(target)
        found = _array(answer(function, tf.constant(features), tf.constant(target)), (), "the loss")
        off_mean = np.sum((mean - wanted_mean) ** 2)
        off_spread = np.sum((spread - wanted_spread) ** 2)
        size = np.sum(wanted_mean**2) + np.sum(wanted_spread**2)
        expected = (off_mean + off_spread) / size
        off_variance = np.sum((spread**2 - wanted_spread**2) ** 2)
        for value, sentence in (
            (off_mean + off_spread, "divide by the sum of the target's squared moments"),
            (off_mean / np.sum(wanted_mean**2), "the standard deviations are missing"),
            (off_mean / size, "the standard deviations are missing above the fraction line"),
            (off_spread / np.sum(wanted_spread**2), "the means are missing"),
            ((off_mean + off_variance) / (np.sum(wanted_mean**2) + np.sum(wanted_spread**4)),
             "take the standard deviation, the root of the variance"),
            (off_mean / np.sum(wanted_mean**2) + off_spread / np.sum(wanted_spread**2),
             "one fraction: all differences above, all squares of the target below"),
        ):  # fmt: skip
            if _near(found, value):
                raise Wrong(sentence)
        ours, theirs = (np.array([f.mean(), f.std()]) for f in (features, target))
        if _near(found, np.sum((ours - theirs) ** 2) / np.sum(theirs**2)):
            raise Wrong("every channel has its own mean: average over positions only, axes 0 and 1")
        if not close(found, expected, 1e-3 * max(1.0, expected)):
            raise Wrong("wrong value: compare mean and standard deviation of each channel")
        same = float(function(tf.constant(target), tf.constant(target[::-1].copy())))
        if abs(same) > 1e-5:
            raise Wrong("a picture turned upside down has the same moments: the loss must be 0")
    passed("two numbers a channel, and the sizes of the pictures may differ.")


def _colors_kept(painting, photograph):
    own = photograph - (photograph @ LUMA)[..., None]
    return (painting @ LUMA)[..., None] + own


def keep_colors(function):
    """Check ``function(painting, photograph)``: brightness of the one, colors of the other."""
    own_work(function)
    for seed in (14, 15):
        random = np.random.default_rng(seed)
        # Far from 0 and 255, so that nothing needs clipping.
        painting, photograph = random.uniform(105, 150, (2, 4, 6, 3)).astype("float32")
        expected = _colors_kept(painting, photograph)
        found = _array(
            answer(function, painting.copy(), photograph.copy()), painting.shape, "the picture"
        )
        mean = (painting.mean(-1) - photograph.mean(-1))[..., None] + photograph
        for value, sentence in (
            (_colors_kept(photograph, painting), "you have swapped them: the painting gives the "
             "brightness, the photograph the colors"),
            (painting, "this is the painting as it was: replace its colors"),
            (photograph, "this is the photograph as it was: replace its brightness"),
            (mean, "green looks brighter than blue: weigh the channels by 0.299, 0.587, 0.114"),
            (np.repeat((painting @ LUMA)[..., None], 3, -1), "this is gray: add the colors of the "
             "photograph"),
            ((painting @ LUMA)[..., None] + photograph, "take the photograph's own brightness off "
             "before you add the painting's"),
            (_colors_kept(painting[..., ::-1], photograph), "the weights 0.299, 0.587, 0.114 "
             "belong to red, green and blue, in this order"),
        ):  # fmt: skip
            if close(found, np.clip(value, 0, 255), 0.05):
                raise Wrong(sentence)
        if not close(found, expected, 0.05):
            raise Wrong("wrong values: photograph - its brightness + the painting's brightness")
    passed("the brightness of the painting, the colors of the photograph.")


def keep_colors_range(function):
    """Check that the result is clipped to [0, 255], and that the inputs stay as they are."""
    own_work(function)
    random = np.random.default_rng(16)
    painting, photograph = random.uniform(0, 255, (2, 7, 5, 3)).astype("float32")
    kept = painting.copy(), photograph.copy()
    found = _array(answer(function, painting, photograph), painting.shape, "the picture")
    if not (np.array_equal(painting, kept[0]) and np.array_equal(photograph, kept[1])):
        raise Wrong("you have changed one of the pictures in place: work on a copy")
    if found.min() < -1e-3 or found.max() > 255.001:
        raise Wrong(f"values from {found.min():.0f} to {found.max():.0f}: clip them to [0, 255]")
    if not close(found, np.clip(_colors_kept(*kept), 0, 255), 0.05):
        raise Wrong("clip at the end, and only there")
    passed("pixels stay in [0, 255].")
