"""Small image classifiers whose features measure the quality of generated images.

They stand in for the Inception network of the usual Frechet distance: they know the classes of
our own data sets, need no download and judge 1,000 images in about a second on two cores.
``tools/train_classifiers.py`` trains them; the weights ship in ``data/weights/``.
"""

import keras
from keras import layers

from helpers import weights

FEATURES = 64


def classifier(image_shape, num_classes=10, widths=(32, 64, 128), name="classifier"):
    """Convolutional classifier: two 3x3 convolutions a stage, the second with stride 2.

    Input: float32 images in [-1, 1], shape ``(batch, height, width, channels)``.
    Output: logits, shape ``(batch, num_classes)``. The layer named ``features`` gives the
    64 numbers that ``helpers.metrics`` compares.
    """
    images = keras.Input(image_shape, name="images")
    x = images
    for width in widths:
        for strides in (1, 2):
            x = layers.Conv2D(width, 3, strides=strides, padding="same", use_bias=False)(x)
            x = layers.BatchNormalization()(x)
            x = layers.ReLU()(x)
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(FEATURES, activation="relu", name="features")(x)
    logits = layers.Dense(num_classes, name="logits")(x)
    return keras.Model(images, logits, name=name)


SHAPES = {"mnist": (28, 28, 1), "fashion_mnist": (28, 28, 1), "cifar10": (32, 32, 3)}
WIDTHS = {"mnist": (16, 32, 64), "fashion_mnist": (24, 48, 96), "cifar10": (32, 64, 128)}


def build(dataset):
    """The untrained classifier for ``mnist``, ``fashion_mnist`` or ``cifar10``."""
    if dataset not in SHAPES:
        raise ValueError(f"no classifier for {dataset!r}; choose from {sorted(SHAPES)}")
    return classifier(SHAPES[dataset], widths=WIDTHS[dataset], name=f"{dataset}_classifier")


def load(dataset):
    """The shipped, trained classifier for a data set; it is frozen."""
    model = weights.load(build(dataset), weights.bundled(f"{dataset}_classifier"))
    model.trainable = False
    return model
