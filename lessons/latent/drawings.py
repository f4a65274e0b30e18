"""Pictures of codes and of what is decided with them: latent maps, trade-offs, ROC curves.

Both functions return the matplotlib ``Figure``.
"""

import matplotlib.pyplot as plt
import numpy as np

from helpers import checking
from helpers.plotting.canvas import GRAY, PAGE_WIDTH, PALETTE, new_figure, tidy


def latent_maps(maps, labels, class_names, *, axis_names=("z1", "z2")):
    """Clouds of 2-D codes colored by class, one panel for each map, each class named in it.

    Args:
        maps: ``{title: points}`` with points of shape ``(N, 2)``.
        labels: ``(N,)`` ints, each an index into ``class_names``; at most ten classes.
        axis_names: texts at the axes, or ``None`` where they mean nothing (t-SNE).

    Raises:
        ValueError: points of another shape, labels that do not fit, or too many classes.
    """
    if len(class_names) > 10:
        raise ValueError(f"at most 10 classes can be told apart, got {len(class_names)}")
    labels = checking.labels(labels, len(labels), len(class_names))
    width = PAGE_WIDTH if len(maps) > 1 else 0.65 * PAGE_WIDTH
    figure, axes = new_figure(width, width / len(maps), 1, len(maps))
    for ax, (title, points) in zip(axes[0], maps.items(), strict=True):
        points = np.asarray(points)
        if points.shape != (len(labels), 2):
            raise ValueError(f"{title} must have shape ({len(labels)}, 2), got {points.shape}")
        _cloud(ax, points, labels, class_names)
        ax.set_title(title, fontsize=10)
        if axis_names is None:
            ax.set(xticks=[], yticks=[])
        else:
            ax.set(xlabel=axis_names[0], ylabel=axis_names[1])
        ax.set_box_aspect(1)
    return figure


def _cloud(ax, points, labels, class_names):
    """The points of each class in its color, and its name at the middle of the cloud."""
    colors = plt.get_cmap("tab10").colors
    for index, name in enumerate(class_names):
        cloud = points[labels == index]
        if not len(cloud):
            continue
        ax.scatter(*cloud.T, s=5, color=colors[index], alpha=0.5, linewidths=0)
        box = {"boxstyle": "round,pad=0.15", "fc": "w", "ec": colors[index], "alpha": 0.85}
        x, y = np.median(cloud, axis=0)
        ax.text(x, y, str(name), ha="center", va="center", fontsize=8, bbox=box, clip_on=True)
    ax.spines[["top", "right"]].set_visible(False)


def anomaly_panels(scores, roc, *, x_label):
    """Scores of the usual and of the strange as histograms, and the ROC curve beside them.

    Args:
        scores: ``{name: (N,) numbers}``.
        roc: ``{name: (false positive rates, true positive rates, area)}``.
        x_label: what a score is.
    """
    figure, axes = new_figure(PAGE_WIDTH, 3.3, 1, 2)
    left, right = axes[0]
    every = np.concatenate([np.asarray(values) for values in scores.values()])
    bins = np.linspace(every.min(), np.quantile(every, 0.995), 50)
    for index, (name, values) in enumerate(scores.items()):
        left.hist(values, bins, color=PALETTE[index % len(PALETTE)], alpha=0.55, label=name)
    left.set(xlabel=x_label, ylabel="images")
    right.plot([0, 1], [0, 1], ":", color=GRAY, label="guessing, area 0.5")
    for index, (name, (false, true, area)) in enumerate(roc.items()):
        color = PALETTE[(index + 2) % len(PALETTE)]
        right.plot(false, true, color=color, lw=2, label=f"{name}, area {area:.3f}")
    right.set(xlabel="share of usual images called strange", ylabel="share of strange ones found")
    right.set_aspect("equal")
    for ax in (left, right):
        tidy(ax)
        ax.legend(frameon=False, fontsize=8)
    return figure
