"""Losses against numbers worked out by hand."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import distances, losses

LN2 = math.log(2.0)


def softplus(x):
    return math.log1p(math.exp(x))


def test_cross_entropy_of_an_undecided_discriminator_is_ln_2():
    assert float(losses.binary_cross_entropy(np.zeros((4, 1), "float32"), 1.0)) == pytest.approx(
        LN2
    )


def test_cross_entropy_neither_overflows_nor_loses_the_gradient_of_a_sure_wrong_logit():
    logits = tf.constant([[-200.0]])
    with tf.GradientTape() as tape:
        tape.watch(logits)
        loss = losses.binary_cross_entropy(logits, 1.0)
    assert float(loss) == pytest.approx(200.0)
    assert float(tape.gradient(loss, logits)[0, 0]) == pytest.approx(-1.0)


REAL = np.array([[2.0], [0.0]], "float32")
FAKE = np.array([[-1.0], [3.0]], "float32")
DISCRIMINATOR = {
    "non_saturating": ((softplus(-2) + LN2) / 2, (softplus(-1) + softplus(3)) / 2),
    "minimax": ((softplus(-2) + LN2) / 2, (softplus(-1) + softplus(3)) / 2),
    "least_squares": ((1 + 1) / 4, (1 + 9) / 4),
    "hinge": ((0 + 1) / 2, (0 + 4) / 2),
    "wasserstein": (-1.0, 1.0),
    "relativistic": ((softplus(-3) + softplus(3)) / 4,) * 2,
}
GENERATOR = {
    "non_saturating": (softplus(1) + softplus(-3)) / 2,
    "minimax": -(softplus(-1) + softplus(3)) / 2,
    "least_squares": (4 + 4) / 4,
    "hinge": -1.0,
    "wasserstein": -1.0,
    "relativistic": (softplus(3) + softplus(-3)) / 2,
}


@pytest.mark.parametrize("kind", losses.GAN_LOSSES)
def test_both_sides_of_every_loss(kind):
    terms = losses.discriminator_terms(kind, REAL, FAKE)
    assert [float(term) for term in terms] == pytest.approx(DISCRIMINATOR[kind], rel=1e-5)
    assert float(losses.generator_loss(kind, FAKE, REAL)) == pytest.approx(
        GENERATOR[kind], rel=1e-5
    )


def test_label_smoothing_moves_the_best_logit_to_ln_9():
    def gradient(value):
        logits = tf.constant([[value]])
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = losses.binary_cross_entropy(logits, 0.9)
        return float(tape.gradient(loss, logits)[0, 0])

    assert gradient(math.log(9.0)) == pytest.approx(0.0, abs=1e-6)
    assert gradient(math.log(9.0) + 1) > 0.01


def test_minimax_gives_a_sure_discriminators_victim_no_gradient_and_non_saturating_does():
    def slope(kind):
        logits = tf.constant([[-8.0]])
        with tf.GradientTape() as tape:
            tape.watch(logits)
            loss = losses.generator_loss(kind, logits)
        return float(tape.gradient(loss, logits)[0, 0])

    assert slope("minimax") == pytest.approx(-1 / (1 + math.exp(8)), rel=1e-4)
    assert slope("non_saturating") == pytest.approx(-1 / (1 + math.exp(-8)), rel=1e-4)


def linear(weight):
    return lambda images: keras.ops.sum(images * weight, axis=(1, 2, 3))[:, None]


WEIGHT = np.array([[[0.6], [0.0]], [[0.0], [0.8]]], "float32") * 2.0  # norm 2


def test_zero_centered_penalty_of_a_linear_discriminator_is_half_its_squared_norm():
    images = tf.random.normal((3, 2, 2, 1))
    penalty, logits = losses.zero_centered_penalty(linear(WEIGHT), images)
    assert float(penalty) == pytest.approx(2.0, rel=1e-5)
    np.testing.assert_allclose(logits, linear(WEIGHT)(images), rtol=1e-5)


def test_unknown_loss_names_the_known_ones():
    with pytest.raises(ValueError, match=r"relativistic, got 'bce'"):
        losses.generator_loss("bce", FAKE)


def test_relativistic_loss_asks_for_the_real_logits():
    with pytest.raises(ValueError, match="pass real_logits"):
        losses.generator_loss("relativistic", FAKE)


# --- From picture to picture ---

A = np.array([0.0, 1.0, -1.0, 0.5], "float32").reshape(1, 2, 2, 1)
A_BACK = np.array([0.5, 1.0, 0.0, 0.0], "float32").reshape(1, 2, 2, 1)  # 0.5, 0, 1, 0.5 away
B = np.full((1, 2, 2, 1), 0.25, "float32")
B_BACK = np.full((1, 2, 2, 1), -0.5, "float32")  # 0.75 away


def test_mean_absolute_by_hand_and_from_both_sides():
    assert float(distances.mean_absolute(A, A_BACK)) == pytest.approx(0.5)
    assert float(distances.mean_absolute(A_BACK, A)) == pytest.approx(0.5)
    assert float(distances.mean_absolute(A, A)) == 0.0
    twice = np.concatenate([A, A]), np.concatenate([A_BACK, A])
    assert float(distances.mean_absolute(*twice)) == pytest.approx(0.25)  # the mean over the batch


def test_the_cycle_losses_add_both_ways():
    assert float(distances.cycle_absolute(A, A_BACK, B, B_BACK)) == pytest.approx(0.5 + 0.75)
    squares = (0.25 + 0 + 1 + 0.25) / 4
    assert float(distances.cycle_squared(A, A_BACK, B, B_BACK)) == pytest.approx(squares + 0.5625)
    assert float(distances.cycle_squared(A, A, B, B)) == 0.0
    assert float(distances.cycle_absolute(A, A, B, B_BACK)) == pytest.approx(0.75)


def test_identity_asks_each_generator_about_images_of_its_target():
    flags = []

    def to_b(images, training=None):
        flags.append(training)
        return images + 0.5

    def to_a(images, training=None):
        flags.append(training)
        return images * 3.0

    # |b + 0.5 - b| = 0.5, and |3 a - a| = 2 |a| = 1.25 on average
    assert float(distances.identity(to_b, to_a, A, B)) == pytest.approx(0.5 + 1.25)
    assert flags == [True, True]


def test_feature_distance_weighs_pixels_and_features():
    def layer(images):
        return 2.0 * keras.ops.sum(images, axis=(1, 2))  # one feature: 1.0 and 3.0

    assert float(distances.feature_distance(layer)(A, A_BACK)) == pytest.approx(0.5 + 4.0)
    pixels_alone = distances.feature_distance(layer, feature_weight=0.0)
    assert float(pixels_alone(A, A_BACK)) == pytest.approx(0.5)
    mixed = distances.feature_distance(layer, pixel_weight=3.0, feature_weight=0.25)
    assert float(mixed(A, A_BACK)) == pytest.approx(1.5 + 1.0)
    assert float(mixed(A, A)) == 0.0
