"""The VAE's training rule and bounds: by hand, against an exact model, and what it refuses."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import datasets, images, networks, training, variational
from helpers.training.checkpoint import Checkpoint, state_variables


def tiny_encoder(latent_dim=2, shape=(4, 4, 1), second="z_log_var"):
    images = keras.Input(shape)
    x = layers.Dense(8, activation="relu")(layers.Flatten()(images))
    heads = [layers.Dense(latent_dim, name=name)(x) for name in ("z_mean", second)]
    return keras.Model(images, heads)


def tiny_decoder(latent_dim=2, shape=(4, 4, 1), last=None):
    return keras.Sequential(
        [
            keras.Input((latent_dim,)),
            layers.Dense(8, activation="relu"),
            layers.Dense(math.prod(shape), activation=last),
            layers.Reshape(shape),
        ]
    )


def tiny_vae(last=None, second="z_log_var", **options):
    keras.utils.set_random_seed(4)
    return training.VAE(tiny_encoder(second=second), tiny_decoder(last=last), seed=3, **options)


def gray(count=24, seed=0, shape=(4, 4, 1)):
    return np.random.default_rng(seed).uniform(0, 1, (count, *shape)).astype("float32")


def binary(count=24, seed=0, shape=(4, 4, 1)):
    return images.binarize(gray(count, seed, shape), seed=seed + 1)


def fixed_vae(z_mean, z_log_var, logits, **options):
    """A VAE whose networks ignore their input and answer these numbers."""
    shape = np.shape(logits)
    images = keras.Input(shape)
    flat = layers.Flatten()(images)
    heads = [
        layers.Dense(
            len(value), kernel_initializer="zeros",
            bias_initializer=keras.initializers.Constant(np.array(value)), name=name,
        )(flat)
        for name, value in (("z_mean", z_mean), ("z_log_var", z_log_var))
    ]  # fmt: skip
    bias = keras.initializers.Constant(np.ravel(logits))
    decoder = keras.Sequential(
        [
            keras.Input((len(z_mean),)),
            layers.Dense(np.size(logits), kernel_initializer="zeros", bias_initializer=bias),
            layers.Reshape(shape),
        ]
    )
    return training.VAE(keras.Model(images, heads), decoder, **options)


# The loss.


def test_the_loss_by_hand_sums_over_pixels_and_axes_and_averages_over_images():
    logits = np.zeros((2, 2, 1), "float32")
    logits[0, 0, 0] = math.log(3.0)
    vae = fixed_vae([1.0, 0.0], [0.0, math.log(4.0)], logits, beta=2.0)
    vae.compile()
    images = np.zeros((2, 2, 2, 1), "float32")
    images[1, 0, 0, 0] = 1.0
    values = {name: float(x) for name, x in vae.test_step(tf.constant(images)).items()}
    # Pixel (0, 0) is 1 with probability 3/4, the other three are fair coins.
    reconstruction = 3 * math.log(2) + (math.log(4.0) + math.log(4 / 3)) / 2
    kl = 0.5 + (4 - math.log(4) - 1) / 2
    assert values["reconstruction"] == pytest.approx(reconstruction, rel=1e-5)
    assert values["kl"] == pytest.approx(kl, rel=1e-5)
    assert values["loss"] == pytest.approx(reconstruction + 2 * kl, rel=1e-5)
    assert values["negative_elbo"] == pytest.approx(reconstruction + kl, rel=1e-5)


def test_one_step_equals_the_step_written_out():
    vae = tiny_vae(beta=0.5)
    vae.compile(keras.optimizers.SGD(0.01))
    other = tiny_vae(beta=0.5)
    images = binary(8)
    logs = vae.train_step(tf.constant(images))

    with tf.GradientTape() as tape:
        z_mean, z_log_var = other.encoder(images, training=True)
        noise = keras.random.normal((8, 2), seed=keras.random.SeedGenerator(3))
        logits = other.decoder(z_mean + tf.exp(z_log_var / 2) * noise, training=True)
        cross = tf.nn.sigmoid_cross_entropy_with_logits(labels=images, logits=logits)
        reconstruction = tf.reduce_mean(tf.reduce_sum(cross, axis=(1, 2, 3)))
        each = tf.square(z_mean) + tf.exp(z_log_var) - z_log_var - 1.0
        kl = tf.reduce_mean(0.5 * tf.reduce_sum(each, axis=1))
        loss = reconstruction + 0.5 * kl
    variables = other.encoder.trainable_variables + other.decoder.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(loss, variables), strict=True):
        variable.assign_sub(0.01 * gradient)

    assert float(logs["loss"]) == pytest.approx(float(loss), rel=1e-5)
    assert float(logs["negative_elbo"]) == pytest.approx(float(reconstruction + kl), rel=1e-5)
    for a, b in zip(vae.get_weights(), other.get_weights(), strict=True):
        if a.ndim:  # the counter of steps is a number
            np.testing.assert_allclose(a, b, atol=1e-6)
    assert int(vae.step_count) == 1


def test_the_warm_up_raises_beta_in_a_straight_line():
    vae = tiny_vae(beta=2.0, warmup_steps=4)
    vae.compile(keras.optimizers.SGD(0.0))
    weights = []
    for _ in range(6):
        vae.reset_metrics()
        logs = vae.train_step(tf.constant(binary(8)))
        weights.append(float((logs["loss"] - logs["reconstruction"]) / logs["kl"]))
    np.testing.assert_allclose(weights, [0.0, 0.5, 1.0, 1.5, 2.0, 2.0], atol=1e-4)
    logs = tiny_vae(beta=2.0, warmup_steps=4)
    logs.compile()
    values = logs.test_step(tf.constant(binary(8)))
    assert float(values["loss"]) == pytest.approx(
        float(values["reconstruction"] + 2 * values["kl"]), rel=1e-5
    )


def test_log_sigma_is_half_of_log_var():
    plain, other = tiny_vae(), tiny_vae(second="z_log_sigma", spread="log_sigma")
    other.set_weights(plain.get_weights())
    head = other.encoder.get_layer("z_log_sigma")
    head.set_weights([w / 2 for w in head.get_weights()])
    for vae in (plain, other):
        vae.compile()
    images = tf.constant(binary(8))
    first, second = plain.test_step(images), other.test_step(images)
    for name, value in first.items():
        assert float(second[name]) == pytest.approx(float(value), rel=1e-5), name


def test_a_sigmoid_decoder_is_read_as_probabilities():
    linear, sigmoid = tiny_vae(), tiny_vae(last="sigmoid")
    sigmoid.set_weights(linear.get_weights())
    for vae in (linear, sigmoid):
        vae.compile()
    images = tf.constant(binary(8))
    first, second = linear.test_step(images), sigmoid.test_step(images)
    assert float(second["loss"]) == pytest.approx(float(first["loss"]), rel=1e-4)
    np.testing.assert_allclose(linear.generate(3), sigmoid.generate(3), atol=1e-4)


def test_the_gaussian_likelihood_has_its_constants():
    vae = tiny_vae(likelihood="gaussian", sigma=0.5, value_range=(-1.0, 1.0))
    vae.compile()
    images = gray(8) * 2 - 1
    reconstruction, _ = vae.terms(tf.constant(images), vae.sample_z(len(images), seed=0))
    z_mean, z_log_var = vae.encode(images)
    z = z_mean + np.exp(z_log_var / 2) * keras.random.normal((8, 2), seed=0)
    error = images - np.asarray(vae.decoder(z))
    expected = (0.5 * (error / 0.5) ** 2 + 0.5 * math.log(2 * math.pi * 0.25)).sum(axis=(1, 2, 3))
    np.testing.assert_allclose(reconstruction, expected, rtol=1e-5)
    np.testing.assert_allclose(vae(images), vae.decoder(z_mean), atol=1e-6)


def test_training_images_are_binarized_anew_in_every_step():
    vae = tiny_vae(binarize="stochastic")
    images = tf.constant(np.tile(np.linspace(0, 1, 16, dtype="float32"), 500).reshape(500, 4, 4, 1))
    first, second = (np.asarray(vae.binarized(images)) for _ in range(2))
    assert set(np.unique(first)) == {0.0, 1.0} and (first != second).any()
    np.testing.assert_allclose(first.mean(axis=0).ravel(), np.linspace(0, 1, 16), atol=0.08)


# Bounds, against a model whose likelihood is known: x = W z + b + sigma * noise.

SHAPE, SIGMA = (2, 3, 1), 0.5


def linear_gaussian(shift=0.0, log_var_shift=0.0):
    """The model with its exact posterior as encoder (or a worse one), and log p of images."""
    random = np.random.default_rng(7)
    loadings, offset = random.normal(size=(2, 6)), random.normal(size=6)
    precision = np.eye(2) + loadings @ loadings.T / SIGMA**2
    rotate = np.linalg.svd(precision)[0]
    loadings = rotate.T @ loadings  # now the posterior has independent axes
    variance = 1 / np.diag(np.eye(2) + loadings @ loadings.T / SIGMA**2)
    towards = (loadings.T / SIGMA**2) * variance  # posterior mean = (x - b) @ towards

    images = keras.Input(SHAPE)
    flat = layers.Flatten()(images)
    mean, log_var = layers.Dense(2, name="z_mean"), layers.Dense(2, name="z_log_var")
    encoder = keras.Model(images, [mean(flat), log_var(flat)])
    mean.set_weights([towards, shift - offset @ towards])
    log_var.set_weights([np.zeros((6, 2)), np.log(variance) + log_var_shift])
    decoder = keras.Sequential([keras.Input((2,)), layers.Dense(6), layers.Reshape(SHAPE)])
    decoder.set_weights([loadings, offset])
    vae = training.VAE(
        encoder, decoder, likelihood="gaussian", sigma=SIGMA, value_range=(-30.0, 30.0)
    )
    x = random.normal(size=(200, 2)) @ loadings + offset + SIGMA * random.normal(size=(200, 6))
    covariance = loadings.T @ loadings + SIGMA**2 * np.eye(6)
    centered = x - offset
    exact = -0.5 * (
        np.einsum("ni,ij,nj->n", centered, np.linalg.inv(covariance), centered)
        + np.linalg.slogdet(covariance)[1]
        + 6 * math.log(2 * math.pi)
    )
    return vae, x.reshape(200, *SHAPE).astype("float32"), exact


def test_with_the_exact_posterior_every_bound_is_the_likelihood():
    vae, images, exact = linear_gaussian()
    np.testing.assert_allclose(vae.log_likelihood(images, samples=1), exact, atol=0.01)
    np.testing.assert_allclose(vae.log_likelihood(images, samples=7), exact, atol=0.01)
    elbo = -np.mean([vae.score(images, seed=s)["negative_elbo"] for s in range(100)])
    assert elbo == pytest.approx(exact.mean(), abs=0.05)


def test_the_importance_weighted_bound_rises_from_the_elbo_to_the_likelihood():
    vae, images, exact = linear_gaussian(shift=0.3, log_var_shift=0.7)
    elbo = -np.mean([vae.score(images, seed=s)["negative_elbo"] for s in range(50)])
    bounds = {}
    for k in (1, 5, 50, 1000):
        runs = [vae.log_likelihood(images, samples=k, seed=s) for s in range(50 // k + 1)]
        bounds[k] = np.mean(runs)
    assert bounds[1] == pytest.approx(elbo, abs=0.1), "one sample estimates the ELBO"
    assert elbo + 0.3 < bounds[5] < bounds[50] < bounds[1000] < exact.mean() + 0.02
    assert bounds[1000] == pytest.approx(exact.mean(), abs=0.03)


def test_the_gap_of_the_elbo_is_the_kl_to_the_posterior():
    vae, images, exact = linear_gaussian(shift=0.3, log_var_shift=0.7)
    terms = [vae.score(images, seed=s) for s in range(200)]
    elbo = -np.mean([term["negative_elbo"] for term in terms])
    z_var = math.exp(0.7)
    exact_vae = linear_gaussian()[0]
    _, log_var = exact_vae.codes(images[:1])
    gap = 0.5 * np.sum(0.3**2 / np.exp(log_var[0]) + z_var - 1 - 0.7)
    assert exact.mean() - elbo == pytest.approx(gap, abs=0.1)


def test_scores_do_not_depend_on_the_batch_size():
    vae = tiny_vae()
    images = binary(23)
    first = vae.score(images)
    vae.ROWS_AT_ONCE = 5
    second = vae.score(images)
    for name, values in first.items():
        assert values.shape == (23,)
        np.testing.assert_allclose(values, second[name], rtol=1e-5)
    np.testing.assert_allclose(
        first["negative_elbo"], first["reconstruction"] + first["kl"], rtol=1e-6
    )


def test_codes_and_reconstructions_come_from_the_mean():
    vae = tiny_vae()
    images = gray(7)
    vae.ROWS_AT_ONCE = 3
    z_mean, z_log_var = vae.codes(images)
    expected = vae.encoder(images)
    np.testing.assert_allclose(z_mean, expected[0], atol=1e-6)
    np.testing.assert_allclose(z_log_var, expected[1], atol=1e-6)
    logits = np.asarray(vae.decoder(z_mean))
    np.testing.assert_allclose(vae.reconstruct(images), 1 / (1 + np.exp(-logits)), atol=1e-6)
    assert vae.generate(5, seed=1).shape == (5, 4, 4, 1)
    np.testing.assert_allclose(vae.generate(z_mean), vae.reconstruct(images), atol=1e-6)


# Training, with the loop of the notebooks.


def bytes_of(count=40):
    return np.random.default_rng(0).integers(0, 256, (count, 4, 4, 1), dtype=np.uint8)


def train_vae(folder, epochs):
    vae = tiny_vae(binarize="stochastic", warmup_steps=10)
    schedule = keras.optimizers.schedules.CosineDecay(1e-2, 20)
    vae.compile(keras.optimizers.Adam(schedule))
    options = {"batch_size": 8, "seed": 5, "run_dir": folder, "verbose": 0}
    history = training.train(vae, bytes_of(), epochs=epochs, **options)
    return vae, history


def test_a_resumed_run_ends_where_an_uninterrupted_one_ends(tmp_path):
    whole, history = train_vae(tmp_path / "whole", 4)
    train_vae(tmp_path / "parts", 2)
    resumed, joined = train_vae(tmp_path / "parts", 4)
    first, second = state_variables(whole), state_variables(resumed)
    assert len(first) == len(second) > 20
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b, err_msg=a.path)
    assert history.keys() == joined.keys()
    for name in history.keys() - {"seconds"}:
        # The weights are equal to the last bit. A printed mean is summed by several threads,
        # whose order is not fixed with TensorFlow 2.19; one rounding of float32 is 6e-8.
        assert joined[name] == pytest.approx(history[name], rel=1e-6), name
    assert int(resumed.step_count) == 20


def test_the_checkpoint_holds_moments_counter_and_random_state(tmp_path):
    vae, _ = train_vae(tmp_path, 1)
    fresh = tiny_vae(binarize="stochastic")
    fresh.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1e-2, 20)))
    assert Checkpoint(tmp_path).restore(fresh) == 1
    assert int(fresh.step_count) == 5 and int(fresh.optimizer.iterations) == 5
    np.testing.assert_array_equal(fresh.seed_generator.state, vae.seed_generator.state)


def test_training_lowers_the_bound():
    vae = tiny_vae()
    vae.compile(keras.optimizers.Adam(1e-2))
    images = np.zeros((3200, 4, 4, 1), "float32")
    images[:1600, :2] = images[1600:, 2:] = 1.0
    before = vae.score(images)["negative_elbo"].mean()
    vae.fit(images, batch_size=16, epochs=1, verbose=0)
    after = vae.score(images)["negative_elbo"].mean()
    # Two kinds of images: ln 2 nats name the kind, and the rest is certain.
    assert before > 8 and math.log(2) < after < 2.5
    assert np.abs(vae.reconstruct(images) - images).mean() < 0.1


def test_homework_vae_runs():
    """Its author could not get it to run."""
    keras.utils.set_random_seed(0)
    system = networks.CATALOGUE["homework_vae"]
    vae = training.VAE(
        system.encoder(), system.decoder(), spread="log_sigma", binarize="stochastic"
    )
    vae.compile(keras.optimizers.Adam(1e-3))
    digits = datasets.load("mnist", limit=32).images
    history = training.train(vae, digits, epochs=2, batch_size=16, verbose=0)
    assert history["loss"][1] < history["loss"][0] < 784 * math.log(2) * 1.1
    assert vae.generate(2).shape == (2, 28, 28, 1)


# What it refuses, before training starts.


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((8, 5, 4, 1), "float32"), r"\(4, 4, 1\), got \(5, 4, 1\)"),
        (np.zeros((8, 4, 4, 1), "uint8"), "uint8: scale them"),
        (np.full((8, 4, 4, 1), 1.5, "float32"), r"must lie in \[0, 1\]"),
        (np.full((8, 4, 4, 1), -0.5, "float32"), r"must lie in \[0, 1\].*\[-1, 1\]"),
        (np.full((8, 4, 4, 1), np.nan, "float32"), "NaN"),
    ],
)
def test_images_that_do_not_fit_stop_before_the_first_step(images, message):
    vae = tiny_vae()
    vae.compile()
    for refuse in (
        lambda: vae.fit(images, epochs=1, verbose=0),
        lambda: vae.score(images),
        lambda: vae.codes(images),
    ):
        with pytest.raises(ValueError, match=message):
            refuse()
    assert int(vae.step_count) == 0


def test_a_bound_of_gray_pixels_is_refused():
    vae = tiny_vae(binarize="stochastic")
    vae.compile()
    for refuse in (vae.score, vae.log_likelihood):
        with pytest.raises(ValueError, match=r"100\.0 % of the pixels.*images\.binarize"):
            refuse(gray(4))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"likelihood": "poisson"}, "likelihood must be one of"),
        ({"binarize": "round"}, "binarize must be one of"),
        ({"beta": -1.0}, "beta must be a number at least 0"),
        ({"beta": math.nan}, "beta must be a number at least 0"),
        ({"warmup_steps": -5}, "warmup_steps"),
        ({"sigma": 0.0}, "sigma must be a number above 0"),
        ({"value_range": (-1.0, 1.0)}, r"Bernoulli likelihood needs images in \[0, 1\]"),
        ({"spread": "sigma"}, "spread must be one of"),
        ({"spread": "log_sigma"}, 'named after log_var: say spread="log_var"'),
    ],
)
def test_choices_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        tiny_vae(**options)


def test_networks_that_do_not_fit_each_other():
    with pytest.raises(ValueError, match=r"z of 2 numbers, but the decoder takes \(3,\)"):
        training.VAE(tiny_encoder(2), tiny_decoder(3))
    with pytest.raises(ValueError, match=r"\(4, 5, 1\), but the encoder takes \(4, 4, 1\)"):
        training.VAE(tiny_encoder(), tiny_decoder(shape=(4, 5, 1)))
    plain = keras.Sequential([keras.Input((4, 4, 1)), layers.Flatten(), layers.Dense(2)])
    with pytest.raises(ValueError, match="two of one shape"):
        training.VAE(plain, tiny_decoder())
    for builder in (
        networks.CATALOGUE["laptop_vae"].encoder,
        networks.CATALOGUE["homework_vae"].decoder,
    ):
        with pytest.raises(ValueError, match="latent_dim must be a whole number of at least 1"):
            builder(latent_dim=0)


def test_z_of_the_wrong_length_and_no_samples():
    vae = tiny_vae()
    with pytest.raises(ValueError, match=r"\(N, 2\), got \(3, 5\)"):
        vae.generate(np.zeros((3, 5)))
    with pytest.raises(ValueError, match="at least 1"):
        vae.generate(0)
    with pytest.raises(ValueError, match="samples must be a whole number of at least 1"):
        vae.log_likelihood(binary(2), samples=0)


def test_a_loss_that_becomes_nan_stops_at_once():
    vae = tiny_vae()
    vae.compile(keras.optimizers.SGD(1e12))
    with pytest.raises(training.TrainingDiverged, match="learning rates"):
        vae.fit(binary(80), batch_size=8, epochs=3, verbose=0)


def test_the_kl_of_the_model_is_that_of_the_formulas():
    vae = tiny_vae()
    images = binary(6)
    z_mean, z_log_var = vae.codes(images)
    np.testing.assert_allclose(
        vae.score(images)["kl"], variational.kl_divergence(z_mean, z_log_var), rtol=1e-5
    )
