"""helpers.metrics on real images: the shipped classifiers and statistics, and the right order."""

import random
import shutil

import keras
import make_reference
import numpy as np
import pytest

from helpers import config, datasets, metrics, networks, weights
from helpers.metrics import real_statistics, scoring
from helpers.networks import classifiers

NAMES = ("mnist", "fashion_mnist", "cifar10")
# Generators that ship, each as (data set, function that builds it, weights of the well trained
# one, weights of the barely trained one); the weights by their names in data/weights.
GENERATORS = [
    (
        "mnist",
        networks.CATALOGUE["laptop_dcgan"].generator,
        "mnist_generator",
        "mnist_generator_barely",
    ),
]
# Test images of each class; those of MNIST are not balanced.
COUNTS = dict.fromkeys(NAMES, [1000] * 10)
COUNTS["mnist"] = [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
# Noise on real images in four steps; see ``noisy``.
NOISE = (0.0, 0.15, 0.3, np.inf)


@pytest.fixture(autouse=True)
def offline(monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)


def real_images(name, limit=2000):
    """Bundled test images; the shipped statistics keep none of them one by one."""
    return datasets.load(name, "test", limit=limit)


def noisy(images, amount, seed=0):
    """Images as floats in [-1, 1] with Gaussian noise; ``inf`` leaves nothing but noise."""
    generator = np.random.default_rng(seed)
    if np.isinf(amount):
        return generator.uniform(-1.0, 1.0, images.shape)
    floats = images / 127.5 - 1.0
    return np.clip(floats + generator.normal(0.0, amount, images.shape), -1.0, 1.0)


# Judging ---------------------------------------------------------------------------------------


def test_judge_gives_what_the_classifier_says():
    images = real_images("mnist", 300).images
    judged = metrics.judge(images, "mnist")
    logits = classifiers.load("mnist").predict(images / np.float32(127.5) - 1, verbose=0)
    expected = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert judged.features.shape == (300, 64) and judged.features.dtype == np.float32
    np.testing.assert_allclose(judged.probabilities, expected, atol=1e-4)
    np.testing.assert_array_equal(metrics.features(images, "mnist"), judged.features)
    np.testing.assert_array_equal(metrics.probabilities(images, "mnist"), judged.probabilities)
    assert metrics.histogram(images, "mnist").sum() == pytest.approx(1.0)


def test_value_ranges_describe_the_same_images():
    images = real_images("mnist", 40).images
    expected = metrics.features(images, "mnist")
    for low, high in [(-1.0, 1.0), (0.0, 1.0), (0.0, 255.0)]:
        floats = (images / 255.0 * (high - low) + low).astype("float32")
        found = metrics.features(floats, "mnist", value_range=(low, high))
        np.testing.assert_allclose(found, expected, rtol=1e-3, atol=1e-3)


def test_bfloat16_images_of_a_mixed_precision_generator_are_accepted():
    images = keras.ops.cast(real_images("mnist", 8).images / 127.5 - 1.0, "bfloat16")
    expected = metrics.features(real_images("mnist", 8).images, "mnist")
    found = metrics.features(images, "mnist", (-1.0, 1.0))
    np.testing.assert_allclose(found, expected, rtol=0.1, atol=0.3)


def test_order_and_number_of_images_do_not_matter(monkeypatch):
    images = real_images("mnist", 60).images
    expected = metrics.features(images, "mnist")
    monkeypatch.setattr(scoring, "BATCH_SIZE", 7)
    np.testing.assert_allclose(
        metrics.features(images[::-1], "mnist")[::-1], expected, rtol=1e-4, atol=1e-4
    )


def test_measuring_leaves_random_state_and_dtype_policy_alone():
    images = real_images("mnist", 20).images
    expected = metrics.features(images, "mnist")
    scoring._network.cache_clear()
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        random.seed(3)
        found = metrics.features(images, "mnist")
        drawn = random.random()
        assert keras.config.dtype_policy().name == "mixed_bfloat16"
    finally:
        keras.config.set_dtype_policy(policy)
    random.seed(3)
    assert drawn == random.random()
    np.testing.assert_array_equal(found, expected)


def bad_images(shape=(4, 28, 28, 1), value=0.0):
    return np.full(shape, value, "float32")


@pytest.mark.parametrize(
    ("images", "dataset", "value_range", "message"),
    [
        (
            bad_images(),
            "svhn",
            (-1, 1),
            "dataset must be one of mnist, fashion_mnist, cifar10, emoji, got 'svhn'",
        ),
        (bad_images(), "cifar10", (-1, 1), r"\(28, 28, 1\)"),
        (bad_images((28, 28, 1)), "mnist", (-1, 1), r"\(28, 28, 1\)"),
        (bad_images((0, 28, 28, 1)), "mnist", (-1, 1), r"0"),
        (bad_images(value=2.0), "mnist", (-1, 1), r"2"),
        (bad_images(value=-0.5), "mnist", (0, 1), r"-0.5"),
        (bad_images(value=np.nan), "mnist", (-1, 1), "(?i)nan|finite"),
        (bad_images(), "mnist", None, "float32: say their value_range"),
        (bad_images().astype("int64"), "mnist", (-1, 1), "int64"),
    ],
)
def test_wrong_images_are_explained(images, dataset, value_range, message):
    with pytest.raises(ValueError, match=message):
        metrics.quality(images, dataset, value_range)


# Reference statistics --------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_reference_holds_all_test_images_and_a_balanced_sample(name):
    real = metrics.reference(name)
    assert real.moments.count == 10_000
    counts = np.array([group.count for group in real.class_moments])
    assert counts.tolist() == COUNTS[name]
    with np.load(real_statistics.reference_path(name)) as file:
        indices, labels = file["indices"], file["labels"]
    assert real.features.shape == (2000, 64) and np.unique(indices).size == 2000
    assert np.bincount(labels).tolist() == [200] * 10
    # The classes together are the whole: total scatter = within + between.
    means = np.stack([group.mean for group in real.class_moments])
    within = sum(group.covariance * (group.count - 1) for group in real.class_moments)
    between = np.cov(means, rowvar=False, fweights=counts) * 9_999
    np.testing.assert_allclose(np.average(means, 0, counts), real.moments.mean, atol=1e-4)
    np.testing.assert_allclose(
        within + between, real.moments.covariance * 9_999, rtol=1e-4, atol=1.0
    )
    with pytest.raises(ValueError, match="read-only"):
        real.features[0] = 0.0


@pytest.mark.parametrize("name", NAMES)
def test_reference_sample_has_none_of_the_bundled_test_images(name):
    bundled = metrics.features(real_images(name).images, name)
    same = metrics.nearest_distances(np.concatenate([metrics.reference(name).features, bundled]))
    # An image in both would be within float16 rounding of itself.
    assert np.mean(same < 0.01) < 0.01


def test_reference_of_an_unknown_data_set_or_a_missing_file(monkeypatch, tmp_path):
    with pytest.raises(ValueError, match=r"dataset must be one of .* got 'digits'"):
        metrics.reference("digits")
    monkeypatch.setattr(config, "bundled_data_dir", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match=r"make them with tools/make_reference.py"):
        metrics.reference("mnist")
    with pytest.raises(FileNotFoundError, match=r"mnist_classifier.npz"):
        metrics.judge(bad_images(), "mnist", (-1, 1))


def test_reference_that_is_damaged_or_of_another_classifier(monkeypatch, tmp_path):
    (tmp_path / "weights").mkdir()
    (tmp_path / "reference").mkdir()
    shutil.copy(weights.bundled("mnist_classifier"), tmp_path / "weights")
    whole = real_statistics.reference_path("mnist").read_bytes()
    monkeypatch.setattr(config, "bundled_data_dir", lambda: tmp_path)
    path = real_statistics.reference_path("mnist")
    for content in (whole[: len(whole) // 2], b"", b"nothing of the kind"):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"mnist.npz is not readable as statistics"):
            metrics.reference("mnist")
    path.write_bytes(whole)
    assert metrics.reference("mnist").moments.count == 10_000
    real_statistics.load_reference.cache_clear()
    weights.save(classifiers.build("mnist"), weights.bundled("mnist_classifier"))
    with pytest.raises(ValueError, match=r"another mnist classifier .* run tools/make_reference"):
        metrics.reference("mnist")


def test_statistics_survive_being_saved(tmp_path):
    generator = np.random.default_rng(0)
    features, labels = generator.normal(size=(400, 64)), np.arange(400) % 10
    made = make_reference.make_reference("mnist", features, labels, np.arange(0, 400, 4))
    np.savez_compressed(tmp_path / "mnist.npz", **made)
    read = real_statistics.load_reference("mnist", tmp_path / "mnist.npz")
    assert metrics.frechet_distance(read.moments, features) == pytest.approx(0.0, abs=1e-4)
    np.testing.assert_allclose(
        read.class_moments[7].covariance, np.cov(features[labels == 7].T), atol=1e-6
    )
    np.testing.assert_allclose(read.features, features[::4], atol=2e-3)
    np.testing.assert_array_equal(made["labels"], labels[::4])


# The figures move the right way ----------------------------------------------------------------

WORSE_IS_HIGHER = ("frechet", "kernel", "class_max")


@pytest.mark.parametrize("name", NAMES)
def test_unseen_real_images_score_as_real(name):
    figures = metrics.quality(real_images(name).images, name)
    assert tuple(figures) == metrics.QUALITY
    assert all(type(value) is float for value in figures.values())
    assert min(figures["precision"], figures["recall"], figures["coverage"]) > 0.9
    assert figures["density"] == pytest.approx(1.0, abs=0.1)
    assert 0.07 < figures["class_min"] <= 0.1 <= figures["class_max"] < 0.13


def check_order(steps, keys):
    """Each figure must worsen from every step to the next."""
    for key in keys:
        values = [step[key] for step in steps]
        values = values if key in WORSE_IS_HIGHER else values[::-1]
        assert values == sorted(values) and values[0] < values[-1], f"{key}: {values}"


@pytest.mark.parametrize("name", NAMES)
def test_figures_worsen_from_real_to_noise(name):
    images = real_images(name).images
    steps = [metrics.quality(noisy(images, amount), name) for amount in NOISE]
    check_order(steps, ("frechet", "kernel", "recall", "coverage"))
    # What a classifier says of pure noise is arbitrary: that of CIFAR-10 splits it between two
    # classes where strong noise is mostly one. Both are far more lopsided than slight noise.
    for shown in (steps[:3], [*steps[:2], steps[3]]) if name == "cifar10" else (steps,):
        check_order(shown, ("class_min", "class_max"))
    # A classifier knows no "none of these" and may see a bag in noise, each time the same one.
    # So fidelity alone is best for real images, but not ordered below them.
    for key in ("precision", "density"):
        assert steps[0][key] > max(step[key] for step in steps[1:]), key
    if name == "mnist":
        check_order(steps, ("precision", "density"))


@pytest.mark.parametrize(("name", "build", "well", "barely"), GENERATORS)
def test_trained_generators_stand_between_real_and_noise(name, build, well, barely):
    generator = build()
    z = np.random.default_rng(0).normal(size=(2000, *generator.input.shape[1:])).astype("float32")
    steps = [metrics.quality(real_images(name).images, name)]
    for file in (well, barely):
        weights.load(generator, weights.bundled(file))
        steps.append(metrics.quality(generator.predict(z, 250, verbose=0), name, (-1.0, 1.0)))
    steps.append(metrics.quality(noisy(real_images(name).images, np.inf), name))
    check_order(steps, ("frechet", "recall", "coverage"))
    # MNIST's test images come in an order that is not random, so the bundled first ones lie a
    # kernel distance of 0.17 from all of them: further than a good generator may lie.
    check_order(steps[1:], ("kernel",))


def test_collapse_has_precision_without_recall_and_shows_as_duplicates():
    images = real_images("mnist").images
    collapsed = noisy(np.repeat(images[:20], 100, axis=0), 0.02)
    judged = metrics.judge(collapsed, "mnist", (-1.0, 1.0))
    real = metrics.reference("mnist")
    figures = metrics.figures(judged, real)
    assert figures["precision"] > 0.8 and figures["recall"] < 0.05 and figures["coverage"] < 0.1
    assert metrics.duplicates(judged.features, real.twin_distance) > 0.9
    varied = metrics.features(images, "mnist")
    assert metrics.duplicates(varied, real.twin_distance) < 0.03


def test_one_class_alone_is_good_pictures_of_a_tenth_of_the_variety():
    data = real_images("mnist")
    threes = data.images[data.labels == 3]
    figures = metrics.quality(threes, "mnist")
    assert figures["precision"] > 0.9 and figures["coverage"] < 0.15
    assert figures["class_max"] > 0.97 and figures["class_min"] == 0.0


def test_labels_of_real_images_are_faithful_until_they_are_swapped():
    data = real_images("fashion_mnist")
    judged = metrics.judge(data.images, "fashion_mnist")
    real = metrics.reference("fashion_mnist").class_moments
    overall, per_class = metrics.label_fidelity(judged.probabilities, data.labels, 10)
    assert overall > 0.9 and per_class.mean() == pytest.approx(overall, abs=1e-9)
    own = metrics.frechet_per_class(judged.features, data.labels, real)
    swapped = metrics.frechet_per_class(judged.features, (data.labels + 1) % 10, real)
    assert (swapped > 5.0 * own).all()


def test_class_quality_of_real_images_is_the_yardstick_and_swapped_labels_are_seen():
    data = real_images("fashion_mnist")
    own = metrics.class_quality(data.images, data.labels, "fashion_mnist")
    judged = metrics.judge(data.images, "fashion_mnist")
    expected = metrics.label_fidelity(judged.probabilities, data.labels, 10)
    assert own.fidelity == expected.overall > 0.9
    np.testing.assert_array_equal(own.per_class, np.diag(own.confusion))
    # Trousers and bags change places: the other classes keep their figures.
    swapped = data.labels.copy()
    swapped[data.labels == 1], swapped[data.labels == 8] = 8, 1
    seen = metrics.class_quality(judged, swapped, "fashion_mnist")
    assert seen.per_class[1] < 0.05 and seen.confusion[1, 8] > 0.9
    assert (seen.frechet[[1, 8]] > 10 * own.frechet[[1, 8]]).all()
    others = [0, 2, 3, 4, 5, 6, 7, 9]
    np.testing.assert_allclose(seen.frechet[others], own.frechet[others])


def test_one_real_image_a_class_again_and_again_has_full_fidelity_and_a_large_distance():
    data = real_images("fashion_mnist")
    best = metrics.class_quality(data.images, data.labels, "fashion_mnist")
    judged = metrics.probabilities(data.images, "fashion_mnist")
    first = [
        np.flatnonzero((data.labels == k) & (judged.argmax(axis=1) == k))[0] for k in range(10)
    ]
    collapsed = metrics.class_quality(
        np.repeat(data.images[first], 20, axis=0), np.repeat(np.arange(10), 20), "fashion_mnist"
    )
    assert collapsed.fidelity == 1.0 and (collapsed.frechet > 5 * best.frechet).all()


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.full(20, 10), "run from 10 to 10, but there are 10 classes"),
        (np.zeros(20), "integers, got float64"),
        (np.zeros(19, int), r"must have shape \(20,\)"),
        (np.r_[np.zeros(19, int), 1], "class 1 has 1 sample"),
    ],
)
def test_class_quality_names_labels_that_do_not_fit(labels, message):
    with pytest.raises(ValueError, match=message):
        metrics.class_quality(np.zeros((20, 28, 28, 1), "uint8"), labels, "fashion_mnist")


# Nearest training images -----------------------------------------------------------------------


def test_nearest_neighbors_finds_copies_in_pixels():
    training = real_images("mnist", 500).images
    indices, distances = metrics.nearest_neighbors(training[[7, 300]], training, k=3)
    assert indices[:, 0].tolist() == [7, 300] and indices.shape == distances.shape == (2, 3)
    assert distances[:, 0] == pytest.approx(0.0, abs=1e-3)
    assert (np.diff(distances, axis=1) >= 0).all() and (distances[:, 1] > 1.0).all()


def test_nearest_neighbors_distances_by_hand_across_value_ranges(monkeypatch):
    # Constant 2x2 gray images: the distance is the difference of the values times sqrt(4).
    monkeypatch.setattr("helpers.metrics.scoring.BLOCK", 2)
    training = np.array([0, 51, 102, 153, 255], "uint8")[:, None, None, None]
    training = np.tile(training, (1, 2, 2, 1))
    samples = np.full((1, 2, 2, 1), -0.1, "float32")  # 0.45 on a scale of 0 to 1.
    indices, distances = metrics.nearest_neighbors(samples, training, k=5, value_range=(-1.0, 1.0))
    assert indices.tolist() == [[2, 3, 1, 0, 4]]
    assert distances[0] == pytest.approx([0.1, 0.3, 0.5, 0.9, 1.1], abs=1e-5)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"k": 0}, "k must be a whole number from 1 to 8, got 0"),
        ({"k": 9}, "k must be a whole number from 1 to 8, got 9"),
        ({"value_range": None}, "samples are float32: say their value_range"),
        ({"training_images": np.zeros((8, 32, 32, 1), "uint8")}, "images of one size"),
        ({"samples": bad_images((28, 28, 1))}, r"\(28, 28, 1\)"),
    ],
)
def test_nearest_neighbors_explains_mistakes(change, message):
    arguments = {
        "samples": bad_images(),
        "training_images": np.zeros((8, 28, 28, 1), "uint8"),
        "value_range": (-1.0, 1.0),
    }
    with pytest.raises(ValueError, match=message):
        metrics.nearest_neighbors(**(arguments | change))
