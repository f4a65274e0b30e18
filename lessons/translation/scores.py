"""How near translations are to the truth that training never saw, and what a cycle hides.

Images are float32 ``(N, H, W, 3)`` in [-1, 1].
"""

from typing import NamedTuple

import numpy as np

from helpers import checking, metrics
from lessons.translation import formulas


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


def score(outputs, truths, labels):
    """``Score`` of translations.

    Args:
        outputs, truths: images, aligned by row, 32x32 pixels.
        labels: the group of each thing, as ``EmojiDataset.labels``.
    """
    outputs = checking.images(outputs, np.shape(truths)[1:], (-1, 1), "outputs")
    places = formulas.rank_of_truth(outputs, truths)
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
