"""The checks of notebook 08 let right answers pass and tell wrong ones what is wrong.

The mistakes of each exercise stand in ``grading/rehearsal``; here are those that no edit of
the reference can be: answers of another type, nothing, and broken arrays.
"""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from sklearn.linear_model import LogisticRegression

from exercises import Wrong
from exercises import latent as checks
from lessons.latent import arithmetic, interpolation, inversion, sampling


def spherical(a, b, shares):
    path = []
    for first, last in zip(a.astype("float64"), b.astype("float64")):
        cosine = first @ last / (np.linalg.norm(first) * np.linalg.norm(last))
        angle = np.arccos(np.clip(cosine, -1, 1))
        weights = [(1 - s, s) for s in shares]
        if angle > 1e-3:
            weights = [
                (np.sin((1 - s) * angle) / np.sin(angle), np.sin(s * angle) / np.sin(angle))
                for s in shares
            ]
        path.append([u * first + v * last for u, v in weights])
    return np.array(path)


def combine(a, b, c):
    return np.mean(a, axis=0) - np.mean(b, axis=0) + np.mean(c, axis=0)


def neighbors(z, spread=0.25, seed=0):
    noise = np.random.default_rng(seed).uniform(-spread, spread, (9, len(z)))
    noise[4] = 0
    return z + noise


def direction(z, labels):
    normal = LogisticRegression(max_iter=1000).fit(z, labels).coef_[0]
    return (normal / np.linalg.norm(normal)).astype("float32")


def truncated(count, latent_dim, limit, seed=0):
    random = np.random.default_rng(seed)
    z = random.standard_normal((count, latent_dim))
    while (np.abs(z) > limit).any():
        outside = np.abs(z) > limit
        z[outside] = random.standard_normal(outside.sum())
    return z.astype("float32")


def step(z, images, draw, rate):
    with tf.GradientTape() as tape:
        tape.watch(z)
        errors = tf.reduce_mean((draw(z) - images) ** 2, axis=(1, 2, 3))
        total = tf.reduce_sum(errors)
    return z - rate * tape.gradient(total, z), errors


def masked(drawn, images, mask):
    known = ops.broadcast_to(mask, ops.shape(drawn))
    return ops.sum(known * (drawn - images) ** 2, axis=(1, 2, 3)) / ops.sum(known, axis=(1, 2, 3))


def cutout(images, top, left, size):
    height, width = images.shape[1:3]
    inside = [
        ops.logical_and(
            ops.arange(side) >= first[:, None], ops.arange(side) < first[:, None] + size
        )
        for side, first in ((height, top), (width, left))
    ]
    hole = ops.logical_and(inside[0][:, :, None, None], inside[1][:, None, :, None])
    return ops.where(hole, 0.0, images)


ANSWERS = {
    "spherical": spherical,
    "spherical_is_safe": spherical,
    "combine": combine,
    "noisy_neighbors": neighbors,
    "probe_direction": direction,
    "probe_direction_points": direction,
    "truncated": truncated,
    "inversion_step": step,
    "inversion_step_rows": step,
    "masked_error": masked,
    "cutout": cutout,
    "cutout_gradient": cutout,
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_right_answer_passes_with_one_line(name, capsys):
    assert getattr(checks, name)(ANSWERS[name]) is None
    out, err = capsys.readouterr()
    assert out.startswith("Right: ") and out.count("\n") == 1 and err == ""


@pytest.mark.parametrize("name", ANSWERS)
@pytest.mark.parametrize("value", [None, "text", 7.0, np.zeros((2, 2))])
def test_an_answer_of_another_kind_is_a_wrong_one(name, value):
    with pytest.raises(Wrong) as caught:
        getattr(checks, name)(lambda *arguments: value)
    assert len(str(caught.value)) > 20


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_that_stops_is_told_where(name):
    def stops(*arguments):
        raise RuntimeError("the reason")

    with pytest.raises(Wrong, match="stops with RuntimeError: the reason"):
        getattr(checks, name)(stops)


def test_the_kit_s_own_functions_are_no_answers():
    for name, function in (
        ("spherical", interpolation.spherical),
        ("combine", arithmetic.combine),
        ("truncated", sampling.truncated_normal),
        ("inversion_step", lambda z, x, draw, rate: inversion.inversion_step(z, x, draw, rate)),
    ):
        with pytest.raises(Wrong, match="from the kit"):
            getattr(checks, name)(function)


def test_not_a_number_is_named():
    with pytest.raises(Wrong, match="NaN or infinity"):
        checks.spherical(lambda a, b, s: np.full((len(a), len(s), a.shape[1]), np.nan))
    with pytest.raises(Wrong, match="z must be watched"):
        checks.inversion_step(
            lambda z, x, draw, rate: step(tf.constant(z.numpy()), x, lambda z: x, rate)
        )


def test_a_step_of_keras_s_own_optimizer_is_plain_gradient_descent():
    def by_sgd(z, images, draw, rate):
        z = tf.Variable(z)
        with tf.GradientTape() as tape:
            errors = ops.mean(ops.square(draw(z) - images), axis=(1, 2, 3))
            total = ops.sum(errors)
        keras.optimizers.SGD(rate).apply([tape.gradient(total, z)], [z])
        return z, errors

    checks.inversion_step(by_sgd)
    checks.inversion_step_rows(by_sgd)
