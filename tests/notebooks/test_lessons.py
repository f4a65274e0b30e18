"""Where a lesson's cell and a helper say the same thing, they must not drift apart."""

import types
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import checks_conditional, config, losses, networks, recipes, seeding, training

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run_cells(notebook, *cell_ids, **names):
    """Execute some cells of a notebook; returns their names."""
    book = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", 4)
    sources = {cell.id: cell.source for cell in book.cells}
    space = {"keras": keras, "layers": layers, "np": np, "tf": tf, **names}
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


def same_recipe(written, recipe):
    """Assert that two compiled GANs are equal: layers, starting weights, optimisers, loss."""
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
    same_recipe(written, recipes.mnist_gan(seed=cfg.seed))
    assert cfg.batch_size == recipes.MNIST_BATCH


CGAN = "03_cgan_fashion_mnist"


def test_the_label_planes_of_03_are_those_of_the_helpers():
    lesson = run_cells(CGAN, "label-planes", ops=keras.ops)
    labels = np.array([3, 0, 9, 3], "int32")
    helper = keras.Input((), dtype="int32")
    helper = keras.Model(helper, networks.conditional.label_planes(helper, 10, 5, 4))
    np.testing.assert_array_equal(lesson["label_planes"](labels, 10, 5, 4), helper(labels))


def test_the_networks_of_03_do_what_the_kits_builders_of_the_same_sizes_do():
    cells = ("make-conditional-generator", "label-planes", "make-conditional-discriminator")
    lesson = run_cells(CGAN, *cells, ops=keras.ops)
    written = lesson["make_generator"](5), lesson["make_discriminator"]()
    checks_conditional.conditional_generator(lambda: written[0], latent_dim=5)
    checks_conditional.generator_uses_label(lambda: written[0], latent_dim=5)
    checks_conditional.conditional_discriminator(lambda: written[1])
    # By hand; a normalisation has four numbers for each channel.
    dense, wide = 7 * 7 * 64, 25 * 32
    generator = 160 + 21 * dense + 4 * dense + wide * 64 + 4 * 32 + wide * 32 + 4 * 32 + wide + 1
    discriminator = 11 * 25 * 16 + 16 + 16 * 25 * 32 + 32 + 7 * 7 * 32 * 256 + 256 + 256 + 1
    assert [model.count_params() for model in written] == [generator, discriminator]


def test_the_deaf_networks_of_03_hear_label_0():
    lesson = run_cells(CGAN, "make-conditional-generator")
    source = lesson["make_generator"](5)
    book = nbformat.read(NOTEBOOKS / f"{CGAN}.ipynb", 4)
    cell = next(cell.source for cell in book.cells if cell.id == "deaf")
    space = {"keras": keras}
    exec(cell[: cell.index("\n\n\n")], space)
    z = np.random.default_rng(0).normal(size=(10, 5)).astype("float32")
    heard = space["deaf"](source)([z, np.arange(10)])
    np.testing.assert_allclose(heard, source([z, np.zeros(10, "int32")]), atol=1e-6)
    assert np.abs(heard - source([z, np.arange(10)])).max() > 1e-6


@pytest.mark.skipif(not hasattr(recipes, "fashion_cgan"), reason="the recipe is not there yet")
def test_the_gan_of_03_is_the_recipe():
    cfg = config.settings(CGAN)
    names = {"training": training, "seeding": seeding, "conditional": networks.conditional}
    lesson = run_cells(
        CGAN,
        "recipe",
        "make-gan",
        cfg=cfg,
        data=types.SimpleNamespace(images=np.zeros(1), labels=np.zeros(1)),
        **names,
    )
    written = lesson["make_gan"](cfg)
    seeding.seed_everything(cfg.seed)
    same_recipe(written, recipes.fashion_cgan(seed=cfg.seed))
