"""What happens on the way: losses, seconds, pictures, and the best picture so far."""

import time

import numpy as np

from helpers import images
from lessons import pixels
from lessons.style.objective import PARTS

LIVE_EVERY = 10  # iterations between two live pictures


class Record:
    """Collects losses, times and pictures of a transfer. Give it as ``record=``.

    Attributes:
        history: ``loss``, its weighted parts ``content``, ``style``, ``total_variation``, the
            ``seconds`` since the start and the longer ``side`` of the picture: one list each,
            one entry an iteration, the start included. Losses of different sides do not compare.
        frames: uint8 pictures, one every ``every`` iterations and the last.
    """

    def __init__(self, every=0):
        """``every``: iterations between two kept pictures, 0 for none."""
        self.every = int(every)
        self.history = {key: [] for key in ("loss", *PARTS, "seconds", "side")}
        self.frames = []
        self._last = None

    def rows(self):
        """The history as a list of dicts, as ``plotting.quality_curves`` wants it."""
        values = zip(*self.history.values(), strict=True)
        return [dict(zip(self.history, row, strict=True)) for row in values]

    def same_size(self):
        """The frames in the size of the last one, for a film: early ones may be smaller."""
        size = self.frames[-1].shape[:2] if self.frames else None
        return [images.resize(frame, size, "bicubic") for frame in self.frames]

    def add(self, image, loss, parts, seconds):
        """Note one iteration; ``image`` is float32 in [0, 255]."""
        count = len(self.history["loss"])
        entry = (loss, *(float(part) for part in parts), seconds, max(image.shape[:2]))
        for values, value in zip(self.history.values(), entry, strict=True):
            values.append(value)
        self._last = image
        if self.every and count % self.every == 0:
            self.frames.append(pixels.to_uint8(image))

    def close(self):
        """Keep the last picture too."""
        count = len(self.history["loss"]) - 1
        if self.every and self._last is not None and count % self.every:
            self.frames.append(pixels.to_uint8(self._last))


class Tracker:
    """Called with every iteration: passes it to the bar, the record and the live picture.

    Args:
        progress: a ``pixels.Progress``.
        record: a ``Record``, or ``None``.
        finish: function of a picture that gives it the colors in which it is shown.

    Attributes:
        count: steps so far.
        best: the picture of the lowest loss at this level, or ``None``.
    """

    def __init__(self, progress, record, finish):
        self.progress, self.record, self.finish = progress, record, finish
        self.started, self.count = time.perf_counter(), 0
        self.new_level()

    def new_level(self):
        """Forget the best: losses of another size do not compare."""
        self.best, self.lowest, self.first = None, np.inf, True

    def __call__(self, image, loss, parts):
        if np.isfinite(loss) and loss < self.lowest:
            self.best, self.lowest = image, loss
        if not self.first:  # the start of a level is no step
            self.progress.step(f"loss {loss:.4g}")
            self.count += 1
        self.first = False
        if self.record is not None:
            self.record.add(image, loss, parts, time.perf_counter() - self.started)
        if self.progress.output.enabled and self.count % LIVE_EVERY == 0:
            self.progress.show(self.finish(image))
