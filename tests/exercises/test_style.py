"""The checks of notebook 06 accept right answers and name what is wrong with wrong ones.

``grading/rehearsal`` holds the mistakes of students; here stand answers that try the checks.
"""

import numpy as np
import pytest
import tensorflow as tf

from exercises import Wrong
from exercises import style as checks

WEIGHTS = np.array([0.299, 0.587, 0.114], "float32")


def gram(features):
    rows = tf.reshape(features, (-1, features.shape[-1]))
    return tf.transpose(rows) @ rows / rows.shape[0]


def loss(found, target):
    return tf.reduce_sum((found - target) ** 2) / tf.reduce_sum(target**2)


def rough(image):
    down = image[1:, :-1] - image[:-1, :-1]
    right = image[:-1, 1:] - image[:-1, :-1]
    return tf.reduce_sum((down**2 + right**2) ** 1.25)


def step(image, goal, optimizer):
    with tf.GradientTape() as tape:
        value = goal(image)
    optimizer.apply([tape.gradient(value, image)], [image])
    image.assign(tf.clip_by_value(image, 0.0, 255.0))
    return value


def moments(features, target):
    both = [
        tf.concat([tf.reduce_mean(each, (0, 1)), tf.math.reduce_std(each, (0, 1))], 0)
        for each in (features, target)
    ]
    return loss(*both)


def kept(painting, photograph):
    colors = photograph - (photograph @ WEIGHTS)[..., None]
    return np.clip((painting @ WEIGHTS)[..., None] + colors, 0, 255)


RIGHT = {
    "gram_matrix": gram, "gram_matrix_forgets": gram, "style_loss": loss,
    "total_variation": rough, "transfer_step": step, "transfer_step_range": step,
    "moments_loss": moments, "keep_colors": kept, "keep_colors_range": kept,
}  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_pass(name, capsys):
    getattr(checks, name)(RIGHT[name])
    written = capsys.readouterr()
    assert written.out.startswith("Right: ") and written.err == ""


def eager_step(image, goal, optimizer):
    step(image, goal, optimizer)
    return step(image, goal, optimizer)


def dead_step(image, goal, optimizer):
    with tf.GradientTape() as tape:
        value = goal(tf.constant(image.numpy()))
    optimizer.apply([tape.gradient(value, image)], [image])
    return value


def drifting(image, goal, optimizer):
    value = step(image, goal, optimizer)
    image.assign(tf.clip_by_value(image + 1.0, 0.0, 255.0))
    return value


WRONG = {
    "text": ("gram_matrix", lambda features: "ten", "as numbers, not str"),
    "vector": ("gram_matrix", lambda features: tf.zeros(3), r"shape \(3, 3\)"),
    "zeros": ("gram_matrix", lambda features: tf.zeros((3, 3)), "wrong values"),
    "crash": ("style_loss", lambda found, target: found + tf.zeros(5), "stops with"),
    "infinite": ("style_loss", lambda found, target: loss(found, 0 * target), "NaN or infinity"),
    "offset": ("style_loss", lambda found, target: loss(found, target) + 0.1, "wrong value"),
    "norms": (
        "total_variation",
        lambda image: tf.reduce_sum(tf.image.total_variation(image)),
        "wrong value",
    ),
    "twice": ("transfer_step", eager_step, "one step only"),
    "cut": ("transfer_step", dead_step, "gradient is None"),
    "drift": ("transfer_step_range", drifting, "change nothing else"),
    "one fraction each": (
        "moments_loss",
        lambda features, target: (
            loss(tf.reduce_mean(features, (0, 1)), tf.reduce_mean(target, (0, 1)))
            + loss(tf.math.reduce_std(features, (0, 1)), tf.math.reduce_std(target, (0, 1)))
        ),
        "one fraction",
    ),
    "same picture": ("keep_colors", lambda painting, photograph: painting, "replace its colors"),
    "photograph": ("keep_colors", lambda painting, photograph: photograph, "its brightness"),
    "batch": (
        "keep_colors_range",
        lambda painting, photograph: kept(painting, photograph)[None],
        "must have shape",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_answers_are_named(name):
    check, function, message = WRONG[name]
    with pytest.raises(Wrong, match=message):
        getattr(checks, check)(function)


def test_an_answer_from_the_kit_is_refused():
    from lessons import style

    with pytest.raises(Wrong, match="from the kit"):
        checks.total_variation(lambda image: style.total_variation(image))
