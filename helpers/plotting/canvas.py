"""What all figures share: the palette, the width of a notebook page, a new figure."""

import matplotlib.pyplot as plt
import numpy as np

# Okabe and Ito's palette: told apart by readers with any color vision, and in gray print.
BLUE, ORANGE, GREEN, RED = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, BLACK, GRAY = "#CC79A7", "#56B4E9", "#222222", "#9A9A9A"
PALETTE = (BLUE, RED, GREEN, ORANGE, PURPLE, SKY, BLACK)

PAGE_WIDTH = 9.0  # inches: what a notebook page shows without shrinking


def new_figure(width, height, rows=1, columns=1, **subplot_options):
    """A constrained-layout figure and its axes as an array of shape ``(rows, columns)``.

    Args:
        width, height: inches.
        rows, columns: panels.
        subplot_options: passed on to ``plt.subplots`` (``sharey``, ``width_ratios``, ...).
    """
    figure, axes = plt.subplots(
        rows,
        columns,
        figsize=(width, height),
        layout="constrained",
        squeeze=False,
        **subplot_options,
    )
    return figure, axes


def tidy(ax):
    """Take away the two spines that carry nothing and lay a faint grid behind the curves."""
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(True, color="0.92", linewidth=0.8)
    ax.set_axisbelow(True)


def one_each(numbers, class_names, name):
    """``numbers`` as an array, or a ``ValueError`` unless there is one for each class."""
    numbers = np.asarray(numbers, dtype=float)
    if numbers.shape != (len(class_names),):
        raise ValueError(
            f"{name} must hold one number for each of {len(class_names)} classes, got shape "
            f"{numbers.shape}"
        )
    return numbers
