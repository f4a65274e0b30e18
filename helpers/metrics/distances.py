"""Two clouds of features compared: how far they are apart, and which covers which.

Frechet and kernel distance are 0 for equal distributions and see bad pictures and missing variety
alike; neither says which of the two it was. Precision, recall, density and coverage do: they draw
a ball around every sample that just reaches its k-th nearest neighbor in the same set, and the
balls together stand for the region that the set covers. A sample on the surface of a ball counts
as inside. A distance has the scale of its features: compare figures of the same classifier only.
"""

from typing import NamedTuple

import numpy as np
from scipy import linalg
from scipy.spatial.distance import cdist
from sklearn.metrics.pairwise import polynomial_kernel
from sklearn.neighbors import NearestNeighbors
from sklearn.utils import gen_batches

from helpers import checking

ROWS = 1000  # of a matrix of all pairs at once; bounds the memory


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

    ``C_a^(1/2) C_b C_a^(1/2)`` has the eigenvalues of ``C_a C_b``, but is symmetric: the sum of
    their roots is the trace. SciPy's ``sqrtm`` of the plain product turns complex or inexact
    where a feature never varies, which is common.

    The estimate is biased upward by roughly 1 / samples: compare equal numbers of samples.

    Args:
        a, b: each features of shape ``(samples, width)``, at least 2 samples, or ``Moments``.

    Source: Heusel et al. 2017 (arXiv:1706.08500), there on features of Inception.
    """
    first = a if isinstance(a, Moments) else moments(a, "a")
    second = b if isinstance(b, Moments) else moments(b, "b")
    check_width(first.covariance, second.covariance, ("a", "b"))
    eigenvalues, vectors = linalg.eigh(first.covariance)
    root = (vectors * np.sqrt(np.clip(eigenvalues, 0.0, None))) @ vectors.T
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
    Gaussian, and for draws from one distribution it averages to 0 at any number of samples.

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
    return sum(polynomial_kernel(a[rows], b).sum() for rows in gen_batches(len(a), ROWS))


def precision_recall_density_coverage(real, fake, k=5):
    """Four shares that tell good pictures from varied ones, as a dict of floats.

    * ``precision``: share of the fake samples inside any ball of a real one (fidelity);
    * ``recall``: share of the real samples inside any ball of a fake one (variety);
    * ``density``: mean number of real balls around a fake sample, over k: precision that a
      single stray real sample with a huge ball cannot lift; it can exceed 1;
    * ``coverage``: share of the real balls with a fake sample inside: recall that stray fake
      samples cannot lift.

    They depend on both numbers of samples and on ``k``: compare at equal numbers. For samples of
    one and the same distribution density is about 1, and coverage about ``1 - 2^-k`` with equal
    numbers.

    Args:
        real, fake: features, shape ``(samples, width)``, at least ``k + 1`` samples each; the
            numbers of samples may differ.
        k: which neighbor the balls reach.

    Raises:
        ValueError: too few samples for ``k``, features that differ in width or are not finite.

    Sources: Kynkaanniemi et al. 2019 (arXiv:1904.06991) for precision and recall, Naeem et al.
    2020 (arXiv:2002.09797) for density, coverage and k = 5.
    """
    k = checking.whole(k, "k")
    real = checking.features(real, "real", at_least=k + 1)
    fake = checking.features(fake, "fake", at_least=k + 1)
    check_width(real, fake, ("real", "fake"))
    real_radii, fake_radii = _radii(real, k), _radii(fake, k)
    around_fake, covered, recalled = _count_balls(real, fake, real_radii, fake_radii)
    return {
        "precision": float(np.mean(around_fake > 0)),
        "recall": float(recalled.mean()),
        "density": float(around_fake.mean() / k),
        "coverage": float(covered.mean()),
    }


def nearest_distances(samples):
    """Distance of every sample to its nearest other sample; shape ``(samples,)``."""
    return _radii(checking.features(samples, "samples", at_least=2), 1)


def duplicates(samples, threshold):
    """Share of the samples that have a near-identical twin among the others.

    Here a collapsed generator shows even while each picture is good and all classes occur. The
    more samples, the more twins: compare at equal numbers.

    Args:
        samples: features, shape ``(samples, width)``, at least 2 samples.
        threshold: two samples this near, or nearer, are twins. ``reference(dataset)
            .twin_distance`` is the distance that 1 % of 2,000 real images fall below.

    Source: our own measure; the idea of counting twins is the birthday paradox test of Arora
    and Zhang 2017 (arXiv:1706.08224).
    """
    threshold = checking.number(threshold, "threshold", at_least=0)
    return float(np.mean(nearest_distances(samples) <= threshold))


def _count_balls(real, fake, real_radii, fake_radii):
    """Real balls around each fake; whether each real ball, each real sample, is covered."""
    around_fake = np.zeros(len(fake))
    covered = np.zeros(len(real), dtype=bool)
    recalled = np.zeros(len(real), dtype=bool)
    for rows in gen_batches(len(real), ROWS):
        distances = cdist(real[rows], fake)
        inside_real = distances <= real_radii[rows, None]
        around_fake += inside_real.sum(axis=0)
        covered[rows] = inside_real.any(axis=1)
        recalled[rows] = (distances <= fake_radii).any(axis=1)
    return around_fake, covered, recalled


def _radii(points, k):
    """Distance of every point to its k-th nearest neighbor, itself not counted."""
    return NearestNeighbors(n_neighbors=k).fit(points).kneighbors()[0][:, -1]


def check_width(first, second, names):
    """Raise ``ValueError`` unless two feature arrays have the same number of columns."""
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{names[0]} has {first.shape[1]} numbers a sample and {names[1]} has "
            f"{second.shape[1]}: they come from different feature extractors"
        )
