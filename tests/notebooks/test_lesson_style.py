"""Where notebook 06 and ``lessons.style`` say the same thing, they must not drift apart."""

from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf

from exercises import exercise
from helpers.networks import features
from lessons import style
from lessons.style import objective

NOTEBOOK = Path(__file__).resolve().parents[2] / "notebooks" / "06_style_transfer.ipynb"
CELLS = (
    "gram-matrix", "style-loss", "total-variation", "transfer-step", "moments-loss", "keep-colors",
    "own-loss",
)  # fmt: skip


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


@pytest.fixture(scope="module")
def lesson(network):
    """The exercises' cells and the loss of the student's own transfer: their names."""
    sources = {cell.id: cell.source for cell in nbformat.read(NOTEBOOK, 4).cells}
    random = np.random.default_rng(0)
    cat, painting = random.integers(0, 256, (2, 48, 64, 3)).astype("uint8")
    parts = style.LAYERS["squeezenet"]

    class Paintings:
        @staticmethod
        def painting(*_):
            return painting

    space = {
        "np": np, "tf": tf, "keras": keras, "exercise": exercise, "network": network, "cat": cat,
        "images": Paintings, "style_layers": list(parts["style"]), "painting": painting,
        "content_layer": parts["content"][0],
        "cfg": type("Cfg", (), {"small_largest": 64}),
    }  # fmt: skip
    space["grams"] = lambda image: [
        style.gram_matrix(each[0])
        for each in network.features(image[None], list(parts["style"])).values()
    ]
    for cell_id in CELLS:
        exec(compile(sources[cell_id], cell_id, "exec"), space)
    return space


@pytest.fixture
def maps():
    random = np.random.default_rng(1)
    return [tf.constant(each.astype("float32")) for each in random.uniform(0, 2, (2, 6, 7, 5))]


def test_the_losses_of_the_lesson_are_the_helper_s(lesson, maps):
    grams = [style.gram_matrix(each) for each in maps]
    np.testing.assert_allclose(lesson["gram_matrix"](maps[0]), grams[0], rtol=1e-5)
    pairs = (
        (lesson["style_loss"](*grams), style.relative_error(*grams)),
        (lesson["moments_loss"](*maps), style.moments_loss(*maps)),
        (lesson["total_variation"](maps[0]), style.total_variation(maps[0])),
    )
    for ours, theirs in pairs:
        assert float(ours) == pytest.approx(float(theirs), rel=1e-4)


def test_the_step_of_the_lesson_is_the_helper_s():
    def bowl(image):
        return tf.reduce_sum((image - 300.0) ** 2)

    lesson_step = {"tf": tf, "exercise": exercise}
    source = {c.id: c.source for c in nbformat.read(NOTEBOOK, 4).cells}["transfer-step"]
    exec(compile(source, "transfer-step", "exec"), lesson_step)
    results = []
    for step in (lesson_step["transfer_step"], style.transfer_step):
        image, optimizer = tf.Variable(tf.fill([3, 4, 3], 100.0)), keras.optimizers.Adam(30.0)
        values = [float(step(image, bowl, optimizer)) for _ in range(8)]
        results.append((image.numpy(), values))
    np.testing.assert_allclose(results[0][0], results[1][0])
    assert results[0][1] == results[1][1] and results[0][0].max() == 255


def test_the_colors_of_the_lesson_are_the_helper_s(lesson):
    pair = np.random.default_rng(2).uniform(0, 255, (2, 5, 6, 3)).astype("float32")
    np.testing.assert_allclose(lesson["keep_colors"](*pair), style.with_colors_of(*pair), atol=1e-3)


def test_the_whole_loss_of_the_lesson_is_what_transfer_minimizes(lesson, network):
    """Up to the edge, which the kit's roughness includes: compared on a flat border."""
    loss, painting = style.Loss().resolved(network), lesson["painting"].astype("float32")
    function = objective.Objective(
        network, loss, (*style.WEIGHTS, 30.0),
        content=objective.content_targets(network, loss, lesson["photo"]),
        style=[each[None] for each in objective.style_targets(network, loss, [painting])],
    )  # fmt: skip
    image = np.full((48, 64, 3), 120, "float32")
    image[4:-4, 4:-4] = np.random.default_rng(3).uniform(0, 255, (40, 56, 3))
    assert float(lesson["own_loss"](tf.constant(image))) == pytest.approx(
        function(image)[0], rel=1e-3
    )
