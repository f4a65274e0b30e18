"""Generators and discriminators for 32x32 colour images. Notebook 02 builds D2 cell by cell."""

import keras
from keras import layers


def r2_generator():
    """z (100) -> images (32, 32, 3) in [-1, 1]. Source: SPEC R2."""
    blocks = []
    for _ in range(3):
        blocks += [
            layers.Conv2DTranspose(128, 4, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
        ]
    return keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(4 * 4 * 256),
            layers.BatchNormalization(),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Reshape((4, 4, 256)),
            *blocks,
            layers.Conv2D(3, 3, padding="same", activation="tanh"),
        ],
        name="r2_generator",
    )


def r2_discriminator():
    """Images (32, 32, 3) in [-1, 1] -> one logit. Source: SPEC R2."""
    blocks = []
    for filters, strides in ((64, 1), (128, 2), (128, 2), (256, 2)):
        blocks += [
            layers.Conv2D(filters, 3, strides=strides, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
        ]
    return keras.Sequential(
        [keras.Input((32, 32, 3)), *blocks, layers.Flatten(), layers.Dropout(0.4), layers.Dense(1)],
        name="r2_discriminator",
    )


def d2_generator():
    """z (100) -> images (32, 32, 3) in [-1, 1]. Source: SPEC D2, the assignment's reference."""
    return keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(8 * 8 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((8, 8, 256)),
            layers.Conv2DTranspose(128, 5, strides=1, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(64, 5, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(3, 5, strides=2, padding="same", activation="tanh"),
        ],
        name="d2_generator",
    )


def d2_discriminator():
    """Images (32, 32, 3) in [-1, 1] -> one logit. Source: SPEC D2."""
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            layers.Conv2D(64, 5, strides=2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Conv2D(128, 5, strides=2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Flatten(),
            layers.Dense(1),
        ],
        name="d2_discriminator",
    )


def laptop_generator(latent_dim=32, drawers=16, sharpness=20.0):
    """z -> images (32, 32, 3) in [-1, 1], grown by nearest-resize and convolution.

    The soft switch at the start is that of ``gan.laptop_generator``. Every picture size is reached
    by copying each pixel into a 2x2 block and a 3x3 convolution over it, so all output pixels get
    equally many contributions and no checkerboard is built in (notebook 02 shows it).

    Source: the kit's own; resize and convolution: Odena et al. 2016 (Distill, "Deconvolution and
    checkerboard artifacts"), SPEC L2.
    """
    z = keras.Input((latent_dim,), name="z")
    spread = keras.initializers.RandomNormal(stddev=sharpness / latent_dim**0.5)
    drawer = layers.Dense(drawers, activation="softmax", kernel_initializer=spread)(z)
    x = layers.Concatenate()([z, drawer])
    x = _normalise_and_leak(layers.Dense(8 * 8 * 64, use_bias=False)(x))
    x = layers.Reshape((8, 8, 64))(x)
    for filters in (48, 32):
        x = layers.UpSampling2D(2, interpolation="nearest")(x)
        x = layers.Conv2D(filters, 3, padding="same", use_bias=False)(x)
        x = _normalise_and_leak(x)
    images = layers.Conv2D(3, 3, padding="same", activation="tanh")(x)
    return keras.Model(z, images, name="laptop_colour_generator")


def _normalise_and_leak(x):
    # A run of minutes has a few thousand steps: the usual momentum .99 would lag behind.
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.LeakyReLU(negative_slope=0.2)(x)


def laptop_discriminator():
    """Images (32, 32, 3) in [-1, 1] -> one logit; narrow, with a dense layer that compares."""
    blocks = []
    for filters in (32, 48, 64):
        blocks += [
            layers.Conv2D(filters, 4, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
        ]
    return keras.Sequential(
        [
            keras.Input((32, 32, 3)),
            *blocks,
            layers.Flatten(),
            layers.Dense(256),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Dense(1),
        ],
        name="laptop_colour_discriminator",
    )
