"""Gradient ascent on a picture, tile by tile, in memory that hardly depends on its size."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np

from lessons.dream import objective, tiles
from lessons.pixels import STRIP

LARGE = 8_000_000  # pixels from which memory counts more than time
HALF = 65_504  # the largest number of half precision
BATCH = 300_000  # pixels of windows that go through the network together
WORKERS = 2  # batches under way at once: one is cut out or stored while another is computed


class GradientAscent:
    """Takes steps of ascent on pictures of any size with one traced function.

    Targets are those of ``objective.targets``, the other arguments as in ``dream``; ``workers``
    batches of windows are under way at once, and each takes its memory.
    """

    def __init__(
        self, network, targets, ascent, tiling,
        *, tile_size, color=1.0, guide=None, seed=0, workers=WORKERS,
    ):  # fmt: skip
        self.function = objective.gradient_function(
            network, targets, ascent, guided=guide is not None
        )
        self.guides = [] if guide is None else objective.guiding_features(network, targets, guide)
        self.stride = max(network.stride(target.layer) for target in targets)  # of the deepest
        self.tile_size, self.tiling, self.workers = tile_size, tiling, workers
        self.smoothing, self.color = np.float32(ascent.smoothing), np.float32(color)
        self.random = np.random.default_rng(seed)
        self.levels = ascent.levels
        self.scales = None  # root mean square of each band, carried from step to step

    def step(self, image, step_size, mask=None):
        """Move ``image`` uphill in place, by ``step_size`` pixel values as a root mean square.

        ``image`` is float32 ``(H, W, 3)`` in [0, 255]. Where ``mask``, uint8 ``(H, W)``, is 0
        nothing moves.
        """
        gradient, spread = self.gradient(image)
        if not spread > 0:  # nothing here excites these channels: there is no way up
            return
        for top in range(0, len(image), STRIP):
            rows = slice(top, top + STRIP)
            change = np.multiply(gradient[rows], step_size / spread, dtype="float32")
            if mask is not None:
                change *= mask[rows, :, None] / np.float32(255)
            image[rows] += change
            np.clip(image[rows], 0, 255, out=image[rows])

    def gradient(self, image, move=None):
        """Gradient ``(H, W, 3)``, put together from all tiles, and its root mean square.

        ``move`` of the grid is (y, x) in pixels; random unless given. Large pictures have their
        gradient in float16, on a scale that suits it.
        """
        grid = tiles.grid(image.shape, self.tile_size, self.stride, self.tiling)
        starts = grid.starts(grid.move(self.random) if move is None else move)
        large = image.shape[0] * image.shape[1] >= LARGE
        gradient = np.empty(image.shape, "float16" if large else "float32")
        ones = np.ones(self.levels, "float32")
        if self.levels == 1 and not large:  # float32 takes any scale
            self._fill(gradient, image, grid, starts, ones)
        else:
            if self.scales is None:  # once through, only for the sizes of the bands
                self._fill(gradient, image, grid, starts, ones)
            self._fill(gradient, image, grid, starts, self.scales)
        return gradient, _root_mean_square(gradient)

    def _fill(self, gradient, image, grid, starts, scales):
        """Write every tile's gradient, its bands divided by ``scales``; note the bands' sizes."""
        together = max(1, BATCH // (grid.window[0] * grid.window[1]))
        batches = [starts[i : i + together] for i in range(0, len(starts), together)]

        def fill(batch):
            windows = np.stack([grid.read(image, start) for start in batch])
            found, energies = self.function(
                windows, self.smoothing, self.color, scales, self.guides
            )
            found = found.numpy() if gradient.dtype == np.float32 else np.clip(found, -HALF, HALF)
            for start, window in zip(batch, found, strict=True):
                grid.write(gradient, start, window)
            return energies.numpy() * len(batch)

        energies = _in_parallel(fill, batches, self.workers)
        sizes = np.sqrt(np.sum(energies, axis=0) / len(starts))
        self.scales = np.maximum(sizes.astype("float32"), 1e-12)


def _in_parallel(work, items, workers):
    """``[work(item) for item in items]``, some at a time; an interrupt drops those not begun."""
    if workers == 1 or len(items) == 1:
        return [work(item) for item in items]
    pool = ThreadPoolExecutor(workers)
    try:
        return list(pool.map(work, items))
    finally:
        pool.shutdown(cancel_futures=True)


def _root_mean_square(gradient):
    total = 0.0
    for top in range(0, len(gradient), STRIP):
        rows = gradient[top : top + STRIP].astype("float32")
        total += float(np.vdot(rows, rows))
    return np.sqrt(total / gradient.size)
