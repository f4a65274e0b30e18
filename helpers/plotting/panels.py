"""Panels side by side: grids, curves, bars, points with a text, and figures of each class."""

import math

import numpy as np

from helpers.plotting.canvas import (
    BLACK,
    BLUE,
    GRAY,
    PAGE_WIDTH,
    PALETTE,
    new_figure,
    one_each,
    tidy,
)
from helpers.plotting.grids import draw_cells, label_room, unit_pixels


def grid_panels(panels, *, value_range, columns, row_labels=None, cmap="gray"):
    """Several grids of the same size side by side, such as the samples of runs to compare.

    Args:
        panels: ``{title: images}``, images of one shape ``(N, H, W, 1 or 3)`` as in ``show_grid``.
        value_range: ``(low, high)`` of the values, for all of them.
        columns: images in a row of each grid.
        row_labels: one text for each row, at the left of the first grid.
        cmap: color map of one-channel images.

    Returns the matplotlib ``Figure``, one axes a panel; panels of different shapes are a
    ``ValueError``, besides the errors of ``show_grid``.
    """
    grids = {title: unit_pixels(images, value_range) for title, images in panels.items()}
    shapes = {pixels.shape for pixels in grids.values()}
    if len(shapes) != 1:
        raise ValueError(f"the panels must have one shape, got {sorted(shapes)}")
    count, height, width = shapes.pop()[:3]
    rows = math.ceil(count / columns)
    panel_width = (PAGE_WIDTH - label_room(row_labels)) / len(grids)
    panel_height = panel_width * rows * height / (columns * width)
    figure, axes = new_figure(PAGE_WIDTH, panel_height + 0.35, 1, len(grids))
    for index, (ax, (title, pixels)) in enumerate(zip(axes[0], grids.items(), strict=True)):
        draw_cells(ax, pixels, columns, height, cmap, None if index else row_labels)
        ax.set_title(title, fontsize=11)
    return figure


def line_panels(panels, *, y_limits=None, height=2.7, vertical=None):
    """Curves in panels side by side.

    Args:
        panels: ``{title: (x_label, x, {label: y})}`` with ``x`` and ``y`` of shape ``(N,)``. A
            label keeps its color in all panels and is explained in the first of them.
        y_limits: ``(low, high)`` of all panels.
        height: of the figure, inches.
        vertical: x at which every panel has a dotted line.

    Returns the matplotlib ``Figure``, one axes a panel.
    """
    labels = list(dict.fromkeys(label for _, _, curves in panels.values() for label in curves))
    colors = {label: PALETTE[i % len(PALETTE)] for i, label in enumerate(labels)}
    page = PAGE_WIDTH if len(panels) > 1 else 0.6 * PAGE_WIDTH
    figure, axes = new_figure(page, height, 1, len(panels))
    explained = set()
    for ax, (title, (x_label, x, curves)) in zip(axes[0], panels.items(), strict=True):
        for index, (label, y) in enumerate(curves.items()):
            # Thinner from curve to curve: where two coincide, both can be seen.
            width = 2 + 0.6 * (len(curves) - 1 - index)
            ax.plot(x, y, color=colors[label], label=label, lw=width)
        if vertical is not None:
            ax.axvline(vertical, color=GRAY, linestyle=":")
        ax.set_title(title, fontsize=10)
        ax.set(xlabel=x_label, ylim=y_limits)
        tidy(ax)
        if len(curves) > 1 and not set(curves) <= explained:
            ax.legend(frameon=False, fontsize=9)
        explained |= set(curves)
    return figure


def bar_panels(panels, names):
    """A few numbers as bars, each with its value written on it, in panels side by side.

    Args:
        panels: ``{title: numbers}``, one number for each name.
        names: texts below the bars.

    Returns the matplotlib ``Figure``, one axes a panel.
    """
    figure, axes = new_figure(3.2 * len(panels), 2.4, 1, len(panels))
    for ax, (title, numbers), color in zip(axes[0], panels.items(), PALETTE, strict=False):
        bars = ax.bar(range(len(names)), numbers, color=color)
        ax.bar_label(bars, labels=[f"{number:.3g}" for number in numbers], fontsize=9, padding=1)
        ax.axhline(0, color=BLACK, lw=0.8)
        ax.margins(y=0.15)
        ax.set_xticks(range(len(names)), names)
        ax.set_title(title, fontsize=10)
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def labeled_curve(curves, *, x_label, y_label, title=None):
    """Curves through points that carry a text each, for trade-offs.

    Args:
        curves: ``{name: (x, y, texts)}`` with as many texts as points.
        x_label, y_label: texts at the axes.
        title: line above the drawing.

    Returns the matplotlib ``Figure``; numbers and texts that do not fit are a ``ValueError``.
    """
    figure, axes = new_figure(0.65 * PAGE_WIDTH, 3.4)
    ax = axes[0, 0]
    for index, (name, (x, y, texts)) in enumerate(curves.items()):
        if not len(x) == len(y) == len(texts):
            raise ValueError(
                f"{name!r} has {len(x)} x, {len(y)} y and {len(texts)} texts; they must be equal"
            )
        ax.plot(x, y, "o-", color=PALETTE[index % len(PALETTE)], ms=5, label=name)
        for at_x, at_y, text in zip(x, y, texts, strict=True):
            offset = (5, 4) if index == 0 else (5, -10)
            ax.annotate(str(text), (at_x, at_y), offset, textcoords="offset points", fontsize=9)
    ax.set(xlabel=x_label, ylabel=y_label)
    ax.margins(0.1)
    if len(curves) > 1:
        ax.legend(frameon=False, fontsize=9)
    if title:
        ax.set_title(title, fontsize=11)
    tidy(ax)
    return figure


def class_panels(panels, class_names, *, marks=None):
    """One bar for each class, in panels side by side, with an optional yardstick on each bar.

    Args:
        panels: ``{title: numbers}``, one number for each class; NaN leaves a gap.
        class_names: texts below the bars.
        marks: ``{title: numbers}`` drawn as short black lines, such as what real images score.

    Returns the matplotlib ``Figure``, one axes a panel; a panel or a row of marks without one
    number for each class is a ``ValueError``.
    """
    marks = marks or {}
    figure, axes = new_figure(PAGE_WIDTH, 3.3, 1, len(panels))
    for ax, (title, numbers) in zip(axes[0], panels.items(), strict=True):
        numbers = one_each(numbers, class_names, title)
        places = np.arange(len(numbers))
        bars = ax.bar(places, np.nan_to_num(numbers), color=BLUE)
        if title in marks:
            line = one_each(marks[title], class_names, f"marks of {title}")
            ax.hlines(line, places - 0.4, places + 0.4, color=BLACK, lw=2, label="real images")
            top = 1.3 * max(np.nanmax(line), np.nanmax(numbers))
            ax.set_ylim(0, top if top > 0 else 1)
            ax.legend(frameon=False, fontsize=9, loc="upper right")
        texts = [f"{x:.2f}" if np.isfinite(x) else "" for x in numbers]
        ax.bar_label(bars, texts, fontsize=8, label_type="center", color="w", rotation=90)
        ax.set_xticks(places, class_names, rotation=45, ha="right", fontsize=9)
        ax.set_title(title, fontsize=11)
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def confusion(shares, class_names, *, title=None):
    """A matrix of shares, each written on its cell in per cent; empty below half a per cent.

    Args:
        shares: ``(classes, classes)``, rows sum to 1 (or are NaN), as ``metrics.confusion``.
        class_names: one text for each class.
        title: line above the matrix.

    Returns the matplotlib ``Figure``; another shape or shares outside [0, 1] are a ``ValueError``.
    """
    shares = np.asarray(shares, dtype=float)
    count = len(class_names)
    if shares.shape != (count, count):
        raise ValueError(f"shares must have shape {(count, count)}, got {shares.shape}")
    known = np.nan_to_num(shares)
    if known.min() < 0 or known.max() > 1:
        raise ValueError(f"shares must lie in [0, 1], got {known.min():.3g} to {known.max():.3g}")
    figure, axes = new_figure(0.62 * PAGE_WIDTH, 0.56 * PAGE_WIDTH)
    ax = axes[0, 0]
    ax.imshow(known, cmap="Blues", vmin=0, vmax=1)
    for (row, column), share in np.ndenumerate(known):
        if share >= 0.005:
            color = "w" if share > 0.5 else "k"
            text = f"{100 * share:.0f}"
            ax.text(column, row, text, ha="center", va="center", color=color, fontsize=9)
    ax.set_xticks(range(count), class_names, rotation=45, ha="right", fontsize=9)
    ax.set_yticks(range(count), class_names, fontsize=9)
    ax.set(xlabel="taken for (%)", ylabel="wanted")
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if title:
        ax.set_title(title, fontsize=11)
    return figure
