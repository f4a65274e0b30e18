"""Figures of each class: bars beside a yardstick, and who is taken for whom. See notebook 03."""

import numpy as np

from helpers.plotting.canvas import BLACK, BLUE, PAGE_WIDTH, new_figure


def class_panels(panels, class_names, *, marks=None, mark_label="real images", unit=None):
    """One bar for each class, in panels side by side, with an optional yardstick on each bar.

    Args:
        panels: ``{title: numbers}``, one number for each class; NaN leaves a gap.
        class_names: texts below the bars.
        marks: ``{title: numbers}`` drawn as short black lines, such as what real images score.
        mark_label: what the lines stand for.
        unit: ``{title: format}``, how the value on a bar is written, ``"{:.2f}"`` unless given.

    Returns:
        The matplotlib ``Figure``, one axes a panel.

    Raises:
        ValueError: a panel or a row of marks without one number for each class.
    """
    marks, unit = marks or {}, unit or {}
    figure, axes = new_figure(PAGE_WIDTH, 3.3, 1, len(panels))
    for ax, (title, numbers) in zip(axes[0], panels.items(), strict=True):
        numbers = _one_each(numbers, class_names, title)
        places = np.arange(len(numbers))
        bars = ax.bar(places, np.nan_to_num(numbers), color=BLUE)
        if title in marks:
            line = _one_each(marks[title], class_names, f"marks of {title}")
            ax.hlines(line, places - 0.4, places + 0.4, color=BLACK, lw=2, label=mark_label)
            top = 1.3 * max(np.nanmax(line), np.nanmax(numbers))
            ax.set_ylim(0, top if top > 0 else 1)
            ax.legend(frameon=False, fontsize=9, loc="upper right")
        texts = [unit.get(title, "{:.2f}").format(x) if np.isfinite(x) else "" for x in numbers]
        ax.bar_label(bars, texts, fontsize=8, label_type="center", color="w", rotation=90)
        ax.set_xticks(places, class_names, rotation=45, ha="right", fontsize=9)
        ax.set_title(title, fontsize=11)
        ax.spines[["top", "right"]].set_visible(False)
    return figure


def confusion(shares, class_names, *, title=None, row_label="wanted", column_label="taken for"):
    """A matrix of shares, each written on its cell in percent; empty below half a percent.

    Args:
        shares: ``(classes, classes)``, rows sum to 1 (or are NaN), as ``metrics.confusion``.
        class_names: one text for each class.
        title: line above the matrix.
        row_label, column_label: what rows and columns stand for.

    Returns:
        The matplotlib ``Figure``.

    Raises:
        ValueError: another shape, or shares outside [0, 1].
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
    ax.set(xlabel=f"{column_label} (%)", ylabel=row_label)
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    if title:
        ax.set_title(title, fontsize=11)
    return figure


def _one_each(numbers, class_names, name):
    numbers = np.asarray(numbers, dtype=float)
    if numbers.shape != (len(class_names),):
        raise ValueError(
            f"{name} must hold one number for each of {len(class_names)} classes, got shape "
            f"{numbers.shape}"
        )
    return numbers
