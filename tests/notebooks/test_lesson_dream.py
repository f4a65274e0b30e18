"""Where notebook 05 and ``lessons.dream`` say the same thing, they must not drift apart."""

from pathlib import Path

import nbformat
import numpy as np
import pytest
import tensorflow as tf

from exercises import exercise
from helpers import images
from helpers.networks import features
from lessons import dream
from lessons.dream import tiles

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "05_deepdream.ipynb"


@pytest.fixture(scope="module")
def lesson():
    """The exercises' cells, executed: their functions by name."""
    sources = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, 4).cells}
    space = {"np": np, "tf": tf, "images": images, "exercise": exercise}
    for cell_id in ("ascent-step", "octaves", "tile-starts"):
        exec(compile(sources[cell_id], cell_id, "exec"), space)
    return space


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


def score_of(network, layer):
    return lambda image: tf.reduce_mean(network.features(image[None], [layer])[layer])


def test_the_step_of_the_lesson_is_the_helper_s(lesson, network):
    photo = images.photograph("cat", 96).astype("float32")
    written = lesson["ascent_step"](tf.constant(photo), score_of(network, "fire4"), 3.0)
    options = {"num_iterations": 1, "num_repeats": 0, "step_size": 3.0}
    options["tiling"] = dream.Tiling(jitter=0)
    np.testing.assert_allclose(written, dream.dream(photo, network, "fire4", **options), atol=0.02)


def test_the_octaves_of_the_lesson_have_the_helper_s_sizes(lesson):
    sizes = []

    def ascend(image):
        sizes.append(image.shape[:2])
        return image

    photo = np.full((200, 320, 3), 100.0, "float32")
    lesson["octaves"](photo, ascend, 2, 0.5, 0.2)
    assert sizes == dream.octave_sizes(photo.shape, 2, 0.5)


def test_the_tiles_of_the_lesson_start_where_the_helper_s_do(lesson):
    grid = tiles.grid((96, 130), 32, 8, dream.Tiling(shift=8, jitter=0))
    for shift in (0, 3, 8):
        rows = lesson["tile_starts"](96, grid.tile[0], shift)
        found = sorted({y for y, _ in grid.starts((shift, 0))})
        # The helper keeps the number of tiles the same at every shift, so one may lie outside.
        assert found[: len(rows)] == rows and all(y >= 96 for y in found[len(rows) :])
