"""SqueezeNet v1.1, the feature network that ships with the kit.

Iandola et al. 2016, arXiv:1602.07360. A fire module squeezes its input to few channels with 1x1
kernels and expands it again with 1x1 and 3x3 kernels side by side: 1.24 million parameters do
what AlexNet did with 60 million.
"""

import keras
from keras import layers

# Squeeze width and the width of each expanding half: 16 and 64 in fire2 to 64 and 256 in fire9.
FIRES = {f"fire{number}": (number // 2 * 16, number // 2 * 64) for number in range(2, 10)}
POOL_BEFORE = ("fire2", "fire4", "fire6")
LAYER_NAMES = ("conv1", *FIRES, "conv10")
MEAN = (103.939, 116.779, 123.68)  # of ImageNet's pixels, in the order blue, green, red


def build(num_classes=1000):
    """Untrained network: preprocessed BGR images of any size -> logits ``(batch, classes)``.

    ``conv10`` holds a map for each class, before the ReLU that the classifier averages over.
    """
    images = keras.Input((None, None, 3), name="images")
    x = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu", name="conv1")(images)
    for name, (squeeze, expand) in FIRES.items():
        if name in POOL_BEFORE:
            x = layers.MaxPooling2D(3, strides=2, padding="same", name=f"pool_{name}")(x)
        x = _fire(x, squeeze, expand, name)
    x = layers.Conv2D(num_classes, 1, name="conv10")(x)
    x = layers.ReLU(name="relu10")(x)
    logits = layers.GlobalAveragePooling2D(name="logits")(x)
    return keras.Model(images, logits, name="squeezenet")


def _fire(x, squeeze, expand, name):
    x = layers.Conv2D(squeeze, 1, activation="relu", name=f"{name}_squeeze")(x)
    halves = [
        layers.Conv2D(expand, size, padding="same", name=f"{name}_expand{size}x{size}")(x)
        for size in (1, 3)
    ]
    # Before the ReLU a channel has a gradient even where it is silent.
    x = layers.Concatenate(name=f"{name}_linear")(halves)
    return layers.ReLU(name=name)(x)
