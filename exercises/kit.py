"""The kit's version of those exercises that no other module of the kit has as a function.

``exercises.exercise(kit="exercises.kit.train_step")`` lets a lesson go on while the exercise is open.
The checks do not compare with these: they have references of their own.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from helpers import images, losses, variational

# Notebook 01.


def discriminator_loss(real_logits, fake_logits):
    """Cross-entropies of real logits against 1 and fake ones against 0, added: one number."""
    return sum(losses.discriminator_terms("non_saturating", real_logits, fake_logits))


def generator_loss(fake_logits):
    """Cross-entropy of fake logits against 1: one number."""
    return losses.generator_loss("non_saturating", fake_logits)


def train_step(images, z, generator, discriminator, g_optimizer, d_optimizer):
    """One step of both players of lab_dcgan, from the same forward pass; returns both losses."""
    with tf.GradientTape(persistent=True) as tape:
        fake_logits = discriminator(generator(z, training=True), training=True)
        d_loss = discriminator_loss(discriminator(images, training=True), fake_logits)
        g_loss = generator_loss(fake_logits)
    players = ((generator, g_loss, g_optimizer), (discriminator, d_loss, d_optimizer))
    gradients = [tape.gradient(loss, each.trainable_variables) for each, loss, _ in players]
    for (each, _, optimizer), gradient in zip(players, gradients, strict=True):
        optimizer.apply(gradient, each.trainable_variables)
    return d_loss, g_loss


# Notebook 02.


def even_generator(latent_dim=42):
    """z -> images (64, 64, 3) in [-1, 1], by resize and convolution from 8x8."""
    body = [layers.Dense(8 * 8 * 32, use_bias=False), layers.Reshape((8, 8, 32))]
    for filters in (32, 16):
        body += [layers.BatchNormalization(), layers.LeakyReLU(), layers.UpSampling2D()]
        body.append(layers.Conv2D(filters, 3, padding="same", use_bias=False))
    body += [layers.BatchNormalization(), layers.LeakyReLU(), layers.UpSampling2D()]
    body.append(layers.Conv2D(3, 3, padding="same", activation="tanh"))
    return keras.Sequential([keras.Input((latent_dim,)), *body])


# Notebook 04.


def add_noise(pictures, level, seed=0):
    """Pictures in [0, 1] plus Gaussian noise of standard deviation ``level``, clipped; float32."""
    noise = np.random.default_rng(seed).normal(0.0, level, pictures.shape)
    return np.clip(pictures + noise, 0.0, 1.0).astype("float32")


def vae_loss(pictures, logits, z_mean, z_log_var, beta=1.0):
    """Negative ELBO with the KL weighted by ``beta``: one number, in nats."""
    kl = variational.kl_divergence(z_mean, z_log_var)
    return tf.reduce_mean(variational.bernoulli_nll(pictures, logits) + beta * kl)


# Notebook 05.


def ascent_step(image, score, step_size):
    """One step uphill of ``score(image)``: pixels move by ``step_size`` as a root mean square."""
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = score(image)
    slope = tape.gradient(value, image)
    size = tf.sqrt(tf.reduce_mean(slope * slope)) + 1e-8
    return tf.clip_by_value(image + (step_size / size) * slope, 0.0, 255.0)


def octaves(image, ascend, num_repeats, rescale_factor, blend):
    """The dream of an image, small copies first: float32 ``(H, W, 3)`` in and out."""
    pyramid = [image]
    for _ in range(num_repeats):
        sides = pyramid[-1].shape[:2]
        pyramid.append(
            images.resize(pyramid[-1], [max(1, round(n * rescale_factor)) for n in sides])
        )
    dreamed = ascend(pyramid.pop())
    for larger in reversed(pyramid):
        enlarged = images.resize(dreamed, larger.shape[:2])
        dreamed = ascend(blend * larger + (1 - blend) * enlarged)
    return dreamed


def tile_starts(length, tile, shift):
    """Starts of the tiles that cover pixels 0 to ``length - 1``, the first at ``-shift``."""
    return list(range(-shift, length, tile))


def random_shift(tile, random):
    """A whole number from 0 to ``tile - 1``, all alike, from a NumPy generator."""
    return int(random.integers(tile))


def feathered_mask(height, width, box, feather):
    """1 in the box (top, left, bottom, right), falling to 0 over ``feather`` pixels: (H, W)."""
    top, left, bottom, right = box
    down, across = np.mgrid[:height, :width]
    distances = [top - down, down - bottom + 1, left - across, across - right + 1, 0 * down]
    return np.clip(1.0 - np.max(distances, axis=0) / feather, 0.0, 1.0)
