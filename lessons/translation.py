"""What notebook 09 needs beside the models: sources to translate, scores, and what a cycle hides.

Images are float32 ``(N, H, W, 3)`` in [-1, 1] unless said otherwise.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf
from scipy.spatial.distance import cdist

from helpers import checking, metrics, plotting
from helpers.datasets.emoji import GROUPS

INK = 1.5  # how dark the edge between two colors becomes


class Score(NamedTuple):
    """How near translations are to the truth that training never saw.

    Attributes:
        l1: mean absolute difference to the true drawing, on the scale of [-1, 1].
        psnr: in decibels, mean over the images.
        nearest: share of the outputs whose true drawing is the nearest of all true drawings.
        rank: how many wrong drawings are nearer than the true one, median over the outputs.
        label: share of the outputs that the classifier puts into the group of the thing.
    """

    l1: float
    psnr: float
    nearest: float
    rank: float
    label: float


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


def ranks(outputs, truths):
    """For each output the number of other true drawings that are nearer than its own, ``(N,)``.

    The distance is the mean squared difference of the pixels; 0 is best.
    """
    flat = [np.reshape(images, (len(images), -1)) for images in (outputs, truths)]
    distances = cdist(*flat, "sqeuclidean")
    return (distances < np.diagonal(distances)[:, None]).sum(axis=1)


def score(outputs, truths, labels):
    """``Score`` of translations.

    Args:
        outputs, truths: images, aligned by row, 32x32 pixels.
        labels: the group of each thing, as ``EmojiDataset.labels``.
    """
    outputs = checking.images(outputs, np.shape(truths)[1:], (-1, 1), "outputs")
    places = ranks(outputs, truths)
    seen = metrics.group_probabilities(outputs, (-1, 1)).argmax(axis=1)
    return Score(
        l1=float(np.abs(outputs - truths).mean()),
        psnr=float(metrics.psnr(outputs, truths, (-1, 1)).mean()),
        nearest=float((places == 0).mean()),
        rank=float(np.median(places)),
        label=float((seen == labels).mean()),
    )


def print_scores(scores):
    """Print name -> ``Score`` as a table, one row each."""
    width = max(map(len, scores))
    print(f"{'':{width}}     L1   PSNR  nearest  rank  group")
    for name, row in scores.items():
        print(
            f"{name:{width}}  {row.l1:.3f}  {row.psnr:5.2f}     {row.nearest:4.0%}  {row.rank:4.0f}"
            f"   {row.label:4.0%}"
        )


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


def sharpness(images):
    """Mean absolute difference of neighboring pixels of each image, ``(N,)``; a blur lowers it."""
    images = np.asarray(images, "float64")
    steps = [np.abs(np.diff(images, axis=axis)).mean(axis=(1, 2, 3)) for axis in (1, 2)]
    return (steps[0] + steps[1]) / 2


def there_and_back(model, images, noise=0.0, seed=0):
    """A CycleGAN's way there and back, with noise added in between.

    Returns:
        (translations, images that came back); the noise has the standard deviation ``noise``.
    """
    there = model.translate(images, "b")
    random = np.random.default_rng(seed)
    disturbed = there + noise * random.standard_normal(there.shape).astype("float32")
    return there, model.translate(np.clip(disturbed, -1, 1).astype("float32"), "a")


def enlarged(images, method, factor=4):
    """Images made ``factor`` times as large by "nearest" or "bicubic" interpolation."""
    checking.choice(method, "method", ("nearest", "bicubic"))
    height, width = np.shape(images)[1:3]
    large = tf.image.resize(images, (height * factor, width * factor), method)
    return np.clip(large.numpy(), -1, 1)


def tile_features(images):
    """The emoji classifier's features of the 32x32 tiles of larger images, full sharpness.

    Returns:
        float32 (tiles, 64).
    """
    side = 32
    count, height, width = np.shape(images)[:3]
    tiles = np.reshape(images, (count, height // side, side, width // side, side, 3))
    tiles = tiles.transpose(0, 1, 3, 2, 4, 5).reshape(-1, side, side, 3)
    return metrics.features(np.ascontiguousarray(tiles), "emoji", (-1, 1))


def tile_distance(images, truths):
    """Frechet distance of the tiles of images to those of the true images."""
    return float(
        metrics.frechet_distance(tile_features(images), metrics.moments(tile_features(truths)))
    )


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


def group_counts(labels):
    """Group name -> number of things, for those that occur."""
    counts = np.bincount(labels, minlength=len(GROUPS))
    return {name: int(number) for name, number in zip(GROUPS, counts, strict=True) if number}
