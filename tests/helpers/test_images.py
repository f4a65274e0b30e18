"""Value ranges, sizes and the check: by numbers worked out by hand."""

import numpy as np
import pytest
import tensorflow as tf

from helpers import images

ALL_BYTES = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)


# --- to_float, to_uint8 ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value_range", "expected"),
    [((-1, 1), [-1.0, -0.6, 1.0]), ((0, 1), [0.0, 0.2, 1.0]), ((0, 255), [0.0, 51.0, 255.0])],
)
def test_to_float_by_hand(value_range, expected):
    scaled = images.to_float(np.array([0, 51, 255], "uint8"), value_range)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, expected, rtol=0, atol=1e-6)
    assert (scaled[0], scaled[2]) == value_range  # the ends are exact


def test_to_float_is_the_usual_formula():
    expected = (ALL_BYTES.astype("float64") - 127.5) / 127.5
    np.testing.assert_allclose(images.to_float(ALL_BYTES), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("value_range", [(-1, 1), (0, 1), (-0.3, 0.7)])
def test_arrays_and_tensors_give_the_same_bits(value_range):
    graph = tf.function(lambda x: images.to_float(x, value_range))
    scaled = graph(tf.constant(ALL_BYTES))
    assert scaled.dtype == tf.float32
    np.testing.assert_array_equal(scaled, images.to_float(ALL_BYTES, value_range))


@pytest.mark.parametrize("value_range", [(-1, 1), (0, 1), (-3, 0.5)])
def test_bytes_survive_the_way_there_and_back(value_range):
    back = images.to_uint8(images.to_float(ALL_BYTES, value_range), value_range)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, ALL_BYTES)


def test_to_uint8_rounds_and_clips():
    values = np.array([-2.0, -1.0, -0.001, 0.0, 0.499 / 127.5 - 1, 0.501 / 127.5 - 1, 1.0, 9.0])
    assert images.to_uint8(values, (-1, 1)).tolist() == [0, 0, 127, 128, 0, 1, 255, 255]


def test_to_uint8_takes_bfloat16_tensors():
    assert images.to_uint8(tf.constant([-1.0, 1.0], tf.bfloat16), (-1, 1)).tolist() == [0, 255]


def test_scaling_refuses_what_is_scaled_already():
    with pytest.raises(ValueError, match=r"takes uint8 images in \[0, 255\], got float32"):
        images.to_float(np.zeros(3, "float32"))
    with pytest.raises(ValueError, match=r"got float32"):
        images.to_float(tf.zeros(3))
    with pytest.raises(ValueError, match=r"floats into bytes, but the images are uint8"):
        images.to_uint8(np.zeros(3, "uint8"), (0, 1))


def test_to_uint8_refuses_nan():
    with pytest.raises(ValueError, match="images hold 2 values that are NaN or infinite"):
        images.to_uint8(np.array([0.0, np.nan, np.inf]), (0, 1))


@pytest.mark.parametrize("value_range", [(1, -1), (0, 0), 1, (0, 1, 2), "ab", None])
def test_a_range_is_two_rising_numbers(value_range):
    with pytest.raises(ValueError, match="value_range must be"):
        images.to_float(ALL_BYTES, value_range)


# --- resize ----------------------------------------------------------------------------------


def test_resize_averages_instead_of_picking_pixels():
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    small = images.resize(board.astype("uint8")[None, :, :, None], 8)
    assert small.shape == (1, 8, 8, 1) and small.dtype == np.uint8
    assert np.abs(small.astype(int) - 127.5).max() <= 8  # every second pixel would be 0 or 255


def test_resize_keeps_flat_images_rank_and_float_type():
    flat = np.full((5, 9, 3), 0.25, "float32")
    scaled = images.resize(flat, (20, 3))
    assert scaled.shape == (20, 3, 3) and scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, 0.25, atol=1e-6)


def test_resize_keeps_left_left():
    ramp = np.tile(np.linspace(0, 1, 32, dtype="float32")[None, :, None], (32, 1, 1))
    small = images.resize(ramp, (4, 8))[..., 0]
    assert small.shape == (4, 8) and (np.diff(small, axis=1) > 0.1).all()


@pytest.mark.parametrize("size", [0, -1, 2.5, (3,), (3, 0), "8", True, None])
def test_resize_refuses_impossible_sizes(size):
    with pytest.raises(ValueError, match="size must be a whole number"):
        images.resize(ALL_BYTES, size)


def test_resize_refuses_other_ranks():
    with pytest.raises(ValueError, match=r"got \(16, 16\)"):
        images.resize(ALL_BYTES[0, :, :, 0], 8)


# --- check_images ----------------------------------------------------------------------------


def test_check_images_accepts_what_fits():
    batch = np.linspace(-1, 1, 2 * 4 * 4, dtype="float32").reshape(2, 4, 4, 1)
    images.check_images(batch, shape=(4, 4, 1), value_range=(-1, 1))
    images.check_images(batch, shape=(None, 4, None, 1))
    images.check_images(tf.constant(batch), shape=(2, 4, 4, 1))
    images.check_images(tf.cast(batch, tf.bfloat16), value_range=(-1, 1))
    images.check_images(batch * 1.0005, value_range=(-1, 1))  # a hair outside is rounding


@pytest.mark.parametrize(
    ("batch", "wanted", "message"),
    [
        (np.zeros((4, 4, 1)), {}, r"fakes must have shape \(N, H, W, C\), got \(4, 4, 1\)"),
        (np.zeros((0, 4, 4, 1)), {}, r"at least one image, got shape \(0, 4, 4, 1\)"),
        (
            np.zeros((2, 4, 4, 1)),
            {"shape": (4, 4, 3)},
            r"fakes must have shape \(4, 4, 3\), got \(4, 4, 1\)",
        ),
        (
            np.zeros((2, 4, 4, 1)),
            {"shape": (3, None, 4, 1)},
            r"shape \(3, any, 4, 1\), got \(2, 4, 4, 1\)",
        ),
        (np.zeros((1, 2, 2, 1), "str"), {}, r"fakes must be numbers, got <U1"),
        (np.full((1, 2, 2, 1), np.nan), {}, r"fakes hold 4 values that are NaN"),
        (
            np.array([0.0, 255.0]).reshape(1, 1, 2, 1),
            {"value_range": (-1, 1)},
            r"fakes must lie in \[-1, 1\], found \[0.0, 255.0\]: scale them with "
            r"images.to_float\(fakes, value_range=\(-1, 1\)\)",
        ),
        (
            np.array([-1.0, 1.0]).reshape(1, 1, 2, 1),
            {"value_range": (0, 1)},
            r"in \[0, 1\], found \[-1.0, 1.0\]: they look scaled to \[-1, 1\]",
        ),
        (
            np.array([-3.0, 0.0]).reshape(1, 1, 2, 1),
            {"value_range": (-1, 1)},
            r"in \[-1, 1\], found \[-3.0, 0.0\]$",
        ),
    ],
)
def test_check_images_says_what_it_got(batch, wanted, message):
    with pytest.raises(ValueError, match=message):
        images.check_images(batch, name="fakes", **wanted)


def test_check_images_refuses_a_shape_of_another_rank():
    with pytest.raises(ValueError, match=r"shape must be \(H, W, C\)"):
        images.check_images(np.zeros((1, 2, 2, 1)), shape=(2, 2))


# --- binarize --------------------------------------------------------------------------------


def test_binarize_draws_coins_with_the_gray_values_as_probabilities():
    gray = np.tile(np.linspace(0, 1, 5, dtype="float32"), (4000, 1)).reshape(4000, 5, 1, 1)
    coins = images.binarize(gray, seed=1)
    assert coins.dtype == np.float32 and set(np.unique(coins)) == {0.0, 1.0}
    shares = coins.mean(axis=0).ravel()
    np.testing.assert_allclose(shares, [0, 0.25, 0.5, 0.75, 1], atol=0.03)
    assert shares[0] == 0.0 and shares[-1] == 1.0
    np.testing.assert_array_equal(coins, images.binarize(gray, seed=1))
    assert (coins != images.binarize(gray, seed=2)).any()
    np.testing.assert_array_equal(images.binarize(coins, seed=9), coins)


def test_binarize_by_threshold():
    found = images.binarize(np.array([0.0, 0.5, 0.51, 1.0]), how="threshold")
    assert found.tolist() == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("values", "how", "message"),
    [
        (np.array([0.0, 1.5]), "stochastic", r"must lie in \[0, 1\]"),
        (np.array([-1.0, 1.0]), "threshold", r"look scaled to \[-1, 1\]"),
        (np.array([0.5, np.nan]), "stochastic", "NaN"),
        (np.zeros(3, "uint8"), "stochastic", "scale them with to_float"),
        (np.zeros(3), "coin", "how must be one of stochastic, threshold"),
    ],
)
def test_binarize_refuses(values, how, message):
    with pytest.raises(ValueError, match=message):
        images.binarize(values, how)
