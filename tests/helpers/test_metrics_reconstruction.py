"""Errors of restored images and the footprint of a stride, by hand."""

import numpy as np
import pytest

from helpers import metrics


def test_errors_by_hand():
    originals = np.zeros((3, 4, 4, 1), "float32")
    restored = originals.copy()
    restored[1] += 0.1
    restored[2, 0, 0] = 1.0
    np.testing.assert_allclose(
        metrics.squared_error(restored, originals), [0.0, 0.01, 1 / 16], rtol=1e-6
    )
    found = metrics.psnr(restored, originals, (0, 1))
    assert np.isinf(found[0])
    np.testing.assert_allclose(found[1:], [20.0, 10 * np.log10(16)], rtol=1e-5)
    # The same error is half as bad in a range twice as wide.
    np.testing.assert_allclose(
        metrics.psnr(restored, originals, (-1, 1))[1], 20 + 10 * np.log10(4), rtol=1e-5
    )


def test_bytes_and_shapes_that_differ_are_refused():
    images = np.zeros((2, 4, 4, 1), "float32")
    with pytest.raises(ValueError, match="are bytes"):
        metrics.squared_error(images.astype("uint8"), images)
    with pytest.raises(ValueError, match="differ"):
        metrics.squared_error(images, images[:1])
    with pytest.raises(ValueError, match="NaN"):
        metrics.psnr(images, np.full_like(images, np.nan), (0, 1))


def patterns():
    rows, columns = np.indices((28, 28))
    noise = np.random.default_rng(0).normal(size=(28, 28))
    return np.stack(
        [(rows + columns) % 2, rows % 2, columns % 2, 0 * rows + 0.3, columns // 4 % 2, noise]
    )[..., None].astype("float32")


def test_checkerboard_knows_its_patterns():
    share = metrics.checkerboard(patterns())
    np.testing.assert_allclose(share[:3], 1.0, atol=1e-6)
    assert share[3] == 0.0
    assert share[4] < 1e-6, "wide stripes are no checkerboard"
    assert share[5] < 0.02


def test_checkerboard_adds_up_by_hand():
    """A board of amplitude 1/2 over a slow wave of amplitude 1: power 1/4 beside 1/2."""
    rows, columns = np.indices((28, 28))
    board = 0.5 * (-1.0) ** (rows + columns) + np.cos(2 * np.pi * 3 * columns / 28)
    share = metrics.checkerboard(board[None, ..., None])
    np.testing.assert_allclose(share, [0.25 / 0.75], rtol=1e-6)
    with pytest.raises(ValueError, match="even"):
        metrics.checkerboard(np.zeros((1, 7, 8, 1)))
