"""Cut a picture into windows of one size, so that memory does not grow with the picture.

A window is a tile and a halo around it. The network sees the whole window, but only the
gradient of the tile is kept: with a halo as wide as the layer's receptive field it is exactly
the gradient of the whole picture. Beyond its edges the picture continues as its mirror image.
"""

import math
from dataclasses import dataclass

import numpy as np

from helpers import checking

HALO = 16  # pixels, enough where the grid is shifted at every step


@dataclass(frozen=True)
class Tiling:
    """How tiles are cut, beside their size. The tiles move at random before every step.

    Attributes:
        halo: pixels around a tile that the network sees too, rounded up to a multiple of the
            layer's stride. Unless given, 16 where there are several tiles and none for a single
            one. From the layer's receptive field on, tiles give exactly the gradient of the whole
            picture.
        shift: the tiles' borders move by up to this many pixels; unless given, a sixteenth to an
            eighth of a tile, whatever needs no larger tiles.
        jitter: the picture moves by up to this many pixels under the network, which would favor
            the positions of its own grid otherwise; 0 and 1 mean none.

    Raises:
        ValueError: a number of pixels that is not whole, or negative.
    """

    halo: int | None = None
    shift: int | None = None
    jitter: int = 16

    def __post_init__(self):
        for name in ("halo", "shift", "jitter"):
            if name == "jitter" or getattr(self, name) is not None:
                checking.whole(getattr(self, name), name, 0)


def grid(shape, tile_size, stride, tiling):
    """The ``Grid`` for a picture of (height, width) ``shape`` and a layer of this ``stride``.

    Tiles have about ``tile_size`` pixels a side: they are made equal, and never more than half as
    large again. A side that fits into one tile has no borders, hence no shift.
    """
    sides = [_side(length, tile_size, stride, tiling) for length in shape[:2]]
    tile, count, halo, shift = zip(*sides, strict=True)
    return Grid(*shape[:2], tile, count, halo, shift, tiling.jitter, stride)


def _side(length, tile_size, stride, tiling):
    """One axis of the grid: size of a tile, number of tiles, halo, largest shift."""
    spare = max(0, tiling.jitter - 1)
    count = max(1, math.floor((length + spare) / tile_size + 0.5))
    if count == 1:
        return _up(length + spare, stride), 1, _up(tiling.halo or 0, stride), 0
    shift = tile_size // 16 if tiling.shift is None else tiling.shift
    tile = _up((length + spare + shift) / count, stride)
    if tiling.shift is None:  # all the room there is once sides are rounded up
        shift = min(tile_size // 8, tile * count - length - spare)
    halo = HALO if tiling.halo is None else tiling.halo
    return tile, count, _up(halo, stride), shift // stride * stride


def _up(number, step):
    """The smallest multiple of ``step`` that is not below ``number``."""
    return math.ceil(number / step) * step


@dataclass(frozen=True)
class Grid:
    """Tiles that cover a picture wherever the grid is moved to.

    Pairs are (vertical, horizontal). Sizes of tiles are multiples of the network's stride, so that
    all windows lie alike under its own grid; ``shift`` is the largest move of the borders, and the
    picture may move under the network by 0 to ``jitter - 1`` pixels more.
    """

    height: int
    width: int
    tile: tuple[int, int]
    count: tuple[int, int]
    halo: tuple[int, int]
    shift: tuple[int, int]
    jitter: int
    stride: int

    @property
    def window(self):
        """(height, width) of what the network sees at once."""
        return tuple(tile + 2 * halo for tile, halo in zip(self.tile, self.halo, strict=True))

    def move(self, random):
        """A random movement (y, x) of the grid, in pixels, all possible ones equally likely."""
        return tuple(
            int(random.integers(shift // self.stride + 1)) * self.stride
            + int(random.integers(max(1, self.jitter)))
            for shift in self.shift
        )

    def starts(self, move=(0, 0)):
        """Upper left corners of all tiles, ``[(y, x), ...]``, with the grid moved by ``move``.

        The grid moves up and to the left, so corners may lie outside the picture.
        """
        return [
            (row * self.tile[0] - move[0], column * self.tile[1] - move[1])
            for row in range(self.count[0])
            for column in range(self.count[1])
        ]

    def read(self, image, start):
        """The window around the tile at ``start``, of the dtype of ``image`` ``(H, W, 3)``."""
        (top, left), (height, width) = self._corner(start), self.window
        if 0 <= top <= self.height - height and 0 <= left <= self.width - width:
            return image[top : top + height, left : left + width]
        rows = mirrored(top, top + height, self.height)
        columns = mirrored(left, left + width, self.width)
        return image[rows[:, None], columns[None, :]]

    def write(self, field, start, window):
        """Put the tile's part of ``window`` into ``field``; what lies outside is dropped."""
        (top, left), (y, x) = self._corner(start), start
        rows = slice(max(y, 0), min(y + self.tile[0], self.height))
        columns = slice(max(x, 0), min(x + self.tile[1], self.width))
        if rows.start < rows.stop and columns.start < columns.stop:
            field[rows, columns] = window[
                rows.start - top : rows.stop - top, columns.start - left : columns.stop - left
            ]

    def _corner(self, start):
        return start[0] - self.halo[0], start[1] - self.halo[1]


def mirrored(start, stop, length):
    """Indices, in ``[0, length)``, of pixels ``start`` to ``stop - 1`` of a mirrored line."""
    index = np.arange(start, stop) % (2 * length)
    return np.where(index < length, index, 2 * length - 1 - index)
