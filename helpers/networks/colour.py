"""Generators and discriminators for 32x32 colour images. Notebook 02 builds R2 and D2."""

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
