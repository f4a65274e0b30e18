"""GANs whose "images" are one or two numbers: quick to train, and everything can be drawn.

They use ``training.GAN`` unchanged. A point of ``dims`` numbers is handed over as an image of
shape ``(1, 1, dims)``, so that losses, penalties and averaging are those of the big networks.
lecture_games; taught in notebook 07.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import checking, training

MODES, RADIUS = 8, 2.0  # of the ring
BATCH = 128


class Film(NamedTuple):
    """What ``watch`` saw."""

    steps: np.ndarray  # int (frames,), steps of training before each frame
    samples: np.ndarray  # float (frames, samples, dims), of the same z in every frame
    probability: np.ndarray  # float (frames, *grid), D(x) at the points that were asked for


def ring(count, *, spread=0.1, seed=0):
    """Points around eight places on a circle, float32 ``(count, 2)``, in random order.

    ``spread`` is the standard deviation of each cloud.
    Source: the usual test of mode collapse, Metz et al. 2016 (arXiv:1611.02163).
    """
    random = np.random.default_rng(seed)
    centers = ring_centers()[random.integers(MODES, size=count)]
    return (centers + spread * random.normal(size=(count, 2))).astype("float32")


def ring_centers():
    """Centers of the clouds of ``ring``, float ``(8, 2)``."""
    angles = 2 * np.pi * np.arange(MODES) / MODES
    return RADIUS * np.stack([np.cos(angles), np.sin(angles)], axis=-1)


def modes_found(samples, centers):
    """How many ``centers`` ``(modes, 2)`` have samples ``(N, 2)``, and the share that lies at one.

    A sample counts for a place within 0.5 of it, a place as found with 2 % of all samples.
    Returns (places found, share of the samples that are near any place).
    """
    distances = np.linalg.norm(np.asarray(samples)[:, None] - np.asarray(centers), axis=-1)
    near = distances.min(axis=1) <= 0.5
    counts = np.bincount(distances.argmin(axis=1)[near], minlength=len(centers))
    return int((counts >= 0.02 * len(samples)).sum()), float(near.mean())


def point_gan(
    dims,
    *,
    learning_rate=2e-3,
    d_learning_rate=None,
    width=64,
    ema_momentum=0.99,
    seed=0,
    **choices,
):
    """A compiled ``training.GAN`` for points of ``dims`` numbers.

    Args:
        learning_rate: of the generator (Adam, beta_1 = 0.5).
        d_learning_rate: of the discriminator; the same unless given.
        width: units of each of the two hidden layers of both networks.
        choices: further arguments of ``GAN.compile``, such as ``loss`` or ``real_penalty``.
    """
    checking.whole(dims, "dims")
    hidden = [layers.Dense(width, activation="relu") for _ in range(2)]
    body = [keras.Input((4,)), *hidden, layers.Dense(dims), layers.Reshape((1, 1, dims))]
    generator = keras.Sequential(body, name="generator")
    hidden = [layers.Dense(width, activation="leaky_relu") for _ in range(2)]
    body = [keras.Input((1, 1, dims)), layers.Flatten(), *hidden, layers.Dense(1)]
    discriminator = keras.Sequential(body, name="discriminator")
    gan = training.GAN(generator, discriminator, ema_momentum=ema_momentum, seed=seed)
    rates = learning_rate, d_learning_rate or learning_rate
    gan.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for rate in rates), **choices)
    return gan


def probability(gan, points):
    """D's probability of "real" at ``points`` ``(..., dims)``: float32, without the last axis."""
    points = np.asarray(points, dtype="float32")
    flat = points.reshape(-1, 1, 1, points.shape[-1])
    logits = gan.discriminator(flat, training=False)
    return tf.sigmoid(logits).numpy().reshape(points.shape[:-1])


def draw(gan, count, seed=0):
    """``count`` points of the averaged generator, float32 ``(count, dims)``."""
    return gan.generate(count, seed=seed, batch_size=5000)[:, 0, 0, :]


def watch(gan, data, steps, at, *, frames=20, samples=500):
    """Train, and keep what the players look like on the way.

    Args:
        gan: from ``point_gan``.
        data: real points, float32 ``(N, dims)``; batches are drawn from them at random.
        steps: steps of training in all, at least ``frames``.
        at: points ``(..., dims)`` at which D is asked in every frame.
        frames: number of frames after the one of the untrained networks; or the steps, in
            ascending order, after which to take them.
        samples: points that the generator draws in every frame.

    Returns:
        ``Film``; its first frame shows the untrained networks, its last the end.
    """
    moments = np.append(0, frames)
    if np.ndim(frames) == 0:
        moments = np.linspace(0, steps, frames + 1).round().astype(int)
    moments = np.append(moments[moments < steps], steps)
    if len(moments) < 2 or (np.diff(moments) < 1).any():
        raise ValueError(f"frames must be steps in ascending order up to {steps}, got {frames}")
    train = _trainer(gan, data)
    seen = []
    for before, now in zip(np.concatenate([[0], moments]), moments, strict=False):
        if now > before:
            train(tf.constant(int(now - before)))
        seen.append((draw(gan, samples, seed=1), probability(gan, at)))
    return Film(moments, *(np.stack(part) for part in zip(*seen, strict=True)))


def _trainer(gan, data):
    """A graph: function of a number of steps that trains ``gan`` on random batches of ``data``."""
    data = tf.constant(np.asarray(data, dtype="float32")[:, None, None, :])
    order = keras.random.SeedGenerator(0)

    @tf.function
    def train(steps):
        for _ in tf.range(steps):
            index = keras.random.randint((BATCH,), 0, len(data), seed=order)
            gan.train_step(tf.gather(data, index))

    return train


def optimal_discriminator(p_data, p_model):
    """The best D against a fixed generator: ``p_data / (p_data + p_model)``.

    Args:
        p_data, p_model: densities at the same points, arrays of at least 0.

    Returns 1/2 where neither puts anything.
    Source: Goodfellow et al. 2014 (arXiv:1406.2661), proposition 1.
    """
    p_data, p_model = np.asarray(p_data, dtype=float), np.asarray(p_model, dtype=float)
    total = p_data + p_model
    return np.divide(p_data, total, out=np.full_like(total, 0.5), where=total > 0)
