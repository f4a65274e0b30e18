"""From a picture back to z: which z draws the picture that is nearest to this one?"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import checking

LEARNING_RATE = 0.1
PRIOR = 1e-3  # weight of the mean square of z, which keeps z where the generator was trained


class Inversion(NamedTuple):
    """What ``invert`` found for N images from S starts each."""

    z: np.ndarray  # of the best start, (N, latent_dim)
    images: np.ndarray  # of the best start, (N, H, W, C)
    errors: np.ndarray  # mean squared error that every start ended with, (N, S)


def masked_error(drawn, images, mask=None):
    """Mean squared error of each image ``(N,)``, over the known pixels only.

    Args:
        drawn, images: tensors ``(N, H, W, C)``.
        mask: 1 where a pixel is known and 0 where not, ``(H, W, 1)`` or as the images; ``None``
            for all known.
    """
    square = ops.square(drawn - images)
    if mask is None:
        return ops.mean(square, axis=(1, 2, 3))
    mask = ops.broadcast_to(ops.cast(mask, square.dtype), ops.shape(square))
    return ops.sum(mask * square, axis=(1, 2, 3)) / ops.sum(mask, axis=(1, 2, 3))


def inversion_step(z, images, draw, rate):
    """One step of plain gradient descent on the squared error of each image, by z.

    Args:
        z: tensor ``(N, latent_dim)``.
        images: the wanted pictures ``(N, H, W, C)``.
        draw: differentiable function of z -> ``(N, H, W, C)``.
        rate: length of the step for each unit of the gradient.

    Returns:
        tensors: the new z and the errors ``(N,)`` before the step. No image moves another's z.
    """
    z = tf.convert_to_tensor(z)
    with tf.GradientTape() as tape:
        tape.watch(z)
        errors = masked_error(draw(z), images)
        total = tf.reduce_sum(errors)  # the mean would make a step shorter in a larger batch
    return z - rate * tape.gradient(total, z), errors


def invert(generator, images, *, labels=None, starts=8, steps=200, mask=None, seed=0):
    """Find the z whose picture comes nearest to each image, from several random starts, by Adam.

    Args:
        generator: Keras model of z, or of z and labels.
        images: float ``(N, H, W, C)``, in the range that the generator draws in.
        labels: the class of each image ``(N,)`` for a conditional generator.
        starts: z that each image's search begins at. Gradients lead down into the nearest valley
            only, so one start is a gamble.
        steps: of Adam.
        mask: as for ``masked_error``, ``(H, W, 1)``: pixels to look at.
        seed: of the starts.

    Returns:
        ``Inversion``.

    Source: Zhu et al. 2016 (arXiv:1609.03552); Lipton & Tripathi 2017 (arXiv:1702.04782).
    """
    images = checking.images(images).astype("float32")
    count, latent_dim = len(images), generator.inputs[0].shape[-1]
    starts, steps = checking.whole(starts, "starts"), checking.whole(steps, "steps")
    if labels is not None:
        labels = checking.labels(labels, count).astype("int32")
        labels = tf.constant(np.repeat(labels, starts))
    wanted = tf.constant(np.repeat(images, starts, axis=0))
    first = np.random.default_rng(seed).standard_normal((count * starts, latent_dim))
    z = tf.Variable(first.astype("float32"))
    optimizer = keras.optimizers.Adam(LEARNING_RATE)
    optimizer.build([z])

    def draw():
        point = tf.convert_to_tensor(z)
        return generator(point if labels is None else [point, labels])

    @tf.function
    def step():  # all searches at once: Adam works number by number, so none knows of another
        with tf.GradientTape() as tape:
            errors = masked_error(draw(), wanted, mask)
            loss = tf.reduce_sum(errors) + PRIOR * tf.reduce_sum(tf.reduce_mean(z**2, axis=1))
        optimizer.apply([tape.gradient(loss, z)], [z])

    for _ in range(steps):
        step()
    drawn = draw()
    errors = np.asarray(masked_error(drawn, wanted, mask)).reshape(count, starts)
    best = np.arange(count) * starts + errors.argmin(axis=1)
    return Inversion(z.numpy()[best], np.asarray(drawn)[best], errors)
