"""Sliders of notebook 04: walk through the latent plane, and turn the noise up.

Each function returns an ``Explorer``, which also has a still form (see ``controls``).
"""

import functools

import ipywidgets
import numpy as np

from helpers.plotting.canvas import PAGE_WIDTH, new_figure
from lessons.widgets import drawing
from lessons.widgets.controls import explorer


def plane_explorer(decode, points, labels, class_names, *, limit=3.0, start=(0.0, 0.0)):
    """Two sliders that move a cross over the latent plane; beside it, the decoded image.

    Args:
        decode: function of z, float32 ``(1, 2)``, -> one image ``(1, H, W, 1)`` in [0, 1].
        points: codes of real images, ``(N, 2)``, drawn as the map behind the cross.
        labels: ``(N,)`` ints, indices into ``class_names``.
        limit: the sliders run from ``-limit`` to ``limit``.
        start: where the cross begins.

    Returns:
        ``Explorer`` with the sliders z1 and z2.

    Raises:
        ValueError: points that are no plane, or a start outside the sliders.
    """
    points, labels = np.asarray(points), np.asarray(labels)
    if points.ndim != 2 or points.shape[1] != 2 or len(points) != len(labels):
        raise ValueError(
            f"points must have shape (N, 2) with a label each, got {points.shape} and "
            f"{labels.shape}: this explorer walks a plane"
        )
    if max(abs(value) for value in start) > limit:
        raise ValueError(f"start {start} lies outside the sliders, which end at {limit}")

    def draw(z1, z2):
        figure, axes = new_figure(0.8 * PAGE_WIDTH, 3.4, 1, 2)
        _draw_map(axes[0, 0], points, labels, class_names, limit)
        axes[0, 0].plot(z1, z2, "P", ms=13, color="k", mec="w")
        image = np.asarray(decode(np.array([[z1, z2]], "float32")))[0, :, :, 0]
        axes[0, 1].imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        axes[0, 1].set_title(f"decoded from ({z1:.2f}, {z2:.2f})", fontsize=10)
        axes[0, 1].set_axis_off()
        return drawing.from_figure(figure)

    return explorer(draw, z1=_slider("z1", start[0], limit), z2=_slider("z2", start[1], limit))


def _draw_map(ax, points, labels, class_names, limit):
    """The plane behind the cross: a dot for each code, a name in the middle of each class."""
    ax.scatter(*points.T, s=3, c=labels, cmap="tab10", vmin=0, vmax=9, alpha=0.5)
    for index, name in enumerate(class_names):
        middle = np.median(points[labels == index], axis=0)
        ax.text(*middle, str(name), ha="center", va="center", weight="bold", clip_on=True)
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), xlabel="z1", ylabel="z2")
    ax.set_box_aspect(1)


def noise_slider(draw, levels, *, start=None, name="noise"):
    """One slider over a few fixed levels; each level's picture is drawn once.

    Args:
        draw: function of a level -> matplotlib figure.
        levels: numbers, mildest first.
        start: the level shown first; the middle one unless given.
        name: text at the slider.

    Raises:
        ValueError: no levels, or a start that is none of them.
    """
    levels = [float(level) for level in levels]
    if not levels:
        raise ValueError("levels is empty: give at least one level of noise")
    start = levels[len(levels) // 2] if start is None else float(start)
    if start not in levels:
        raise ValueError(f"start must be one of the levels {levels}, got {start}")
    slider = ipywidgets.SelectionSlider(options=levels, value=start, description=name)
    drawn = functools.cache(lambda level: drawing.from_figure(draw(level)))
    return explorer(drawn, level=slider)


def _slider(name, value, limit):
    return ipywidgets.FloatSlider(value=value, min=-limit, max=limit, step=0.1, description=name)
