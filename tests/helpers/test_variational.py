"""The parts of the variational bound against numbers worked out by hand and by simulation."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import variational


def test_kl_by_hand():
    zero = np.zeros((1, 3), "float32")
    assert float(variational.kl_divergence(zero, zero)[0]) == 0.0
    # One axis: (mean^2 + var - log var - 1) / 2, summed over the axes and not averaged.
    mean = np.array([[3.0, 0.0], [0.0, 0.0]], "float32")
    log_var = np.array([[0.0, 0.0], [math.log(4.0), math.log(0.25)]], "float32")
    expected = [4.5, (4 - math.log(4) - 1) / 2 + (0.25 + math.log(4) - 1) / 2]
    np.testing.assert_allclose(variational.kl_divergence(mean, log_var), expected, rtol=1e-6)
    by_axis = np.asarray(variational.kl_by_axis(mean, log_var))
    assert by_axis.shape == (2, 2) and by_axis[0, 1] == 0.0
    np.testing.assert_allclose(by_axis.sum(axis=1), expected, rtol=1e-6)


def test_kl_against_a_monte_carlo_estimate():
    random = np.random.default_rng(0)
    mean = random.normal(size=(1, 3)).astype("float32")
    log_var = random.normal(size=(1, 3)).astype("float32")
    noise = random.normal(size=(400_000, 3)).astype("float32")
    z = variational.reparameterize(mean, log_var, noise)
    nothing = np.zeros((1, 3), "float32")
    ratio = variational.log_normal(z, mean, log_var) - variational.log_normal(z, nothing, nothing)
    estimate, error = np.mean(ratio), np.std(ratio) / math.sqrt(len(noise))
    assert error < 0.01
    exact = float(variational.kl_divergence(mean, log_var)[0])
    assert abs(estimate - exact) < 5 * error


def test_the_density_of_a_normal_distribution_by_hand():
    # log N(1; 3, 4) = -(ln 2 pi + ln 4 + (1 - 3)^2 / 4) / 2, here on two equal axes.
    expected = -(math.log(2 * math.pi) + math.log(4) + 1.0)
    z, mean = np.ones((1, 2), "float32"), np.full((1, 2), 3.0, "float32")
    found = variational.log_normal(z, mean, np.full((1, 2), math.log(4), "float32"))
    np.testing.assert_allclose(found, [expected], rtol=1e-6)


def test_likelihoods_by_hand():
    images = np.array([0.0, 1.0, 1.0, 0.0], "float32").reshape(1, 2, 2, 1)
    logits = np.array([0.0, 0.0, math.log(3.0), -50.0], "float32").reshape(1, 2, 2, 1)
    # Probabilities of what happened: 1/2, 1/2, 3/4 and 1.
    expected = 2 * math.log(2) + math.log(4 / 3)
    np.testing.assert_allclose(variational.bernoulli_nll(images, logits), [expected], rtol=1e-6)
    means = np.array([0.0, 1.0, 0.5, 0.0], "float32").reshape(1, 2, 2, 1)
    expected = 4 * 0.5 * math.log(2 * math.pi * 0.25) + 0.5 * (0.5 / 0.5) ** 2
    np.testing.assert_allclose(variational.gaussian_nll(images, means, 0.5), [expected], rtol=1e-6)


def test_the_probabilities_of_all_images_of_two_pixels_sum_to_one():
    images = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], "float32").reshape(4, 2, 1, 1)
    logits = np.tile(np.array([0.7, -1.9], "float32").reshape(1, 2, 1, 1), (4, 1, 1, 1))
    total = np.exp(-np.asarray(variational.bernoulli_nll(images, logits))).sum()
    assert total == pytest.approx(1.0, rel=1e-6)


def test_the_likelihoods_survive_extreme_logits():
    images = np.array([0.0, 1.0], "float32").reshape(2, 1, 1, 1)
    logits = np.array([500.0, -500.0], "float32").reshape(2, 1, 1, 1)
    np.testing.assert_allclose(variational.bernoulli_nll(images, logits), [500.0, 500.0])


def test_a_sample_has_the_stated_mean_and_spread():
    noise = np.random.default_rng(1).normal(size=(200_000, 2)).astype("float32")
    mean = np.array([[2.0, -1.0]], "float32")
    log_var = np.array([[math.log(9.0), math.log(0.01)]], "float32")
    z = np.asarray(variational.reparameterize(mean, log_var, noise))
    np.testing.assert_allclose(z.mean(axis=0), [2.0, -1.0], atol=0.05)
    np.testing.assert_allclose(z.std(axis=0), [3.0, 0.1], rtol=0.01)


def test_the_gradient_through_the_sample_has_its_closed_form():
    """For f(z) = sum z^2: df/dmean = 2 z and df/dlog_var = z * exp(log_var / 2) * noise."""
    random = np.random.default_rng(2)
    mean, log_var, noise = (
        tf.constant(random.normal(size=(5, 3)).astype("float32")) for _ in range(3)
    )
    with tf.GradientTape() as tape:
        tape.watch([mean, log_var])
        z = variational.reparameterize(mean, log_var, noise)
        value = keras.ops.sum(z**2)
    by_mean, by_log_var = tape.gradient(value, [mean, log_var])
    z = mean.numpy() + np.exp(log_var.numpy() / 2) * noise.numpy()
    np.testing.assert_allclose(by_mean, 2 * z, rtol=1e-5)
    expected = z * np.exp(log_var.numpy() / 2) * noise.numpy()
    np.testing.assert_allclose(by_log_var, expected, rtol=1e-4, atol=1e-6)


def test_averaged_over_noise_the_gradient_is_that_of_the_expectation():
    """E[sum z^2] = mean^2 + var, so d/dmean = 2 mean and d/dlog_var = var."""
    noise = np.random.default_rng(3).normal(size=(200_000, 1)).astype("float32")
    mean, log_var = tf.constant([[0.7]]), tf.constant([[-0.4]])
    with tf.GradientTape() as tape:
        tape.watch([mean, log_var])
        value = keras.ops.mean(variational.reparameterize(mean, log_var, noise) ** 2)
    by_mean, by_log_var = tape.gradient(value, [mean, log_var])
    assert float(by_mean[0, 0]) == pytest.approx(1.4, abs=0.02)
    assert float(by_log_var[0, 0]) == pytest.approx(math.exp(-0.4), abs=0.02)
