"""Weights files: what goes in comes out, and a wrong or damaged file is explained."""

import keras
import numpy as np
import pytest

from helpers import weights


def small_network(width=3, name="small"):
    inputs = keras.Input((2,))
    x = keras.layers.Dense(width, name="hidden")(inputs)
    x = keras.layers.BatchNormalization(name="norm")(x)
    return keras.Model(inputs, keras.layers.Dense(1, name="out")(x), name=name)


@pytest.fixture
def network():
    """A network in which no weight is at its initial value, moving statistics included."""
    network, generator = small_network(), np.random.default_rng(0)
    # Positive, because one of them is a variance.
    network.set_weights([generator.uniform(0.5, 1.5, w.shape) for w in network.get_weights()])
    return network


class Counter(keras.layers.Layer):
    """Passes its input on; has one integer variable."""

    def build(self, input_shape):
        self.calls = self.add_weight(
            shape=(), dtype="int32", initializer="zeros", trainable=False, name="calls"
        )

    def call(self, inputs):
        return inputs


def test_round_trip_rounds_to_float16_and_changes_nothing_else(network, tmp_path):
    path = weights.save(network, tmp_path / "folder" / "small.npz")
    again = weights.load(small_network(), path)
    assert len(network.weights) == 8
    for before, after in zip(network.weights, again.weights, strict=True):
        expected = np.asarray(before).astype("float16").astype("float32")
        np.testing.assert_array_equal(np.asarray(after), expected)
        assert after.dtype == "float32"
    with np.load(path) as file:
        assert {file[name].dtype for name in file.files} == {np.dtype("float16")}
        assert any("norm/moving_variance" in name for name in file.files)


def test_loading_changes_what_the_network_computes(network, tmp_path):
    images = np.random.default_rng(1).normal(size=(5, 2)).astype("float32")
    again, expected = small_network(), np.asarray(network(images))
    assert np.abs(np.asarray(again(images)) - expected).max() > 0.1
    weights.load(again, weights.save(network, tmp_path / "small.npz"))
    np.testing.assert_allclose(np.asarray(again(images)), expected, atol=0.02)


def test_more_than_ten_arrays_keep_their_order(tmp_path):
    # As text, "10" sorts before "2": twelve layers with one bias each would be mixed up.
    def chain():
        return keras.Sequential([keras.Input((1,)), *(keras.layers.Dense(1) for _ in range(12))])

    network = chain()
    network.set_weights([np.full(w.shape, float(i)) for i, w in enumerate(network.get_weights())])
    again = weights.load(chain(), weights.save(network, tmp_path / "chain.npz"))
    assert [float(np.ravel(value)[0]) for value in again.get_weights()] == list(range(24))


def test_integer_variables_stay_integers(tmp_path):
    def counting():
        return keras.Sequential([keras.Input((2,)), keras.layers.Dense(1), Counter()])

    network = counting()
    network.layers[-1].calls.assign(70_001)  # More than float16 holds.
    again = weights.load(counting(), weights.save(network, tmp_path / "counting.npz"))
    assert int(again.layers[-1].calls) == 70_001


def test_values_beyond_float16_are_refused_and_nothing_is_written(network, tmp_path):
    network.get_layer("out").kernel.assign(np.full((3, 1), 1e6))
    with pytest.raises(ValueError, match="out/kernel does not fit float16"):
        weights.save(network, tmp_path / "small.npz")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_broken_weights_are_refused(network, tmp_path, value):
    network.get_layer("norm").moving_mean.assign([0.0, value, 0.0])
    with pytest.raises(ValueError, match="norm/moving_mean holds NaN or infinity"):
        weights.save(network, tmp_path / "small.npz")
    assert not list(tmp_path.iterdir())


def test_missing_file_names_what_there_is(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"no weights at .*nothing.npz; shipped ones are cifar10_cl"
    ):
        weights.load(small_network(), tmp_path / "nothing.npz")


def test_weights_of_another_network_are_refused_and_leave_the_model_alone(network, tmp_path):
    path = weights.save(network, tmp_path / "small.npz")
    wider = small_network(width=4, name="wider")
    before = wider.get_weights()
    with pytest.raises(ValueError, match=r"hidden/kernel has shape \(2, 3\).*wider needs \(2, 4\)"):
        weights.load(wider, path)
    with pytest.raises(ValueError, match="holds 8 arrays, the model deeper has 2"):
        deeper = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)], name="deeper")
        weights.load(deeper, path)
    for old, new in zip(before, wider.get_weights(), strict=True):
        np.testing.assert_array_equal(old, new)


def test_truncated_empty_and_foreign_files_are_refused(network, tmp_path):
    path = weights.save(network, tmp_path / "small.npz")
    whole = path.read_bytes()
    for content in (whole[: len(whole) // 2], b"", b"<html>Not found</html>", b"\x00" * 500):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"small.npz is not a readable weights file"):
            weights.load(small_network(), path)


def test_flipped_bytes_never_load_silently(network, tmp_path):
    path = weights.save(network, tmp_path / "small.npz")
    whole = path.read_bytes()
    sound, refused, again = network.get_weights(), 0, small_network()
    for place in range(0, len(whole), 53):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :])
        again.set_weights([np.zeros_like(value) for value in sound])
        try:
            weights.load(again, path)
        except ValueError:
            refused += 1
            continue
        # Some bytes of a zip file are padding and dates: then the weights must be right.
        for before, after in zip(sound, again.get_weights(), strict=True):
            np.testing.assert_allclose(after, before, rtol=1e-3, atol=1e-3)
    assert refused > 10
