"""The figures of emoji: groups, artists, and the statistics of 459 test drawings."""

import keras
import numpy as np
import pytest
import train_classifiers

from helpers import datasets, metrics
from helpers.datasets.emoji import ARTISTS, GROUPS
from helpers.metrics import real_statistics

GROUP_ACCURACY, ARTIST_ACCURACY = 0.671, 0.900  # as data/README.md states them


@pytest.fixture(scope="module")
def drawings():
    """All test drawings, the three of a thing one after the other."""
    return datasets.load("emoji", "test", artist="all")


@pytest.fixture(scope="module")
def judged(drawings):
    return metrics.judge(drawings.images, "emoji")


def by(artist, values):
    """The rows of one artist out of three a thing."""
    return values[list(ARTISTS).index(artist) :: len(ARTISTS)]


# Groups and artists ----------------------------------------------------------------------------


def test_shipped_weights_know_groups_and_artists_as_the_readme_says(drawings, judged):
    group = metrics.group_probabilities(judged).argmax(axis=1) == drawings.labels
    artist = metrics.artist_probabilities(judged).argmax(axis=1) == np.arange(459) % 3
    assert group.mean() >= GROUP_ACCURACY - 0.01, group.mean()
    assert artist.mean() >= ARTIST_ACCURACY - 0.01, artist.mean()


def test_groups_and_artists_are_sums_of_the_27_probabilities(drawings, judged):
    groups, artists = metrics.group_probabilities(judged), metrics.artist_probabilities(judged)
    assert groups.shape == (459, len(GROUPS)) and artists.shape == (459, len(ARTISTS))
    np.testing.assert_allclose(groups[:, 4], judged.probabilities[:, [4, 13, 22]].sum(axis=1))
    np.testing.assert_allclose(artists[:, 1], judged.probabilities[:, 9:18].sum(axis=1), rtol=1e-5)
    floats = drawings.images[:30] / 255.0
    np.testing.assert_allclose(metrics.group_probabilities(floats, (0, 1)), groups[:30], atol=1e-4)
    np.testing.assert_allclose(
        metrics.artist_probabilities(floats, (0, 1)), artists[:30], atol=1e-4
    )


def test_labels_that_the_classifier_learns_are_artist_times_nine_plus_group():
    images, labels = train_classifiers.read_emoji("test")
    data = datasets.load("emoji", "test", artist="fluent")
    np.testing.assert_array_equal(by("fluent", labels), 18 + data.labels)
    np.testing.assert_allclose(by("fluent", images), data.images / 127.5 - 1.0, atol=1e-6)


def test_a_judgment_by_another_classifier_is_refused(judged):
    digits = metrics.judge(np.zeros((2, 28, 28, 1), "uint8"), "mnist")
    with pytest.raises(ValueError, match=r"shape \(2, 10\), the emoji classifier gives 27"):
        metrics.group_probabilities(digits)
    with pytest.raises(ValueError, match=r"dataset must be one of .*cifar10, got 'emoji'"):
        metrics.class_quality(judged, np.zeros(459, int), "emoji")


def test_training_changes_keep_paper_white_mirror_half_and_move_things_a_little():
    keras.utils.set_random_seed(0)
    paper = np.ones((40, 64, 64, 3), "float32")
    assert train_classifiers.augment_emoji(paper).numpy().min() > 0.9
    # A square; when the picture is half as large, its center is at row 15.5 and column 5.5.
    paper[:, 28:36, 8:16] = -1.0
    changed = train_classifiers.augment_emoji(paper).numpy().mean(axis=3)
    dark = np.maximum(0.8 - changed, 0.0)  # the paper itself may turn a little gray
    total, places = dark.sum(axis=(1, 2)), np.arange(32)
    rows = (dark.sum(axis=2) * places).sum(axis=1) / total
    columns = (dark.sum(axis=1) * places).sum(axis=1) / total
    mirrored = columns > 16
    assert 10 < mirrored.sum() < 30
    columns = np.where(mirrored, 31 - columns, columns)
    # Shift by 2, turn by 0.17 and scale by 0.1 at a distance of 10 from the center.
    assert np.abs(rows - 15.5).max() < 4.5 and rows.std() > 0.7
    assert np.abs(columns - 5.5).max() < 4.0 and columns.std() > 0.5


# Statistics ------------------------------------------------------------------------------------


def test_reference_is_all_test_drawings_and_each_artist(judged):
    real = metrics.reference("emoji")
    assert [real.moments.count, *(each.count for each in real.class_moments)] == [
        459,
        153,
        153,
        153,
    ]
    assert metrics.frechet_distance(judged.features, real.moments) < 0.01
    for artist, moments in zip(ARTISTS, real.class_moments):
        assert metrics.frechet_distance(by(artist, judged.features), moments) < 0.01
    np.testing.assert_allclose(real.features, judged.features, rtol=2e-3, atol=2e-3)
    assert real_statistics.reference_path("emoji").stat().st_size < 150e3


def test_153_drawings_are_enough_for_a_covariance_of_64_features(judged):
    """Some features never fire; the rank falls short of 64 by no more than those."""
    for artist in ARTISTS:
        points = by(artist, judged.features)
        covariance = metrics.moments(points).covariance
        assert np.linalg.matrix_rank(covariance) == np.sum(points.std(axis=0) > 0) > 35
        # Half of all features moved by 2: a distance of 32 * 4, whatever the rank.
        moved = metrics.frechet_distance(points + np.tile([0.0, 2.0], 32), metrics.moments(points))
        assert moved == pytest.approx(128.0, rel=1e-3)


def test_an_artists_own_new_things_are_nearer_than_the_same_things_by_another(judged):
    """The yardstick of a translation: what copying the input scores, and real drawings."""
    things = np.random.default_rng(0).choice(1409, 153, replace=False)
    for artist in ARTISTS:
        truth = metrics.moments(by(artist, judged.features))
        training = datasets.load("emoji", "train", artist=artist).images[things]
        own = metrics.frechet_distance(metrics.features(training, "emoji"), truth)
        others = [
            metrics.frechet_distance(by(other, judged.features), truth)
            for other in ARTISTS
            if other != artist
        ]
        assert own < min(others), (artist, own, others)


def test_figures_worsen_from_training_drawings_to_noise():
    """As many drawings as there are for tests; whole things, so that the artists are balanced."""
    things = np.random.default_rng(1).choice(1409, 153, replace=False)
    rows = (3 * things[:, None] + np.arange(3)).ravel()
    images = datasets.load("emoji", "train", artist="all").images[rows] / 127.5 - 1.0
    noise = np.random.default_rng(0).normal(size=images.shape)
    steps = [
        metrics.quality(np.clip(images + amount * noise, -1.0, 1.0), "emoji")
        for amount in (0.0, 0.15, 0.4)
    ]
    assert tuple(steps[0]) == metrics.QUALITY
    for key, sign in (("frechet", 1), ("kernel", 1), ("coverage", -1), ("recall", -1)):
        values = [sign * step[key] for step in steps]
        assert values == sorted(values) and values[0] < values[-1], (key, values)
    # Real drawings: the floors that tools/make_reference.py prints.
    assert steps[0]["frechet"] < 8.0 and steps[0]["coverage"] > 0.85
