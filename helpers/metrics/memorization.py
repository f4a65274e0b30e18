"""Is the generator drawing its training images from memory? Look at the nearest ones."""

import numpy as np
from sklearn.neighbors import NearestNeighbors

from helpers import checking
from helpers.metrics.scoring import features, prepare

SPACES = ("pixels", "features")
BLOCK = 10_000


def nearest_neighbors(
    samples, training_images, k=1, *, space="pixels", dataset=None, value_range=None
):
    """The ``k`` training images nearest to each sample, nearest first.

    ``space="pixels"`` measures the Euclidean distance of the values scaled to [0, 1]: it finds
    copies, but a shift by one pixel is a long way. ``space="features"`` measures the Euclidean
    distance of the classifier's features: it finds the same thing drawn elsewhere. To tell
    "near" from "copied", ask the same of held-out real images and compare the distances.

    Args:
        samples, training_images: images, shape ``(images, height, width, channels)``; each array
            may be uint8, or floats within ``value_range``.
        k: number of neighbors, at most the number of training images.
        dataset: whose classifier to use; needed for ``space="features"``.
        value_range: of float images.

    Returns:
        indices: into ``training_images``, int64 ``(samples, k)``.
        distances: float ``(samples, k)``, ascending in each row.
    """
    k = checking.whole(k, "k", at_most=len(training_images))
    checking.choice(space, "space", SPACES)
    if space == "features" and dataset is None:
        raise ValueError('space="features" needs the data set whose classifier to use: dataset=...')
    queries = _points(samples, space, dataset, value_range, "samples")
    indices, distances = [], []
    for start in range(0, len(training_images), BLOCK):
        block = training_images[start : start + BLOCK]
        points = _points(block, space, dataset, value_range, "training_images")
        near = _search(queries, points, k)
        distances.append(near[0])
        indices.append(near[1] + start)
    distances, indices = np.concatenate(distances, axis=1), np.concatenate(indices, axis=1)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(indices, order, 1), np.take_along_axis(distances, order, 1)


def _search(queries, points, k):
    """Distances and indices of the ``k`` (or all) points nearest to each query."""
    if points.shape[1] != queries.shape[1]:
        raise ValueError(
            f"samples have {queries.shape[1]} values each and training_images "
            f"{points.shape[1]}: they must be images of one size"
        )
    search = NearestNeighbors(n_neighbors=min(k, len(points)), algorithm="brute")
    return search.fit(points).kneighbors(queries)


def _points(images, space, dataset, value_range, name):
    """Images as rows of numbers: features, or pixels scaled to [0, 1]."""
    if space == "features":
        return features(images, dataset, value_range)
    images = prepare(images, value_range, name=name)
    return images.reshape(len(images), -1) / 2.0 + 0.5
