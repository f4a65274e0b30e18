"""How near a restored image is to the original, and whether a decoder left its grid in it."""

import numpy as np

from helpers import checking


def squared_error(restored, originals):
    """Mean squared error of each image over its pixels: two ``(N, H, W, C)`` -> ``(N,)`` float64.

    Raises:
        ValueError: shapes that differ, bytes (whose differences would wrap around), or NaN.
    """
    restored, originals = _floats(restored, "restored"), _floats(originals, "originals")
    if restored.shape != originals.shape:
        raise ValueError(f"restored {restored.shape} and originals {originals.shape} differ")
    return np.square(restored - originals).mean(axis=(1, 2, 3))


def psnr(restored, originals, value_range):
    """Peak signal-to-noise ratio of each image in decibels, ``(N,)``; infinite if equal.

    ``10 log10(width^2 / mean squared error)`` with the width of ``value_range``: 20 dB are an
    error of a tenth of the range, each 6 dB halve it.
    """
    low, high = value_range
    with np.errstate(divide="ignore"):
        return 10.0 * np.log10((high - low) ** 2 / squared_error(restored, originals))


def checkerboard(images):
    """Share of each image's variance in patterns that alternate from pixel to pixel, ``(N,)``.

    The power of the Fourier coefficients with a period of two pixels along rows, columns or both,
    over the power of all but the mean. It is 1 for a checkerboard or stripes of one pixel, about
    ``3 / (H * W)`` for noise, and 0 for an image of one color. Only a pattern that keeps its
    phase all over the image counts, as the footprint of a stride does and strokes do not.

    Args:
        images: floats ``(N, H, W, C)`` with even H and W; channels are averaged.
    """
    images = _floats(images, "images")
    height, width = images.shape[1:3]
    if height % 2 or width % 2:
        raise ValueError(f"height and width must be even, got {height} x {width}")
    power = np.abs(np.fft.fft2(images, axes=(1, 2))) ** 2
    power[:, 0, 0] = 0.0
    middle, center = height // 2, width // 2
    alternating = power[:, middle, 0] + power[:, 0, center] + power[:, middle, center]
    total = power.sum(axis=(1, 2))
    share = np.divide(alternating, total, out=np.zeros_like(total), where=total > 1e-12)
    return share.mean(axis=-1)


def _floats(images, name):
    images = np.asarray(images)
    if images.dtype == np.uint8:
        raise ValueError(f"{name} are bytes: scale them with images.to_float first")
    return checking.images(images, name=name).astype("float64")
