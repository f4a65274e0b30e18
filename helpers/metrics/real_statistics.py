"""Statistics of real test images that generated ones are compared with.

``tools/make_reference.py`` computes them with the shipped classifiers; they ship in
``data/reference/<dataset>.npz``, so that no notebook has to judge 10,000 real images first.
"""

import hashlib
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

import numpy as np

from helpers import checking, config, weights
from helpers.metrics.distances import Moments, nearest_distances
from helpers.networks import classifiers

TWIN_QUANTILE = 0.01


@dataclass(frozen=True, eq=False)
class Reference:
    """Real test images of one data set, as the classifier's features see them.

    Attributes:
        name: the data set.
        moments: ``Moments`` of all test images, for the Frechet distance.
        class_moments: tuple of ``Moments``, one for each class.
        features: float array ``(samples, 64)`` of a smaller sample, balanced over the classes,
            for the figures that need single points.
        labels: the classes of that sample, int64 ``(samples,)``.
        indices: where its images stand in the full test set, int64 ``(samples,)``. None of them
            is in the test images that the kit bundles, so that those can stand in for a
            perfect generator.
        classifier: SHA-256 of the classifier's weights file.
    """

    name: str
    moments: Moments
    class_moments: tuple[Moments, ...]
    features: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    indices: np.ndarray = field(repr=False)
    classifier: str

    @cached_property
    def twin_distance(self):
        """The distance to the nearest neighbor that 1 % of the real sample fall below."""
        return float(np.quantile(nearest_distances(self.features), TWIN_QUANTILE))


def reference(dataset):
    """The shipped ``Reference`` of ``mnist``, ``fashion_mnist`` or ``cifar10``; read once.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: an unknown data set, a damaged file, or one that was made with another
            classifier than the one in ``data/weights/``.
    """
    check_dataset(dataset)
    return _reference(dataset, str(reference_path(dataset)))


def reference_path(dataset):
    """Path of the shipped statistics of a data set."""
    return config.bundled_data_dir() / "reference" / f"{dataset}.npz"


def check_dataset(dataset):
    """Raise ``ValueError`` unless the kit has a classifier for ``dataset``."""
    if dataset not in classifiers.SHAPES:
        raise ValueError(
            f"no metrics for the data set {dataset!r}; choose from "
            f"{', '.join(sorted(classifiers.SHAPES))}"
        )


def classifier_fingerprint(dataset):
    """SHA-256 of the classifier's weights file, as a hexadecimal string."""
    path = weights.bundled(f"{dataset}_classifier")
    if not path.is_file():
        raise FileNotFoundError(f"no weights at {path}; train them with tools/train_classifiers.py")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def load_reference(dataset, path):
    """Read what ``tools/make_reference.py`` wrote; its arrays are read-only.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(
            f"no reference statistics at {path}; make them with tools/make_reference.py"
        )
    try:
        with np.load(path) as file:
            means, triangles = file["means"].astype("float64"), file["covariances"]
            counts = file["counts"].tolist()
            features = checking.features(file["features"], path.name, at_least=2)
            labels, indices = file["labels"].astype("int64"), file["indices"].astype("int64")
            classifier = str(file["classifier"])
        groups = [
            Moments(_read_only(mean), _read_only(_square(triangle, len(mean))), count)
            for mean, triangle, count in zip(means, triangles, counts, strict=True)
        ]
    except (TypeError, *weights.DAMAGE) as error:
        raise ValueError(f"{path} is not readable as statistics ({error}); get it again") from error
    return Reference(
        name=dataset,
        moments=groups[0],
        class_moments=tuple(groups[1:]),
        features=_read_only(features),
        labels=_read_only(labels),
        indices=_read_only(indices),
        classifier=classifier,
    )


@cache
def _reference(dataset, path):
    """Load once a process; the path is part of the key because tests move ``data/``."""
    statistics = load_reference(dataset, path)
    if statistics.classifier != classifier_fingerprint(dataset):
        raise ValueError(
            f"{path} was made with another {dataset} classifier than the one in data/weights: "
            "run tools/make_reference.py again"
        )
    return statistics


def _square(triangle, width):
    """The symmetric matrix whose upper triangle this is."""
    matrix = np.zeros((width, width))
    matrix[np.triu_indices(width)] = triangle
    return matrix + np.triu(matrix, 1).T


def _read_only(array):
    """The same array, protected: it is shared by everybody in the process."""
    array.flags.writeable = False
    return array
