"""Notebook 07: where a cell and a helper say the same thing, they must not drift apart."""

from pathlib import Path

import keras
import nbformat
import numpy as np
import tensorflow as tf

from exercises import exercise
from helpers import config
from lessons.clinic import losses, patients, plane, points

NAME = "07_gan_clinic"
BOOK = nbformat.read(Path(__file__).resolve().parents[2] / "notebooks" / f"{NAME}.ipynb", 4)


def lesson(*cell_ids):
    """Execute some cells of the notebook; returns their names."""
    sources = {cell.id: cell.source for cell in BOOK.cells}
    space = {"np": np, "tf": tf, "ops": keras.ops, "exercise": exercise, "plane": plane}
    space["cfg"] = config.settings(NAME)
    for cell_id in cell_ids:
        exec(compile(sources[cell_id], f"{NAME}: {cell_id}", "exec"), space)
    return space


def test_the_steps_on_the_plane_are_those_of_the_helper():
    found = lesson("plane-steps")
    for rule in ("simultaneous", "alternating"):
        point = np.array([0.3, -1.2])
        np.testing.assert_allclose(found[rule](point, 0.2), plane.step(point, rule, 0.2))
        path = found["walk"](found[rule])
        cfg = config.settings(NAME)
        expected = plane.play((1.0, 0.0), rule, cfg.game_rate, cfg.game_steps)
        np.testing.assert_allclose(path, expected)


def test_the_answers_agree_with_the_kits_versions():
    found = lesson(
        "extragradient-step", "generator-losses", "optimal-discriminator", "gradient-penalty",
        "hinge-losses",
    )  # fmt: skip
    point = np.array([1.0, 2.0])
    np.testing.assert_allclose(
        found["extragradient_step"](point, plane.field, 0.3),
        plane.extragradient_step(point, plane.field, 0.3),
    )
    real, fake = tf.constant([[1.5], [-0.2]]), tf.constant([[-3.0], [0.4], [2.0]])
    for name, arguments in (
        ("generator_losses", (fake,)),
        ("generator_gradients", (fake,)),
        ("hinge_losses", (real, fake)),
    ):
        ours = getattr(losses, name)(*arguments)
        for written, kits in zip(found[name](*arguments), ours, strict=True):
            np.testing.assert_allclose(written, kits, rtol=1e-4)
    densities = np.array([0.0, 1.0, 2.0]), np.array([0.0, 3.0, 0.0])
    np.testing.assert_allclose(
        found["optimal_discriminator"](*densities), points.optimal_discriminator(*densities)
    )
    critic = keras.Sequential(
        [keras.Input((2, 3, 3)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    images = tf.ones((4, 2, 3, 3))
    np.testing.assert_allclose(
        found["gradient_penalty"](critic, images),
        losses.gradient_penalty(critic, images),
        rtol=1e-5,
    )


def test_every_patient_has_a_bed():
    rounds = {cell.id.removesuffix("-round") for cell in BOOK.cells if cell.id.endswith("-round")}
    assert rounds == set(patients.PATIENTS)
