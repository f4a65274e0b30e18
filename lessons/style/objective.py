"""The loss of a picture and its gradient, in one traced function, against targets made once."""

from dataclasses import dataclass

import numpy as np
import tensorflow as tf

from lessons.dream.objective import traced_once
from lessons.style import losses

PARTS = ("content", "style", "total_variation")


@dataclass(frozen=True)
class Recipe:
    """Which layers are compared, and how.

    Attributes:
        content, style: pairs (layer, share); the shares of each add up to 1. One may be empty.
        scale: of the losses, ``"relative"`` or ``"published"``.
        statistics: of the style, ``"gram"`` or ``"moments"``.
    """

    content: tuple[tuple[str, float], ...]
    style: tuple[tuple[str, float], ...]
    scale: str = "relative"
    statistics: str = "gram"

    @property
    def layers(self):
        """Every layer that must be evaluated, each once."""
        return list(dict.fromkeys(name for name, _ in (*self.content, *self.style)))


@dataclass
class Targets:
    """What a picture is compared with.

    Attributes:
        content: one map ``(h, w, C)`` for each content layer.
        style: one stack ``(M, C, C)`` or ``(M, 2, C)`` for each style layer, M masks or 1.
        masks: float32 ``(M, H, W)`` in the size of the picture, or ``None``.
    """

    content: list
    style: list
    masks: np.ndarray | None = None


def content_targets(network, recipe, image):
    """The features of the content picture ``(H, W, 3)`` in all content layers."""
    names = [name for name, _ in recipe.content]
    if not names:
        return []
    maps = network.outputs(network.preprocess(image[None]), names)
    return [each[0] for each in maps]


def style_targets(network, recipe, images, shares):
    """The blended statistics of style pictures in all style layers.

    A blend of targets is the same as a blend of losses but for a constant, and costs one.
    """
    names = [name for name, _ in recipe.style]
    if not names:
        return []
    found = []
    for image in images:
        maps = network.outputs(network.preprocess(image[None]), names)
        found.append([losses.statistic(recipe.statistics, each[0]) for each in maps])
    return [
        sum(share * each for share, each in zip(shares, layer, strict=True))
        for layer in zip(*found, strict=True)
    ]


class Objective:
    """Callable: picture, float32 ``(H, W, 3)`` in [0, 255] -> loss, parts, gradient.

    Attributes:
        evaluations: how often it was called.
    """

    def __init__(self, network, recipe, weights, targets):
        """``weights``: of content, style and total variation."""
        masked = targets.masks is not None
        key = ("style", recipe, masked)
        self.function = traced_once(network, key, lambda: _trace(network, recipe, masked))
        self.weights = tf.constant(weights, tf.float32)
        self.content, self.style = list(targets.content), list(targets.style)
        masks = targets.masks if masked else np.zeros((0, 1, 1), "float32")
        self.masks = tf.constant(masks, tf.float32)
        self.evaluations = 0

    def __call__(self, image):
        """Returns the loss (float), its weighted parts (3,), and the gradient ``(H, W, 3)``."""
        self.evaluations += 1
        parts, gradient = self.function(
            tf.convert_to_tensor(image, tf.float32), self.weights, self.content, self.style,
            self.masks,
        )  # fmt: skip
        parts = parts.numpy()
        return float(parts.sum()), parts, gradient.numpy()


def _trace(network, recipe, masked):
    channels = network.channels
    maps = [tf.TensorSpec([None, None, channels[name]]) for name, _ in recipe.content]
    rows = {name: channels[name] if recipe.statistics == "gram" else 2 for name, _ in recipe.style}
    stacks = [tf.TensorSpec([None, rows[name], channels[name]]) for name, _ in recipe.style]
    mask = tf.TensorSpec([None, None, None])

    @tf.function(
        input_signature=[tf.TensorSpec([None, None, 3]), tf.TensorSpec([3]), maps, stacks, mask],
        autograph=False,
    )
    def loss_and_gradient(image, weights, contents, styles, masks):
        with tf.GradientTape() as tape:
            tape.watch(image)
            found = network.outputs(network.preprocess(image[None]), recipe.layers)
            found = {name: each[0] for name, each in zip(recipe.layers, found, strict=True)}
            content = _content(recipe, found, contents)
            style = _style(recipe, found, styles, masks if masked else None, tf.shape(image))
            if recipe.scale == "published":
                rough = losses.total_variation(image)
            else:
                rough = losses.mean_variation(image)
            parts = weights * tf.stack([content, style, rough])
            total = tf.reduce_sum(parts)
        return parts, tape.gradient(total, image)

    return loss_and_gradient


def _content(recipe, found, targets):
    compare = losses.published_content if recipe.scale == "published" else losses.relative_error
    total = tf.constant(0.0)
    for (name, share), target in zip(recipe.content, targets, strict=True):
        total += share * compare(found[name], target)
    return total


def _style(recipe, found, targets, masks, size):
    total, pixels = tf.constant(0.0), tf.cast(size[0] * size[1], tf.float32)
    for (name, share), target in zip(recipe.style, targets, strict=True):
        features = found[name]
        if masks is None:
            own = losses.statistic(recipe.statistics, features)[None]
        else:
            own = _masked(recipe.statistics, features, masks)
        if recipe.scale == "published":
            positions = tf.cast(tf.shape(features)[0] * tf.shape(features)[1], tf.float32)
            total += share * losses.published_style(own, target, positions, pixels)
        else:
            total += share * losses.relative_error(own, target)
    return total


def _masked(kind, features, masks):
    """The statistics under every mask ``(M, H, W)``, each shrunk to the layer's size."""
    size = tf.shape(features)[:2]
    small = tf.image.resize(masks[..., None], size, method="area")[..., 0]
    return tf.map_fn(lambda mask: losses.statistic(kind, features, mask), small)
