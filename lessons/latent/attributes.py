"""Attributes that can be measured in a picture, where no label names them.

All take images ``(N, H, W, 1)`` on black ground with their ``value_range``, and return float
numbers ``(N,)``.
"""

import numpy as np

from helpers import checking


def _unit(images, value_range):
    """Images as float64 ``(N, H, W)`` in [0, 1]."""
    images = checking.images(images, (None, None, 1), value_range)
    low, high = value_range
    return (images[..., 0].astype("float64") - low) / (high - low)


def ink(images, value_range):
    """Mean brightness in [0, 1]: how much of the picture is drawn on. Bold digits have much."""
    return _unit(images, value_range).mean(axis=(1, 2))


def slant(images, value_range):
    """Columns by which a shape leans to the right for each row that it rises.

    The slope of the line that the ink follows: covariance of x and y over the variance of y. 0 is
    upright, about 0.3 is a usual handwriting. An empty picture gives 0.
    """
    unit = _unit(images, value_range)
    height, width = unit.shape[1:]
    total = np.maximum(unit.sum(axis=(1, 2)), 1e-9)
    up, across = -np.arange(height)[:, None], np.arange(width)[None]
    up = up - ((unit * up).sum(axis=(1, 2)) / total)[:, None, None]
    across = across - ((unit * across).sum(axis=(1, 2)) / total)[:, None, None]
    lean = (unit * up * across).sum(axis=(1, 2))
    return lean / np.maximum((unit * up**2).sum(axis=(1, 2)), 1e-9)


def sleeves(images, value_range):
    """How far cloth reaches down at both sides: ink of the outer columns in the middle rows.

    A garment with long sleeves has its cuffs there, a sleeveless one has black.
    """
    unit = _unit(images, value_range)
    height, width = unit.shape[1:]
    rows, edge = slice(height // 2, height * 4 // 5), max(1, width // 4)
    sides = np.concatenate([unit[:, rows, :edge], unit[:, rows, -edge:]], axis=2)
    return (sides > 0.15).mean(axis=(1, 2))
