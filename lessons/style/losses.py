"""The losses of style transfer: what a picture shows, how it is painted, how smooth it is.

Each comes in two scales. ``published`` is lecture_style to the letter: sums, whose size depends on
the picture and on the width of the layer. ``relative`` divides every term by the same quantity of
the target, so that 0 is equal, 1 is about as far away as an empty picture, and one set of weights
suits every picture, size and network.

Gatys, Ecker, Bethge 2015, arXiv:1508.06576.
"""

import tensorflow as tf

SCALES = ("relative", "published")
STATISTICS = ("gram", "moments")
_TINY = 1e-12
CHANNELS = 3  # of a picture; stands in lecture_style's style loss


def gram_matrix(features, mask=None):
    """Mean over all positions of the products of every two channels. Written in notebook 06.

    Args:
        features: float32 ``(H, W, C)``.
        mask: float32 ``(H, W)`` in [0, 1], the weight of each position; all alike unless given.

    Returns:
        float32 ``(C, C)``, symmetric. lecture_style's sum over positions is ``H * W`` times this.
    """
    rows = tf.reshape(features, [-1, features.shape[-1]])
    if mask is None:
        return tf.matmul(rows, rows, transpose_a=True) / tf.cast(tf.shape(rows)[0], tf.float32)
    share = tf.reshape(mask, [-1, 1])
    return tf.matmul(rows * share, rows, transpose_a=True) / (tf.reduce_sum(share) + _TINY)


def moments(features, mask=None):
    """Mean and standard deviation of every channel: a style in far fewer numbers.

    Huang, Belongie 2017, arXiv:1703.06868.

    Args:
        features, mask: as in ``gram_matrix``.

    Returns:
        float32 ``(2, C)``: means, then standard deviations.
    """
    rows = tf.reshape(features, [-1, features.shape[-1]])
    share = tf.ones([tf.shape(rows)[0], 1]) if mask is None else tf.reshape(mask, [-1, 1])
    share /= tf.reduce_sum(share) + _TINY
    mean = tf.reduce_sum(share * rows, axis=0)
    spread = tf.sqrt(tf.reduce_sum(share * (rows - mean) ** 2, axis=0) + 1e-6)
    return tf.stack([mean, spread])


def moments_loss(features, target):
    """How far apart the moments of two feature maps ``(H, W, C)`` are; written in notebook 06."""
    return relative_error(moments(features), moments(target))


def statistic(kind, features, mask=None):
    """``gram_matrix`` or ``moments``, by name."""
    return gram_matrix(features, mask) if kind == "gram" else moments(features, mask)


def squared_error(found, target):
    """lecture_style's content loss: the sum of squared differences of the features."""
    return tf.reduce_sum((found - target) ** 2)


def relative_error(found, target):
    """Sum of squared differences by the sum of the target's squares; scalar, 0 where equal."""
    return squared_error(found, target) / (tf.reduce_sum(target**2) + _TINY)


def published_style(found, target, positions, pixels):
    """lecture_style's style loss of a layer with Gram matrices as ``gram_matrix`` has them.

    ``positions`` are those of the layer, ``pixels`` those of the picture, rows times columns.
    """
    factor = (positions / pixels) ** 2 / (4.0 * CHANNELS**2)
    return factor * squared_error(found, target)


def total_variation(image):
    """lecture_style's roughness: the sum over pixels of ``(dh^2 + dv^2)^1.25``.

    Written in notebook 06.

    Args:
        image: float32 ``(H, W, 3)``.

    Returns:
        scalar; the last row and column have no neighbor and are left out.
    """
    down = image[:-1, :-1] - image[1:, :-1]
    right = image[:-1, :-1] - image[:-1, 1:]
    return tf.reduce_sum((down**2 + right**2) ** 1.25)


def mean_variation(image):
    """``total_variation`` for pixels in [0, 1] instead of [0, 255], as a mean over all values.

    Beyond the last row and column the picture goes on as its own edge, so that no pixel is free.
    """
    count = tf.cast(tf.size(image), tf.float32)
    edged = tf.pad(image, [[0, 1], [0, 1], [0, 0]], "SYMMETRIC")
    return total_variation(edged) / (255.0**2.5 * count)
