"""Does the trick help? Each of lecture_tricks and lab_heuristics as one change of ``HEALTHY``.

``run_cell`` trains one of them for some seconds and measures it; ``benchmarks/tricks.py`` fills
the whole table and ships it as ``data/tricks_mnist.json``; ``verdict`` reads a row of it.
"""

import json
import time
from dataclasses import dataclass, replace

import keras
import numpy as np

from helpers import checking, config, metrics
from lessons.clinic import cases
from lessons.clinic.patients import HEALTHY
from lessons.clinic.setups import Setup

FIGURES = ("frechet", "coverage", "checkerboard")
MOST_STEPS = 5_000  # an end in case the clock stands still, as for work on a GPU


@dataclass(frozen=True)
class Trick:
    """One row of the table."""

    label: str  # what is done
    setup: Setup  # the healthy one with this change
    advice: str  # of the lists of tricks: "use" it, or "avoid" it, as the healthy setup does


def _trick(label, advice, **change):
    return Trick(label, replace(HEALTHY, **change), advice)


BASE = "the setup as it is"
SAME_RATE = {"g_learning_rate": 0.02, "d_learning_rate": 0.02}
TRICKS = {
    trick.label: trick
    for trick in (
        _trick(BASE, "use"),
        _trick("dropout 0.3 in D", "use", dropout=0.3),
        _trick("noise on labels, up to 0.2", "use", label_noise=0.2),
        _trick("flipped labels, 5 %", "use", label_flips=0.05),
        _trick("smooth labels, 0.9", "use", label_smoothing=0.1),
        _trick("half the learning rate for D", "use", d_learning_rate=5e-4),
        _trick("half the filters in D", "use", d_filters=8),
        _trick("batches of 64", "use", batch_size=64),
        _trick("kernels of 4, divisible by the stride", "use", kernel_size=4),
        _trick("normal starting weights, 0.02", "use", initial_spread=0.02),
        _trick("gradient penalty", "use", real_penalty=1.0),
        _trick("pairing loss and gradient penalty", "use", loss="relativistic", real_penalty=1.0),
        _trick("the minimax loss", "avoid", loss="minimax"),
        _trick("uniform z", "avoid", latent="uniform"),
        _trick("sigmoid output, images in [0, 1]", "avoid", output="sigmoid", data_range=(0, 1)),
        _trick("max pooling in D", "avoid", downsampling="max_pool"),
        _trick("ReLU in D", "avoid", activation="relu"),
        _trick("no BatchNorm in G", "avoid", normalize=False),
        _trick("no averaged copy", "avoid", ema_momentum=None),
        _trick("SGD for Adam", "avoid", optimizer="sgd", **SAME_RATE),
    )
}


class ProcessorTime(keras.callbacks.Callback):
    """Stops ``fit`` after some seconds of processor time; tracing, the first step, is free.

    The time that the processor spent on this program, all its threads together: other programs
    that wait for the same processor do not shorten a run. On a GPU it counts the host alone.
    """

    def __init__(self, seconds):
        super().__init__()
        self.seconds, self.began = seconds, None

    def on_train_batch_end(self, batch, logs=None):
        now = time.process_time()
        if self.began is None:
            self.began = now
        elif now - self.began >= self.seconds:
            self.model.stop_training = True


def run_cell(label, seed, images, *, seconds=8.0, num_samples=1000):
    """Train one trick with one seed and measure it: one cell of the table, as a dict.

    Args:
        label: key of ``TRICKS``.
        seed: of the networks, z and the order of the images.
        images: uint8 ``(N, 28, 28, 1)``.
        seconds: processor seconds of training.
        num_samples: samples that are measured.

    Returns:
        ``label``, ``seed``, ``steps`` and the ``FIGURES``.

    Raises:
        ValueError: no such trick.
    """
    setup = TRICKS[checking.choice(label, "label", TRICKS)].setup
    gan = cases.fit(setup, images, MOST_STEPS, seed, ProcessorTime(seconds))
    samples = cases.draw(gan, setup, num_samples)
    found = metrics.quality(samples, cases.DATASET, value_range=(-1, 1))
    found["checkerboard"] = float(metrics.checkerboard(samples).mean())
    figures = {name: round(found[name], 5) for name in FIGURES}
    return {"label": label, "seed": seed, "steps": int(gan.step_count), **figures}


def shipped():
    """The table that ``benchmarks/tricks.py`` measured: dict with ``seconds`` and ``cells``."""
    return json.loads((config.bundled_data_dir() / "tricks_mnist.json").read_text())


def by_seed(cells, label):
    """The Frechet distances of one trick: seed -> distance."""
    return {cell["seed"]: cell["frechet"] for cell in cells if cell["label"] == label}


def verdict(cells, label):
    """Whether a trick helped: ``"better"``, ``"worse"``, ``"no difference"`` or ``"unknown"``.

    Every seed is compared with the base of the same seed. It takes all seeds, at least three, to
    call a change better or worse: with five seeds, chance alone does that in 1 of 16 tries.
    With fewer than three it is unknown.
    """
    ours, base = by_seed(cells, label), by_seed(cells, BASE)
    seeds = sorted(ours.keys() & base.keys())
    if len(seeds) < 3:
        return "unknown"
    changes = np.array([ours[seed] - base[seed] for seed in seeds])
    if (changes < 0).all():
        return "better"
    return "worse" if (changes > 0).all() else "no difference"


def rows(cells):
    """The table in short: one dict a trick with label, advice, median, low, high and verdict,
    the numbers being Frechet distances.
    """
    table = []
    for label, trick in TRICKS.items():
        values = list(by_seed(cells, label).values())
        if values:
            words = {"label": label, "advice": trick.advice}
            words["verdict"] = "" if label == BASE else verdict(cells, label)
            ends = {"low": min(values), "high": max(values)}
            table.append({**words, "median": float(np.median(values)), **ends})
    return table
