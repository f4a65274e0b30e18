"""Where a lesson's cell and a helper say the same thing, they must not drift apart."""

import re
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import config, losses, networks, recipes, seeding, training

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


PRIMER = (
    "classification, regression, class, feature, bias, weight, linear model, supervised learning, "
    "unsupervised learning, batch, epoch, activation, ReLU, LeakyReLU, dying ReLU, sigmoid, "
    "softmax, accuracy, loss, cross-entropy, dense layer, gradient descent, SGD, learning rate, "
    "overfitting, regularisation, backpropagation, RNN, CNN, convolution, padding, stride, "
    "pooling, discriminative model, generative model, GAN"
).split(", ")


def sections(book):
    """Anchor -> text of the part of a notebook from that anchor to the next one."""
    texts, anchor = {}, None
    for cell in book.cells:
        found = re.search(r'<a id="([\w-]+)">', cell.source)
        anchor = found[1] if found else anchor
        texts[anchor] = texts.get(anchor, "") + "\n" + cell.source
    return texts


def test_the_glossary_of_00_leads_every_term_of_the_primer_to_its_explanation():
    """SPEC R4: each term is in the glossary, and the section that it names speaks of it."""
    book = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", 4)
    glossary = next(cell.source for cell in book.cells if cell.id == "glossary")
    rows = {
        term: re.findall(r"\(#([\w-]+)\)", links)
        for term, _, links in re.findall(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \|", glossary)
    }
    assert [term for term in PRIMER if term not in rows] == []
    texts = sections(book)
    for term, anchors in rows.items():
        # Stems: "classification" may be explained there with the word "classifier".
        stems = [word.rstrip("s")[:7] for word in re.split(r"[ -]", term.lower()) if word]
        for anchor in anchors if term != "word" else ():
            text = texts[anchor].lower()
            assert all(stem in text for stem in stems), f"{term} is not explained in {anchor}"
