"""Statistics of real test images that generated ones are compared with.

``tools/make_reference.py`` computes them with the shipped classifiers; they ship in
``data/reference/<dataset>.npz``, so that no notebook has to judge 10,000 real images first.
"""

import hashlib
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np

from helpers import checking, config, weights
from helpers.metrics.distances import Moments, nearest_distances
from helpers.networks import classifiers


@dataclass(frozen=True, eq=False)
class Reference:
    """Real test images of one data set, as the classifier's features see them.

    Attributes:
        moments: ``Moments`` of all test images, for the Frechet distance.
        class_moments: tuple of ``Moments``, one for each class; of the emoji one for each artist,
            since a group has too few test drawings.
        features: float array ``(samples, 64)`` of a smaller sample, balanced over the classes,
            for the figures that need single points. None of its images is in the test images
            that the kit bundles, so that those can stand in for a perfect generator. Of the
            emoji it is all 459 test drawings: there training drawings stand in.
    """

    moments: Moments
    class_moments: tuple[Moments, ...]
    features: np.ndarray

    @cached_property
    def twin_distance(self):
        """The distance to the nearest neighbor that 1 % of the real sample fall below."""
        return float(np.quantile(nearest_distances(self.features), 0.01))


def reference(dataset):
    """The shipped ``Reference`` of ``mnist``, ``fashion_mnist``, ``cifar10`` or ``emoji``.

    Raises:
        FileNotFoundError: the file is missing.
        ValueError: an unknown data set, a damaged file, or one that was made with another
            classifier than the one in ``data/weights/``.
    """
    checking.choice(dataset, "dataset", classifiers.SHAPES)
    return load_reference(dataset, reference_path(dataset))


def reference_path(dataset):
    """Path of the shipped statistics of a data set."""
    return config.bundled_data_dir() / "reference" / f"{dataset}.npz"


def classifier_fingerprint(dataset):
    """SHA-256 of the classifier's weights file, as a hexadecimal string."""
    return hashlib.sha256(weights.bundled(f"{dataset}_classifier").read_bytes()).hexdigest()


@cache
def load_reference(dataset, path):
    """What ``tools/make_reference.py`` wrote to ``path``; errors as for ``reference``."""
    if not path.is_file():
        raise FileNotFoundError(
            f"no reference statistics at {path}; make them with tools/make_reference.py"
        )
    try:
        with np.load(path) as file:
            triangles, features = file["covariances"], file["features"].astype("float64")
            means, counts = file["means"].astype("float64"), file["counts"].tolist()
            classifier = str(file["classifier"])
        covariances = [_square(triangle, means.shape[1]) for triangle in triangles]
    except weights.DAMAGE as error:
        raise ValueError(f"{path} is not readable as statistics ({error}); get it again") from error
    if classifier != classifier_fingerprint(dataset):
        raise ValueError(
            f"{path} was made with another {dataset} classifier than the one in data/weights: "
            "run tools/make_reference.py again"
        )
    for array in (means, features, *covariances):
        array.flags.writeable = False  # everybody in the process shares them
    overall, *groups = map(Moments, means, covariances, counts)
    return Reference(overall, tuple(groups), features)


def _square(triangle, width):
    """The symmetric matrix whose upper triangle this is."""
    matrix = np.zeros((width, width))
    matrix[np.triu_indices(width)] = triangle
    return matrix + np.triu(matrix, 1).T
