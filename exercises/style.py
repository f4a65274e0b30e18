"""Checks of notebook 06: Gram matrix, losses, the step, the colors."""

from functools import partial

import numpy as np
import tensorflow as tf

from exercises import verdict
from exercises.verdict import answer, close, explain, own_work, passed, refuse

LUMA = np.array([0.299, 0.587, 0.114])
array = partial(verdict.array, cause="a negative number has no broken power")


def near(found, expected):
    """Whether two arrays agree to a part in ten thousand."""
    return close(found, expected, atol=1e-4 * max(1e-3, float(np.abs(expected).max())))


def _features(seed, height=6, width=4, channels=3):
    random = np.random.default_rng(seed)
    return random.uniform(0, 3, (height, width, channels)).astype("float32")


def _gram(features):
    rows = features.reshape(-1, features.shape[-1]).astype("float64")
    return sum(np.outer(row, row) for row in rows) / len(rows)


def gram_matrix(function):
    """Check ``function(features)``: the mean over all positions of products of channels."""
    for seed in (0, 1):
        features = _features(seed)
        expected, count = _gram(features), features.shape[0] * features.shape[1]
        found = answer(function, tf.constant(features))
        refuse(np.shape(found) == (count, count), f"your matrix is {count} by {count}: that "
               "compares positions. Compare channels, so that it is 3 by 3: the transposed rows "
               "come first")  # fmt: skip
        rows = features.reshape(-1, 3).astype("float64")
        centered = rows - rows.mean(0)
        mixed = features.transpose(2, 0, 1).reshape(-1, 3).astype("float64")
        mistakes = [
            (expected * count, "divide by the number of positions: the mean of the products"),
            (expected / 3, "divide by the positions only, not by the channels too"),
            (expected * count / 3, "divide by the number of positions, not by that of channels"),
            (expected * 4, "divide by all positions, height times width, not by the height alone"),
            (centered.T @ centered / count, "do not subtract the mean: that is the covariance"),
            (np.corrcoef(rows.T), "do not divide by the spreads: that is the correlation"),
            (mixed.T @ mixed / count, "one row for one position: reshape to (positions, channels)"),
        ]
        otherwise = (
            "wrong values: entry (a, b) is the mean over all positions of channel a times channel b"
        )
        found = array(found, (3, 3), "the Gram matrix")
        explain(found, expected, mistakes, "", otherwise, near)
    passed("entry (a, b) is the mean of channel a times channel b.")


def gram_matrix_forgets(function):
    """Check that neither the order nor the number of positions matters, nor the width."""
    features = _features(2, 8, 6, 5)
    rows = features.reshape(-1, 5)
    shuffled = rows[np.random.default_rng(3).permutation(len(rows))].reshape(features.shape)
    twice = np.concatenate([features, features])
    whole, other, large = (
        array(answer(function, tf.constant(each)), (5, 5), "the Gram matrix")
        for each in (features, shuffled, twice)
    )
    refuse(not near(other, whole), "positions were shuffled and your matrix changed: sum over them "
           "all")  # fmt: skip
    refuse(not near(large, whole), "a picture twice as large, of the same stuff, keeps its matrix: "
           "take a mean")  # fmt: skip
    refuse(not near(whole, whole.T) or not (np.diag(whole) > 0).all(), "a Gram matrix is "
           "symmetric, and its diagonal holds mean squares")  # fmt: skip
    refuse(not near(whole, _gram(features)), "wrong values for 5 channels: nothing in it may "
           "depend on 3 channels")  # fmt: skip
    passed("places are forgotten, and so is the size of the picture.")


def style_loss(function):
    """Check ``function(gram, target)``: squared differences by the squares of the target."""
    for seed in (4, 5):
        gram, target = _gram(_features(seed, 5, 5, 4)), _gram(_features(seed + 10, 5, 7, 4))
        gram, target = gram.astype("float32"), target.astype("float32")
        found = array(answer(function, tf.constant(gram), tf.constant(target)), (), "the loss")
        squares = np.sum((gram - target) ** 2)
        expected = squares / np.sum(target**2)
        mistakes = [
            (squares, "divide by the sum of the target's squares, or loud layers drown the others"),
            (squares / 16, "a mean is not enough: divide by the sum of the target's squares"),
            (squares / np.sum(gram**2), "divide by the squares of the target, not of the picture"),
            (np.sqrt(expected), "no square root: the sum of squares itself"),
            (np.sum(np.abs(gram - target)) / np.sum(np.abs(target)), "square the differences"),
            (squares / np.sum(target) ** 2, "square the target's entries first, then sum them"),
            (np.sum((gram - target) ** 2 / target**2), "sum first, above and below, then divide"),
        ]
        otherwise = "wrong value: sum((gram - target)^2) / sum(target^2)"
        explain(found, expected, mistakes, "", otherwise, near)
        same = abs(float(function(tf.constant(target), tf.constant(target))))
        refuse(same > 1e-6, "a picture with the target's own matrix must have loss 0")
    passed("0 for the same style, and no unit left in it.")


def total_variation(function):
    """Check ``function(image)``: lecture_style's roughness."""
    for seed in (6, 7):
        image = np.random.default_rng(seed).uniform(0, 255, (5, 8, 3)).astype("float32")
        found = array(answer(function, tf.constant(image)), (), "the loss")
        pixels = image.astype("float64")
        down = (pixels[1:, :-1] - pixels[:-1, :-1]) ** 2
        right = (pixels[:-1, 1:] - pixels[:-1, :-1]) ** 2
        expected = np.sum((down + right) ** 1.25)
        rolled = sum((pixels - np.roll(pixels, -1, axis)) ** 2 for axis in (0, 1))
        mistakes = [
            (np.sum(down + right), "raise the sum of the two squares to the power 1.25"),
            (np.sum(down**1.25 + right**1.25), "add the two squares first, then take the power"),
            (np.sum(down + right) ** 1.25, "take the power at every pixel, then sum"),
            (np.sum(down**1.25), "only the vertical neighbor counts: add the horizontal one"),
            (np.sum(right**1.25), "only the horizontal neighbor counts: add the vertical one"),
            (np.sum((np.sqrt(down) + np.sqrt(right)) ** 1.25), "square the differences"),
            (expected / down.size, "sum over all pixels and channels; this is their mean"),
            (np.sum((down.sum(-1) + right.sum(-1)) ** 1.25), "the power belongs to every channel "
             "by itself: sum the channels last"),
            (np.sum(rolled**1.25), "the last row has no neighbor below it: leave it out instead "
             "of wrapping"),
        ]  # fmt: skip
        otherwise = (
            "wrong value: sum over pixels of (vertical difference^2 + horizontal difference^2)"
            "^1.25, without the last row and column"
        )
        explain(found, expected, mistakes, "", otherwise, near)
    passed("every pixel is compared with its lower and its right neighbor.")


def _moments(features):
    rows = features.reshape(-1, features.shape[-1]).astype("float64")
    return rows.mean(0), rows.std(0)


def moments_loss(function):
    """Check ``function(features, target)``: means and standard deviations of every channel."""
    for seed in (12, 13):
        features, target = _features(seed, 6, 5, 4), 2.0 * _features(seed + 20, 3, 8, 4) + 0.5
        target = target * np.array([0.5, 1.0, 1.5, 2.0], "float32")
        (mean, spread), (wanted_mean, wanted_spread) = _moments(features), _moments(target)
        found = array(answer(function, tf.constant(features), tf.constant(target)), (), "the loss")
        off_mean = np.sum((mean - wanted_mean) ** 2)
        off_spread = np.sum((spread - wanted_spread) ** 2)
        off_variance = np.sum((spread**2 - wanted_spread**2) ** 2)
        of_mean, of_spread = np.sum(wanted_mean**2), np.sum(wanted_spread**2)
        size = of_mean + of_spread
        expected = (off_mean + off_spread) / size
        ours, theirs = (np.array([f.mean(), f.std()]) for f in (features, target))
        mistakes = [
            (off_mean + off_spread, "divide by the sum of the target's squared moments"),
            (off_mean / of_mean, "the standard deviations are missing"),
            (off_mean / size, "the standard deviations are missing above the fraction line"),
            (off_spread / of_spread, "the means are missing"),
            ((off_mean + off_variance) / (of_mean + np.sum(wanted_spread**4)), "take the standard "
             "deviation, the root of the variance"),
            (off_mean / of_mean + off_spread / of_spread, "one fraction: all differences above, "
             "all squares of the target below"),
            (np.sum((ours - theirs) ** 2) / np.sum(theirs**2), "every channel has its own mean: "
             "average over positions only, axes 0 and 1"),
        ]  # fmt: skip
        if not close(found, expected, 1e-3 * max(1.0, expected)):
            otherwise = "wrong value: compare mean and standard deviation of each channel"
            explain(found, expected, mistakes, "", otherwise, near)
        same = float(function(tf.constant(target), tf.constant(target[::-1].copy())))
        refuse(abs(same) > 1e-5, "a picture turned upside down has the same moments: the loss must "
               "be 0")  # fmt: skip
    passed("two numbers a channel, and the sizes of the pictures may differ.")


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
    for seed in (9, 10):
        begun = np.random.default_rng(seed).uniform(60, 200, _TARGET.shape).astype("float32")
        variable, optimizer = tf.Variable(begun), _Slide(0.05)
        slope, before = 2 * _WEIGHT * (begun - _TARGET), float(_valley(tf.constant(begun)))
        found = answer(function, variable, _valley, optimizer)
        after, asked = variable.numpy(), len(optimizer.calls)
        refuse(not asked and close(after, begun, 1e-4), "the picture did not move: call "
               "optimizer.apply([gradient], [image])")  # fmt: skip
        refuse(not asked, "the optimizer was not asked: it decides the step, not you")
        refuse(asked > 1, "one step only: the loop stands outside of this function")
        _check_gradient(*optimizer.calls[0], slope)
        right = close(after, np.clip(begun - 0.05 * slope, 0, 255), 1e-2)
        refuse(not right, "the picture ends in the wrong place: after the optimizer's step only "
               "clip")  # fmt: skip
        value = array(found, (), "the loss before the step")
        later = near(value, float(_valley(tf.constant(after)))) and not near(value, before)
        refuse(later, "return the loss from before the step; a second evaluation costs time")
        refuse(not near(value, before), "return the loss from before the step")
    passed("one step of the given optimizer, and the loss from before it.")


def _check_gradient(gradients, variables, slope):
    lists = isinstance(variables, (list, tuple)) and len(gradients) == len(variables) == 1
    refuse(not lists, "apply takes two lists: optimizer.apply([gradient], [image])")
    refuse(gradients[0] is None, "the gradient is None: compute the loss of the variable inside "
           "the tape")  # fmt: skip
    given = np.asarray(gradients[0])
    refuse(close(given, -slope, 1e-2), "give the gradient itself: an optimizer goes downhill by "
           "itself, no minus")  # fmt: skip
    refuse(not close(given, slope, 1e-2), "the optimizer got something else than the gradient of "
           "the loss")  # fmt: skip


def transfer_step_range(function):
    """Check that pixels stay in [0, 255] after a large step, in the variable itself."""
    own_work(function)
    begun = np.random.default_rng(11).uniform(60, 200, _TARGET.shape).astype("float32")
    variable = tf.Variable(begun)
    function(variable, _valley, _Slide(3.0))
    after = variable.numpy()
    low, high = after.min(), after.max()
    expected = np.clip(begun - 6.0 * _WEIGHT * (begun - _TARGET), 0, 255)
    refuse(close(after, begun, 1e-4), "the picture did not move: change the variable in place")
    refuse(low < -1e-3 or high > 255.001, f"after a large step the pixels reach {low:.0f} to "
           f"{high:.0f}: assign the variable its own values, clipped to [0, 255]")  # fmt: skip
    refuse(not close(after, expected, 0.05), "clip pixels to [0, 255], and change nothing else "
           "about the step")  # fmt: skip
    passed("pixels stay in [0, 255].")


def _brightness(picture):
    return (picture @ LUMA)[..., None]


def _colors_kept(painting, photograph):
    return _brightness(painting) + photograph - _brightness(photograph)


def keep_colors(function):
    """Check ``function(painting, photograph)``: brightness of the one, colors of the other."""
    for seed in (14, 15):
        # Far from 0 and 255, so that nothing needs clipping.
        both = np.random.default_rng(seed).uniform(105, 150, (2, 4, 6, 3)).astype("float32")
        painting, photograph = both
        found = answer(function, painting.copy(), photograph.copy())
        found = array(found, painting.shape, "the picture")
        mean = (painting.mean(-1) - photograph.mean(-1))[..., None] + photograph
        mistakes = [
            (_colors_kept(photograph, painting), "you have swapped them: the painting gives the "
             "brightness, the photograph the colors"),
            (painting, "this is the painting as it was: replace its colors"),
            (photograph, "this is the photograph as it was: replace its brightness"),
            (mean, "green looks brighter than blue: weigh the channels by 0.299, 0.587, 0.114"),
            (np.repeat(_brightness(painting), 3, -1), "this is gray: add the colors of the "
             "photograph"),
            (_brightness(painting) + photograph, "take the photograph's own brightness off before "
             "you add the painting's"),
            (_colors_kept(painting[..., ::-1], photograph), "the weights 0.299, 0.587, 0.114 "
             "belong to red, green and blue, in this order"),
        ]  # fmt: skip
        mistakes = [(np.clip(value, 0, 255), sentence) for value, sentence in mistakes]
        otherwise = "wrong values: photograph - its brightness + the painting's brightness"
        expected, same = _colors_kept(painting, photograph), partial(close, atol=0.05)
        explain(found, expected, mistakes, "", otherwise, same)
    passed("the brightness of the painting, the colors of the photograph.")


def keep_colors_range(function):
    """Check that the result is clipped to [0, 255], and that the inputs stay as they are."""
    painting, photograph = np.random.default_rng(16).uniform(0, 255, (2, 7, 5, 3)).astype("float32")
    kept = painting.copy(), photograph.copy()
    found = array(answer(function, painting, photograph), painting.shape, "the picture")
    untouched = np.array_equal(painting, kept[0]) and np.array_equal(photograph, kept[1])
    low, high = found.min(), found.max()
    refuse(not untouched, "you have changed one of the pictures in place: work on a copy")
    refuse(low < -1e-3 or high > 255.001, f"values from {low:.0f} to {high:.0f}: clip them to [0, "
           "255]")  # fmt: skip
    refuse(not close(found, np.clip(_colors_kept(*kept), 0, 255), 0.05), "clip at the end, and "
           "only there")  # fmt: skip
    passed("pixels stay in [0, 255].")
