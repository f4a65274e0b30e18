"""One case: train a setup for some steps, watch it, measure the symptoms."""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from helpers import checking, metrics
from lessons.clinic import setups
from lessons.clinic.doctor import Doctor
from lessons.clinic.rules import Finding

DATASET = "mnist"
CHECK_UPS = 12  # in a run; the doctor's rules count in check-ups
# The symptoms that every patient is measured by.
MAIN = ("d_loss", "g_loss", "d_accuracy", "signal", "spread", "frechet", "coverage", "classes")
TAIL = 3  # check-ups at the end that a symptom is averaged over


class Case(NamedTuple):
    """A run and what was measured."""

    samples: np.ndarray  # float32 (N, 28, 28, 1) in [-1, 1], as many as were asked for
    curves: dict  # d_loss, g_loss, d_accuracy: lists, one number for each step
    history: dict  # the doctor's numbers, one for each check-up
    symptoms: dict  # name -> number, see measure
    shares: np.ndarray  # share of the samples in each class, (10,)
    findings: list[Finding]  # the doctor's


def train_and_measure(setup, images, *, steps=200, seed=0, num_samples=500, eager=False):
    """Train a new GAN of ``setup`` on ``images`` and measure it.

    Args:
        setup: a ``setups.Setup``.
        images: uint8 ``(N, 28, 28, 1)``, the digits that the players are shown.
        steps: steps of training.
        seed: of the networks, the order of the images and z.
        num_samples: samples for the symptoms, at least 6; compare at equal numbers.
        eager: without a graph, which takes longer to trace than a few steps to run.

    Returns:
        a ``Case``.

    Raises:
        ValueError: fewer images than one batch, or less than one step.
    """
    steps = checking.whole(steps, "steps")
    if len(images) < setup.batch_size:
        raise ValueError(f"one batch takes {setup.batch_size} images, got {len(images)}")
    real = setups.scale(images, setup.data_range)
    doctor = Doctor(real, every=max(1, steps // CHECK_UPS), verbose=False)
    gan = fit(setup, images, steps, seed, doctor, eager)
    samples = draw(gan, setup, num_samples)
    judged = metrics.judge(samples, DATASET, value_range=(-1, 1))
    symptoms, shares = measure(judged, doctor.history)
    return Case(samples, doctor.curves, doctor.history, symptoms, shares, doctor.findings())


def fit(setup, images, steps, seed, callback, eager=False):
    """A new GAN of ``setup``, trained on ``images`` for at most ``steps`` steps."""
    gan = setups.build(setup, seed)
    gan.run_eagerly = eager
    # ``datasets.batches`` takes bytes and a range; here the range may be a wrong one.
    data = tf.data.Dataset.from_tensor_slices(setups.scale(images, setup.data_range))
    data = data.shuffle(len(images), seed=seed).repeat()
    data = data.batch(setup.batch_size, drop_remainder=True)
    gan.fit(data, steps_per_epoch=steps, epochs=1, verbose=0, callbacks=[callback])
    return gan


def draw(gan, setup, count):
    """``count`` generated images in [-1, 1], whatever the range of G's last activation."""
    low, high = setups.OUTPUTS[setup.output]
    images = np.asarray(gan.generate(count, seed=1))
    return np.clip((images - low) * (2.0 / (high - low)) - 1.0, -1.0, 1.0)


def table(cases, names=None):
    """Symptoms of several cases (title -> ``Case``) as text: those of ``names``, or all."""
    lines = [("", *(f"{title:>12}" for title in cases))]
    for name in dict.fromkeys(names or next(iter(cases.values())).symptoms):
        lines.append((name, *(f"{case.symptoms[name]:12.3g}" for case in cases.values())))
    return "\n".join(f"{name:12}" + "".join(cells) for name, *cells in lines)


def measure(judged, history):
    """The symptoms of a run: a dict of floats, and the share of each class.

    * ``d_loss``, ``g_loss``, ``d_accuracy``: mean of the last check-ups;
    * ``loss_peak``: the largest loss of either player at any check-up;
    * ``signal``: norm of the gradient that the generator gets from D, for each image;
    * ``spread``: how much the samples differ from each other, 1 as much as real digits;
    * ``change``: how much the same z changes from one check-up to the next, over the spread;
    * ``mode_gap``: training against inference mode of the generator, over the spread;
    * ``frechet``, ``coverage``, ``recall``, ``class_max``: as in ``metrics.quality``;
    * ``classes``: classes with at least 2 % of the samples;
    * ``duplicates``: share of the samples with a twin.

    ``judged`` is the ``metrics.Judgment`` of the samples, ``history`` the doctor's.
    """
    real = metrics.reference(DATASET)
    figures = metrics.figures(judged, real)
    shares = metrics.class_histogram(judged.probabilities)
    watched = ("d_loss", "g_loss", "d_accuracy", "signal", "spread", "change", "mode_gap")
    symptoms = {name: float(np.mean(history[name][-TAIL:])) for name in watched}
    symptoms["loss_peak"] = float(np.max(np.abs([history["d_loss"], history["g_loss"]])))
    symptoms |= {name: figures[name] for name in ("frechet", "coverage", "recall", "class_max")}
    symptoms["classes"] = float((shares >= 0.02).sum())
    symptoms["duplicates"] = metrics.duplicates(judged.features, real.twin_distance)
    return symptoms, shares
