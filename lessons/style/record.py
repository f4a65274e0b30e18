"""What happens on the way: losses, seconds, pictures, the progress bar, the live picture."""

import time
from pathlib import Path

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from helpers.live import LiveOutput
from lessons.style.objective import PARTS

LIVE_EVERY = 10  # iterations between two live pictures


class Record:
    """Collects what a transfer leaves on its way. Give it as ``record=``.

    Attributes:
        history: ``loss``, its weighted parts ``content``, ``style``, ``total_variation``, the
            ``seconds`` since the start and the longer ``side`` of the picture: one list each,
            one entry an iteration, the start included. Losses of different sides do not compare.
        frames: uint8 pictures, one every ``every`` iterations and the last.
    """

    def __init__(self, every=0, folder=None):
        """``every``: iterations between two kept pictures, 0 for none; with ``folder`` they are
        also written there as ``iteration_0100.png`` and so on."""
        self.every, self.folder = int(every), None if folder is None else Path(folder)
        self.history = {key: [] for key in ("loss", *PARTS, "seconds", "side")}
        self.frames = []
        self._last = None

    def rows(self):
        """The history as a list of dicts, as ``plotting.quality_curves`` wants it."""
        keys = list(self.history)
        values = zip(*self.history.values(), strict=True)
        return [dict(zip(keys, row, strict=True)) for row in values]

    def add(self, image, loss, parts, seconds):
        """Note one iteration; ``image`` is float32 in [0, 255]."""
        count = len(self.history["loss"])
        entry = (loss, *(float(part) for part in parts), seconds, max(image.shape[:2]))
        for key, value in zip(self.history, entry, strict=True):
            self.history[key].append(value)
        self._last = image
        if self.every and count % self.every == 0:
            self._keep(image, count)

    def close(self):
        """Keep the last picture too."""
        count = len(self.history["loss"]) - 1
        if self.every and self._last is not None and count % self.every:
            self._keep(self._last, count)

    def _keep(self, image, count):
        picture = as_bytes(image)
        self.frames.append(picture)
        if self.folder is not None:
            self.folder.mkdir(parents=True, exist_ok=True)
            Image.fromarray(picture).save(self.folder / f"iteration_{count:04}.png")

    def same_size(self):
        """The frames in the size of the last one, for a film: early ones may be smaller."""
        if not self.frames:
            return []
        height, width = self.frames[-1].shape[:2]
        return [
            np.asarray(Image.fromarray(frame).resize((width, height), Image.Resampling.BICUBIC))
            for frame in self.frames
        ]


class Watch:
    """Passes every iteration on to the bar, the record and the live picture; keeps the best."""

    def __init__(self, total, *, record, progress, live, description, finish):
        self.bar = tqdm(total=total, desc=description, disable=not progress, leave=False)
        self.record, self.place, self.finish = record, LiveOutput(bool(live)), finish
        self.started, self.count = time.perf_counter(), 0
        self.new_level()

    def new_level(self):
        """Forget the best: losses of another size do not compare."""
        self.best, self.least, self.first = None, np.inf, True

    def __call__(self, image, loss, parts):
        if np.isfinite(loss) and loss < self.least:
            self.best, self.least = image, loss
        if not self.first:  # the start of a level is no step
            self.bar.update()
            self.bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
            self.count += 1
        self.first = False
        if self.record is not None:
            self.record.add(image, loss, parts, time.perf_counter() - self.started)
        if self.place.enabled and self.count % LIVE_EVERY == 0:
            self.place.show(Image.fromarray(as_bytes(self.finish(image))))

    def close(self):
        self.bar.close()
        if self.record is not None:
            self.record.close()


def as_bytes(image):
    """float ``(H, W, 3)`` in [0, 255] as uint8, rounded."""
    return np.rint(np.clip(image, 0, 255)).astype("uint8")
