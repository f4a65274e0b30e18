"""What all painters use: colors, smooth noise, coordinates."""

import numpy as np
from scipy.ndimage import map_coordinates


def colors(*codes):
    """Hexadecimal colors as float array ``(N, 3)`` in [0, 1]."""
    return np.array([[int(code[i : i + 2], 16) for i in (0, 2, 4)] for code in codes]) / 255


def noise(side, cells, random, octaves=4):
    """Smooth noise of mean 0 and spread 1, ``(side, side)``; the coarsest has ``cells`` bumps."""
    total = np.zeros((side, side))
    for octave in range(octaves):
        count = cells * 2**octave
        grid = random.normal(size=(count + 4, count + 4))
        at = np.linspace(1.5, count + 1.5, side)
        rows, columns = np.meshgrid(at, at, indexing="ij")
        total += 0.55**octave * map_coordinates(grid, [rows, columns], order=3)
    return (total - total.mean()) / total.std()


def ramp(values, palette):
    """Values in [0, 1] -> colors between those of the palette, ``(..., 3)``."""
    place = np.clip(values, 0, 1) * (len(palette) - 1)
    low = np.minimum(place.astype(int), len(palette) - 2)
    share = (place - low)[..., None]
    return (1 - share) * palette[low] + share * palette[low + 1]


def grid(side):
    """Pixel coordinates in [0, 1): y, x, each ``(side, side)``."""
    line = (np.arange(side) + 0.5) / side
    return np.meshgrid(line, line, indexing="ij")
