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

from helpers import checking, weights
from helpers import images as image_tools
from helpers.metrics.distances import frechet_distance, kernel_distance
from helpers.metrics.neighborhoods import precision_recall_density_coverage
from helpers.metrics.real_statistics import Reference, check_dataset, reference
from helpers.networks import classifiers

BATCH_SIZE = 250

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
    """``features`` ``(images, 64)`` and class ``probabilities`` ``(images, 10)``, float32."""

    features: np.ndarray
    probabilities: np.ndarray


def judge(images, dataset, value_range=None):
    """Features and class probabilities of images, in one pass of the shipped classifier.

    Args:
        images: uint8, or floats within ``value_range``; shape ``(images, 28, 28, 1)`` for
            ``mnist`` and ``fashion_mnist``, ``(images, 32, 32, 3)`` for ``cifar10``.
        dataset: whose classifier looks at them.
        value_range: ``(lowest, highest)`` value of float images; ignored for uint8.

    Raises:
        FileNotFoundError: the classifier's weights are missing.
        ValueError: an unknown data set; images of another shape, outside their range or NaN.
    """
    check_dataset(dataset)
    images = prepare(images, value_range, classifiers.SHAPES[dataset])
    network = _network(dataset, str(weights.bundled(f"{dataset}_classifier")))
    parts = [
        network(images[start : start + BATCH_SIZE]) for start in range(0, len(images), BATCH_SIZE)
    ]
    return Judgment(*(np.concatenate([part.numpy() for part in out]) for out in zip(*parts)))


def features(images, dataset, value_range=None):
    """The 64 numbers that the classifier boils every image down to; ``(images, 64)`` float32.

    Arguments and errors as for ``judge``.
    """
    return judge(images, dataset, value_range).features


def probabilities(images, dataset, value_range=None):
    """The classifier's class probabilities, shape ``(images, 10)`` float32; as ``judge``."""
    return judge(images, dataset, value_range).probabilities


def confident_share(probabilities, threshold=0.9):
    """Share of the samples whose likeliest class has a probability above ``threshold``.

    Args:
        probabilities: shape ``(samples, classes)``, rows sum to 1.
    """
    threshold = checking.number(threshold, "threshold", above=0, below=1)
    return float(np.mean(checking.probabilities(probabilities).max(axis=1) > threshold))


def class_histogram(probabilities):
    """Share of the samples in each class, by the likeliest class; shape ``(classes,)``, sums to 1.

    Args:
        probabilities: shape ``(samples, classes)``, rows sum to 1.
    """
    probabilities = checking.probabilities(probabilities)
    counts = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
    return counts / len(probabilities)


def histogram(images, dataset, value_range=(-1.0, 1.0)):
    """Share of the images in each class, shape ``(10,)``; arguments as for ``judge``."""
    return class_histogram(probabilities(images, dataset, value_range))


def quality(images, dataset, value_range=(-1.0, 1.0), k=5):
    """All figures for a batch of generated images, as a dict of floats.

    ``frechet``, ``kernel``: distances to real images, 0 is best. ``precision``, ``density``:
    how much the images look like real ones; ``recall``, ``coverage``: how much of the real
    variety they reach. ``confident``: share that the classifier is sure of (above 0.9).
    ``class_min``, ``class_max``: shares of the rarest and the commonest class.

    Read ``confident``, ``precision`` and ``density`` with the others: a classifier knows no "none
    of these". It can be sure of pure noise, or see the same bag in it every time, in the midst of
    the real ones; then the distances, ``coverage`` and the class shares tell.

    The real images are test images that no generator was trained on. All figures shift with the
    number of images: 2,000 is the kit's usual number, and takes about a second on two cores.

    Args:
        images: at least ``k + 1``; see ``judge``.
        dataset: ``"mnist"``, ``"fashion_mnist"`` or ``"cifar10"``.
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
    if not isinstance(real, Reference):
        raise ValueError(f"real must be a Reference such as reference('mnist'), got {type(real)}")
    shares = class_histogram(judgment.probabilities)
    return {
        "frechet": frechet_distance(judgment.features, real.moments),
        "kernel": kernel_distance(judgment.features, real.features),
        **precision_recall_density_coverage(real.features, judgment.features, k),
        "confident": confident_share(judgment.probabilities),
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
        return image_tools.to_float(checking.images(images, shape, name=name), (-1.0, 1.0))
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"{name} must be uint8 or floats, got {images.dtype}")
    if value_range is None:
        raise ValueError(f"{name} are {images.dtype}: say their value_range, such as (-1, 1)")
    images = checking.images(images.astype("float32"), shape, value_range, name)
    low, high = value_range
    return (images - low) * (2.0 / (high - low)) - 1.0


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
    """Build a network in float32 without a trace in the caller's training.

    Keras draws the seeds of initial weights from Python's random state, and new layers take the
    global dtype policy: a metric must neither shift a seeded run nor be computed in bfloat16.
    """
    state, policy = random.getstate(), keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        yield
    finally:
        keras.config.set_dtype_policy(policy)
        random.setstate(state)
