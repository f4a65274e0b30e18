"""How far two clouds of features are apart: Frechet distance and kernel distance.

Both are 0 for equal distributions and see bad pictures and missing variety alike; neither says
which of the two it was (``neighborhoods`` does). A distance has the scale of its features:
compare figures of the same classifier only.
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.utils import gen_batches

from helpers import checking

KERNEL_ROWS = 1000  # of a matrix of kernels at once; bounds the memory


class Moments(NamedTuple):
    """What the Frechet distance keeps of a cloud of features.

    ``mean`` has shape ``(width,)``; ``covariance``, divided by count - 1, ``(width, width)``.
    """

    mean: np.ndarray
    covariance: np.ndarray
    count: int


def moments(features, name="features"):
    """Mean and covariance of features with shape ``(samples, width)``, at least 2 samples."""
    features = checking.features(features, name, at_least=2)
    covariance = np.atleast_2d(np.cov(features, rowvar=False))
    return Moments(features.mean(axis=0), covariance, len(features))


def frechet_distance(a, b):
    """Frechet distance between two Gaussians fitted to features, a float of at least 0.

    ``|mean_a - mean_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2))``; it is symmetric.

    The trace of the root needs no root of ``C_a C_b``, which is not symmetric: the matrix
    ``C_a^(1/2) C_b C_a^(1/2)`` has the same eigenvalues, is symmetric and has none below 0, so
    that the sum of the roots of its eigenvalues is the trace. SciPy's ``sqrtm`` of the plain
    product turns complex or inexact where a feature never varies, and such features are common.

    The estimate is biased upward by roughly 1 / samples: compare equal numbers of samples.

    Args:
        a, b: each features of shape ``(samples, width)``, at least 2 samples, or ``Moments``.

    Source: Heusel et al. 2017 (arXiv:1706.08500), there on features of Inception.
    """
    first = a if isinstance(a, Moments) else moments(a, "a")
    second = b if isinstance(b, Moments) else moments(b, "b")
    check_width(first.covariance, second.covariance, ("a", "b"))
    root = _symmetric_root(first.covariance)
    eigenvalues = linalg.eigvalsh(root @ second.covariance @ root)
    shared = np.sqrt(np.clip(eigenvalues, 0.0, None)).sum()
    shift = np.square(first.mean - second.mean).sum()
    spread = np.trace(first.covariance) + np.trace(second.covariance) - 2.0 * shared
    # Rounding can bring the distance of equal clouds just below 0.
    return max(float(shift + spread), 0.0)


def kernel_distance(a, b):
    """Unbiased squared maximum mean discrepancy under ``(x . y / width + 1)^3``.

    Mean of the kernel over pairs within ``a``, plus pairs within ``b``, minus twice the pairs
    across; a sample is never paired with itself. Unlike the Frechet distance it assumes no
    Gaussian and its expected value does not depend on the number of samples: over repeated
    draws from one distribution it averages to 0 and is below 0 about half of the time.

    Args:
        a, b: features, shape ``(samples, width)``, at least 2 samples each; the numbers of
            samples may differ.

    Source: Binkowski et al. 2018 (arXiv:1801.01401), there averaged over blocks of 1,000.
    """
    a, b = checking.features(a, "a", at_least=2), checking.features(b, "b", at_least=2)
    check_width(a, b, ("a", "b"))
    within = 0.0
    for x in (a, b):
        diagonal = ((np.square(x).sum(axis=1) / x.shape[1] + 1.0) ** 3).sum()
        within += (_kernel_sum(x, x) - diagonal) / (len(x) * (len(x) - 1))
    return float(within - 2.0 * _kernel_sum(a, b) / (len(a) * len(b)))


def _kernel_sum(a, b):
    """Sum of the kernel over all pairs, a block of rows at a time."""
    return sum(polynomial_kernel(a[rows], b).sum() for rows in gen_batches(len(a), KERNEL_ROWS))


def check_width(first, second, names):
    """Raise ``ValueError`` unless two feature arrays have the same number of columns."""
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{names[0]} has {first.shape[1]} numbers a sample and {names[1]} has "
            f"{second.shape[1]}: they come from different feature extractors"
        )


def _symmetric_root(matrix):
    """Square root of a symmetric matrix without negative eigenvalues."""
    eigenvalues, vectors = linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))) @ vectors.T
