"""What a dream maximizes, and the traced function of its gradient for a batch of windows."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from helpers import checking
from lessons import pixels

LEVELS = 4  # of the Laplacian pyramid
OBJECTIVES = ("mean", "mean_square")
NORMALIZE = ("spread", "laplacian")
GUIDE_SIDE = 384  # a guide is shrunk to this: its features matter, not its size
GUIDE_ROWS = 1024  # at most so many guiding positions of a layer


@dataclass(frozen=True)
class Ascent:
    """What a step climbs, and how its gradient is treated.

    Attributes:
        objective: ``"mean"`` of the activations (lab_dream) or of their squares, ``"mean_square"``.
        normalize: ``"spread"`` divides the gradient by its root mean square; ``"laplacian"`` does
            so for each band of a Laplacian pyramid first, which brings out large shapes.
        smoothing: standard deviation of a Gaussian over the gradient, in pixels; 0 for none.

    Raises:
        ValueError: an unknown word, or a smoothing below 0 or above 64.
    """

    objective: str = "mean"
    normalize: str = "spread"
    smoothing: float = 0.0

    def __post_init__(self):
        checking.choice(self.objective, "objective", OBJECTIVES)
        checking.choice(self.normalize, "normalize", NORMALIZE)
        checking.number(self.smoothing, "smoothing", at_least=0, at_most=64)

    @property
    def levels(self):
        """Bands of the pyramid; one band is the gradient itself."""
        return LEVELS if self.normalize == "laplacian" else 1


@dataclass(frozen=True)
class Target:
    """One layer's part of the objective: its channels (``None``: all) and its weight."""

    layer: str
    channels: tuple[int, ...] | None
    weight: float = 1.0


def targets(network, layer, channels=None):
    """Turn the arguments of ``dream`` into targets.

    Raises:
        ValueError: an unknown layer or channel, no layer, or a weight that is not a number.
    """
    if not isinstance(layer, dict):
        layer = dict.fromkeys(layer if isinstance(layer, (list, tuple)) else [layer], 1.0)
    if not layer:
        raise ValueError(f"name at least one layer of {network.name}")
    if channels is not None and len(layer) > 1:
        raise ValueError(f"channels belong to a single layer, got {len(layer)} layers")
    found = []
    for name, weight in ((network.layer(each), weight) for each, weight in layer.items()):
        if checking.number(weight, f"the weight of layer {name}") == 0:
            raise ValueError(f"the weight of layer {name} must not be 0")
        picked = None if channels is None else network.channel_list(name, channels)
        found.append(Target(name, picked, float(weight)))
    return tuple(found)


def guiding_features(network, chosen, guide):
    """One matrix of features ``(positions, channels)`` for each target, from the guide picture."""
    guide = checking.picture(guide, "guide")
    scale = min(1.0, GUIDE_SIDE / max(guide.shape[:2]))
    size = [max(1, round(side * scale)) for side in guide.shape[:2]]
    small = tf.image.resize(guide, size, antialias=True)[None]
    found = network.features(small, [target.layer for target in chosen])
    matrices = []
    for target in chosen:
        features = _picked(found[target.layer], target)
        rows = tf.reshape(features, [-1, features.shape[-1]])
        matrices.append(rows[:: -(-rows.shape[0] // GUIDE_ROWS)])
    return matrices


def gradient_function(network, chosen, ascent, *, guided=False):
    """The traced gradient of an objective; the same arguments give the same function again.

    Its arguments are windows, float32 ``(N, H, W, 3)`` in [0, 255], any N, H, W; ``smoothing``,
    the standard deviation of a Gaussian in pixels or 0; ``color``, the share of the gradient's
    color that is kept; ``scales`` ``(levels,)``, by which the bands of the Laplacian pyramid are
    divided; and one ``(K, channels)`` matrix of guiding features for each target if ``guided``.
    It returns the gradient, float32 ``(N, H, W, 3)``, and the mean squares of the bands.

    The objective is summed over positions and divided by channels and by positions per pixel, so
    that neither the tile size nor the width of a layer changes its scale.
    """
    key = (chosen, ascent.objective, guided, ascent.levels)
    return pixels.traced_once(network, key, lambda: _trace(network, *key))


def _trace(network, chosen, objective, guided, levels):
    layers = [target.layer for target in chosen]
    widths = [len(t.channels or range(network.channels[t.layer])) for t in chosen]
    guides = [tf.TensorSpec([None, width]) for width in widths] if guided else []
    scalar, windows = tf.TensorSpec([]), tf.TensorSpec([None, None, None, 3])

    @tf.function(
        input_signature=[windows, scalar, scalar, tf.TensorSpec([levels]), guides], autograph=False
    )
    def gradient(images, smoothing, color, scales, guides):
        with tf.GradientTape() as tape:
            tape.watch(images)
            outputs = network.outputs(network.preprocess(images), layers)
            total = 0.0
            for index, (target, output) in enumerate(zip(chosen, outputs, strict=True)):
                score = _score(
                    _picked(output, target), objective, guides[index] if guided else None
                )
                area = network.stride(target.layer) ** 2
                total += target.weight * area / widths[index] * score
        slope = tape.gradient(total, images)
        slope = tf.cond(color < 1, lambda: muted(slope, color), lambda: slope)
        slope = tf.cond(smoothing > 0, lambda: _blur(slope, smoothing), lambda: slope)
        bands = split(slope, levels)
        energies = tf.stack([tf.reduce_mean(band**2) for band in bands])
        return merge(bands, tf.unstack(scales)), energies

    return gradient


def _picked(output, target):
    """The channels of a layer's output that a target names."""
    if target.channels is None:
        return output
    return tf.gather(output, target.channels, axis=-1)


def _score(features, objective, guide):
    """Sum over all positions of what the objective gives each."""
    if guide is not None:  # every position is drawn to the guiding feature that it is most like
        flat = tf.reshape(features, [-1, guide.shape[-1]])
        return tf.reduce_sum(tf.reduce_max(tf.matmul(flat, guide, transpose_b=True), axis=-1))
    return tf.reduce_sum(features if objective == "mean" else features**2)


def muted(slope, color):
    """A gradient with only the share ``color`` of its color; all of its brightness."""
    brightness = tf.reduce_mean(slope, -1, keepdims=True)
    return brightness + color * (slope - brightness)


def _blur(images, sigma):
    """Gaussian blur; its window reaches three standard deviations."""
    radius = tf.math.ceil(3 * sigma)
    line = tf.exp(-(tf.range(-radius, radius + 1) ** 2) / (2 * sigma**2))
    line /= tf.reduce_sum(line)
    for kernel in (line[:, None], line[None, :]):
        kernel = tf.tile(kernel[:, :, None, None], [1, 1, 3, 1])
        images = tf.nn.depthwise_conv2d(images, kernel, [1, 1, 1, 1], "SAME")
    return images


def _binomial():
    line = np.array([1, 4, 6, 4, 1], "float32")
    square = np.outer(line, line) / 256
    return square[:, :, None, None] * np.eye(3, dtype="float32")


def split(slope, levels):
    """Laplacian pyramid, finest band first: each band holds the detail of one octave."""
    kernel, bands = _binomial(), []
    for _ in range(levels - 1):
        low = tf.nn.conv2d(slope, kernel, 2, "SAME")
        bands.append(slope - tf.nn.conv2d_transpose(low, 4 * kernel, tf.shape(slope), 2))
        slope = low
    return [*bands, slope]


def merge(bands, scales):
    """Divide each band by its scale and put the pyramid together again."""
    kernel = _binomial()
    slope = bands[-1] / scales[-1]
    for band, scale in zip(bands[-2::-1], scales[-2::-1], strict=True):
        wide = tf.nn.conv2d_transpose(slope, 4 * kernel, tf.shape(band), 2)
        slope = wide + band / scale
    return slope
