"""The pictures of notebook 09: sources to translate, rows to compare, and enlarged images."""

import numpy as np
import tensorflow as tf
from matplotlib.patches import Rectangle

from helpers import checking, plotting
from helpers.plotting.canvas import new_figure

INK = 1.5  # how dark the edge between two colors becomes


def grayscale(images):
    """uint8 color images ``(N, H, W, 3)`` without their colors, again with three channels."""
    gray = np.asarray(images).astype("float32") @ np.array([0.299, 0.587, 0.114], "float32")
    return np.repeat(np.rint(gray)[..., None], 3, axis=-1).astype("uint8")


def outlines(images):
    """Line drawings of uint8 color images: dark where neighboring pixels differ, on white.

    Returns:
        uint8 ``(N, H, W, 3)``, three equal channels.
    """
    light = np.asarray(images).astype("float32").mean(axis=-1) / 127.5
    across = np.abs(np.diff(light, axis=2, prepend=2.0))
    down = np.abs(np.diff(light, axis=1, prepend=2.0))
    lines = 255 - np.clip(np.maximum(across, down) * INK, 0, 1) * 255
    return np.repeat(np.rint(lines)[..., None], 3, axis=-1).astype("uint8")


def compare(rows, count=12, start=0, **options):
    """Draw equal things below each other: one row of images for each name.

    Args:
        rows: name -> images, all of one size and aligned by row.
        count, start: which images.
        options: of ``plotting.show_grid``.
    """
    shown = np.concatenate([images[start : start + count] for images in rows.values()])
    options = {"columns": count, "row_labels": list(rows), "value_range": (-1, 1)} | options
    return plotting.show_grid(np.clip(shown, -1, 1), **options)


def enlarged(images, method, factor=4):
    """Images made ``factor`` times as large by "nearest" or "bicubic" interpolation."""
    checking.choice(method, "method", ("nearest", "bicubic"))
    height, width = np.shape(images)[1:3]
    large = tf.image.resize(images, (height * factor, width * factor), method)
    return np.clip(large.numpy(), -1, 1)


def by_tiles(model, picture, tile=16):
    """A picture made four times as large, tile by tile, by a network for small tiles.

    Args:
        model: a ``SuperResolution`` for inputs of ``tile`` x ``tile`` pixels.
        picture: uint8 ``(H, W, 3)``; what is left over at the right and below is cut off.

    Returns:
        float32 ``(4 H', 4 W', 3)`` in [-1, 1].
    """
    picture = checking.picture(picture)
    rows, columns = picture.shape[0] // tile, picture.shape[1] // tile
    if rows * columns == 0:
        raise ValueError(f"the picture {picture.shape} is smaller than one tile of {tile} pixels")
    cut = picture[: rows * tile, : columns * tile].astype("float32") / 127.5 - 1.0
    tiles = cut.reshape(rows, tile, columns, tile, 3).transpose(0, 2, 1, 3, 4)
    large = model.translate(tiles.reshape(-1, tile, tile, 3))
    side = large.shape[1]
    large = large.reshape(rows, columns, side, side, 3).transpose(0, 2, 1, 3, 4)
    return large.reshape(rows * side, columns * side, 3)


def show_patches(image, fields):
    """Draw one image with a frame for each receptive field, to scale.

    Args:
        image: uint8 ``(H, W, 3)``.
        fields: name -> side in pixels.

    Returns:
        the matplotlib ``Figure``.
    """
    side = image.shape[0]
    figure, axes = new_figure(7.5, 2.6, columns=len(fields))
    for ax, (name, field) in zip(axes[0], fields.items(), strict=True):
        ax.imshow(image)
        corner = max(side / 2 - field / 2, 0) - 0.5
        shown = min(field, side)
        ax.add_patch(Rectangle((corner, corner), shown, shown, fill=False, color="black", lw=2))
        ax.set_title(f"{name}: {field} x {field}", fontsize=11)
        ax.set(xlim=(-2, side + 1), ylim=(side + 1, -2))  # room for the largest frame
        ax.set_axis_off()
    return figure


def show_pictures(named, height=3.0):
    """Draw pictures of any size side by side, each under its name.

    Args:
        named: name -> float ``(H, W, 3)`` in [-1, 1].
        height: of the figure in inches.
    """
    figure, axes = new_figure(8.0, height, columns=len(named))
    for ax, (name, picture) in zip(axes[0], named.items(), strict=True):
        ax.imshow(np.clip(picture / 2 + 0.5, 0, 1))
        ax.set_title(name, fontsize=11)
        ax.set_axis_off()
    return figure
