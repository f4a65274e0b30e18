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
        best: picture of the lowest loss at the present size, float32 in [0, 255], or ``None``.
    """

    def __init__(self, every=0):
        """``every``: iterations between two kept pictures, 0 for none."""
        self.every = int(every)
        self.history = {key: [] for key in ("loss", *PARTS, "seconds", "side")}
        self.frames, self.best, self.last = [], None, None

    def rows(self):
        """The history as a list of dicts, as ``plotting.quality_curves`` wants it."""
        values = zip(*self.history.values(), strict=True)
        return [dict(zip(self.history, row, strict=True)) for row in values]

    def same_size(self):
        """The frames in the size of the last one, for a film: early ones may be smaller."""
        size = self.frames[-1].shape[:2] if self.frames else None
        return [images.resize(frame, size, "bicubic") for frame in self.frames]

    def begin(self, progress, finish):
        """A run begins: its ``pixels.Progress``, and what gives a picture its final colors."""
        self.progress, self.finish = progress, finish
        self.started, self.steps, self.best = time.perf_counter(), 0, None

    def new_level(self, start):
        """Forget the best: losses of another size do not compare."""
        self.best, self.lowest, self.first = start, np.inf, True

    def add(self, image, loss, parts):
        """Note one iteration; ``image`` is float32 in [0, 255]."""
        if loss < self.lowest:  # which NaN is not
            self.best, self.lowest = image, loss
        if not self.first:  # the start of a level is no step
            self.progress.step(f"loss {loss:.4g}")
            self.steps += 1
        count, seconds = len(self.history["loss"]), time.perf_counter() - self.started
        entry = (loss, *(float(part) for part in parts), seconds, max(image.shape[:2]))
        for values, value in zip(self.history.values(), entry, strict=True):
            values.append(value)
        self.last, self.first = image, False
        if self.every and count % self.every == 0:
            self.frames.append(pixels.to_uint8(image))
        if self.progress.output.enabled and self.steps % LIVE_EVERY == 0:
            self.progress.show(self.finish(image))

    def close(self):
        """Keep the last picture too."""
        if self.every and self.last is not None and (len(self.history["loss"]) - 1) % self.every:
            self.frames.append(pixels.to_uint8(self.last))
