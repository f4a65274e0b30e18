"""The shipped classifiers: their networks by hand count, their accuracy on bundled images."""

import keras
import numpy as np
import pytest

from helpers import config, datasets, images, weights
from helpers.networks import classifiers

# Worked out by hand: 3x3 convolutions without bias, four numbers a channel for each
# normalization, dense layers with bias. For mnist: 144 + 2,304 + 4,608 + 9,216 + 18,432 + 36,864
# + 4 * 224 + (64 * 64 + 64) + (64 * 10 + 10). The features of the emoji see 2 x 2 places.
PARAMETERS = {"mnist": 77_274, "fashion_mnist": 169_122, "cifar10": 297_258, "emoji": 145_523}
# Shape after each stage of two convolutions.
STAGES = {
    "mnist": [(14, 14, 16), (7, 7, 32), (4, 4, 64)],
    "fashion_mnist": [(14, 14, 24), (7, 7, 48), (4, 4, 96)],
    "cifar10": [(16, 16, 32), (8, 8, 64), (4, 4, 128)],
    "emoji": [(16, 16, 24), (8, 8, 44), (4, 4, 80)],
}
ACCURACY = {"mnist": 0.99, "fashion_mnist": 0.92, "cifar10": 0.82}
NAMES = sorted(PARAMETERS)


@pytest.mark.parametrize("name", NAMES)
def test_network_has_the_shapes_and_parameters_of_its_description(name):
    network = classifiers.build(name)
    strided = [
        layer.output.shape[1:]
        for layer in network.layers
        if isinstance(layer, keras.layers.Conv2D) and layer.strides == (2, 2)
    ]
    assert strided == STAGES[name]
    assert network.count_params() == PARAMETERS[name]
    assert network.get_layer("features").output.shape == (None, classifiers.FEATURES)
    assert network.output.shape == (None, 27 if name == "emoji" else 10)
    assert network.input.shape == (None, *classifiers.SHAPES[name])


@pytest.mark.parametrize("name", sorted(ACCURACY))
def test_shipped_weights_classify_the_bundled_test_images(name, monkeypatch):
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    data = datasets.load(name, "test", limit=2000)
    network = classifiers.load(name)
    logits = network.predict(images.to_float(data.images, (-1.0, 1.0)), 250, verbose=0)
    accuracy = np.mean(logits.argmax(axis=1) == data.labels)
    assert accuracy >= ACCURACY[name], f"{name}: {accuracy:.4f} of {len(data)} are right"


@pytest.mark.parametrize("name", NAMES)
def test_shipped_classifier_is_frozen_and_deterministic(name):
    network = classifiers.load(name)
    assert not network.trainable and not network.trainable_weights
    batch = np.random.default_rng(0).uniform(-1, 1, (4, *classifiers.SHAPES[name]))
    first, second = (np.asarray(network(batch.astype("float32"))) for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert np.isfinite(first).all() and first.std() > 0.1


def test_unknown_data_set_is_named():
    with pytest.raises(ValueError, match=r"dataset must be one of mnist, .* got 'imagenet'"):
        classifiers.build("imagenet")
    with pytest.raises(ValueError, match="'imagenet'"):
        classifiers.load("imagenet")


def test_missing_and_foreign_weights_are_explained(monkeypatch, tmp_path):
    monkeypatch.setattr(config, "bundled_data_dir", lambda: tmp_path)
    with pytest.raises(FileNotFoundError, match=r"no weights at .*mnist_classifier.npz"):
        classifiers.load("mnist")
    weights.save(classifiers.build("fashion_mnist"), weights.bundled("mnist_classifier"))
    with pytest.raises(ValueError, match="saved from another network"):
        classifiers.load("mnist")
