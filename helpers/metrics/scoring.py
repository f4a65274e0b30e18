"""Generated images in, figures out: the classifier's features and what follows from them.

The classifier stands where the usual Frechet distance has Inception. Its figures therefore have
a scale of their own: compare them with each other, never with numbers from papers.
"""

import contextlib
import random
from functools import cache
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from helpers import checking, weights
from helpers.images import to_float
from helpers.metrics.distances import (
    frechet_distance,
    kernel_distance,
    precision_recall_density_coverage,
)
from helpers.metrics.real_statistics import reference
from helpers.networks import classifiers

BATCH_SIZE = 250
BLOCK = 10_000  # training images searched at once

# The keys of ``quality``, in its order.
QUALITY = (
    "frechet",
    "kernel",
    "precision",
    "recall",
    "density",
    "coverage",
    "confident",
    "class_min",
    "class_max",
)


class Judgment(NamedTuple):
    """``features`` ``(images, 64)``, class ``probabilities`` ``(images, 10 or 27)``; float32."""

    features: np.ndarray
    probabilities: np.ndarray


def judge(images, dataset, value_range=None):
    """Features and class probabilities of images, in one pass of the shipped classifier.

    Args:
        images: uint8, or floats within ``value_range``; shape ``(images, 28, 28, 1)`` for
            ``mnist`` and ``fashion_mnist``, ``(images, 32, 32, 3)`` for ``cifar10`` and ``emoji``.
        dataset: whose classifier looks at them.
        value_range: ``(lowest, highest)`` value of float images; ignored for uint8.

    Raises:
        FileNotFoundError: the classifier's weights are missing.
        ValueError: an unknown data set; images of another shape, outside their range or NaN.
    """
    checking.choice(dataset, "dataset", classifiers.SHAPES)
    images = prepare(images, value_range, classifiers.SHAPES[dataset])
    network = _network(dataset, str(weights.bundled(f"{dataset}_classifier")))
    parts = [network(images[rows]) for rows in gen_batches(len(images), BATCH_SIZE)]
    return Judgment(*(np.concatenate([part.numpy() for part in out]) for out in zip(*parts)))


def features(images, dataset, value_range=None):
    """The classifier's 64 features of each image, ``(images, 64)`` float32; as ``judge``."""
    return judge(images, dataset, value_range).features


def probabilities(images, dataset, value_range=None):
    """The classifier's class probabilities, ``(images, classes)`` float32; as ``judge``."""
    return judge(images, dataset, value_range).probabilities


def class_histogram(probabilities):
    """Share of the samples in each class, by the likeliest class; shape ``(classes,)``."""
    probabilities = checking.probabilities(probabilities)
    counts = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
    return counts / len(probabilities)


def histogram(images, dataset, value_range=(-1.0, 1.0)):
    """Share of the images in each class, shape ``(classes,)``; arguments as for ``judge``."""
    return class_histogram(probabilities(images, dataset, value_range))


def quality(images, dataset, value_range=(-1.0, 1.0), k=5):
    """All figures for a batch of generated images, as a dict of floats.

    ``frechet``, ``kernel``: distances to real images, 0 is best. ``precision``, ``density``:
    how much the images look like real ones; ``recall``, ``coverage``: how much of the real
    variety they reach. ``confident``: share that the classifier is sure of (above 0.9).
    ``class_min``, ``class_max``: shares of the rarest and the commonest class.

    Read ``confident``, ``precision`` and ``density`` with the others: a classifier knows no "none
    of these" and can be sure of pure noise; then the distances, ``coverage`` and the shares tell.

    The real images are test images that no generator was trained on. All figures shift with the
    number of images: 2,000 is the kit's usual number, and takes about a second on two cores; of
    the emoji it is 459, that of the test drawings.

    Args:
        images: at least ``k + 1``; see ``judge``.
        dataset: ``"mnist"``, ``"fashion_mnist"``, ``"cifar10"`` or ``"emoji"``.
        value_range: of float images; ignored for uint8.
        k: neighbors for ``precision_recall_density_coverage``.
    """
    return figures(judge(images, dataset, value_range), reference(dataset), k)


def figures(judgment, real, k=5):
    """What ``quality`` returns, from a ``Judgment`` that is there already.

    Args:
        judgment: of the generated images.
        real: a ``Reference``.
    """
    shares = class_histogram(judgment.probabilities)
    likeliest = judgment.probabilities.max(axis=1).astype("float64")
    return {
        "frechet": frechet_distance(judgment.features, real.moments),
        "kernel": kernel_distance(judgment.features, real.features),
        **precision_recall_density_coverage(real.features, judgment.features, k),
        "confident": float(np.mean(likeliest > 0.9)),
        "class_min": float(shares.min()),
        "class_max": float(shares.max()),
    }


def prepare(images, value_range, shape=None, name="images"):
    """Images as float32 in [-1, 1], after checking their shape, range and values.

    Args:
        images: uint8 (then ``value_range`` is ignored) or floats, shape ``(images, *shape)``.
        shape: height, width and channels that are needed; None accepts any.
    """
    images = checking.as_array(images)
    if images.dtype == np.uint8:
        return to_float(checking.images(images, shape, name=name), (-1.0, 1.0))
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"{name} must be uint8 or floats, got {images.dtype}")
    if value_range is None:
        raise ValueError(f"{name} are {images.dtype}: say their value_range, such as (-1, 1)")
    images = checking.images(images.astype("float32"), shape, value_range, name)
    low, high = value_range
    return (images - low) * (2.0 / (high - low)) - 1.0


def nearest_neighbors(samples, training_images, k=1, *, value_range=None):
    """The ``k`` training images nearest to each sample, nearest first.

    The distance is the Euclidean one of the values scaled to [0, 1]: it finds copies, but a shift
    by one pixel is a long way. To tell "near" from "copied", ask the same of held-out real images
    and compare the distances.

    Args:
        samples, training_images: images, shape ``(images, height, width, channels)``; each array
            may be uint8, or floats within ``value_range``.
        k: number of neighbors, at most the number of training images.
        value_range: of float images.

    Returns:
        indices: into ``training_images``, int64 ``(samples, k)``.
        distances: float ``(samples, k)``, ascending in each row.
    """
    k = checking.whole(k, "k", at_most=len(training_images))
    if np.shape(samples)[1:] != np.shape(training_images)[1:]:
        raise ValueError(
            f"samples have shape {np.shape(samples)}, training_images {np.shape(training_images)}: "
            "they must be images of one size"
        )

    def points(images, name):
        return prepare(images, value_range, name=name).reshape(len(images), -1) / 2.0 + 0.5

    queries, indices, distances = points(samples, "samples"), [], []
    for rows in gen_batches(len(training_images), BLOCK):
        known = points(training_images[rows], "training_images")
        search = NearestNeighbors(n_neighbors=min(k, len(known)), algorithm="brute").fit(known)
        near = search.kneighbors(queries)
        distances.append(near[0])
        indices.append(near[1] + rows.start)
    distances, indices = np.concatenate(distances, axis=1), np.concatenate(indices, axis=1)
    order = np.argsort(distances, axis=1, kind="stable")[:, :k]
    return np.take_along_axis(indices, order, 1), np.take_along_axis(distances, order, 1)


@cache
def _network(dataset, path):
    """Compiled function from images to features and probabilities; built once a process."""
    with _undisturbed():
        classifier = classifiers.load(dataset)
    both = keras.Model(
        classifier.input, [classifier.get_layer("features").output, classifier.output]
    )

    def run(batch):
        values, logits = both(batch, training=False)
        return values, tf.nn.softmax(logits)

    signature = tf.TensorSpec((None, *classifier.input.shape[1:]), tf.float32)
    return tf.function(run, input_signature=[signature])


@contextlib.contextmanager
def _undisturbed():
    """Keep the caller's random state, which Keras draws on, and build in float32."""
    state, policy = random.getstate(), keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        random.setstate(state)
