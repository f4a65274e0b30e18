"""``reconstruct``: what a layer, or a set of layers, still knows of a picture (lecture_style)."""

from lessons.dream.checks import checked_image
from lessons.style import checks, objective
from lessons.style.transfer import Job, run

KINDS = ("content", "style")


def reconstruct(
    image,
    network,
    layers,
    kind="content",
    *,
    statistics="gram",
    total_variation=3.0,
    init="noise",
    optimizer="lbfgs",
    iterations=60,
    levels=1,
    size=None,
    learning_rate=None,
    seed=0,
    record=None,
    progress=None,
    live=False,
):
    """A picture that agrees with ``image`` in some layers, found from white noise.

    Args:
        image: ``(H, W, 3)``, uint8 or float in [0, 255].
        network: from ``features.load``.
        layers: name or number, several, or a dict ``{layer: weight}``.
        kind: ``"content"`` compares features place by place, ``"style"`` their statistics.
        total_variation: weight of the roughness beside the loss, whose weight is 1.
        statistics, init, optimizer, iterations, levels, size, learning_rate, seed, record,
            progress, live: as in ``transfer``; ``init="content"`` is the image itself.

    Returns:
        uint8 array ``(H, W, 3)``.

    Raises:
        ValueError: an argument that makes no sense; the message says what to change.
    """
    image = checked_image(image)
    checks.choice("kind", kind, KINDS)
    checks.checked_words(init, optimizer, "relative", statistics)
    shares = checks.layer_shares(network, layers, "layers")
    content = kind == "content"
    recipe = objective.Recipe(
        content=shares if content else (), style=() if content else shares, statistics=statistics
    )
    rough = checks.number("total_variation", total_variation, zero=True)
    job = Job(
        network=network, recipe=recipe, content=image, styles=[image], shares=[1.0],
        weights=(1.0, 1.0, rough), masks=None, init=init, keep_color=False, style_scale=1.0,
        seed=seed,
    )  # fmt: skip
    rate = None if learning_rate is None else checks.number("learning_rate", learning_rate)
    return run(
        job, checks.target_size(image, size), optimizer=optimizer,
        iterations=checks.whole("iterations", iterations, 1),
        levels=checks.whole("levels", levels, 1), rate=rate, decay=None, record=record,
        progress=progress, live=live,
    )  # fmt: skip
