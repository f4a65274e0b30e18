"""Where a lesson's cell and a helper say the same thing, they must not drift apart."""

import re
import types
from pathlib import Path
from types import SimpleNamespace

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops
from matplotlib import pyplot

from exercises import conditional, exercise
from helpers import (
    callbacks,
    config,
    images,
    losses,
    networks,
    plotting,
    recipes,
    session,
    training,
    variational,
)

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def run_cells(notebook, *cell_ids, **names):
    """Execute some cells of a notebook; returns their names."""
    book = nbformat.read(NOTEBOOKS / f"{notebook}.ipynb", 4)
    sources = {cell.id: cell.source for cell in book.cells}
    space = {
        "keras": keras,
        "layers": layers,
        "ops": ops,
        "np": np,
        "tf": tf,
        "exercise": exercise,
    }
    space |= names
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
    """Assert that two compiled GANs are equal: layers, starting weights, optimizers, loss."""
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
    catalogue = getattr(networks.CATALOGUE["lab_dcgan"], part)()
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
    names = {"networks": networks, "training": training, "session": session}
    cfg = config.settings("01_dcgan_mnist")
    lesson = run_cells(
        "01_dcgan_mnist", "compile-fast", system=networks.CATALOGUE["laptop_dcgan"], **names
    )
    written = lesson["make_gan"](cfg)
    session.seed_everything(cfg.seed)
    same_recipe(written, recipes.mnist_gan(seed=cfg.seed))
    assert cfg.batch_size == recipes.MNIST_BATCH


PRIMER = """
classification, regression, class, feature, bias, weight, linear model,
supervised learning, unsupervised learning, batch, epoch, activation, ReLU, LeakyReLU,
dying ReLU, sigmoid, softmax, accuracy, loss, cross-entropy, dense layer,
gradient descent, SGD, learning rate, overfitting, regularization, backpropagation,
RNN, CNN, convolution, padding, stride, pooling, discriminative model,
generative model, GAN
"""


def sections(book):
    """Anchor -> text of the part of a notebook from that anchor to the next one."""
    texts, anchor = {}, None
    for cell in book.cells:
        found = re.search(r'<a id="([\w-]+)">', cell.source)
        anchor = found[1] if found else anchor
        texts[anchor] = texts.get(anchor, "") + "\n" + cell.source
    return texts


def test_the_glossary_of_00_leads_every_term_of_the_primer_to_its_explanation():
    """lab_primer: each term is in the glossary, and the section that it names speaks of it."""
    book = nbformat.read(NOTEBOOKS / "00_start_here.ipynb", 4)
    glossary = next(cell.source for cell in book.cells if cell.id == "glossary")
    rows = {
        term: re.findall(r"\(#([\w-]+)\)", links)
        for term, _, links in re.findall(r"\| ([^|]+) \| ([^|]+) \| ([^|]+) \|", glossary)
    }
    terms = re.split(r",\s+", PRIMER.strip())
    assert [term for term in terms if term not in rows] == []
    texts = sections(book)
    for term, anchors in rows.items():
        # Stems: "classification" may be explained there with the word "classifier".
        stems = [word.rstrip("s")[:7] for word in re.split(r"[ -]", term.lower()) if word]
        for anchor in anchors if term != "word" else ():
            text = texts[anchor].lower()
            assert all(stem in text for stem in stems), f"{term} is not explained in {anchor}"


@pytest.mark.parametrize("part", ["generator", "discriminator"])
def test_the_networks_of_02_are_those_of_the_catalogue(part):
    lesson = run_cells("02_dcgan_cifar10", f"make-{part}")
    written = lesson[f"make_{part}"]()
    catalogue = getattr(networks.CATALOGUE["assignment_cifar"], part)()
    assert layer_plan(written) == layer_plan(catalogue)
    assert written.count_params() == catalogue.count_params()
    written.set_weights(catalogue.get_weights())
    inputs = np.random.default_rng(0).normal(size=(3, *written.input_shape[1:])).astype("float32")
    found, expected = written(inputs, training=False), catalogue(inputs, training=False)
    np.testing.assert_allclose(found, expected, atol=1e-6)


def same_gan(ours, theirs):
    """Assert that two compiled GANs have equal networks, optimizers and choices."""
    for part in ("generator", "discriminator"):
        assert layer_plan(getattr(ours, part)) == layer_plan(getattr(theirs, part))
    for name in ("g_optimizer", "d_optimizer"):
        first, second = (getattr(gan, name).get_config() for gan in (ours, theirs))
        assert first | {"name": ""} == second | {"name": ""}
    for choice in ("loss_kind", "real_penalty", "penalty_every", "simultaneous", "ema_momentum"):
        assert getattr(ours, choice) == getattr(theirs, choice), choice


def test_the_gan_of_02_is_the_recipe_unless_something_else_is_asked_for():
    cfg = config.settings("02_dcgan_cifar10")
    lesson = run_cells(
        "02_dcgan_cifar10",
        "make-gan",
        cfg=cfg,
        recipes=recipes,
        session=session,
        system=networks.CATALOGUE["laptop_color"],
    )
    written = lesson["make_gan"]()
    session.seed_everything(cfg.seed)
    recipe = recipes.cifar10_gan(seed=cfg.seed)
    same_gan(written, recipe)
    for a, b in zip(written.get_weights(), recipe.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    assert cfg.batch_size == recipes.CIFAR10_BATCH
    changed = lesson["make_gan"](real_penalty=0.0, learning_rate=0.25)
    assert changed.real_penalty == 0.0 and float(changed.g_optimizer.learning_rate) == 0.25


def test_02_trains_the_published_pairs_by_the_published_recipe(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(
        training, "train", lambda gan, images, **options: seen.append(options) or {"seconds": [1.0]}
    )
    names = {"session": session, "training": training, "callbacks": callbacks}
    cfg = config.settings("02_dcgan_cifar10")
    data = SimpleNamespace(images=np.zeros((512, 32, 32, 3), "uint8"))
    lesson = run_cells(
        "02_dcgan_cifar10", "train-published", cfg=cfg, data=data, folder=tmp_path, **names
    )
    lab = networks.CATALOGUE["lab_cifar"]
    gan = lesson["train_published"]("lab", lab.generator, lab.discriminator)
    same_gan(gan, recipes.published_gan("lab_cifar"))
    assert seen[0]["batch_size"] == 256 and len(seen[0]["callbacks"][0].z) == 49


def test_the_augmentation_of_02_moves_each_image_as_a_whole_and_lets_gradients_through():
    cfg = config.settings("02_dcgan_cifar10", seed=3)
    names = {"images": images, "ops": keras.ops, "plotting": plotting, "cfg": cfg}
    real = np.zeros((1, 32, 32, 3), "float32")
    real[0, 16, 16] = 1.0
    lesson = run_cells("02_dcgan_cifar10", "augment", real=real, **names)
    pyplot.close("all")
    batch = tf.constant(np.repeat(real, 64, axis=0))
    with tf.GradientTape() as tape:
        tape.watch(batch)
        changed = lesson["augment"](batch)
        total = tf.reduce_sum(changed)
    peak = np.asarray(changed)[..., 0].reshape(64, -1).argmax(axis=1)
    rows, columns = np.divmod(peak, 32)
    assert set(rows) == set(columns) == set(range(12, 21)), "by -4 to 4 pixels, both ways"
    assert len(set(zip(rows.tolist(), columns.tolist(), strict=True))) > 30, "each by its own way"
    gradient = np.asarray(tape.gradient(total, batch))
    assert set(np.unique(gradient)) == {0.0, 1.0}, "pixels are moved or lost, never mixed"
    assert gradient[:, 8:24, 8:24].min() == 1.0, "the middle never leaves the picture"


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
    conditional.conditional_generator(lesson["make_generator"])
    conditional.generator_uses_label(lesson["make_generator"])
    conditional.conditional_discriminator(lesson["make_discriminator"])
    # By hand; a normalization has four numbers for each channel.
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
    names = {"training": training, "session": session, "conditional": networks.conditional}
    lesson = run_cells(
        CGAN,
        "recipe",
        "make-gan",
        cfg=cfg,
        data=types.SimpleNamespace(images=np.zeros(1), labels=np.zeros(1)),
        **names,
    )
    written = lesson["make_gan"](cfg)
    session.seed_everything(cfg.seed)
    same_recipe(written, recipes.fashion_cgan(seed=cfg.seed))


def test_the_networks_of_04_are_those_of_the_catalogue():
    lesson = run_cells("04_autoencoders_vae", "make-l2", "make-encoder")
    dense = networks.CATALOGUE["laptop_vae"]
    homework = networks.CATALOGUE["homework_autoencoder"]
    assert layer_plan(lesson["make_homework_encoder"]()) == layer_plan(homework.encoder())
    assert layer_plan(lesson["make_homework_decoder"]()) == layer_plan(homework.decoder())
    assert layer_plan(lesson["make_encoder"](2)) == layer_plan(dense.encoder(2))


def test_the_loss_of_04_is_that_of_the_helper():
    lesson = run_cells("04_autoencoders_vae", "reparameterize", "kl-divergence", "vae-loss")
    random = np.random.default_rng(0)
    mean, log_var, noise = (random.normal(size=(6, 3)).astype("float32") for _ in range(3))
    pictures = (random.random((6, 4, 4, 1)) < 0.5).astype("float32")
    logits = random.normal(size=pictures.shape).astype("float32")
    for name in ("reparameterize", "kl_divergence"):
        arguments = (mean, log_var, noise)[: 3 if name == "reparameterize" else 2]
        helper = getattr(variational, name)(*arguments)
        np.testing.assert_allclose(lesson[name](*arguments), helper, rtol=1e-5)
    kl = variational.kl_divergence(mean, log_var)
    expected = np.mean(variational.bernoulli_nll(pictures, logits) + 0.3 * kl)
    found = lesson["vae_loss"](pictures, logits, mean, log_var, 0.3)
    assert float(found) == pytest.approx(float(expected), rel=1e-5)


def test_the_vae_of_04_is_the_recipe():
    cfg = config.settings("04_autoencoders_vae")
    names = {"networks": networks, "training": training, "session": session, "cfg": cfg}
    data = types.SimpleNamespace(images=np.zeros((4, 28, 28, 1), "uint8"))
    lesson = run_cells("04_autoencoders_vae", "make-vae", data=data, **names)
    written = lesson["make_vae"](2, 50, beta=3.0, warmup_steps=7)
    session.seed_everything(cfg.seed)
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
    for choice in ("likelihood", "beta", "warmup_steps", "binarize", "spread"):
        assert getattr(written, choice) == getattr(recipe, choice), choice
    assert cfg.batch_size == recipes.VAE_BATCH
