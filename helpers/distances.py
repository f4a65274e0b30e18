"""Distances between images that a network can learn from: of pixels, of features, of cycles.

All take float images ``(N, H, W, C)`` and return one float32 number. Taught in notebook 09.
"""

from keras import ops


def mean_absolute(images, targets):
    """Mean absolute difference of two batches ``(N, H, W, C)``: what pix2pix adds to the GAN."""
    return ops.mean(ops.abs(images - targets))


def mean_squared(images, targets):
    """Mean squared difference of two batches ``(N, H, W, C)``: how SRResNet starts."""
    return ops.mean(ops.square(images - targets))


def feature_distance(layer, pixel_weight=1.0, feature_weight=1.0):
    """A distance (images, targets) -> a number, of pixels and of a network's features.

    Args:
        layer: frozen Keras model, images in [-1, 1] -> a feature map.
        pixel_weight: of the mean absolute difference of the pixels.
        feature_weight: of the mean squared difference of the features.

    Source: Johnson et al. 2016 (arXiv:1603.08155), Ledig et al. 2016 (arXiv:1609.04802).
    """

    def distance(images, targets):
        features = mean_squared(layer(images), layer(targets))
        return pixel_weight * mean_absolute(images, targets) + feature_weight * features

    return distance


def cycle_absolute(a, a_back, b, b_back):
    """How far images are from themselves after the way there and back: zoo_cyclegan."""
    return mean_absolute(a_back, a) + mean_absolute(b_back, b)


def cycle_squared(a, a_back, b, b_back):
    """The same with squares, as zoo_discogan has it."""
    return mean_squared(a_back, a) + mean_squared(b_back, b)


def identity(to_b, to_a, a, b):
    """How much each generator changes images that are in its target domain already."""
    changed_b, changed_a = to_b(b, training=True), to_a(a, training=True)
    return mean_absolute(changed_b, b) + mean_absolute(changed_a, a)
