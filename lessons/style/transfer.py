"""``transfer``: a picture that shows what one shows, painted as another is."""

import numpy as np

from helpers import config
from lessons.dream.checks import checked_image
from lessons.dream.octaves import resize
from lessons.style import checks, color, objective, presets, solvers
from lessons.style.record import Watch, as_bytes

SMALLEST_LEVEL = 64  # pixels of the shorter side below which no coarser level is made
LONG = 5_000_000  # pixels times steps from which a progress bar is worth its line


def transfer(
    content,
    style,
    network,
    *,
    content_layers=None,
    style_layers=None,
    weights=None,
    total_variation=None,
    losses="relative",
    statistics="gram",
    init="content",
    optimizer="lbfgs",
    iterations=None,
    levels=None,
    size=None,
    style_scale=1.0,
    style_weights=None,
    mask=None,
    keep_color=False,
    learning_rate=None,
    decay=None,
    seed=0,
    record=None,
    progress=None,
    live=False,
):
    """Paint ``content`` in the style of ``style`` (lecture_style). An interrupt keeps the best so far.

    Args:
        content: ``(H, W, 3)``, uint8 or float in [0, 255].
        style: such a picture of any size, or a list of them.
        network: from ``features.load``; ``pooling="avg"`` there averages instead of max pooling.
        content_layers, style_layers: names or numbers, or a dict ``{layer: weight}``. Those of
            the preset ``"kit"`` unless given, as are ``weights``, ``total_variation``,
            ``iterations`` and ``levels``.
        weights: of content and style, both above 0.
        total_variation: weight of the roughness; 0 leaves it out.
        losses: ``"relative"`` (weights suit every picture) or ``"published"`` (lecture_style's sums).
        statistics: what a style is: ``"gram"`` matrices, or ``"moments"``, means and standard
            deviations.
        init: ``"content"``, ``"noise"``, ``"style"``, or a picture to go on from.
        optimizer: ``"lbfgs"``, ``"adam"`` or ``"sgd"``.
        iterations: at every size.
        levels: sizes; each is half as large as the next, and the largest is ``size``.
        size: longer side of the result in pixels, or (height, width); that of ``content`` unless
            given.
        style_scale: size of the style picture by that of the result: smaller makes finer strokes.
        style_weights: one for each style; equal unless given.
        mask: ``(H, W)`` in [0, 1], any size: paint only there, the rest stays a photograph. With
            several styles a list of masks gives each its own place.
        keep_color: transfer brightness only and keep the colors of ``content``.
        learning_rate, decay: of Adam and SGD; ``decay`` is the factor every 100 steps.
        seed: of the noise.
        record: a ``Record`` that collects losses, times and pictures.
        progress: show a bar; unless given, in a notebook and where it takes a while.
        live: show the picture, redrawn every 10 iterations.

    Returns:
        uint8 array ``(H, W, 3)``.

    Raises:
        ValueError: an argument that makes no sense; the message says what to change.
    """
    content = checked_image(content, "content")
    styles, shares = checks.several_styles(style, style_weights)
    checks.checked_words(init, optimizer, losses, statistics)
    given = {
        "content_layers": content_layers, "style_layers": style_layers, "weights": weights,
        "total_variation": total_variation, "iterations": iterations, "levels": levels,
    }  # fmt: skip
    known = _filled(given, network)
    recipe = objective.Recipe(
        content=checks.layer_shares(network, known["content_layers"], "content_layers"),
        style=checks.layer_shares(network, known["style_layers"], "style_layers"),
        scale=losses, statistics=statistics,
    )  # fmt: skip
    size = checks.target_size(content, size)
    job = Job(
        network=network, recipe=recipe, content=content, styles=styles, shares=shares,
        weights=(*checks.weight_pair(known["weights"]),
                 checks.number("total_variation", known["total_variation"], zero=True)),
        masks=checks.checked_masks(mask, len(styles), size), init=init, keep_color=bool(keep_color),
        style_scale=checks.number("style_scale", style_scale), seed=seed,
    )  # fmt: skip
    return run(
        job, size, optimizer=optimizer, record=record, progress=progress, live=live,
        iterations=checks.whole("iterations", known["iterations"], 1),
        levels=checks.whole("levels", known["levels"], 1),
        rate=_rate(learning_rate, "learning_rate"), decay=_rate(decay, "decay"),
    )  # fmt: skip


def _filled(given, network):
    """The arguments that were given, the others from the preset."""
    if all(value is not None for value in given.values()):
        return given
    missing = {name for name, value in given.items() if value is None}
    if missing <= set(presets.PRESETS["kit"]):
        known = presets.PRESETS["kit"]
    else:
        known = presets.preset("kit", network)
    return {name: known[name] if value is None else value for name, value in given.items()}


def _rate(value, name):
    return None if value is None else checks.number(name, value)


class Job:
    """The pictures and choices of one transfer, and what they become at each size."""

    def __init__(self, **parts):
        self.__dict__.update(parts)

    def prepared(self, size):
        """Content ``(H, W, 3)`` and style pictures at a level, gray where colors are kept."""
        content = checks.scaled(self.content, size)
        styles = []
        for image in self.styles:
            if (
                self.recipe.scale == "published"
            ):  # lecture_style brings the style to the same rows and columns
                styles.append(checks.scaled(image, size))
            else:
                side = max(checks.SMALLEST, round(self.style_scale * max(size)))
                styles.append(checks.scaled(image, _fitted(image, side)))
        if self.keep_color:
            styles = [color.gray(each, like=content) for each in styles]
            content = color.gray(content)
        return content, styles

    def objective(self, content, styles):
        """The objective at a level; targets are computed here, once."""
        masks = None
        if self.masks is not None:
            masks = np.stack([_shrunk(mask, content.shape[:2]) for mask in self.masks])
        shared = masks is None or len(masks) == 1
        groups = [(styles, self.shares)] if shared else [([each], [1.0]) for each in styles]
        stacks = [
            objective.style_targets(self.network, self.recipe, images, shares)
            for images, shares in groups
        ]
        targets = objective.Targets(
            content=objective.content_targets(self.network, self.recipe, content),
            style=[np.stack(layer) for layer in zip(*stacks, strict=True)],
            masks=masks,
        )
        return objective.Objective(self.network, self.recipe, self.weights, targets)

    def start(self, content, styles, size):
        """Where the first level begins."""
        if not isinstance(self.init, str):
            begun = checks.scaled(checked_image(self.init, "init"), size)
            return color.gray(begun) if self.keep_color else begun
        if self.init == "noise":
            random = np.random.default_rng(self.seed)
            # Mild: deep layers hardly see single pixels, so strong noise would stay.
            noise = random.uniform(88, 168, (*size, 1 if self.keep_color else 3))
            return np.broadcast_to(noise, (*size, 3)).astype("float32")
        return content if self.init == "content" else checks.scaled(styles[0], size)

    def free(self, size):
        """Where pixels may move, ``(H, W, 1)``, or ``None`` for everywhere."""
        if self.masks is None:
            return None
        return _shrunk(np.max(self.masks, axis=0), size)[..., None]

    def finished(self, image):
        """What is shown of a picture on the way: with its colors."""
        if not self.keep_color:
            return image
        return color.with_colors_of(image, checks.scaled(self.content, image.shape[:2]))


def run(job, size, *, optimizer, iterations, levels, rate, decay, record, progress, live):
    """All levels, smallest first. Returns uint8 ``(H, W, 3)``, also after an interrupt."""
    sizes = level_sizes(size, levels)
    work = iterations * sum(height * width for height, width in sizes)
    shown = config.interactive() and work > LONG if progress is None else progress
    watch = Watch(
        iterations * len(sizes), record=record, progress=shown, live=live,
        description=f"{job.network.name} {optimizer}", finish=job.finished,
    )  # fmt: skip
    current = None
    try:
        for level in sizes:
            watch.new_level()
            current = _solved(job, level, current, watch, optimizer, iterations, rate, decay)
    except KeyboardInterrupt:
        print(f"stopped after {watch.count} iterations: this is the best so far")
        current = watch.best if watch.best is not None else current
    finally:
        watch.close()
    if current is None:  # interrupted before the first loss was known
        current = checks.scaled(job.content, sizes[-1])
    return as_bytes(job.finished(resize(np.clip(current, 0, 255), sizes[-1])))


def _solved(job, level, current, watch, optimizer, iterations, rate, decay):
    """One level: from the last one's picture, or the start, to the best one found here."""
    content, styles = job.prepared(level)
    goal, free = job.objective(content, styles), job.free(level)
    begun = job.start(content, styles, level) if current is None else resize(current, level)
    begun = np.clip(begun, 0, 255)
    if free is not None:
        begun = content + free * (begun - content)
    solvers.minimize(
        goal, begun, optimizer, iterations, report=watch, free=free, rate=rate, decay=decay
    )
    return begun if watch.best is None else watch.best


def level_sizes(size, levels):
    """(height, width) of every level, smallest first; each about half of the next."""
    sizes = [tuple(size)]
    for level in range(1, levels):
        smaller = tuple(round(side / 2**level) for side in size)
        if min(smaller) < SMALLEST_LEVEL:
            break
        sizes.append(smaller)
    return sizes[::-1]


def _fitted(image, side):
    """(height, width) with this longer side, neither below 32 pixels."""
    scale = side / max(image.shape[:2])
    return tuple(max(checks.SMALLEST, round(length * scale)) for length in image.shape[:2])


def _shrunk(mask, size):
    from PIL import Image

    return np.asarray(Image.fromarray(mask).resize(size[::-1], Image.Resampling.BOX))
