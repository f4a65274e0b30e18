"""Generators and discriminators for 32x32 color images.

Notebook 02 builds assignment_cifar cell by cell.
"""

import keras
from keras import layers

from helpers import checking
from helpers.networks.blocks import (
    chain,
    lab_dcgan_down,
    lab_dcgan_up,
    normalized,
    projected,
    published_norm,
    sequential,
    strided,
    upsampled,
)


def lab_cifar_generator():
    """z (100) -> images (32, 32, 3) in [-1, 1]. Source: lab_cifar."""
    blocks = []
    for _ in range(3):
        blocks += [layers.Conv2DTranspose(128, 4, strides=2, padding="same"), *published_norm(0.2)]
    return sequential(
        "lab_cifar_generator",
        (100,),
        layers.Dense(4 * 4 * 256),
        *published_norm(0.2),
        layers.Reshape((4, 4, 256)),
        *blocks,
        layers.Conv2D(3, 3, padding="same", activation="tanh"),
    )


def lab_cifar_discriminator():
    """Images (32, 32, 3) in [-1, 1] -> one logit. Source: lab_cifar."""
    blocks = [layers.Conv2D(64, 3, padding="same"), layers.LeakyReLU(negative_slope=0.2)]
    for filters in (128, 128, 256):
        blocks += strided(filters, 3)
    blocks += [layers.Flatten(), layers.Dropout(0.4), layers.Dense(1)]
    return sequential("lab_cifar_discriminator", (32, 32, 3), *blocks)


def assignment_cifar_generator(latent_dim=100):
    """z (latent_dim) -> images (32, 32, 3) in [-1, 1]; no bias. Source: assignment_cifar."""
    steps = lab_dcgan_up((256, 128, 64), published_norm, side=8, channels=3, last_bias=False)
    return sequential("assignment_cifar_generator", (latent_dim,), *steps)


def assignment_cifar_discriminator():
    """Images (32, 32, 3) in [-1, 1] -> one logit. Source: assignment_cifar."""
    return sequential("assignment_cifar_discriminator", (32, 32, 3), *lab_dcgan_down())


def laptop_color_generator(latent_dim=42, num_classes=10):
    """z -> images (32, 32, 3) in [-1, 1], grown by nearest-resize and convolution.

    The switch of ``laptop_dcgan``, with one state a class and frozen: the largest of the first
    ``num_classes`` numbers of z decides, and ``training.ClassSwitchGAN`` trains it so. Copying each
    pixel into a 2x2 block before a 3x3 convolution gives all output pixels equally many
    contributions, so that no checkerboard is built in (notebook 02 shows it).

    Source: the kit's own; resize and convolution: Odena et al. 2016 (Distill, "Deconvolution and
    checkerboard artifacts"), homework_autoencoder.
    """
    z = keras.Input((latent_dim,), name="z")
    x = layers.Concatenate()([z, class_switch(num_classes)(z)])
    return keras.Model(z, _grown(x, 8, 3), name="laptop_color_generator")


def class_switch(num_classes):
    """A frozen layer: nearly 1 at the place of the largest of z's first numbers, 0 elsewhere."""
    return layers.Dense(
        num_classes,
        activation="softmax",
        use_bias=False,
        kernel_initializer=keras.initializers.Identity(gain=50.0),
        trainable=False,
        name="class_switch",
    )


def _grown(x, side, channels):
    """A vector -> images four times as large as ``side``, in [-1, 1]."""
    return chain(
        x,
        layers.Dense(side * side * 64, use_bias=False),
        *normalized(),
        layers.Reshape((side, side, 64)),
        *upsampled(32),
        layers.UpSampling2D(2, interpolation="nearest"),
        layers.Conv2D(channels, 3, padding="same", activation="tanh"),
    )


def _compared(images):
    """Images -> 128 features that a logit is read off."""
    steps = [step for filters in (24, 48, 96) for step in strided(filters, 3)]
    return chain(
        images, *steps, layers.Flatten(), layers.Dense(128), layers.LeakyReLU(negative_slope=0.2)
    )


def laptop_color_discriminator(num_classes=10):
    """Images (32, 32, 3) in [-1, 1] and labels -> one logit; narrow, with a projected label.

    Source: the kit's own; projection: Miyato & Koyama 2018 (arXiv:1802.05637), notebook 03.
    """
    images = keras.Input((32, 32, 3), name="images")
    labels = keras.Input((), dtype="int32", name="labels")
    logit = projected(_compared(images), labels, num_classes, 128)
    return keras.Model([images, labels], logit, name="laptop_color_discriminator")


def laptop_pictures_generator(size=32, latent_dim=32, channels=3):
    """z -> square images (size, size, channels) in [-1, 1]; for a folder of one's own pictures.

    That of ``laptop_color`` without a switch: a folder of pictures has no classes.

    Args:
        size: height and width, a multiple of 4 from 8 on.

    Source: the kit's own, for the task of homework_gan.
    """
    z = keras.Input((latent_dim,), name="z")
    return keras.Model(z, _grown(z, _quarter(size), channels), name="picture_generator")


def laptop_pictures_discriminator(size=32, channels=3):
    """Square images (size, size, channels) in [-1, 1] -> one logit; no labels."""
    side = 4 * _quarter(size)
    images = keras.Input((side, side, channels))
    logit = chain(_compared(images), layers.Dense(1))
    return keras.Model(images, logit, name="picture_discriminator")


def _quarter(size):
    if checking.whole(size, "size", at_least=8) % 4:
        raise ValueError(f"size must be a multiple of 4, got {size}")
    return size // 4
