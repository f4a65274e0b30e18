"""Where notebook 08 and the kit say the same thing, they must not drift apart."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from scipy import stats
from sklearn.linear_model import LogisticRegression

from exercises import exercise
from helpers import augment
from lessons.latent import arithmetic, directions, interpolation, inversion, sampling

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "08_latent_space.ipynb"
EXERCISES = ("spherical", "arithmetic", "probe-direction", "truncated-normal", "inversion-step")


@pytest.fixture(scope="module")
def lesson():
    """The exercises' cells, executed: their functions by name."""
    sources = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, 4).cells}
    space = {"np": np, "tf": tf, "ops": ops, "exercise": exercise, "directions": directions}
    space["LogisticRegression"] = LogisticRegression
    for cell_id in (*EXERCISES, "masked-error", "cutout"):
        exec(compile(sources[cell_id], cell_id, "exec"), space)
    return space


@pytest.fixture
def z():
    return np.random.default_rng(0).normal(size=(60, 5)).astype("float32")


def test_paths_and_sums_are_the_kit_s(lesson, z):
    a, b, shares = z[:6], np.concatenate([z[6:11], 2 * z[5:6]]), np.linspace(0, 1, 5)
    np.testing.assert_allclose(
        lesson["spherical"](a, b, shares), interpolation.spherical(a, b, shares), atol=1e-4
    )
    parts = z[:3], z[3:5], z[5:9]
    np.testing.assert_allclose(lesson["combine"](*parts), arithmetic.combine(*parts), atol=1e-6)
    np.testing.assert_allclose(
        lesson["noisy_neighbors"](z[0], 0.3, 7), arithmetic.noisy_neighbors(z[0], 0.3, 7), atol=1e-6
    )


def test_direction_and_truncation_are_the_kit_s(lesson, z):
    labels = z[:, 1] + 0.3 * z[:, 2] > 0.1
    written, kit = lesson["probe_direction"](z, labels), directions.probe(z, labels).vector
    assert written @ kit > 0.98, "the kit holds a quarter of the z back"
    ours, kit = (
        f(2000, 3, 0.7, 5) for f in (lesson["truncated_normal"], sampling.truncated_normal)
    )
    assert stats.ks_2samp(ours.ravel(), kit.ravel()).pvalue > 0.01 and ours.dtype == kit.dtype


def test_the_way_back_is_the_kit_s(lesson, z):
    images = tf.constant(np.random.default_rng(1).normal(size=(60, 2, 2, 1)), tf.float32)
    weights = np.random.default_rng(2).normal(size=(5, 4)).astype("float32")

    def draw(z):
        return tf.reshape(tf.tanh(tf.matmul(z, weights)), (-1, 2, 2, 1))

    ours = lesson["inversion_step"](tf.constant(z), images, draw, 0.5)
    for found, expected in zip(ours, inversion.inversion_step(z, images, draw, 0.5), strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    mask = np.array([[1.0, 0.0], [1.0, 1.0]], "float32")[..., None]
    np.testing.assert_allclose(
        lesson["masked_error"](draw(z), images, mask),
        inversion.masked_error(draw(z), images, mask),
        rtol=1e-5,
    )


def test_the_hole_is_the_kit_s(lesson):
    pictures = np.random.default_rng(3).uniform(-1, 1, (5, 7, 6, 3)).astype("float32")
    top, left = np.array([[-1, 0, 3, 6, 2], [4, -2, 1, 0, 5]], "int32")
    np.testing.assert_array_equal(
        lesson["cutout"](pictures, top, left, 3), augment.cutout(pictures, top, left, 3)
    )
