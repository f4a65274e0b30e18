"""Where a lesson's cell and a helper say the same thing, they must not drift apart."""

import types
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from helpers import config, losses, networks, recipes, seeding, training, variational

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run_cells(notebook, *cell_ids, **names):
    """Execute some cells of a notebook; returns their names."""
    book = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", 4)
    sources = {cell.id: cell.source for cell in book.cells}
    space = {"keras": keras, "layers": layers, "ops": ops, "np": np, "tf": tf, **names}
    for cell_id in cell_ids:
        exec(compile(sources[cell_id], f"{notebook}: {cell_id}", "exec"), space)
    return space


def layer_plan(model):
    """What the layers are and do, without their names."""
    plan = []
    for layer in model.layers:
        settings = {k: v for k, v in layer.get_config().items() if k not in ("name", "dtype")}
        plan.append((type(layer).__name__, settings))
    return plan


@pytest.mark.parametrize("part", ["generator", "discriminator"])
def test_the_networks_of_01_are_those_of_the_catalogue(part):
    lesson = run_cells("01_dcgan_mnist", f"make-{part}")
    written = lesson[f"make_{part}"]()
    catalogue = getattr(networks.CATALOGUE["R1"], part)()
    assert layer_plan(written) == layer_plan(catalogue)


def test_the_losses_of_01_are_those_of_the_helpers():
    lesson = run_cells("01_dcgan_mnist", "gan-losses")
    random = np.random.default_rng(0)
    real, fake = (random.normal(size=(6, 1)).astype("float32") for _ in range(2))
    expected = sum(losses.discriminator_terms("non_saturating", real, fake))
    assert float(lesson["discriminator_loss"](real, fake)) == pytest.approx(float(expected))
    expected = losses.generator_loss("non_saturating", fake)
    assert float(lesson["generator_loss"](fake)) == pytest.approx(float(expected))


def test_the_step_of_01_moves_the_networks_where_the_helper_moves_them():
    lesson = run_cells("01_dcgan_mnist", "gan-losses", "train-step")

    def players():
        keras.utils.set_random_seed(3)
        generator = keras.Sequential(
            [keras.Input((4,)), layers.Dense(784, activation="tanh"), layers.Reshape((28, 28, 1))]
        )
        critic = keras.Sequential([keras.Input((28, 28, 1)), layers.Flatten(), layers.Dense(1)])
        return generator, critic, keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1)

    images = np.random.default_rng(0).uniform(-1, 1, (8, 28, 28, 1)).astype("float32")
    generator, critic, g_optimizer, d_optimizer = players()
    gan = training.GAN(generator, critic, seed=9)
    gan.compile(g_optimizer, d_optimizer, simultaneous=True)
    gan.train_step(tf.constant(images))
    written = players()
    z = keras.random.normal((8, 4), seed=keras.random.SeedGenerator(9))
    lesson["train_step"](images, z, *written)
    for ours, theirs in zip((generator, critic), written[:2], strict=True):
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


def test_the_fast_gan_of_01_is_the_recipe():
    names = {"networks": networks, "training": training, "seeding": seeding}
    cfg = config.settings("01_dcgan_mnist")
    lesson = run_cells("01_dcgan_mnist", "compile-fast", system=networks.laptop_dcgan, **names)
    written = lesson["make_gan"](cfg)
    seeding.seed_everything(cfg.seed)
    recipe = recipes.mnist_gan(seed=cfg.seed)
    for part in ("generator", "discriminator", "ema_generator"):
        ours, theirs = getattr(written, part), getattr(recipe, part)
        assert layer_plan(ours) == layer_plan(theirs)
        for a, b in zip(ours.get_weights(), theirs.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    for name in ("g_optimizer", "d_optimizer"):
        ours, theirs = (getattr(gan, name).get_config() for gan in (written, recipe))
        assert ours | {"name": ""} == theirs | {"name": ""}
    for choice in ("loss_kind", "real_penalty", "penalty_every", "simultaneous", "ema_momentum"):
        assert getattr(written, choice) == getattr(recipe, choice), choice
    assert cfg.batch_size == recipes.MNIST_BATCH


def test_the_networks_of_04_are_those_of_the_catalogue():
    lesson = run_cells("04_autoencoders_vae", "make-l2", "make-encoder")
    l2 = networks.CATALOGUE["L2"]
    assert layer_plan(lesson["make_l2_encoder"]()) == layer_plan(l2.encoder())
    assert layer_plan(lesson["make_l2_decoder"]()) == layer_plan(l2.decoder())
    assert layer_plan(lesson["make_encoder"](2)) == layer_plan(networks.laptop_vae.encoder(2))


def test_the_loss_of_04_is_that_of_the_helper():
    lesson = run_cells("04_autoencoders_vae", "reparameterise", "kl-divergence", "vae-loss")
    random = np.random.default_rng(0)
    mean, log_var, noise = (random.normal(size=(6, 3)).astype("float32") for _ in range(3))
    pictures = (random.random((6, 4, 4, 1)) < 0.5).astype("float32")
    logits = random.normal(size=pictures.shape).astype("float32")
    for name in ("reparameterise", "kl_divergence"):
        arguments = (mean, log_var, noise)[: 3 if name == "reparameterise" else 2]
        helper = getattr(variational, name)(*arguments)
        np.testing.assert_allclose(lesson[name](*arguments), helper, rtol=1e-5)
    kl = variational.kl_divergence(mean, log_var)
    expected = np.mean(variational.bernoulli_nll(pictures, logits) + 0.3 * kl)
    found = lesson["vae_loss"](pictures, logits, mean, log_var, 0.3)
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


def test_the_vae_of_04_is_the_recipe():
    cfg = config.settings("04_autoencoders_vae")
    names = {"networks": networks, "training": training, "seeding": seeding, "cfg": cfg}
    data = types.SimpleNamespace(images=np.zeros((4, 28, 28, 1), "uint8"))
    lesson = run_cells("04_autoencoders_vae", "make-vae", data=data, **names)
    written = lesson["make_vae"](2, 50, beta=3.0, warmup_steps=7)
    seeding.seed_everything(cfg.seed)
    recipe = recipes.mnist_vae(
        2, 50, learning_rate=cfg.learning_rate, beta=3.0, warmup_steps=7, seed=cfg.seed
    )
    for part in ("encoder", "decoder"):
        ours, theirs = getattr(written, part), getattr(recipe, part)
        assert layer_plan(ours) == layer_plan(theirs)
    for a, b in zip(written.get_weights(), recipe.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    ours, theirs = (vae.optimizer.get_config() for vae in (written, recipe))
    assert ours | {"name": ""} == theirs | {"name": ""}
    for choice in ("likelihood", "beta", "warmup_steps", "binarise", "spread"):
        assert getattr(written, choice) == getattr(recipe, choice), choice
    assert cfg.batch_size == recipes.VAE_BATCH
