"""Pieces that several networks share, as lists of layers."""

import keras
from keras import layers


def sequential(name, input_shape, *steps):
    """A ``keras.Sequential`` that knows the shape of its input from the start."""
    return keras.Sequential([keras.Input(input_shape), *steps], name=name)


def chain(x, *steps):
    """``x`` passed through layers, one after the other."""
    for layer in steps:
        x = layer(x)
    return x


def normalized(slope=0.2, momentum=0.9):
    """BatchNorm and LeakyReLU.

    Args:
        slope: of the LeakyReLU below 0.
        momentum: of BatchNorm's averages. A run of a minute has a few thousand steps: the usual
            0.99 would lag behind.
    """
    return [
        layers.BatchNormalization(momentum=momentum),
        layers.LeakyReLU(negative_slope=slope),
    ]


def published_norm(slope=0.3):
    """``normalized`` as the published systems have it: with Keras's own momentum and slope."""
    return normalized(slope, momentum=0.99)


def lab_dcgan_up(widths, norm=normalized, side=7, channels=1, last_bias=True):
    """Layers of lab_dcgan's generator, from a vector to images in [-1, 1] of four times ``side``.

    Args:
        widths: channels of the three feature maps.
        norm: what follows each of them, ``normalized`` or ``published_norm``.
        last_bias: whether the last convolution has a bias; the others have none.
    """
    options = {"kernel_size": 5, "padding": "same", "use_bias": False}
    last = options | {"use_bias": last_bias, "activation": "tanh"}
    return [
        layers.Dense(side * side * widths[0], use_bias=False),
        *norm(),
        layers.Reshape((side, side, widths[0])),
        layers.Conv2DTranspose(widths[1], strides=1, **options),
        *norm(),
        layers.Conv2DTranspose(widths[2], strides=2, **options),
        *norm(),
        layers.Conv2DTranspose(channels, strides=2, **last),
    ]


def lab_dcgan_down():
    """Layers of lab_dcgan's discriminator, from images to one logit."""
    steps = [step for filters in (64, 128) for step in strided(filters, 5, 0.3, dropout=0.3)]
    return [*steps, layers.Flatten(), layers.Dense(1)]


def strided(filters, kernel, slope=0.2, dropout=0.0):
    """A convolution with stride 2, LeakyReLU and, if there is any, dropout."""
    steps = [
        layers.Conv2D(filters, kernel, strides=2, padding="same"),
        layers.LeakyReLU(negative_slope=slope),
    ]
    return [*steps, layers.Dropout(dropout)] if dropout else steps


def upsampled(filters):
    """Every pixel copied into a 2x2 block, a 3x3 convolution over it, BatchNorm and LeakyReLU."""
    return [
        layers.UpSampling2D(2, interpolation="nearest"),
        layers.Conv2D(filters, 3, padding="same", use_bias=False),
        *normalized(),
    ]


def projected(x, labels, num_classes, width):
    """One logit: realism of features ``(batch, width)``, plus how well they agree with a label.

    Source: Miyato & Koyama 2018 (arXiv:1802.05637).
    """
    wanted = layers.Embedding(num_classes, width, name="label_embedding")(labels)
    return layers.Add()([layers.Dense(1)(x), layers.Dot(axes=1)([x, wanted])])
