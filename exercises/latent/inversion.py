"""Checks of the way back from a picture to z."""

import numpy as np
import tensorflow as tf

from exercises.answers import answer, own_work
from exercises.latent.reading import array, explain, numbers
from exercises.verdict import Wrong, passed


class _Linear:
    """A "generator" whose gradient is known on paper: images = z @ weights, reshaped."""

    def __init__(self, seed, latent_dim=4, shape=(3, 2, 1)):
        random = np.random.default_rng(seed)
        self.shape, self.latent_dim = shape, latent_dim
        self.weights = random.normal(size=(latent_dim, int(np.prod(shape)))).astype("float32")

    def __call__(self, z):
        return tf.reshape(tf.matmul(z, self.weights), (-1, *self.shape))

    def expected(self, z, images, rate):
        """z after the step, and the errors before it."""
        gap = z @ self.weights - images.reshape(len(z), -1)
        slope = 2.0 * gap @ self.weights.T / gap.shape[1]
        return z - rate * slope, np.mean(gap**2, axis=1), slope, gap


def _step(function, seed, count, rate):
    """A student's step and what it should be."""
    random, draw = np.random.default_rng(seed), _Linear(seed)
    z = random.normal(size=(count, 4)).astype("float32")
    images = random.normal(size=(count, *draw.shape)).astype("float32")
    try:
        found = answer(function, tf.constant(z), tf.constant(images), draw, rate)
    except Wrong as error:
        if "None" not in str(error):
            raise
        raise Wrong(
            "there is no gradient: z must be watched (tape.watch) before it is drawn, inside the "
            "tape, and no step may leave TensorFlow for NumPy"
        ) from None
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Wrong("return two things: the new z and the errors, `return z, errors`")
    return found, draw.expected(z, images, rate), z


def _slips(z, rate, slope, gap):
    """New z that common mistakes lead to, with the sentence for each."""
    pixels, count = gap.shape[1], len(z)
    length = np.linalg.norm(slope)
    return [
        (z, "z did not move: is it watched (tape.watch), and does the error use draw(z)?"),
        (z + rate * slope, "this step goes uphill: subtract the gradient"),
        (z - slope, "the step ignores rate"),
        (z - rate * pixels * slope, "the error is the mean over the pixels, not their sum"),
        (z - rate * slope / 2, "the error is the plain mean of the squares, without 1/2"),
        (z - rate * slope / length, "do not normalize the gradient: take it as it is"),
        (z - rate * np.sign(slope), "take the gradient itself, not its sign"),
        (
            z - rate * slope / count,
            "in a batch your steps are shorter by the number of images: differentiate the sum of "
            "the errors, not their mean",
        ),
        (z - rate * slope.mean(axis=0), "all z make the same step: each image has its own"),
        (z - rate * slope.sum(axis=0), "all z make the same step: each image has its own"),
    ]


def inversion_step(function):
    """Check one step on one image against the gradient on paper."""
    own_work(function)
    for seed, rate in ((0, 0.1), (1, 0.7)):
        found, (expected, errors, slope, gap), z = _step(function, seed, 1, rate)
        new = array(found[0], z.shape, "the new z")
        explain(new, expected, _slips(z, rate, slope, gap), "the new z", atol=1e-3)
        _check_errors(found[1], errors, gap)
    passed("one step down the error, by the gradient with respect to z.")


def _check_errors(found, errors, gap):
    found = numbers(found, "the error before the step")
    if found.shape != errors.shape:
        raise Wrong(
            f"the errors must have shape {errors.shape}, one for each image; yours have "
            f"{found.shape}: take the mean over the axes 1, 2 and 3"
        )
    mistakes = [
        (np.sqrt(errors), "return the mean squared error, not its root"),
        (np.sum(gap**2, axis=1), "the error is the mean over the pixels, not their sum"),
        (np.mean(np.abs(gap), axis=1), "square the difference; this is its size"),
    ]
    explain(found, errors, mistakes, "the error before the step", atol=1e-3)


def inversion_step_rows(function):
    """Check that a batch of images gives each z the step that it would make alone."""
    own_work(function)
    for seed, count in ((2, 3), (3, 5)):
        found, (expected, errors, slope, gap), z = _step(function, seed, count, 0.3)
        new = array(found[0], z.shape, "the new z")
        explain(new, expected, _slips(z, 0.3, slope, gap), "the new z of a batch", atol=1e-3)
        _check_errors(found[1], errors, gap)
    passed("every image moves its own z, whatever else is in the batch.")


def masked_error(function):
    """Check ``function(drawn, images, mask)``: the mean square over the known pixels alone."""
    own_work(function)
    random = np.random.default_rng(4)
    for shape in ((3, 6, 5, 1), (2, 4, 4, 3)):
        drawn, images = random.normal(size=(2, *shape)).astype("float32")
        mask = (random.random(shape[1:3]) < 0.4).astype("float32")[..., None]
        mask[0, 0] = 1.0
        square = (drawn - images) ** 2
        known = mask.sum() * shape[3]
        expected = (mask * square).sum(axis=(1, 2, 3)) / known
        absolute = (mask * np.abs(drawn - images)).sum(axis=(1, 2, 3)) / known
        mistakes = [
            (square.mean(axis=(1, 2, 3)), "the mask is missing: unknown pixels must not count"),
            ((mask * square).mean(axis=(1, 2, 3)), "divide by the number of known values, not of "
             "all: an image of which half is known would seem half as wrong"),
            ((mask * square).sum(axis=(1, 2, 3)) / mask.sum(), "every known pixel has as many "
             "values as the image has channels: divide by their number"),
            (((1 - mask) * square).sum(axis=(1, 2, 3)) / ((1 - mask).sum() * shape[3]), "this is "
             "the error of the unknown pixels: 1 in the mask means known"),
            ((mask * square).sum(axis=(1, 2, 3)), "take the mean over the known values"),
            (absolute, "square the difference; this is its size"),
            (np.sqrt(expected), "the mean of the squares, without a root"),
        ]  # fmt: skip
        found = answer(function, tf.constant(drawn), tf.constant(images), mask)
        if np.shape(found) == ():
            raise Wrong("one number came out: one error for each image, mean over axes 1, 2, 3")
        found = array(found, (shape[0],), "the error")
        explain(found, expected, mistakes, "the error")
    _check_slope(function, drawn, images, mask)
    passed("the mean square over what is known.")


def _check_slope(function, drawn, images, mask):
    drawn = tf.constant(drawn)
    with tf.GradientTape() as tape:
        tape.watch(drawn)
        total = tf.reduce_sum(tf.convert_to_tensor(function(drawn, tf.constant(images), mask)))
    if tape.gradient(total, drawn) is None:
        raise Wrong(
            "the error has no gradient: use keras.ops or tf, NumPy's functions cut the tape"
        )
