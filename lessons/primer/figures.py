"""Curves and clouds of the primer: functions, descents, fits, densities, a sequence being read.

Every function returns the matplotlib ``Figure``. ``class_names`` are the names of the classes,
``value_range`` is that of the images, ``(low, high)``.
"""

import numpy as np

from helpers import checking
from helpers.plotting.canvas import (
    BLACK,
    BLUE,
    GRAY,
    ORANGE,
    PAGE_WIDTH,
    PALETTE,
    RED,
    new_figure,
    tidy,
)


def descent_paths(function, paths, *, x_limits):
    """Gradient descent on a curve, one panel for each path.

    Args:
        function: takes and returns arrays.
        paths: ``{title: positions}``, positions in order of the steps.
        x_limits: ``(low, high)`` of the drawing; positions outside it are not drawn.
    """
    x = np.linspace(*x_limits, 200)
    figure, axes = new_figure(PAGE_WIDTH, 2.7, 1, len(paths), sharey=True)
    for ax, (title, positions) in zip(axes[0], paths.items(), strict=True):
        positions = np.asarray(positions, dtype=float)
        ax.plot(x, function(x), color=GRAY, lw=1.5)
        seen = positions[(positions >= x_limits[0]) & (positions <= x_limits[1])]
        ax.plot(seen, function(seen), "o-", color=BLUE, ms=4, lw=1)
        ax.plot(positions[0], function(positions[0]), "o", color=ORANGE, ms=9, label="start")
        if seen[-1] == positions[-1]:
            ax.plot(seen[-1], function(seen[-1]), "s", color=RED, ms=7, label="end")
        ax.set_title(title, fontsize=10)
        ax.set(xlabel="w", xlim=x_limits, ylim=(-0.05 * function(x).max(), function(x).max()))
        tidy(ax)
    axes[0, 0].set_ylabel("loss")
    axes[0, 0].legend(frameon=False, fontsize=9, loc="upper center")
    return figure


def linear_fit(x, y, path, *, x_label, y_label):
    """A line being fitted: the data with the line, and the way over the loss surface.

    Args:
        x, y: ``(N,)``, the data.
        path: ``(T, 2)``, weight and bias after each step, the start first.
        x_label, y_label: texts at the axes of the data.

    The line is drawn at four moments, the path over the contours of the mean squared error.
    """
    path = np.asarray(path, dtype=float)
    figure, axes = new_figure(PAGE_WIDTH, 3.4, 1, 2)
    ax = axes[0, 0]
    ax.plot(x, y, ".", color="0.75", ms=3)
    ends = np.array([np.min(x), np.max(x)])
    moments = np.unique(np.geomspace(1, len(path), 4).astype(int)) - 1
    for shade, moment in zip(np.linspace(0.25, 1.0, len(moments)), moments, strict=True):
        weight, bias = path[moment]
        label = "start" if moment == 0 else f"after {moment} steps"
        ax.plot(ends, weight * ends + bias, color=RED, alpha=shade, lw=2, label=label)
    ax.set(xlabel=x_label, ylabel=y_label, title="data and line")
    ax.set_ylim(np.min(y) - 0.1 * np.ptp(y), np.max(y) + 0.5 * np.ptp(y))
    ax.legend(frameon=False, fontsize=8, ncols=2, loc="upper right")
    tidy(ax)
    _loss_surface(axes[0, 1], np.asarray(x), np.asarray(y), path)
    return figure


def _loss_surface(ax, x, y, path):
    span = np.maximum(np.ptp(path, axis=0), 1e-3)
    low, high = path.min(axis=0) - 0.35 * span, path.max(axis=0) + 0.35 * span
    weights, biases = np.meshgrid(*(np.linspace(a, b, 60) for a, b in zip(low, high, strict=True)))
    # The mean squared error of a line needs only these means, not one pass a grid point.
    loss = (
        np.mean(y**2) + weights**2 * np.mean(x**2) + biases**2
        + 2 * weights * biases * np.mean(x) - 2 * weights * np.mean(x * y) - 2 * biases * np.mean(y)
    )  # fmt: skip
    levels = np.geomspace(loss.min() * 1.02, loss.max(), 12)
    ax.contour(weights, biases, loss, levels=levels, cmap="Grays_r", linewidths=0.8)
    ax.plot(*path.T, "-", color=BLUE, lw=1)
    ax.plot(*path[0], "o", color=ORANGE, ms=9, label="start")
    ax.plot(*path[-1], "s", color=RED, ms=7, label="end")
    ax.set(xlabel="weight", ylabel="bias", title="the way down the loss")
    ax.legend(frameon=False, fontsize=9)


def scatter_classes(points, labels, class_names, *, axis_names):
    """A cloud of points colored by class.

    Args:
        points: ``(N, 2)``.
        labels: ``(N,)`` ints, each an index into ``class_names``.
        axis_names: names of the two features.
    """
    points, labels = np.asarray(points), checking.labels(labels, len(points), len(class_names))
    figure, axes = new_figure(0.6 * PAGE_WIDTH, 3.6)
    ax = axes[0, 0]
    for index, name in enumerate(class_names):
        cloud = points[labels == index]
        ax.plot(*cloud.T, ".", color=PALETTE[index % len(PALETTE)], ms=5, alpha=0.6, label=name)
    ax.set(xlabel=axis_names[0], ylabel=axis_names[1])
    ax.legend(frameon=False, fontsize=9)
    tidy(ax)
    return figure


def two_views(points, labels, class_names, boundary, gaussians, samples):
    """The same points seen by a discriminative and by a generative model.

    Args:
        points: ``(N, 2)`` of two classes.
        labels: ``(N,)``, 0 or 1.
        boundary: ``(xs, ys, p)``: the grid's two axes and p(second class | point) on it, of
            shape ``(len(ys), len(xs))``.
        gaussians: for each class ``(mean, covariance)``.
        samples: for each class ``(M, 2)`` points drawn from its Gaussian.

    On the left p(y | x) as color; on the right densities and samples.
    """
    xs, ys, probability = boundary
    points, labels = np.asarray(points), checking.labels(np.asarray(labels, int), len(points), 2)
    figure, axes = new_figure(PAGE_WIDTH, 3.6, 1, 2, sharex=True, sharey=True)
    left, right = axes[0]
    shade = left.contourf(xs, ys, probability, levels=np.linspace(0, 1, 11), cmap="RdBu", alpha=0.5)
    left.contour(xs, ys, probability, levels=[0.5], colors=BLACK)
    figure.colorbar(shade, ax=left, label=f"p({class_names[1]} | x)", ticks=[0, 0.5, 1])
    grid = np.stack(np.meshgrid(xs, ys), axis=-1)
    for index, (mean, covariance) in enumerate(gaussians):
        color = (RED, BLUE)[index]
        cloud = points[labels == index]
        left.plot(*cloud.T, ".", ms=3, color=color, label=class_names[index])
        offset = grid - mean
        squared = np.einsum("...i,ij,...j", offset, np.linalg.inv(covariance), offset)
        right.contour(xs, ys, squared, levels=[0.25, 1, 4, 9], colors=color, linewidths=1)
        right.plot(*np.asarray(samples[index]).T, "x", ms=5, color=color)
        right.plot([], [], "x", color=color, label=f"invented {class_names[index]}")
    left.set_title("discriminative: where is the border?", fontsize=10)
    right.set_title("generative: where do the points live?", fontsize=10)
    for ax in axes[0]:
        ax.legend(frameon=True, fontsize=8, loc="upper right")
        ax.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
        ax.set_xticks([])
        ax.set_yticks([])
    return figure


def reading_rows(image, probabilities, class_names, *, value_range):
    """An image read row by row, and what a recurrent network believes after each row.

    Args:
        image: ``(H, W)``.
        probabilities: ``(H, classes)``: the softmax after each row.
    """
    _check_beliefs(probabilities, len(image), class_names)
    figure, axes = new_figure(0.75 * PAGE_WIDTH, 3.4, 1, 2)
    low, high = value_range
    axes[0, 0].imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axes[0, 0].set(ylabel="row (time)", title="read from the top")
    shown = axes[0, 1].imshow(probabilities, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    axes[0, 1].set(xlabel="class", title="belief after each row")
    axes[0, 1].set_xticks(range(len(class_names)), class_names)
    axes[0, 0].set_xticks([])
    axes[0, 1].set_box_aspect(len(image) / image.shape[1])
    figure.colorbar(shown, ax=axes[0, 1], label="probability")
    return figure


def answers(images, probabilities, labels, class_names, *, value_range):
    """Images, each above a classifier's probabilities: the true class blue, others red.

    Args:
        images: ``(N, H, W)``, at most 8 of them.
        probabilities: ``(N, classes)``.
        labels: ``(N,)`` ints, the true classes.
    """
    _check_beliefs(probabilities, checking.whole(len(images), "images", at_most=8), class_names)
    checking.labels(labels, len(images), len(class_names))
    low, high = value_range
    figure, axes = new_figure(PAGE_WIDTH, 2.7, 2, len(images), height_ratios=[1.1, 1], sharey="row")
    for column, (image, shares, label) in enumerate(
        zip(np.asarray(images), np.asarray(probabilities), labels, strict=True)
    ):
        top, bottom = axes[:, column]
        top.imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
        top.set_title(class_names[label], fontsize=10)
        top.set_axis_off()
        colors = [BLUE if index == label else RED for index in range(len(shares))]
        bottom.bar(range(len(shares)), shares, color=colors)
        bottom.set(ylim=(0, 1), yticks=[0, 1])
        bottom.set_xticks(range(0, len(shares), 2), class_names[::2], fontsize=7)
        bottom.spines[["top", "right"]].set_visible(False)
    axes[1, 0].set_ylabel("probability", fontsize=9)
    return figure


def _check_beliefs(probabilities, count, class_names):
    found, wanted = checking.probabilities(probabilities).shape, (count, len(class_names))
    if found != wanted:
        raise ValueError(f"probabilities must have shape {wanted}, got {found}")
