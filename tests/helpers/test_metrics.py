"""The mathematics of helpers.metrics, on clouds of points whose figures are known."""

import numpy as np
import pytest
from scipy import linalg, stats

from helpers import metrics


def gaussian(seed, shape, mean=0.0, scale=1.0):
    return np.random.default_rng(seed).normal(mean, scale, shape)


# Frechet distance ------------------------------------------------------------------------------


def test_frechet_distance_of_a_cloud_with_itself_is_zero():
    points = gaussian(0, (300, 64)).clip(0.0)
    assert metrics.frechet_distance(points, points) == pytest.approx(0.0, abs=1e-9)


def test_frechet_distance_of_a_shifted_cloud_is_the_squared_shift():
    points = gaussian(0, (300, 8))
    shift = np.array([3.0, 4.0, 0, 0, 0, 0, 0, 0])
    assert metrics.frechet_distance(points, points + shift) == pytest.approx(25.0, rel=1e-9)


def test_frechet_distance_of_a_stretched_cloud_is_known():
    # N(0, C) against N(0, s^2 C): tr(C) (s - 1)^2.
    points = gaussian(0, (300, 8))
    points -= points.mean(axis=0)
    expected = np.trace(np.cov(points, rowvar=False)) * (3.0 - 1.0) ** 2
    assert metrics.frechet_distance(points, 3.0 * points) == pytest.approx(expected, rel=1e-9)


def test_frechet_distance_between_axis_aligned_gaussians_has_a_closed_form():
    # Diagonal covariances commute: |m1 - m2|^2 + sum (s1 - s2)^2 = 1 + 4 + (1 - 3)^2 + (2 - 1)^2.
    first = metrics.Moments(np.array([0.0, 1.0]), np.diag([1.0, 4.0]), 10)
    second = metrics.Moments(np.array([1.0, -1.0]), np.diag([9.0, 1.0]), 10)
    assert metrics.frechet_distance(first, second) == pytest.approx(10.0, rel=1e-12)


def test_frechet_distance_agrees_with_the_textbook_formula_and_is_symmetric():
    mixing = gaussian(5, (16, 16))
    a, b = gaussian(1, (500, 16)) @ mixing, gaussian(2, (400, 16), 0.3, 1.5)
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = linalg.sqrtm(ca @ cb).real
    expected = np.sum((a.mean(0) - b.mean(0)) ** 2) + np.trace(ca + cb - 2.0 * root)
    assert metrics.frechet_distance(a, b) == pytest.approx(expected, rel=1e-8)
    assert metrics.frechet_distance(b, a) == pytest.approx(expected, rel=1e-8)


def test_frechet_distance_with_features_that_never_vary():
    # Singular covariances: two constant columns and fewer samples than columns.
    a, b = gaussian(1, (10, 32)), gaussian(2, (12, 32)) + 1.0
    a[:, :2], b[:, :2] = 0.0, 2.0
    varying = metrics.frechet_distance(a[:, 2:], b[:, 2:])
    assert metrics.frechet_distance(a, b) == pytest.approx(varying + 2 * 2.0**2, rel=1e-6)


def test_frechet_distance_takes_moments_for_features():
    a, b = gaussian(1, (50, 4)), gaussian(2, (60, 4))
    assert metrics.frechet_distance(metrics.moments(a), b) == metrics.frechet_distance(a, b)
    assert metrics.moments(a).count == 50


def test_frechet_distance_is_biased_upwards_for_few_samples():
    few = np.mean([metrics.frechet_distance(*gaussian(s, (2, 100, 8))) for s in range(10)])
    many = np.mean([metrics.frechet_distance(*gaussian(s, (2, 1000, 8))) for s in range(10)])
    assert few > 5.0 * many > 0.0


def test_frechet_per_class_sees_swapped_classes_that_the_overall_distance_misses():
    offsets = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
    labels = np.repeat([0, 1, 2], 200)
    real, fake = gaussian(0, (600, 2)) + offsets[labels], gaussian(1, (600, 2)) + offsets[labels]
    classes = [metrics.moments(real[labels == label]) for label in range(3)]
    swapped = np.array([1, 0, 2])[labels]
    good, bad = (metrics.frechet_per_class(fake, asked, classes) for asked in (labels, swapped))
    assert (good < 0.2).all() and bad[2] == good[2]
    assert bad[:2] == pytest.approx(100.0, rel=0.1)
    assert metrics.frechet_distance(fake, real) < 0.2


def test_frechet_per_class_is_nan_for_a_class_that_nobody_asked_for():
    classes = [metrics.moments(gaussian(seed, (50, 2))) for seed in range(3)]
    distances = metrics.frechet_per_class(gaussian(9, (40, 2)), np.repeat([0, 2], 20), classes)
    assert np.isnan(distances).tolist() == [False, True, False]


# Kernel distance -------------------------------------------------------------------------------


def test_kernel_distance_of_two_pairs_worked_by_hand():
    # k(x, y) = (xy + 1)^3. Within {0, 1}: 1. Within {1, 2}: 27. Across: (1 + 1 + 8 + 27) / 4.
    distance = metrics.kernel_distance([[0.0], [1.0]], [[1.0], [2.0]])
    assert distance == pytest.approx(1.0 + 27.0 - 2.0 * 37.0 / 4.0)


def test_kernel_distance_divides_by_the_width_and_takes_unequal_counts():
    # Width 2: k((1, 1), (1, 1)) = (2 / 2 + 1)^3 = 8; k with the origin = 1.
    ones, zeros = np.ones((2, 2)), np.zeros((3, 2))
    assert metrics.kernel_distance(ones, zeros) == pytest.approx(8.0 + 1.0 - 2.0)


def test_kernel_distance_is_unbiased():
    draws = [metrics.kernel_distance(*gaussian(seed, (2, 30, 4))) for seed in range(400)]
    error = np.std(draws) / np.sqrt(len(draws))
    assert abs(np.mean(draws)) < 4.0 * error
    assert 0.2 < np.mean(np.array(draws) < 0.0) < 0.8


def test_kernel_distance_is_the_same_in_blocks_of_rows(monkeypatch):
    a, b = gaussian(0, (50, 6)), gaussian(1, (37, 6), 0.5)
    whole = metrics.kernel_distance(a, b)
    monkeypatch.setattr("helpers.metrics.distances.ROWS", 7)
    assert metrics.kernel_distance(a, b) == pytest.approx(whole, rel=1e-12)
    assert whole > 0.1


def test_kernel_distance_sees_a_shape_that_the_frechet_distance_cannot():
    # Skewed against symmetric, mean 0 and variance 1 both: equal moments, so Frechet is near 0.
    normal = stats.norm.ppf(np.linspace(0.0005, 0.9995, 2000))[:, None]
    skewed = stats.expon.ppf(np.linspace(0.0005, 0.9995, 2000))[:, None]
    normal, skewed = ((x - x.mean()) / x.std(ddof=1) for x in (normal, skewed))
    assert metrics.frechet_distance(normal, skewed) == pytest.approx(0.0, abs=1e-9)
    # Only the third moments differ: E[(xy + 1)^3] leaves (mean of cubes)^2.
    gap = (np.mean(skewed**3) - np.mean(normal**3)) ** 2
    assert metrics.kernel_distance(normal, skewed) == pytest.approx(gap, rel=0.05)


# Precision, recall, density, coverage ----------------------------------------------------------

LINE = np.arange(6.0)[:, None]  # 0, 1, 2, 3, 4, 5: with k = 1 every ball has radius 1.


def shares(real, fake, k):
    figures = metrics.precision_recall_density_coverage(np.array(real), np.array(fake), k)
    return [figures[name] for name in ("precision", "recall", "density", "coverage")]


def test_equal_sets_have_perfect_precision_recall_and_coverage():
    # Density: every point lies in its own ball and its neighbors': (2 + 3 + 3 + 3 + 3 + 2) / 6.
    assert shares(LINE, LINE, 1) == pytest.approx([1.0, 1.0, 16 / 6, 1.0])


def test_sets_far_apart_share_nothing():
    assert shares(LINE, LINE + 100.0, 1) == [0.0, 0.0, 0.0, 0.0]


def test_collapse_on_one_good_point_has_precision_without_recall():
    # Fakes around 2 with balls of radius 0.01 and 0.02: each lies in the real balls of 1 (which
    # reaches to 2), 2 and 3, as far as it is on their side. Real 2 alone is inside a fake ball.
    fake = [[2.0], [2.01], [1.99]]
    # 2.0: balls of 1, 2, 3. 2.01: balls of 2, 3. 1.99: balls of 1, 2.
    assert shares(LINE, fake, 1) == pytest.approx([1.0, 1 / 6, 7 / 3, 3 / 6])


def test_half_of_the_modes_dropped():
    # Two clusters; the fakes repeat the first one: half of the real points is reached.
    real = np.concatenate([LINE, LINE + 100.0])
    assert shares(real, LINE, 1) == pytest.approx([1.0, 0.5, 16 / 6, 0.5])


def test_stray_real_point_lifts_precision_but_hardly_density():
    # The real point at 50 has a ball of radius 45 (k = 1: nearest is 5), it swallows the fakes.
    real = np.concatenate([LINE, [[50.0]]])
    fake = np.array([[20.0], [30.0], [40.0], [45.0]])
    assert shares(real, fake, 1) == pytest.approx([1.0, 1 / 7, 1.0, 1 / 7])
    precision, _, density, _ = shares(real, fake, 3)
    assert precision == 1.0 and density == pytest.approx(1 / 3)


def test_stray_fake_points_lift_recall_but_not_coverage():
    # Two fakes far to either side: their balls of radius 200 hold all real points.
    _, recall, _, coverage = shares(LINE, [[-100.0], [100.0]], 1)
    assert recall == 1.0 and coverage == 0.0


def test_equal_distributions_reach_the_expected_density_and_coverage():
    precision, recall, density, coverage = shares(gaussian(0, (1000, 2)), gaussian(1, (1000, 2)), 5)
    # Coverage: 1 - product of (N - i) / (2N - i) over i = 1..k, close to 1 - 2^-5.
    assert coverage == pytest.approx(1.0 - 2.0**-5, abs=0.015)
    assert density == pytest.approx(1.0, abs=0.08)
    assert precision > 0.9 and recall > 0.9


def test_unequal_counts_and_blocks_of_rows_change_nothing(monkeypatch):
    real, fake = gaussian(0, (61, 3)), gaussian(1, (33, 3), 0.3)
    whole = shares(real, fake, 4)
    monkeypatch.setattr("helpers.metrics.distances.ROWS", 10)
    assert shares(real, fake, 4) == pytest.approx(whole)
    # The roles are mirrored: precision one way is recall the other way.
    assert shares(fake, real, 4)[:2] == pytest.approx(whole[1::-1])


def test_k_widens_the_balls():
    fake = [[-1.5], [6.5], [20.0]]
    assert [shares(LINE, fake, k)[0] for k in (1, 2)] == pytest.approx([0.0, 2 / 3])


# Duplicates ------------------------------------------------------------------------------------


def test_duplicates_counts_samples_with_a_twin():
    points = np.array([[0.0], [0.1], [5.0], [9.0], [9.0], [9.05], [20.0], [30.0]])
    assert metrics.nearest_distances(points)[:3] == pytest.approx([0.1, 0.1, 4.0])
    assert metrics.duplicates(points, 0.0) == pytest.approx(2 / 8)
    assert metrics.duplicates(points, 0.1) == pytest.approx(5 / 8)
    assert metrics.duplicates(points, 4.0) == pytest.approx(6 / 8)
    assert metrics.duplicates(np.zeros((7, 3)), 0.0) == 1.0


# What a classifier says ------------------------------------------------------------------------

PROBABILITIES = np.array(
    [[0.95, 0.05, 0.0], [0.9, 0.1, 0.0], [0.2, 0.5, 0.3], [0.0, 0.01, 0.99]], dtype="float32"
)


def test_class_histogram_holds_every_class():
    assert metrics.class_histogram(PROBABILITIES).tolist() == [0.5, 0.25, 0.25]
    assert metrics.class_histogram(PROBABILITIES[:2]).tolist() == [1.0, 0.0, 0.0]


def test_label_fidelity_overall_and_per_class():
    overall, per_class = metrics.label_fidelity(PROBABILITIES, [0, 1, 1, 1], 3)
    assert overall == 0.5
    assert per_class[:2] == pytest.approx([1.0, 1 / 3]) and np.isnan(per_class[2])


def test_confusion_says_what_each_wanted_class_was_taken_for():
    # The likeliest classes of PROBABILITIES against what was asked for.
    seen = PROBABILITIES.argmax(axis=1)
    matrix = metrics.confusion(PROBABILITIES, [0, 1, 1, 1], 3)
    assert matrix[0].tolist() == np.eye(3)[seen[0]].tolist()
    assert matrix[1] == pytest.approx(np.bincount(seen[1:], minlength=3) / 3)
    assert np.isnan(matrix[2]).all()
    per_class = metrics.label_fidelity(PROBABILITIES, [0, 1, 1, 1], 3).per_class
    np.testing.assert_array_equal(np.diag(matrix), per_class)


# Bad input -------------------------------------------------------------------------------------

FINE = gaussian(0, (8, 3))
HOLE = np.where(np.eye(8, 3) > 0, np.nan, FINE)
CLASSES = [metrics.moments(FINE)] * 2


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.frechet_distance(FINE[:1], FINE), "a holds 1 samples; at least 2"),
        (lambda: metrics.frechet_distance(FINE, FINE[:, :2]), "a has 3 numbers.*b has 2"),
        (lambda: metrics.frechet_distance(FINE, HOLE), "b hold 3 values that are NaN"),
        (lambda: metrics.frechet_distance(FINE[0], FINE), r"a must have shape .* got \(3,\)"),
        (lambda: metrics.kernel_distance(FINE, FINE[:1]), "b holds 1 samples"),
        (
            lambda: metrics.kernel_distance(FINE, np.full((4, 3), np.inf)),
            "b hold 12 values that are NaN or inf",
        ),
        (lambda: shares(FINE, FINE[:5], 5), "fake holds 5 samples; at least 6"),
        (lambda: shares(FINE[:3], FINE, 3), "real holds 3 samples"),
        (lambda: shares(HOLE, FINE, 2), "real hold 3 values that are NaN"),
        (lambda: shares(FINE, FINE[:, :1], 2), "real has 3 numbers .* fake has 1"),
        (lambda: shares(FINE, FINE, 0), "k must be a whole number of at least 1, got 0"),
        (lambda: shares(FINE, FINE, 2.5), "k must be a whole number .* got 2.5"),
        (lambda: metrics.duplicates(FINE[:1], 0.1), "samples holds 1 samples"),
        (lambda: metrics.duplicates(FINE, -1.0), "threshold must be .* got -1.0"),
        (lambda: metrics.duplicates(FINE, np.nan), "threshold must be .* got nan"),
        (lambda: metrics.class_histogram(FINE), "Logits go through softmax first"),
        (lambda: metrics.class_histogram(np.zeros((0, 3))), "holds 0 samples"),
        (lambda: metrics.class_histogram(PROBABILITIES * 0.5), "sums to 0.5"),
        (lambda: metrics.label_fidelity(PROBABILITIES, [0, 1], 3), r"\(4,\).* got \(2,\)"),
        (
            lambda: metrics.label_fidelity(PROBABILITIES, [0, 1, 2, 3], 3),
            "run from 0 to 3, but there are 3 classes",
        ),
        (lambda: metrics.label_fidelity(PROBABILITIES, [0, 1, 2, -1], 3), "run from -1"),
        (lambda: metrics.label_fidelity(PROBABILITIES, [0.0] * 4, 3), "integers, got float64"),
        (lambda: metrics.label_fidelity(PROBABILITIES, [0] * 4, 10), "3 classes, .* is 10"),
        (
            lambda: metrics.confusion(PROBABILITIES, [0, 1, 2, 3], 3),
            "run from 0 to 3, but there are 3 classes",
        ),
        (lambda: metrics.frechet_per_class(FINE, [0] * 7 + [1], CLASSES), "class 1 has 1 sample"),
        (lambda: metrics.frechet_per_class(FINE, [0] * 7, CLASSES), r"got \(7,\)"),
        (lambda: metrics.frechet_per_class(FINE, [2] * 8, CLASSES), "run from 2 to 2, but"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
