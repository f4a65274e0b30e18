"""Fidelity and variety apart: precision, recall, density, coverage, and duplicates.

All of them draw a ball around every sample that just reaches its k-th nearest neighbor in the
same set; the balls together stand for the region that the set covers. A sample on the surface of
a ball counts as inside.
"""

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from helpers import checking
from helpers.metrics.distances import check_width

ROWS = 1000


def precision_recall_density_coverage(real, fake, k=5):
    """Four shares that tell good pictures from varied ones, as a dict of floats.

    * ``precision``: share of the fake samples inside any ball of a real one (fidelity);
    * ``recall``: share of the real samples inside any ball of a fake one (variety);
    * ``density``: mean number of real balls around a fake sample, over k. It is like precision,
      but a single stray real sample with a huge ball cannot lift it; it can exceed 1;
    * ``coverage``: share of the real balls with a fake sample inside. It is like recall, but
      the balls are those of the real samples, so that stray fake ones cannot lift it.

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

    A collapsed generator draws the same few pictures over and over; here it shows even while
    each picture is good and all classes occur. The more samples, the more twins: compare at
    equal numbers.

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
    """Who lies in whose ball, a block of rows at a time to bound the memory.

    Returns:
        How many real balls hold each fake sample, shape ``(fake,)``; whether each real ball
        holds a fake sample, and whether each real sample lies in a fake ball, both ``(real,)``.
    """
    around_fake = np.zeros(len(fake))
    covered = np.zeros(len(real), dtype=bool)
    recalled = np.zeros(len(real), dtype=bool)
    for start in range(0, len(real), ROWS):
        rows = slice(start, start + ROWS)
        distances = cdist(real[rows], fake)
        inside_real = distances <= real_radii[rows, None]
        around_fake += inside_real.sum(axis=0)
        covered[rows] = inside_real.any(axis=1)
        recalled[rows] = (distances <= fake_radii).any(axis=1)
    return around_fake, covered, recalled


def _radii(points, k):
    """Distance of every point to its k-th nearest neighbor, itself not counted."""
    return NearestNeighbors(n_neighbors=k).fit(points).kneighbors()[0][:, -1]
