"""Generators and discriminators for 28x28 digits: the published ones, to the letter.

Every builder returns a fresh ``keras.Model``. A generator maps z, float32 ``(batch, latent_dim)``
from a standard normal distribution, to images; a discriminator maps images to one logit for each
image, ``(batch, 1)``, large for real. Notebook 01 builds lab_dcgan cell by cell.
"""

import keras
from keras import layers

from helpers.networks.blocks import (
    chain,
    lab_dcgan_down,
    lab_dcgan_up,
    published_norm,
    sequential,
    strided,
)


def lab_dcgan_generator(latent_dim=100):
    """z (latent_dim) -> images (28, 28, 1) in [-1, 1]. Source: lab_dcgan."""
    steps = lab_dcgan_up((256, 128, 64), published_norm, last_bias=False)
    return sequential("lab_dcgan_generator", (latent_dim,), *steps)


def lab_dcgan_discriminator():
    """Images (28, 28, 1) in [-1, 1] -> one logit. Source: lab_dcgan."""
    return sequential("lab_dcgan_discriminator", (28, 28, 1), *lab_dcgan_down())


def lecture_dcgan_generator():
    """z (100) -> images (28, 28, 1) in [-1, 1]. Source: lecture_dcgan."""
    return sequential(
        "lecture_dcgan_generator",
        (100,),
        layers.Dense(7 * 7 * 128),
        layers.Reshape((7, 7, 128)),
        layers.BatchNormalization(),
        layers.Conv2DTranspose(64, 5, strides=2, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2DTranspose(1, 5, strides=2, padding="same", activation="tanh"),
    )


def lecture_dcgan_discriminator():
    """Images (28, 28, 1) in [-1, 1] -> a probability, not a logit. Source: lecture_dcgan."""
    return sequential(
        "lecture_dcgan_discriminator",
        (28, 28, 1),
        *strided(64, 5, dropout=0.4),
        *strided(128, 5, dropout=0.4),
        layers.Flatten(),
        layers.Dense(1, activation="sigmoid"),
    )


def slides_gan_generator():
    """z (128) -> images (28, 28, 1) in [0, 1] (sigmoid). Source: slides_gan."""
    return sequential(
        "slides_gan_generator",
        (128,),
        layers.Dense(1024, activation="elu"),
        layers.Dense(7 * 7 * 64, activation="elu"),
        layers.Reshape((7, 7, 64)),
        layers.Conv2DTranspose(32, 5, strides=2, padding="same", activation="elu"),
        layers.Conv2DTranspose(1, 5, strides=2, padding="same", activation="sigmoid"),
    )


def slides_gan_discriminator():
    """Images (28, 28, 1) in [0, 1] -> one logit (slides_gan labels real 0, fake 1)."""
    return sequential(
        "slides_gan_discriminator",
        (28, 28, 1),
        layers.Conv2D(32, 5, strides=2, padding="same", activation="elu"),
        layers.Conv2D(64, 5, strides=2, padding="same", activation="elu"),
        layers.Flatten(),
        layers.Dense(1024, activation="elu"),
        layers.Dense(128, activation="elu"),
        layers.Dense(1),
    )


def _with_dropout(layer):
    """homework_gan follows every convolution by the same layers; its "keep .9" is dropout .1."""
    return [layer, *published_norm(0.2), layers.Dropout(0.1)]


def homework_gan_generator(channels=1, latent_dim=100):
    """z -> images (28, 28, channels) in [-1, 1]. Source: homework_gan (its z size isn't published).

    The document resizes 8x8 to 7x7 between the first transposed convolution and its BatchNorm.
    """
    return sequential(
        "homework_gan_generator",
        (latent_dim,),
        layers.Dense(4 * 4 * 512),
        *_with_dropout(layers.Reshape((4, 4, 512))),
        layers.Conv2DTranspose(256, 5, strides=2, padding="same"),
        *_with_dropout(layers.Resizing(7, 7, interpolation="nearest")),
        *_with_dropout(layers.Conv2DTranspose(128, 5, strides=2, padding="same")),
        layers.Conv2DTranspose(channels, 5, strides=2, padding="same", activation="tanh"),
    )


def homework_gan_discriminator(channels=1):
    """Images (28, 28, channels) in [-1, 1] -> one logit. Source: homework_gan."""
    return sequential(
        "homework_gan_discriminator",
        (28, 28, channels),
        *strided(64, 5, dropout=0.1),
        *_with_dropout(layers.Conv2D(128, 5, strides=2, padding="same")),
        *_with_dropout(layers.Conv2D(256, 5, strides=2, padding="same")),
        layers.Flatten(),
        layers.Dense(1),
    )


def laptop_dcgan_generator(latent_dim=8, states=16, sharpness=20.0):
    """z -> images (28, 28, 1) in [-1, 1]; lab_dcgan's shape at a fraction of its work.

    z first passes a soft switch of ``states`` states, a dense layer and a softmax: the space of z
    is one connected cloud, but digits are separate kinds. ``sharpness`` is the spread of the
    switch's logits at the start: the larger, the narrower the borders between states. z is short
    because ten digits have few degrees of freedom. Taught in notebook 01.

    Source: the kit's own; on disconnected data see Khayatkhoei et al. 2018 (arXiv:1806.00880).
    """
    z = keras.Input((latent_dim,), name="z")
    spread = keras.initializers.RandomNormal(stddev=sharpness / latent_dim**0.5)
    switch = layers.Dense(states, activation="softmax", kernel_initializer=spread)(z)
    images = chain(layers.Concatenate()([z, switch]), *lab_dcgan_up((64, 32, 32)))
    return keras.Model(z, images, name="laptop_generator")


def laptop_dcgan_discriminator():
    """Images (28, 28, 1) in [-1, 1] -> one logit; narrow, with a dense layer that compares.

    No dropout: the gradient penalty of the kit's recipe keeps it from winning instead.
    """
    return sequential(
        "laptop_discriminator",
        (28, 28, 1),
        *strided(16, 5),
        *strided(32, 5),
        layers.Flatten(),
        layers.Dense(256),
        layers.LeakyReLU(negative_slope=0.2),
        layers.Dense(1),
    )
