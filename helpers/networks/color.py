"""Generators and discriminators for 32x32 color images. Notebook 02 builds assignment_cifar cell by cell."""

import keras
from keras import layers


def lab_cifar_generator():
    """z (100) -> images (32, 32, 3) in [-1, 1]. Source: lab_cifar."""
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
        name="lab_cifar_generator",
    )


def lab_cifar_discriminator():
    """Images (32, 32, 3) in [-1, 1] -> one logit. Source: lab_cifar."""
    blocks = []
    for filters, strides in ((64, 1), (128, 2), (128, 2), (256, 2)):
        blocks += [
            layers.Conv2D(filters, 3, strides=strides, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
        ]
    return keras.Sequential(
        [keras.Input((32, 32, 3)), *blocks, layers.Flatten(), layers.Dropout(0.4), layers.Dense(1)],
        name="lab_cifar_discriminator",
    )


def assignment_cifar_generator():
    """z (100) -> images (32, 32, 3) in [-1, 1]; no bias anywhere. Source: assignment_cifar."""
    return keras.Sequential(
        [
            keras.Input((100,)),
            layers.Dense(8 * 8 * 256, use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Reshape((8, 8, 256)),
            layers.Conv2DTranspose(128, 5, strides=1, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(64, 5, strides=2, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2DTranspose(
                3, 5, strides=2, padding="same", use_bias=False, activation="tanh"
            ),
        ],
        name="assignment_cifar_generator",
    )


def assignment_cifar_discriminator():
    """Images (32, 32, 3) in [-1, 1] -> one logit. Source: assignment_cifar."""
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
        name="assignment_cifar_discriminator",
    )


def laptop_generator(latent_dim=42, num_classes=10):
    """z -> images (32, 32, 3) in [-1, 1], grown by nearest-resize and convolution.

    The switch of ``gan.laptop_generator``, with one drawer a class and frozen: the largest of the
    first ``num_classes`` numbers of z opens its drawer. ``training.ClassSwitchGAN`` trains it such
    that the drawer of a class holds that class. Every picture size is reached by copying each
    pixel into a 2x2 block and a 3x3 convolution over it, so all output pixels get equally many
    contributions and no checkerboard is built in (notebook 02 shows it).

    Source: the kit's own; resize and convolution: Odena et al. 2016 (Distill, "Deconvolution and
    checkerboard artifacts"), homework_autoencoder.
    """
    z = keras.Input((latent_dim,), name="z")
    x = layers.Concatenate()([z, _drawers(num_classes)(z)])
    x = _normalize_and_leak(layers.Dense(8 * 8 * 64, use_bias=False)(x))
    x = layers.Reshape((8, 8, 64))(x)
    x = layers.UpSampling2D(2, interpolation="nearest")(x)
    x = _normalize_and_leak(layers.Conv2D(32, 3, padding="same", use_bias=False)(x))
    x = layers.UpSampling2D(2, interpolation="nearest")(x)
    images = layers.Conv2D(3, 3, padding="same", activation="tanh")(x)
    return keras.Model(z, images, name="laptop_color_generator")


def _drawers(num_classes):
    """A frozen layer: nearly 1 at the place of the largest of z's first numbers, 0 elsewhere."""
    return layers.Dense(
        num_classes,
        activation="softmax",
        use_bias=False,
        kernel_initializer=keras.initializers.Identity(gain=50.0),
        trainable=False,
        name="drawers",
    )


def _normalize_and_leak(x):
    # A run of minutes has a few thousand steps: the usual momentum .99 would lag behind.
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.LeakyReLU(negative_slope=0.2)(x)


def laptop_discriminator(num_classes=10):
    """Images (32, 32, 3) in [-1, 1] and labels -> one logit; narrow, with a projected label.

    Source: the kit's own; projection: Miyato & Koyama 2018 (arXiv:1802.05637), notebook 03.
    """
    images = keras.Input((32, 32, 3), name="images")
    labels = keras.Input((), dtype="int32", name="labels")
    x = images
    for filters in (24, 48, 96):
        x = layers.Conv2D(filters, 3, strides=2, padding="same")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Dense(128)(layers.Flatten()(x))
    x = layers.LeakyReLU(negative_slope=0.2)(x)
    wanted = layers.Embedding(num_classes, 128, name="label_embedding")(labels)
    logit = layers.Add()([layers.Dense(1)(x), layers.Dot(axes=1)([x, wanted])])
    return keras.Model([images, labels], logit, name="laptop_color_discriminator")


def picture_generator(size=32, latent_dim=32, channels=3):
    """z -> square images (size, size, channels) in [-1, 1]; for a folder of one's own pictures.

    The laptop generator without drawers: a folder of pictures has no classes.

    Args:
        size: height and width, a multiple of 4 from 8 on.

    Source: the kit's own, for the task of homework_gan.
    """
    _check_picture_size(size)
    z = keras.Input((latent_dim,), name="z")
    x = _normalize_and_leak(layers.Dense((size // 4) ** 2 * 64, use_bias=False)(z))
    x = layers.Reshape((size // 4, size // 4, 64))(x)
    x = layers.UpSampling2D(2, interpolation="nearest")(x)
    x = _normalize_and_leak(layers.Conv2D(32, 3, padding="same", use_bias=False)(x))
    x = layers.UpSampling2D(2, interpolation="nearest")(x)
    images = layers.Conv2D(channels, 3, padding="same", activation="tanh")(x)
    return keras.Model(z, images, name="picture_generator")


def picture_discriminator(size=32, channels=3):
    """Square images (size, size, channels) in [-1, 1] -> one logit; the laptop one, no labels."""
    _check_picture_size(size)
    blocks = []
    for filters in (24, 48, 96):
        blocks += [
            layers.Conv2D(filters, 3, strides=2, padding="same"),
            layers.LeakyReLU(negative_slope=0.2),
        ]
    return keras.Sequential(
        [
            keras.Input((size, size, channels)),
            *blocks,
            layers.Flatten(),
            layers.Dense(128),
            layers.LeakyReLU(negative_slope=0.2),
            layers.Dense(1),
        ],
        name="picture_discriminator",
    )


def _check_picture_size(size):
    if isinstance(size, bool) or not isinstance(size, int) or size < 8 or size % 4:
        raise ValueError(f"size must be a multiple of 4 from 8 on, got {size!r}")
