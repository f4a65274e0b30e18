"""Callbacks for ``fit``: pictures while training, the GIF, quality per epoch.

All of them draw with fixed z, so that two epochs differ by the network alone. They show their
pictures live in a notebook and stay quiet otherwise (``config.interactive``). What they leave on
disk lets a resumed run go on where it stopped: each has ``resume(epoch, history)``,
which ``training.train`` calls.
"""

import json
import time
from pathlib import Path

import imageio.v3 as iio
import keras
import numpy as np

from helpers import images, metrics
from helpers.live import LiveOutput

MOST_FRAMES = 120  # of an animation, so that a long run does not make a huge file


class SampleGrid(keras.callbacks.Callback):
    """Draws the same z after every ``every`` epochs: live, and as ``folder/epoch_0001.png``.

    Args:
        z: float array ``(N, latent_dim)``, kept for the whole run (lab_dcgan calls it the seed);
            source images for a model that translates them.
        folder: where the frames go, or ``None``.
        labels: the class of each z, int ``(N,)``, for a model whose ``generate`` takes labels.
        columns: images in a row; the square root of N unless given.
        row_names: one text for each row, such as the classes.

    Raises:
        ValueError: labels or row names of another number than the z or the rows.
    """

    def __init__(
        self, z, folder=None, *, labels=None, every=1, columns=None, row_names=None, scale=3
    ):
        super().__init__()
        self.z, self.labels, self.every, self.scale = z, labels, every, scale
        self.columns = columns or int(np.ceil(np.sqrt(len(z))))
        self.row_names = row_names
        if labels is not None and len(labels) != len(z):
            raise ValueError(f"{len(z)} z need as many labels, got {len(labels)}")
        rows = -(-len(z) // self.columns)
        if row_names is not None and len(row_names) != rows:
            raise ValueError(f"{rows} rows need as many row_names, got {len(row_names)}")
        self.folder = None if folder is None else Path(folder)
        self.live = LiveOutput()
        self.started_at = 0

    def resume(self, epoch, history):
        """Drop the frames of epochs that an interrupted run has to do again."""
        self.started_at = epoch
        for frame in self.folder.glob("epoch_*.png") if self.folder else ():
            if _epoch(frame) > epoch or epoch == 0:
                frame.unlink()

    def on_train_begin(self, logs=None):
        if self.started_at == 0:
            self._draw(0)

    def on_epoch_end(self, epoch, logs=None):
        if (epoch + 1) % self.every == 0 or epoch + 1 == self.params["epochs"]:
            self._draw(epoch + 1)

    def _draw(self, epoch):
        value_range = self.model.value_range or (-1.0, 1.0)
        asked = (self.z,) if self.labels is None else (self.z, self.labels)
        samples = np.clip(self.model.generate(*asked), *value_range)
        sheet = images.sheet(
            images.to_uint8(samples, value_range),
            self.columns,
            scale=self.scale,
            row_names=self.row_names,
            title=f"epoch {epoch}",
        )
        if self.folder:
            self.folder.mkdir(parents=True, exist_ok=True)
            sheet.save(self.folder / f"epoch_{epoch:04d}.png")
        self.live.show(sheet)


def write_gif(folder, path, *, milliseconds=120, last_milliseconds=1500):
    """Join the ``epoch_*.png`` of a folder into an animation; returns its path.

    Of a long run ``MOST_FRAMES`` evenly spaced frames are kept. The last frame stays for
    ``last_milliseconds``.
    """
    frames = [iio.imread(frame) for frame in _evenly(_frames(folder), MOST_FRAMES)]
    times = {"milliseconds": milliseconds, "last_milliseconds": last_milliseconds}
    return images.write_gif(frames, path, **times)


def side_by_side(folder, *, columns=5, most=10, width=300):
    """Frames of a folder (``epoch_*.png``) as one PIL picture, oldest first.

    Args:
        folder: where ``SampleGrid`` left its frames.
        columns: frames in a row.
        most: at most so many evenly spaced frames, the last included; the one from before the
            training (epoch 0) only if there is room. lab_cifar shows epochs 10, 20 ... 100.
        width: of each frame in the picture, pixels.
    """
    frames = _frames(folder)
    if len(frames) > most:
        frames = _evenly([frame for frame in frames if _epoch(frame)], most)
    # Without their captions, which would shrink with them and are written anew.
    pixels = np.stack([iio.imread(frame)[images.CAPTION_HEIGHT :] for frame in frames])
    size = (round(width * pixels.shape[1] / pixels.shape[2]), width)
    return images.sheet(
        images.resize(pixels, size, method="lanczos"),
        min(columns, len(frames)),
        gap=0,
        captions=[f"epoch {_epoch(frame)}" for frame in frames],
    )


def _frames(folder):
    frames = sorted(Path(folder).glob("epoch_*.png"))
    if not frames:
        raise FileNotFoundError(
            f"no frames in {folder}: train with callbacks.SampleGrid(z, folder) first"
        )
    return frames


def _evenly(frames, most):
    """At most ``most`` of the frames, evenly spaced, the first and the last included."""
    chosen = np.linspace(0, len(frames) - 1, min(len(frames), most)).round().astype(int)
    return [frames[index] for index in chosen]


def _epoch(frame):
    return int(frame.stem.split("_")[1])


class QualityLog(keras.callbacks.Callback):
    """Measures samples after every ``every`` epochs with ``metrics.quality``.

    The figures join the epoch's logs (NaN in epochs between) and ``rows``: one dict for each
    measurement with ``epoch``, ``seconds`` (of training alone, when ``training.train`` runs it)
    and the figures. With ``path`` the rows survive a killed kernel.

    A model with ``num_classes`` (``training.ConditionalGAN``) is asked for all classes in turn,
    and two figures are added: ``fidelity``, the share of samples that the classifier gives
    their wanted class, and ``fidelity_min``, that of the worst class.
    """

    def __init__(self, dataset, *, num_samples=1000, every=1, seed=1, path=None):
        super().__init__()
        self.dataset, self.num_samples = dataset, num_samples
        self.every, self.seed = every, seed
        self.path = None if path is None else Path(path)
        self.rows, self.seconds = [], 0.0

    def resume(self, epoch, history):
        """Keep the rows up to ``epoch`` of an interrupted run, and its seconds so far."""
        self.rows, self.seconds = [], sum(history.get("seconds", []))
        if self.path and self.path.exists():
            lines = self.path.read_text().splitlines()
            self.rows = [row for row in map(json.loads, lines) if row["epoch"] <= epoch]
        self._save()

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        self.seconds += logs.get("seconds", time.perf_counter() - self.started)
        if (epoch + 1) % self.every and epoch + 1 != self.params["epochs"]:
            fidelity = ("fidelity", "fidelity_min") if hasattr(self.model, "num_classes") else ()
            logs.update(dict.fromkeys((*metrics.QUALITY, *fidelity), np.nan))
        else:
            figures = self._measure()
            logs.update(figures)
            self.rows.append({"epoch": epoch + 1, "seconds": round(self.seconds, 2), **figures})
            self._save()

    def _measure(self):
        value_range = self.model.value_range or (-1.0, 1.0)
        classes = getattr(self.model, "num_classes", None)
        asked = {"labels": np.arange(self.num_samples) % classes} if classes else {}
        samples = self.model.generate(self.num_samples, seed=self.seed, **asked)
        samples = np.clip(samples, *value_range)
        judged = metrics.judge(samples, self.dataset, value_range)
        figures = metrics.figures(judged, metrics.reference(self.dataset))
        if classes:
            found = metrics.label_fidelity(judged.probabilities, asked["labels"], classes)
            figures |= {
                "fidelity": found.overall,
                "fidelity_min": float(np.nanmin(found.per_class)),
            }
        return figures

    def _save(self):
        if self.path:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_text("".join(json.dumps(row) + "\n" for row in self.rows))
