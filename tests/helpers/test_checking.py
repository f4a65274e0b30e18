"""The one place that validates arguments: what passes, and what the messages say."""

import numpy as np
import pytest
import tensorflow as tf

from helpers import checking


@pytest.mark.parametrize(
    ("check", "value", "options", "expected"),
    [
        (checking.whole, np.int32(3), {}, 3),
        (checking.whole, 0, {"at_least": 0, "at_most": 0}, 0),
        (checking.number, 1, {"at_least": 1, "at_most": 1}, 1.0),
        (checking.number, np.float32(0.5), {"above": 0, "below": 1}, 0.5),
        (checking.choice, "a", {"choices": ("a", "b")}, "a"),
        (checking.size, 3, {}, (3, 3)),
        (checking.size, [3, np.int64(4)], {}, (3, 4)),
    ],
)
def test_what_fits_comes_back_ready_to_compute_with(check, value, options, expected):
    found = check(value, "it", **options)
    assert found == expected and type(found) is type(expected)


@pytest.mark.parametrize(
    ("check", "value", "options", "message"),
    [
        (checking.whole, True, {}, "it must be a whole number of at least 1, got True"),
        (checking.whole, 2.0, {}, "it must be a whole number of at least 1, got 2.0"),
        (checking.whole, 0, {}, "it must be a whole number of at least 1, got 0"),
        (checking.whole, 9, {"at_most": 8}, "it must be a whole number from 1 to 8, got 9"),
        (checking.number, "1", {}, "it must be a number, got '1'"),
        (checking.number, False, {"at_least": 0}, "it must be a number at least 0, got False"),
        (checking.number, np.nan, {}, "it must be a number, got nan"),
        (
            checking.number,
            1,
            {"above": 0, "below": 1},
            "it must be a number above 0 and below 1, got 1",
        ),
        (checking.choice, "c", {"choices": ("a", "b")}, "it must be one of a, b, got 'c'"),
        (checking.choice, True, {"choices": (0, 1)}, "it must be one of 0, 1, got True"),
        (checking.size, (3,), {}, r"it must be a whole number or a pair .*, got \(3,\)"),
        (checking.size, (3, 0), {}, "it must be a whole number of at least 1, got 0"),
    ],
)
def test_what_does_not_fit_is_named_with_its_value(check, value, options, message):
    with pytest.raises(ValueError, match=message):
        check(value, "it", **options)


@pytest.mark.parametrize("ends", [(1, -1), (0, 0), 1, (0, 1, 2), "ab", None])
def test_a_range_is_two_rising_numbers(ends):
    with pytest.raises(ValueError, match="value_range must be"):
        checking.value_range(ends)


def test_images_accepts_what_fits():
    batch = np.linspace(-1, 1, 2 * 4 * 4, dtype="float32").reshape(2, 4, 4, 1)
    checking.images(batch, shape=(4, 4, 1), value_range=(-1, 1))
    checking.images(batch, shape=(None, 4, None, 1))
    checking.images(tf.constant(batch), shape=(2, 4, 4, 1))
    checking.images(tf.cast(batch, tf.bfloat16), value_range=(-1, 1))
    checking.images(batch * 1.0005, value_range=(-1, 1))  # a hair outside is rounding


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
def test_images_says_what_it_got(batch, wanted, message):
    with pytest.raises(ValueError, match=message):
        checking.images(batch, name="fakes", **wanted)


PICTURE = np.full((4, 5, 3), 9, "uint8")


def test_a_picture_is_bytes_or_floats_up_to_255():
    assert checking.picture(PICTURE) is not None and checking.picture(PICTURE).dtype == np.uint8
    assert checking.picture(PICTURE.astype("float64")).dtype == np.float32


@pytest.mark.parametrize(
    ("image", "message"),
    [
        (PICTURE[..., 0], "image is gray, shape .*images.read"),
        (PICTURE[..., [0, 1, 2, 0]], "image has an alpha channel"),
        (PICTURE[None], r"image must have shape \(H, W, 3\).*one picture"),
        (PICTURE.astype("str"), "image must hold numbers, got <U3"),
        (PICTURE * np.nan, "image hold 60 values that are NaN"),
        (PICTURE - 10.0, r"image must lie in \[0, 255\], found \[-1, -1\]"),
        (PICTURE / 255, r"image lies in \[0, 0.0352941\].*multiply by 255"),
    ],
)
def test_another_picture_is_explained(image, message):
    with pytest.raises(ValueError, match=message):
        checking.picture(image)


def test_a_mask_becomes_bytes():
    assert checking.mask([[True, False]], (1, 2)).tolist() == [[255, 0]]
    assert checking.mask([[0.0, 0.5, 1]]).tolist() == [[0, 128, 255]]
    for wrong, message in (
        (np.zeros((2, 2, 1)), r"have the picture's size \(1, 2\), got \(2, 2, 1\)"),
        ([["a", "b"]], "hold True and False, or numbers from 0 to 1"),
        ([[0, 2]], r"lie in \[0, 1\], found \[0, 2\]"),
    ):
        with pytest.raises(ValueError, match=message):
            checking.mask(wrong, (1, 2))


@pytest.mark.parametrize(
    ("check", "value", "options", "message"),
    [
        (checking.labels, [0.0, 1.0], {"count": 2, "num_classes": 2}, "must be integers"),
        (checking.labels, [0, 1], {"count": 3, "num_classes": 2}, r"shape \(3,\), one an image"),
        (checking.labels, [0, 2], {"count": 2, "num_classes": 2}, "run from 0 to 2, but there"),
        (checking.z, [1.0, 2.0], {}, r"z must have shape \(N, latent_dim\), got \(2,\)"),
        (checking.z, [[1.0, 2.0]], {"latent_dim": 3}, r"shape \(N, 3\), got \(1, 2\)"),
        (checking.z, [[1.0, 2.0]], {"at_least": 2}, "1 points; at least 2 are needed"),
        (checking.z, [[1.0, np.inf]], {}, "1 values that are NaN or infinite"),
        (checking.direction, [[1.0]], {"name": "d"}, r"d must have shape"),
        (checking.direction, [0.0, 0.0], {"name": "d"}, "d is all zeros, which is no direction"),
        (checking.features, [1.0], {}, r"shape \(samples, width\), got \(1,\)"),
        (checking.features, [[1.0]], {"at_least": 2}, "1 samples; at least 2"),
        (checking.features, [[1.0], [np.nan]], {}, "1 values that are NaN or infinite"),
        (checking.probabilities, [[0.5, 0.4]], {}, "one row sums to 0.9.*softmax"),
    ],
)
def test_labels_codes_and_features_are_explained(check, value, options, message):
    with pytest.raises(ValueError, match=message):
        check(value, **options)
