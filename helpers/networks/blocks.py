"""Pieces that several networks share, as lists of layers."""

from keras import layers


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
