"""Gradient ascent on a picture, tile by tile, in memory that hardly depends on its size."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

from lessons.dream import tiles

LARGE = 8_000_000  # pixels from which memory counts more than time
STRIP = 256  # rows that are updated at a time
WORKERS = 2  # windows under way at once: one is cut out or stored while another is computed


@dataclass
class Climber:
    """Takes steps of ascent on pictures of any size with one traced function.

    Attributes:
        function: from ``objective.gradient_function``.
        stride: of the deepest layer, pixels.
        tile_size, halo, shift, jitter, smoothing, color: as in ``dream``.
        levels: of the Laplacian pyramid; 0 for none.
        guides: guiding features, one matrix for each target.
        batch_pixels: windows go through the network together up to this many pixels.
        workers: so many batches of windows are under way at once; each takes its memory.
        random: NumPy generator of the shifts.
        scales: mean size of each band in the last step, carried from step to step.
        size: root mean square of the last gradient.
    """

    function: object
    stride: int
    tile_size: int
    random: np.random.Generator
    halo: int | None = None
    shift: int | None = None
    jitter: int = 0
    smoothing: float = 0.0
    color: float = 1.0
    levels: int = 0
    guides: list = field(default_factory=list)
    batch_pixels: int = 300_000
    workers: int = WORKERS
    scales: np.ndarray | None = None
    size: float = 0.0

    def grid(self, shape):
        """The tiles of a picture."""
        return tiles.grid(
            shape,
            self.tile_size,
            stride=self.stride,
            halo=self.halo,
            shift=self.shift,
            jitter=self.jitter,
        )

    def gradient(self, image, move=None):
        """Gradient of the objective, cut together from all tiles.

        Args:
            image: float32 ``(H, W, 3)`` in [0, 255].
            move: of the grid, (y, x) in pixels; random unless given.

        Returns:
            ``(H, W, 3)``, float32 or, for large pictures, float16, and its root mean square. The
            scale of the float16 one is arbitrary.
        """
        grid = self.grid(image.shape)
        move = grid.move(self.random) if move is None else move
        if self.levels and self.scales is None:
            self.scales = np.ones(self.levels, "float32")
            self._sweep(image, grid, move, None)  # only to measure the bands
        large = image.shape[0] * image.shape[1] >= LARGE
        slope = np.empty(image.shape, "float16" if large else "float32")
        gain = self._sweep(image, grid, move, slope)
        size = _root_mean_square(slope)
        self.size = size / gain
        return slope, size

    def _sweep(self, image, grid, move, slope):
        """Fill ``slope`` (unless it is ``None``) and remember the sizes of the bands.

        Returns the factor by which ``slope`` is too large: slopes may be tiny, and half precision
        would lose them.
        """
        starts = grid.starts(move)
        half = slope is not None and slope.dtype == np.float16
        gain = 1 / self.size if half and self.size > 0 else None
        together = max(1, self.batch_pixels // (grid.window[0] * grid.window[1]))
        batches = [starts[i : i + together] for i in range(0, len(starts), together)]
        scales = np.ones(self.levels, "float32") if self.scales is None else self.scales
        if half and gain is None:  # the first batch says how large slopes are here
            found, _ = self._climb_of(image, grid, batches[0], scales)
            gain = 1 / np.sqrt(np.mean(found.astype("float64") ** 2)) if found.any() else None

        def sweep(batch):
            found, energy = self._climb_of(image, grid, batch, scales)
            if half and gain is not None:
                found = np.clip(found * np.float32(gain), -6e4, 6e4)
            for start, window in zip(batch, found, strict=True):
                if slope is not None:
                    grid.write(slope, start, window)
            return energy * len(batch)

        energies = _together(sweep, batches, self.workers)
        if self.levels:
            self.scales = np.sqrt(np.sum(energies, axis=0) / len(starts)).astype("float32")
            self.scales = np.maximum(self.scales, 1e-12)
        return 1.0 if gain is None else gain

    def _climb_of(self, image, grid, batch, scales):
        """Gradients of the windows at ``batch`` and the energies of their bands, as arrays."""
        windows = np.stack([grid.read(image, start) for start in batch])
        found, energy = self.function(
            windows, np.float32(self.smoothing), np.float32(self.color), scales, self.guides
        )
        return found.numpy(), energy.numpy()

    def step(self, image, step_size, mask=None):
        """Move ``image`` uphill in place, by ``step_size`` times the slope's own spread.

        Args:
            image: float32 ``(H, W, 3)``, stays in [0, 255].
            step_size: in units of pixel values.
            mask: float32 or uint8 (0..255) ``(H, W)``; where it is 0 nothing moves.
        """
        slope, size = self.gradient(image)
        if not size > 0:  # nothing here excites these channels: there is no way up
            return

        def move(rows):
            change = np.multiply(slope[rows], step_size / size, dtype="float32")
            if mask is not None:
                change *= mask[rows, :, None] / np.float32(255)
            image[rows] += change
            np.clip(image[rows], 0, 255, out=image[rows])

        strips = [slice(top, top + STRIP) for top in range(0, len(image), STRIP)]
        _together(move, strips, self.workers)


def _together(work, items, workers):
    """``[work(item) for item in items]``, some at a time; an interrupt drops those not begun."""
    if workers == 1 or len(items) == 1:
        return [work(item) for item in items]
    pool = ThreadPoolExecutor(workers)
    try:
        return list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)


def _root_mean_square(slope):
    total = 0.0
    for top in range(0, len(slope), STRIP):
        rows = slope[top : top + STRIP].astype("float32")
        total += float(np.vdot(rows, rows))
    return np.sqrt(total / slope.size)
