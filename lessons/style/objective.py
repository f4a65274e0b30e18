"""The loss of a picture and its gradient, in one traced function, against targets made once."""

from dataclasses import dataclass, replace

import numpy as np
import tensorflow as tf

from helpers import checking
from lessons import pixels
from lessons.style import losses

PARTS = ("content", "style", "total_variation")
# Layers that play the same part in SqueezeNet and in VGG-19.
LAYERS = {
    "vgg19": {
        "style": ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
        "content": ("block4_conv2",),
        "lecture_content": ("block5_conv2",),  # lecture_style's
        # lecture_style's panels: one content layer each, growing sets of style layers.
        "content_panel": tuple(f"block{block}_conv2" for block in range(1, 6)),
        "style_panel": tuple(f"block{block}_conv1" for block in range(1, 6)),
    },
    "squeezenet": {
        "style": ("conv1", "fire2", "fire3", "fire4"),
        "content": ("fire5",),
        "lecture_content": ("fire8",),
        "content_panel": ("conv1", "fire2", "fire3", "fire4", "fire6"),
        "style_panel": ("conv1", "fire2", "fire3", "fire4", "fire5"),
    },
}


@dataclass(frozen=True)
class Loss:
    """Which layers are compared, and how.

    Attributes:
        content_layers, style_layers: a name or a number, or several, all of equal weight; those of
            ``LAYERS`` unless given.
        scale: ``"relative"`` (weights suit every picture) or ``"published"`` (lecture_style's
            sums, of Gram matrices only).
        statistics: what a style is: ``"gram"`` matrices, or ``"moments"``, means and standard
            deviations.

    Raises:
        ValueError: an unknown word, or moments on the published scale.
    """

    content_layers: object = None
    style_layers: object = None
    scale: str = "relative"
    statistics: str = "gram"

    def __post_init__(self):
        checking.choice(self.scale, "scale", losses.SCALES)
        checking.choice(self.statistics, "statistics", losses.STATISTICS)
        if (self.scale, self.statistics) == ("published", "moments"):
            raise ValueError(
                'scale="published" (lecture_style) compares Gram matrices: statistics="gram"'
            )

    def resolved(self, network):
        """The same with the names of this network's layers, two tuples."""
        known, found = LAYERS.get(network.name, {}), {}
        for part in ("content", "style"):
            name = f"{part}_layers"
            layers = getattr(self, name)
            if layers is None and part not in known:
                raise ValueError(f"name the {name} of {network.name}: the kit knows none")
            layers = known[part] if layers is None else layers
            found[name] = layer_names(network, layers, name)
        return replace(self, **found)

    @property
    def layers(self):
        """Every layer that must be evaluated, each once."""
        return list(dict.fromkeys((*self.content_layers, *self.style_layers)))


def layer_names(network, layers, name):
    """Layers by name, a tuple; an unknown layer, none or one twice raises ``ValueError``."""
    layers = [layers] if isinstance(layers, (str, int, np.integer)) else layers
    names = tuple(network.layer(layer) for layer in layers)
    if not names:
        raise ValueError(f"{name} must name at least one layer of {network.name}")
    if len(set(names)) < len(names):
        raise ValueError(f"{name} names a layer twice: {', '.join(names)}")
    return names


def content_targets(network, loss, image):
    """The features of the content picture ``(H, W, 3)`` in all content layers, ``(h, w, C)``."""
    if not loss.content_layers:
        return []
    maps = network.outputs(network.preprocess(image[None]), loss.content_layers)
    return [each[0] for each in maps]


def style_targets(network, loss, images):
    """The blended statistics of style pictures in all style layers, ``(C, C)`` or ``(2, C)``.

    A blend of targets is the same as a blend of losses but for a constant, and costs one.
    """
    if not loss.style_layers:
        return []
    found = []
    for image in images:
        maps = network.outputs(network.preprocess(image[None]), loss.style_layers)
        found.append([losses.statistic(loss.statistics, each[0]) for each in maps])
    share = 1 / len(images)
    return [sum(share * each for each in layer) for layer in zip(*found, strict=True)]


class Objective:
    """Callable: picture, float32 ``(H, W, 3)`` in [0, 255] -> loss, parts, gradient.

    ``loss`` was resolved; the three ``weights`` are of content, style and total variation.
    Targets are a map ``(h, w, C)`` for each content layer and a stack ``(M, C, C)`` or
    ``(M, 2, C)`` for each style layer, where M is 1 or the number of ``masks``, float32
    ``(M, H, W)`` in the size of the picture.
    """

    def __init__(self, network, loss, weights, content, style, masks=None):
        masked = masks is not None
        key = ("style", loss, masked)
        self.function = pixels.traced_once(network, key, lambda: _trace(network, loss, masked))
        self.weights = tf.constant(weights, tf.float32)
        self.content, self.style = list(content), list(style)
        self.masks = tf.constant(masks if masked else np.zeros((0, 1, 1)), tf.float32)

    def __call__(self, image):
        """Returns the loss (float), its weighted parts (3,), and the gradient ``(H, W, 3)``."""
        image = tf.convert_to_tensor(image, tf.float32)
        parts, gradient = self.function(image, self.weights, self.content, self.style, self.masks)
        parts = parts.numpy()
        return float(parts.sum()), parts, gradient.numpy()


def _trace(network, loss, masked):
    channels = network.channels
    maps = [tf.TensorSpec([None, None, channels[name]]) for name in loss.content_layers]
    stacks = [
        tf.TensorSpec([None, channels[name] if loss.statistics == "gram" else 2, channels[name]])
        for name in loss.style_layers
    ]
    mask = tf.TensorSpec([None, None, None])

    @tf.function(
        input_signature=[tf.TensorSpec([None, None, 3]), tf.TensorSpec([3]), maps, stacks, mask],
        autograph=False,
    )
    def loss_and_gradient(image, weights, contents, styles, masks):
        with tf.GradientTape() as tape:
            tape.watch(image)
            found = network.outputs(network.preprocess(image[None]), loss.layers)
            found = {name: each[0] for name, each in zip(loss.layers, found, strict=True)}
            content = _content(loss, found, contents)
            style = _style(loss, found, styles, masks if masked else None, tf.shape(image))
            published = loss.scale == "published"
            rough = losses.total_variation if published else losses.mean_variation
            parts = weights * tf.stack([content, style, rough(image)])
            total = tf.reduce_sum(parts)
        return parts, tape.gradient(total, image)

    return loss_and_gradient


def _content(loss, found, targets):
    compare = losses.squared_error if loss.scale == "published" else losses.relative_error
    total = tf.constant(0.0)
    for name, target in zip(loss.content_layers, targets, strict=True):
        total += 1 / len(targets) * compare(found[name], target)
    return total


def _style(loss, found, targets, masks, size):
    total, pixel_count = tf.constant(0.0), tf.cast(size[0] * size[1], tf.float32)
    share = 1 / len(targets) if targets else 0.0
    for name, target in zip(loss.style_layers, targets, strict=True):
        features = found[name]
        if masks is None:
            own = losses.statistic(loss.statistics, features)[None]
        else:
            own = _masked(loss.statistics, features, masks)
        if loss.scale == "published":
            positions = tf.cast(tf.shape(features)[0] * tf.shape(features)[1], tf.float32)
            total += share * losses.published_style(own, target, positions, pixel_count)
        else:
            total += share * losses.relative_error(own, target)
    return total


def _masked(kind, features, masks):
    """The statistics under every mask ``(M, H, W)``, each shrunk to the layer's size."""
    size = tf.shape(features)[:2]
    small = tf.image.resize(masks[..., None], size, method="area")[..., 0]
    return tf.map_fn(lambda mask: losses.statistic(kind, features, mask), small)
