"""``transfer`` and ``reconstruct``: a picture that agrees with others in a network's layers."""

from dataclasses import dataclass

import keras
import numpy as np

from helpers import checking, images
from lessons import pixels
from lessons.style import color, objective, solvers
from lessons.style.objective import LAYERS, Loss
from lessons.style.record import Record

SMALLEST = 32  # pixels of the shorter side of a picture
SMALLEST_LEVEL = 64  # pixels of the shorter side below which no coarser level is made
WEIGHTS = (1.0, 20.0)  # of content and style
INITS = ("content", "noise", "style")
KINDS = ("content", "style")


def transfer(
    content,
    style,
    network,
    *,
    size=None,
    levels=2,
    iterations=60,
    weights=WEIGHTS,
    total_variation=30.0,
    loss=None,
    optimizer="lbfgs",
    init="content",
    seed=0,
    style_scale=1.0,
    mask=None,
    keep_color=False,
    record=None,
    live=False,
):
    """Paint ``content`` in the style of ``style`` (lecture_style).

    An interrupt keeps the best so far.

    Args:
        content: ``(H, W, 3)``, uint8 or float in [0, 255].
        style: such a picture of any size, or a list of them, of equal weight.
        network: from ``features.load``; ``pooling="avg"`` there averages instead of max pooling.
        size: longer side of the result in pixels; that of ``content`` unless given.
        levels: sizes; each is half as large as the next, and the largest is ``size``.
        iterations: at every size.
        weights: of content and style, both above 0.
        total_variation: weight of the roughness; 0 leaves it out.
        loss: which layers are compared, and how, a ``Loss``; Gram matrices unless given.
        optimizer: ``"lbfgs"``, or an optimizer of Keras, whose learning rate is large: Adam's is
            in pixel values a step.
        init: where to start: ``"content"``, ``"noise"`` or ``"style"``.
        seed: of the noise.
        style_scale: size of the style picture by that of the result: smaller makes finer strokes.
        mask: ``(H, W)`` in [0, 1], any size: paint only there, the rest stays a photograph. With
            several styles a list of masks gives each its own place.
        keep_color: transfer brightness only and keep the colors of ``content``.
        record: a ``Record`` that collects losses, times and pictures.
        live: show the picture, redrawn every 10 iterations.

    Returns:
        uint8 array ``(H, W, 3)``.

    Raises:
        ValueError: an argument that makes no sense; the message says what to change.
    """
    content = checking.picture(content, "content")
    styles = several_styles(style)
    target = target_size(content, size)
    roughness = checking.number(total_variation, "total_variation", at_least=0)
    loss = (loss or Loss()).resolved(network)
    task = Task(
        network, loss, (*weight_pair(weights), roughness), content, styles,
        masks=several_masks(mask, len(styles), target),
        init=checking.choice(init, "init", INITS), seed=seed, keep_color=bool(keep_color),
        style_scale=checking.number(style_scale, "style_scale", above=0),
    )  # fmt: skip
    return paint(task, target, levels, iterations, optimizer, record=record, live=live)


def reconstruct(image, network, layers, kind="content", *, levels=1, iterations=60, seed=0):
    """A picture that agrees with ``image`` in some layers, found from white noise.

    What a layer, or a set of layers, still knows of a picture (lecture_style).

    Args:
        image: ``(H, W, 3)``, uint8 or float in [0, 255].
        network: from ``features.load``.
        layers: name or number, or several.
        kind: ``"content"`` compares features place by place, ``"style"`` their statistics.
        levels, iterations, seed: as in ``transfer``, as what is returned and raised.
    """
    image = checking.picture(image)
    names = objective.layer_names(network, layers, "layers")
    content = checking.choice(kind, "kind", KINDS) == "content"
    loss = Loss(names if content else (), () if content else names)
    task = Task(network, loss, (1.0, 1.0, 3.0), image, [image], init="noise", seed=seed)
    return paint(task, target_size(image, None), levels, iterations, "lbfgs")


def published(network):
    """The arguments of ``transfer`` for lecture_style as published: 4000 steps of SGD.

    Args:
        network: SqueezeNet or VGG-19 from ``features.load``.
    """
    layers = LAYERS[network.name]
    rate = keras.optimizers.schedules.ExponentialDecay(100.0, 100, 0.96)
    return {
        "loss": Loss(layers["lecture_content"], layers["style"], scale="published"),
        "weights": (2.5e-8, 1e-6), "total_variation": 1e-6,
        "optimizer": keras.optimizers.SGD(rate), "iterations": 4000, "levels": 1,
    }  # fmt: skip


def paint(task, size, levels, iterations, optimizer, *, record=None, live=False):
    """All levels, smallest first. Returns uint8 ``(H, W, 3)``, also after an interrupt."""
    iterations = checking.whole(iterations, "iterations")
    if optimizer != "lbfgs" and not isinstance(optimizer, keras.optimizers.Optimizer):
        raise ValueError(f'optimizer must be "lbfgs" or a Keras optimizer, got {optimizer!r}')
    levels = checking.whole(levels, "levels")
    sizes = pixels.pyramid_sizes(size, levels - 1, 0.5, SMALLEST_LEVEL)
    record = record or Record()
    with pixels.Progress(iterations, sizes, task.network.name, live) as progress:
        record.begin(progress, task.finished)
        try:
            for level in sizes:
                goal, start, free = task.prepared(level, record.best)
                record.new_level(start)
                solvers.minimize(goal, start, optimizer, iterations, report=record.add, free=free)
        except KeyboardInterrupt:
            print(f"stopped after {record.steps} iterations: this is the best so far")
    record.close()
    # None if it was interrupted before the first level.
    painted = scaled(task.content, size) if record.best is None else record.best
    return pixels.to_uint8(task.finished(np.clip(images.resize(painted, size, "bicubic"), 0, 255)))


@dataclass(frozen=True)
class Task:
    """The pictures and choices of one transfer, and what they become at each size.

    Weights are of content, style and total variation; masks are float32 ``(M, H, W)`` in [0, 1];
    the rest is as in ``transfer``.
    """

    network: object
    loss: Loss
    weights: tuple[float, float, float]
    content: np.ndarray
    styles: list
    masks: np.ndarray | None = None
    init: str = "content"
    seed: int = 0
    keep_color: bool = False
    style_scale: float = 1.0

    def prepared(self, size, painted):
        """What a level needs: the objective, its start, and where pixels may move.

        ``painted`` is the picture of the level before, ``None`` at the first. Where pixels may move
        is float32 ``(H, W, 1)``, or ``None`` for everywhere.
        """
        content, styles, masks, free = scaled(self.content, size), self._styles(size), None, None
        if self.keep_color:
            styles = [color.gray(each, like=content) for each in styles]
            content = color.gray(content)
        if self.masks is not None:
            masks = np.stack([images.resize(mask, size, "area") for mask in self.masks])
            free = images.resize(np.max(self.masks, axis=0), size, "area")[..., None]
        if painted is None:
            start = self._start(content, styles)
        else:
            start = np.clip(images.resize(painted, size, "bicubic"), 0, 255)
        start = start if free is None else content + free * (start - content)
        return self._objective(content, styles, masks), start, free

    def _styles(self, size):
        """The style pictures at a level; lecture_style brings them to the content's own shape."""
        if self.loss.scale == "published":
            return [scaled(image, size) for image in self.styles]
        side = max(SMALLEST, round(self.style_scale * max(size)))
        return [scaled(image, fitted(image, side, SMALLEST)) for image in self.styles]

    def _start(self, content, styles):
        """Where the first level begins."""
        if self.init == "noise":
            random, size = np.random.default_rng(self.seed), content.shape[:2]
            # Mild: deep layers hardly see single pixels, so strong noise would stay.
            noise = random.uniform(88, 168, (*size, 1 if self.keep_color else 3))
            return np.broadcast_to(noise, (*size, 3)).astype("float32")
        return content if self.init == "content" else scaled(styles[0], content.shape[:2])

    def _objective(self, content, styles, masks):
        """The objective at a level; targets are computed here, once."""
        own_places = masks is not None and len(masks) > 1
        groups = [[each] for each in styles] if own_places else [styles]
        stacks = [objective.style_targets(self.network, self.loss, group) for group in groups]
        return objective.Objective(
            self.network, self.loss, self.weights,
            content=objective.content_targets(self.network, self.loss, content),
            style=[np.stack(layer) for layer in zip(*stacks, strict=True)], masks=masks,
        )  # fmt: skip

    def finished(self, image):
        """What is shown of a picture on the way: with its colors."""
        if not self.keep_color:
            return image
        return color.with_colors_of(image, scaled(self.content, image.shape[:2]))


def weight_pair(weights):
    """(content, style), both above 0."""
    if np.shape(weights) != (2,):
        raise ValueError(f"weights must be a pair (content, style), got {weights!r}")
    names = ("the content weight", "the style weight")
    return [checking.number(each, name, above=0) for each, name in zip(weights, names, strict=True)]


def several_styles(style):
    """Style pictures as a list."""
    pictures = list(style) if isinstance(style, (list, tuple)) else [style]
    if not pictures:
        raise ValueError("style must be a picture or a list of at least one")
    return [checking.picture(each, "style") for each in pictures]


def several_masks(mask, count, size):
    """One mask a style, or one for all: float32 ``(M, H, W)`` in [0, 1], or ``None``."""
    if mask is None:
        return None
    masks = list(mask) if isinstance(mask, (list, tuple)) else [mask]
    if isinstance(mask, (list, tuple)) and len(masks) != count:
        raise ValueError(f"{count} styles need one mask or {count}, got {len(masks)}")
    masks = [checking.mask(each) for each in masks]
    if not all(each.any() for each in masks):
        raise ValueError("a mask is 0 everywhere: there is nowhere to paint")
    return np.stack([images.resize(each, size, "area").astype("float32") / 255 for each in masks])


def target_size(image, size):
    """(height, width) of the result; ``size`` is its longer side, ``None`` for the image's own."""
    side = max(image.shape[:2]) if size is None else checking.whole(size, "size")
    height, width = fitted(image, side)
    if min(height, width) < SMALLEST:
        raise ValueError(
            f"the picture would be {height}x{width} pixels; both sides must have at least "
            f"{SMALLEST}, or the layers have nothing to look at"
        )
    return height, width


def fitted(image, side, smallest=1):
    """(height, width) with this longer side, neither below ``smallest`` pixels."""
    scale = side / max(image.shape[:2])
    return tuple(max(smallest, round(length * scale)) for length in image.shape[:2])


def scaled(image, size):
    """A picture in another size; float32 ``(H, W, 3)`` in [0, 255]."""
    return np.clip(images.resize(image.astype("float32"), size, "lanczos"), 0, 255)
