"""Small image classifiers whose features measure the quality of generated images.

They stand in for the Inception network of the usual Frechet distance: they know the classes of
our own data sets, need no download and judge 1,000 images in about a second on two cores.
``tools/train_classifiers.py`` trains them; the weights ship in ``data/weights/``.
"""

import keras
from keras import layers

from helpers import checking, weights

FEATURES = 64
SHAPES = {
    "mnist": (28, 28, 1), "fashion_mnist": (28, 28, 1), "cifar10": (32, 32, 3), "emoji": (32, 32, 3)
}  # fmt: skip
WIDTHS = {
    "mnist": (16, 32, 64), "fashion_mnist": (24, 48, 96), "cifar10": (32, 64, 128),
    "emoji": (24, 44, 80),
}  # fmt: skip
# Of the emoji: every group of each artist, index artist * 9 + group; see helpers.metrics.emoji.
CLASSES = {"mnist": 10, "fashion_mnist": 10, "cifar10": 10, "emoji": 27}


def build(dataset):
    """The untrained classifier: two 3x3 convolutions a stage, the second with stride 2.

    Input: float32 images in [-1, 1], shape ``(batch, height, width, channels)``.
    Output: logits, shape ``(batch, CLASSES[dataset])``. The layer named ``features`` gives the 64
    numbers that ``helpers.metrics`` compares.

    Args:
        dataset: ``"mnist"``, ``"fashion_mnist"``, ``"cifar10"`` or ``"emoji"``.
    """
    checking.choice(dataset, "dataset", SHAPES)
    images = keras.Input(SHAPES[dataset], name="images")
    x = images
    for width in WIDTHS[dataset]:
        for strides in (1, 2):
            x = layers.Conv2D(width, 3, strides=strides, padding="same", use_bias=False)(x)
            x = layers.ReLU()(layers.BatchNormalization()(x))
    if dataset == "emoji":
        # Drawings are centered: which quarter shows what tells a group (64 against 60 %).
        x = layers.Flatten()(layers.AveragePooling2D(2)(x))
    else:
        x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(0.2)(x)
    x = layers.Dense(FEATURES, activation="relu", name="features")(x)
    logits = layers.Dense(CLASSES[dataset], name="logits")(x)
    return keras.Model(images, logits, name=f"{dataset}_classifier")


def load(dataset):
    """The shipped, trained classifier for a data set; it is frozen."""
    model = weights.load(build(dataset), weights.bundled(f"{dataset}_classifier"))
    model.trainable = False
    return model
