"""From a picture back to z: which z draws the picture that is nearest to this one?"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from scipy import optimize

from lessons.latent.checking import above_zero, points, whole

METHODS = ("adam", "l-bfgs")


class Inversion(NamedTuple):
    """What ``invert`` found for N images from S starts each.

    ``z`` ``(N, latent_dim)`` and ``images`` ``(N, H, W, C)`` are the best of the starts,
    ``errors`` ``(N, S)`` the mean squared errors that every start ended with (in the units of the
    images, squared), ``history`` ``(steps, N, S)`` the errors on the way (empty for L-BFGS).
    """

    z: np.ndarray
    images: np.ndarray
    errors: np.ndarray
    history: np.ndarray


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


def invert(
    generator,
    images,
    *,
    labels=None,
    latent_dim=None,
    starts=8,
    steps=200,
    learning_rate=0.1,
    prior=1e-3,
    method="adam",
    first=None,
    mask=None,
    seed=0,
):
    """Find the z whose picture comes nearest to each image, from several random starts.

    Args:
        generator: Keras model of z (or of z and labels), or a differentiable function of them.
        images: float ``(N, H, W, C)``, in the range that the generator draws in.
        labels: the class of each image ``(N,)`` for a conditional generator.
        latent_dim: length of z; read off a Keras model.
        starts: z that each image's search begins at. Gradients lead down into the nearest valley
            only, so one start is a gamble.
        steps: of Adam, or at most of L-BFGS.
        learning_rate: Adam's; L-BFGS finds its own steps.
        prior: weight of the mean square of z, which keeps z where the generator was trained.
        method: ``"adam"``, all searches at once, or ``"l-bfgs"`` (SciPy), one after another.
        first: z of the first start of each image ``(N, latent_dim)``, such as an encoder's guess.
        mask: as for ``masked_error``: pixels to look at.
        seed: of the starts.

    Returns:
        ``Inversion``.

    Source: Zhu et al. 2016 (arXiv:1609.03552); Lipton & Tripathi 2017 (arXiv:1702.04782).
    """
    images = np.asarray(images, "float32")
    if images.ndim != 4 or not np.isfinite(images).all():
        raise ValueError(f"images must be finite and have shape (N, H, W, C), got {images.shape}")
    if method not in METHODS:
        raise ValueError(f"method must be one of {', '.join(METHODS)}, got {method!r}")
    starts, steps = whole(starts, "starts"), whole(steps, "steps")
    latent_dim = _latent_dim(generator, latent_dim)
    z = np.random.default_rng(seed).standard_normal((len(images), starts, latent_dim))
    if first is not None:
        z[:, 0] = points(first, "first", len(images))
    wanted = np.repeat(images, starts, axis=0)
    draw = _drawing(generator, _repeated_labels(labels, len(images), starts))
    error = _error(draw, wanted, mask, starts)
    search = _adam if method == "adam" else _lbfgs
    z, history = search(
        error,
        z.reshape(-1, latent_dim).astype("float32"),
        steps,
        above_zero(learning_rate, "learning_rate"),
        prior,
    )
    every = tf.range(len(wanted))
    errors = np.asarray(error(tf.constant(z), every)).reshape(len(images), starts)
    best = np.arange(len(images)) * starts + errors.argmin(axis=1)
    history = np.asarray(history).reshape(-1, len(images), starts)
    drawn = np.asarray(draw(tf.constant(z[best]), tf.constant(best)))
    return Inversion(z[best], drawn, errors, history)


def _latent_dim(generator, latent_dim):
    if latent_dim is not None:
        return whole(latent_dim, "latent_dim")
    if not isinstance(generator, keras.Model):
        raise ValueError("say latent_dim: it cannot be read off a function")
    return generator.inputs[0].shape[-1]


def _repeated_labels(labels, count, starts):
    """The class of each search, or ``None``."""
    if labels is None:
        return None
    labels = np.asarray(labels)
    if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{count} images need integer labels of shape ({count},)")
    return tf.constant(np.repeat(labels.astype("int32"), starts))


def _drawing(generator, labels):
    """A function of z and the numbers of their searches -> images."""
    if labels is None:
        return lambda z, rows: generator(tf.convert_to_tensor(z))
    return lambda z, rows: generator([tf.convert_to_tensor(z), tf.gather(labels, rows)])


def _error(draw, wanted, mask, starts):
    """A function of z and the numbers of their searches -> errors."""
    wanted = tf.constant(wanted)
    if mask is not None:
        mask = np.asarray(mask, "float32")
        mask = np.repeat(mask, starts, axis=0) if mask.ndim == 4 else mask[None]
        mask = tf.constant(np.broadcast_to(mask, (*wanted.shape[:3], mask.shape[-1])))

    def error(z, rows):
        known = None if mask is None else tf.gather(mask, rows)
        return masked_error(draw(z, rows), tf.gather(wanted, rows), known)

    return error


def _adam(error, z, steps, learning_rate, prior):
    """All searches at once; Adam works number by number, so none knows of another."""
    optimizer = keras.optimizers.Adam(learning_rate)
    z, every = tf.Variable(z), tf.range(len(z))
    optimizer.build([z])

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            errors = error(z, every)
            loss = tf.reduce_sum(errors) + prior * tf.reduce_sum(tf.reduce_mean(z**2, axis=1))
        optimizer.apply([tape.gradient(loss, z)], [z])
        return errors

    history = [step() for _ in range(steps)]
    return z.numpy(), history


def _lbfgs(error, z, steps, learning_rate, prior):
    """One search after another; float64 outside the generator, float32 inside."""

    @tf.function
    def value_and_gradient(point, rows):
        with tf.GradientTape() as tape:
            tape.watch(point)
            loss = tf.reduce_sum(error(point, rows)) + prior * tf.reduce_mean(point**2)
        return loss, tape.gradient(loss, point)

    def search(row):
        def objective(flat):
            point, rows = tf.constant(flat[None], tf.float32), tf.constant([row])
            value, slope = value_and_gradient(point, rows)
            return float(value), np.asarray(slope, "float64")[0]

        options = {"maxiter": steps}
        return optimize.minimize(objective, z[row], jac=True, method="L-BFGS-B", options=options).x

    return np.stack([search(row) for row in range(len(z))]).astype("float32"), []
