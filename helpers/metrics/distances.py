"""How far two clouds of features are apart: Frechet distance and kernel distance.

Both are 0 for equal distributions and see bad pictures and missing variety alike; neither says
which of the two it was (``neighborhoods`` does). A distance has the scale of its features:
compare figures of the same classifier only.
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg

from helpers.metrics.inputs import (
    check_count,
    check_features,
    check_labels,
    check_same_width,
)

KERNEL_ROWS = 1000


class Moments(NamedTuple):
    """What the Frechet distance keeps of a cloud of features.

    ``mean`` has shape ``(width,)``; ``covariance``, divided by count - 1, ``(width, width)``.
    """

    mean: np.ndarray
    covariance: np.ndarray
    count: int


def moments(features, name="features"):
    """Mean and covariance of features with shape ``(samples, width)``, at least 2 samples."""
    features = check_features(features, name, minimum=2)
    covariance = np.atleast_2d(np.cov(features, rowvar=False))
    return Moments(features.mean(axis=0), covariance, len(features))


def frechet_distance(a, b):
    """Frechet distance between two Gaussians fitted to features, a float of at least 0.

    ``|mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))``; it is symmetric.

    The trace of the root needs no root of ``C_a C_b``, which is not symmetric: the matrix
    ``C_a^(1/2) C_b C_a^(1/2)`` has the same eigenvalues, is symmetric and has none below 0, so
    that the sum of the roots of its eigenvalues is the trace. SciPy's ``sqrtm`` of the plain
    product turns complex or inexact where a feature never varies, and such features are common.

    The estimate is biased upwards by roughly 1 / samples: compare equal numbers of samples.

    Args:
        a, b: each features of shape ``(samples, width)``, at least 2 samples, or ``Moments``.

    Source: Heusel et al. 2017 (arXiv:1706.08500), there on features of Inception.
    """
    first = a if isinstance(a, Moments) else moments(a, "a")
    second = b if isinstance(b, Moments) else moments(b, "b")
    check_same_width(first.covariance, second.covariance, ("a", "b"))
    root = _symmetric_root(first.covariance)
    eigenvalues = linalg.eigvalsh(root @ second.covariance @ root)
    shared = np.sqrt(np.clip(eigenvalues, 0.0, None)).sum()
    shift = np.square(first.mean - second.mean).sum()
    spread = np.trace(first.covariance) + np.trace(second.covariance) - 2.0 * shared
    # Rounding can bring the distance of equal clouds just below 0.
    return max(float(shift + spread), 0.0)


def frechet_per_class(samples, labels, class_moments):
    """Frechet distance of each class alone, shape ``(classes,)``.

    A conditional generator can mix up two classes at no cost to the distance over all classes;
    here it shows. One class has few samples, so the figures are higher than the overall one:
    compare classes with each other, or two models at equal counts. NaN for a class that
    ``labels`` never names.

    Args:
        samples: features of generated images, shape ``(samples, width)``.
        labels: the class that was asked for, integers, shape ``(samples,)``.
        class_moments: sequence of ``Moments`` of real images, one a class, such as
            ``reference("fashion_mnist").class_moments``.

    Raises:
        ValueError: a class with a single sample, besides labels and features that do not fit.
    """
    samples = check_features(samples, "samples")
    labels = check_labels(labels, len(samples), len(class_moments))
    distances = np.full(len(class_moments), np.nan)
    for label in np.unique(labels):
        members = samples[labels == label]
        if len(members) < 2:
            raise ValueError(f"class {label} has 1 sample; a covariance needs at least 2")
        distances[label] = frechet_distance(members, class_moments[label])
    return distances


def kernel_distance(a, b, degree=3):
    """Unbiased squared maximum mean discrepancy under ``(x . y / width + 1)^degree``.

    Mean of the kernel over pairs within ``a``, plus pairs within ``b``, minus twice the pairs
    across; a sample is never paired with itself. Unlike the Frechet distance it assumes no
    Gaussian and its expected value does not depend on the number of samples: over repeated
    draws from one distribution it averages to 0 and is below 0 about half of the time.

    Args:
        a, b: features, shape ``(samples, width)``, at least 2 samples each; the numbers of
            samples may differ.

    Source: Binkowski et al. 2018 (arXiv:1801.01401), there averaged over blocks of 1,000.
    """
    a, b = check_features(a, "a", minimum=2), check_features(b, "b", minimum=2)
    check_same_width(a, b, ("a", "b"))
    degree = check_count(degree, "degree")
    within = [
        (_kernel_sum(x, x, degree) - _kernel_diagonal(x, degree)) / (len(x) * (len(x) - 1))
        for x in (a, b)
    ]
    across = _kernel_sum(a, b, degree) / (len(a) * len(b))
    return float(within[0] + within[1] - 2.0 * across)


def _symmetric_root(matrix):
    """Square root of a symmetric matrix without negative eigenvalues."""
    eigenvalues, vectors = linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))) @ vectors.T


def _kernel_sum(a, b, degree):
    """Sum of the kernel over all pairs, a block of rows at a time to bound the memory."""
    total = 0.0
    for start in range(0, len(a), KERNEL_ROWS):
        base = a[start : start + KERNEL_ROWS] @ b.T / a.shape[1] + 1.0
        total += _power(base, degree).sum()
    return total


def _kernel_diagonal(a, degree):
    """Sum of the kernel of every sample with itself."""
    return _power(np.square(a).sum(axis=1) / a.shape[1] + 1.0, degree).sum()


def _power(base, exponent):
    """``base ** exponent`` by multiplication: much faster than NumPy's general power."""
    result = base.copy()
    for _ in range(exponent - 1):
        result *= base
    return result
