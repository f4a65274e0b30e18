"""Images on a page: a grid with captions, and samples beside their nearest training images."""

import math

import numpy as np
from matplotlib.patches import Rectangle

from helpers import checking
from helpers.plotting.canvas import BLUE, PAGE_WIDTH, new_figure

TOLERANCE = 0.01  # share of the range by which float images may leave it (rounding, float16)


def show_grid(
    images,
    *,
    value_range,
    columns=None,
    title=None,
    captions=None,
    row_labels=None,
    scale=1.0,
    cmap="gray",
):
    """Draw images as one grid, row by row.

    Args:
        images: uint8 or float, shape ``(N, H, W, 1)`` or ``(N, H, W, 3)``, NumPy or tensor.
        value_range: ``(low, high)`` of the values, drawn as black and white; ``(0, 255)`` for
            uint8. It is never guessed from the images.
        columns: images in a row; by default up to 10 images stand in one row, more in a square.
        title: line above the grid.
        captions: one text for each image, drawn below it.
        row_labels: one text for each row, drawn at its left.
        scale: enlarges (or shrinks) the figure.
        cmap: color map of one-channel images.

    Returns:
        The matplotlib ``Figure``; its only axes hold the whole grid.

    Raises:
        ValueError: the shape is another, values are not finite or lie outside ``value_range``
            by more than 1 % of it, or the counts of captions or row labels do not fit.
    """
    pixels = unit_pixels(images, value_range)
    count, height, width = pixels.shape[:3]
    columns = _columns(count, columns)
    rows = math.ceil(count / columns)
    check_count("captions", captions, count)
    cell_width = scale * min(PAGE_WIDTH / columns, max(1.0, width / 100))
    line = 0.2  # inches that one line of text takes
    caption_space = 0.0
    if captions is not None:
        caption_space = line * max(1 + str(text).count("\n") for text in captions)
    cell_height = cell_width * height / width + caption_space
    figure, axes = new_figure(
        columns * cell_width + label_room(row_labels),
        rows * cell_height + (0.35 if title else 0.0),
    )
    ax = axes[0, 0]
    row_step = width * cell_height / cell_width  # in pixels: an image and its caption
    draw_cells(ax, pixels, columns, row_step, cmap, row_labels)
    for index, text in enumerate(captions if captions is not None else ()):
        x, y = (index % columns + 0.5) * width, (index // columns) * row_step + height
        ax.text(x, y, str(text), ha="center", va="top", fontsize=9)
    if title:
        ax.set_title(title, fontsize=11)
    return figure


def neighbors(samples, neighbors, *, value_range, neighbors_range=None, distances=None):
    """Draw each sample (framed) and, to its right, its nearest training images.

    Args:
        samples: ``(N, H, W, 1 or 3)``, uint8 or float.
        neighbors: ``(N, K, H, W, 1 or 3)``, nearest first.
        value_range: of the samples, ``(low, high)``.
        neighbors_range: of the training images; the same as ``value_range`` if not given.
        distances: optional ``(N, K)``, written below each neighbor.

    Returns the matplotlib ``Figure``; shapes that do not belong together are a ``ValueError``,
    besides the errors of ``show_grid``.
    """
    near, first = np.asarray(neighbors), unit_pixels(samples, value_range)
    count, *shape = first.shape
    if near.ndim != 5 or [len(near), *near.shape[2:]] != [count, *shape]:
        raise ValueError(
            f"neighbors must have shape (N, K, H, W, C) with N = {count} and (H, W, C) = "
            f"{tuple(shape)} as the samples, got {near.shape}"
        )
    near_count = near.shape[1]
    rest = unit_pixels(near.reshape(-1, *shape), neighbors_range or value_range)
    if distances is not None and np.shape(distances) != (count, near_count):
        raise ValueError(f"distances must have shape {near.shape[:2]}, got {np.shape(distances)}")
    row = np.concatenate([first[:, None], rest.reshape(near.shape)], 1)
    captions = None
    if distances is not None:
        captions = [text for line in distances for text in ("", *(f"{d:.2f}" for d in line))]
    figure = show_grid(
        row.reshape(-1, *shape),
        value_range=(0, 1),
        columns=1 + near_count,
        captions=captions,
        title="sample (framed) and its nearest training images",
    )
    height, width = shape[:2]
    row_step = figure.axes[0].get_ylim()[0] / count
    for row in range(count):
        corner = (0.01 * width, row * row_step + 0.01 * height)
        frame = Rectangle(corner, 0.98 * width, 0.98 * height, fill=False, ec=BLUE, lw=2.5)
        figure.axes[0].add_patch(frame)
    return figure


def unit_pixels(images, value_range):
    """Check images and map ``value_range`` to [0, 1], clipped: float32, same shape.

    Raises ``ValueError`` as ``show_grid`` says.
    """
    pixels = np.asarray(images)
    if pixels.ndim != 4 or pixels.shape[-1] not in (1, 3) or 0 in pixels.shape:
        raise ValueError(
            f"images must have shape (N, H, W, 1) or (N, H, W, 3), got {pixels.shape}; "
            "add a missing axis with images[None] or images[..., None]"
        )
    low, high = checking.value_range(value_range)
    if pixels.dtype == np.uint8 and (low, high) != (0.0, 255.0):
        raise ValueError(f"uint8 images have value_range (0, 255), got {value_range}")
    pixels = pixels.astype("float32")
    checking.finite(pixels, "images")
    margin = TOLERANCE * (high - low)
    if pixels.min() < low - margin or pixels.max() > high + margin:
        raise ValueError(
            f"images lie in [{pixels.min():.4g}, {pixels.max():.4g}], outside value_range "
            f"{(low, high)}; pass the range that they were made in"
        )
    return np.clip((pixels - low) / (high - low), 0.0, 1.0)


def _columns(count, columns):
    if columns is None:
        return count if count <= 10 else math.ceil(math.sqrt(count))
    return min(checking.whole(columns, "columns"), count)


def label_room(row_labels):
    """Inches that the longest row label takes."""
    return 0.0 if row_labels is None else 0.2 + 0.09 * max(len(str(text)) for text in row_labels)


def check_count(name, texts, wanted):
    """Raise ``ValueError`` unless there are as many texts as wanted, or ``None``."""
    if texts is not None and len(texts) != wanted:
        raise ValueError(f"{name} must hold {wanted} texts, got {len(texts)}")


def draw_cells(ax, pixels, columns, row_step, cmap, row_labels=None):
    """Each image in its own extent on one axes: far quicker than an axes for each image."""
    count, height, width = pixels.shape[:3]
    rows = math.ceil(count / columns)
    check_count("row_labels", row_labels, rows)
    gap = 0.02 * width
    for index, image in enumerate(pixels):
        left, top = (index % columns) * width, (index // columns) * row_step
        ax.imshow(
            image[..., 0] if image.shape[-1] == 1 else image,
            cmap=cmap,
            vmin=0.0,
            vmax=1.0,
            interpolation="nearest",
            extent=(left + gap, left + width - gap, top + height - gap, top + gap),
        )
    ax.set_xlim(0, columns * width)
    ax.set_ylim(rows * row_step, 0)
    ax.set_aspect("equal")
    ax.set_xticks([])
    ax.set_yticks([])
    if row_labels is not None:
        ax.set_yticks([row * row_step + height / 2 for row in range(rows)], row_labels)
        ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
