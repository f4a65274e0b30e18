"""The checks of notebook 01, and what all checks share."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

import exercises
from exercises import answers, kit, models, verdict
from helpers import losses, networks

lab_dcgan = networks.CATALOGUE["lab_dcgan"]
bce = keras.losses.BinaryCrossentropy(from_logits=True)


def rejects(check, answer, words):
    with pytest.raises(exercises.Wrong) as caught:
        check(answer)
    assert words in str(caught.value), str(caught.value)


def generator(latent_dim=100, *, norms=3, slope=0.3, end="tanh", strides=(1, 2, 2), bias=False):
    """lab_dcgan's generator with one thing changed."""
    body = [keras.Input((latent_dim,)), layers.Dense(7 * 7 * 256, use_bias=False)]
    for step, filters in enumerate((128, 64, 1)):
        body += [layers.BatchNormalization()] * (step < norms)
        body.append(layers.LeakyReLU(negative_slope=slope))
        body += [layers.Reshape((7, 7, 256))] * (step == 0)
        options = {"strides": strides[step], "padding": "same", "use_bias": bias}
        body.append(layers.Conv2DTranspose(filters, 5, **options))
    return keras.Sequential([*body, layers.Activation(end)])


def discriminator(*, logits=1, end=None, rates=(0.3, 0.3), norm=False, shape=(28, 28, 1)):
    """lab_dcgan's discriminator with one thing changed."""
    body = [keras.Input(shape)]
    for filters, rate in zip((64, 128), rates, strict=True):
        body.append(layers.Conv2D(filters, 5, strides=2, padding="same"))
        body += [layers.BatchNormalization()] * norm + [layers.LeakyReLU()]
        body += [layers.Dropout(rate)] * (rate > 0)
    return keras.Sequential([*body, layers.Flatten(), layers.Dense(logits, activation=end)])


def test_right_networks_pass(capsys):
    exercises.generator(generator)
    exercises.generator_normalizes(generator)
    exercises.discriminator(discriminator)
    exercises.discriminator_drops(discriminator)
    printed = capsys.readouterr()
    assert printed.out.count("Right: ") == 4 and printed.err == ""


@pytest.mark.parametrize(
    ("check", "answer", "words"),
    [
        ("generator", lambda n=100: generator(n, end="sigmoid"), "must be tanh"),
        ("generator", lambda n=100: generator(n, strides=(2, 2, 2)), "multiply the strides"),
        ("generator", lambda n=100: generator(), "takes z of 100 numbers, wanted 7"),
        ("generator_normalizes", lambda: generator(norms=2), "has 2 BatchNormalization"),
        ("generator_normalizes", lambda: generator(slope=0.2), "slopes of your LeakyReLU"),
        ("generator_normalizes", lambda: generator(bias=True), "compare widths"),
        ("generator_normalizes", lambda: generator(strides=(2, 1, 2)), "the strides"),
        ("generator_normalizes", lambda: generator(end="linear"), "activation"),
        ("discriminator", lambda: discriminator(logits=3), "returns 3 numbers for each image"),
        ("discriminator", lambda: discriminator(end="sigmoid"), "leave the sigmoid out"),
        ("discriminator_drops", lambda: discriminator(rates=(0.3, 0.0)), "[0.3], wanted"),
        ("discriminator_drops", lambda: discriminator(norm=True), "judged one by one"),
        ("discriminator_drops", lambda: discriminator(shape=(32, 32, 3)), "images of shape"),
    ],
)
def test_wrong_networks_are_explained(check, answer, words):
    rejects(getattr(exercises, check), answer, words)


def smoothed(real, fake, smoothing=0.1):
    target = (1 - smoothing) * ops.ones_like(real)
    return bce(target, real) + bce(ops.zeros_like(fake), fake)


def d_loss(real, fake):
    return smoothed(real, fake, 0.0)


def g_loss(fake):
    return bce(ops.ones_like(fake), fake)


def test_right_losses_pass_and_the_worked_example_is_right():
    exercises.discriminator_loss(d_loss)
    exercises.generator_loss(g_loss)
    exercises.smoothed_loss(smoothed)
    real, fake = np.array([[4.0]]), np.array([[0.0]])
    assert float(smoothed(real, fake)) == pytest.approx(1.111, abs=1e-3)
    assert float(d_loss(real, fake)) == pytest.approx(0.711, abs=1e-3)


@pytest.mark.parametrize(
    ("check", "answer", "words"),
    [
        ("discriminator_loss", lambda r, f: d_loss(f, r), "labels are swapped"),
        ("discriminator_loss", lambda r, f: smoothed(r, f, 1.0), "real is 1|real images must"),
        ("discriminator_loss", lambda r, f: g_loss(r), "fake images are missing"),
        ("discriminator_loss", lambda r, f: d_loss(r, f) / 2, "average"),
        ("discriminator_loss", lambda r, f: 1.386, "is right"),
        ("discriminator_loss", lambda r, f: (1.0, 2.0), "take the mean over the batch"),
        ("discriminator_loss", lambda r, f: "1.386", "gives|one number"),
        ("generator_loss", lambda f: -g_loss(f), "the sign is wrong"),
        ("generator_loss", lambda f: bce(ops.zeros_like(f), f), "called real"),
        ("smoothed_loss", lambda r, f, s: d_loss(r, f), "no effect"),
        ("smoothed_loss", lambda r, f, s: smoothed(r, f, 0.1), "not the number 0.9"),
        ("smoothed_loss", lambda r, f, s: smoothed(r, f, 1 - s), "1 - smoothing, not smoothing"),
    ],
)
def test_wrong_losses_are_explained(check, answer, words):
    with pytest.raises(exercises.Wrong, match=words):
        getattr(exercises, check)(answer)


def sized(side, latent_dim=16, *, start=None, strides=(2, 2), end="tanh", norm=True, resize=False):
    start = start or side // 4
    body = [keras.Input((latent_dim,)), layers.Dense(start * start * 4)]
    body += [layers.BatchNormalization()] * norm + [layers.LeakyReLU()]
    body.append(layers.Reshape((start, start, 4)))
    for filters, step in zip((4, 1), strides, strict=True):
        body.append(layers.Conv2DTranspose(filters, 5, strides=step, padding="same"))
    body += [layers.Resizing(side, side)] * resize
    return keras.Sequential([*body, layers.Activation(end)])


@pytest.mark.parametrize(
    ("check", "change", "words"),
    [
        ("sized_generator", {"start": 7}, "for side=32"),
        ("sized_generator", {"end": "sigmoid"}, "must be tanh"),
        ("sized_generator_grows", {"norm": False}, "no BatchNormalization"),
        ("sized_generator_grows", {"resize": True}, "do not resize"),
        ("sized_generator_grows", {"start": 8, "resize": True}, "do not resize"),
        ("sized_generator_grows", {"strides": (1, 1)}, "wanted two of (2, 2)"),
    ],
)
def test_a_generator_of_one_size_only_is_explained(check, change, words):
    getattr(exercises, check)(sized)
    rejects(getattr(exercises, check), lambda side, n=16: sized(side, n, **change), words)


def step(images, z, generator, discriminator, g_optimizer, d_optimizer, *, mistake=None):
    """The step of the lesson with one mistake."""
    training = mistake != "training"
    with tf.GradientTape(persistent=True) as tape:
        fake = generator(z, training=training)
        fake = tf.stop_gradient(fake) if mistake == "detached" else fake
        real_logits = discriminator(images, training=True)
        fake_logits = discriminator(fake, training=True)
        of_d, of_g = d_loss(real_logits, fake_logits), g_loss(fake_logits)
        sign = -1.0 if mistake == "uphill" else 1.0
        aims = (sign * of_d, of_d if mistake == "one loss" else of_g)
    players = [(discriminator, aims[0], d_optimizer), (generator, aims[1], g_optimizer)]
    if mistake == "optimizers":
        players = [(discriminator, aims[0], g_optimizer), (generator, aims[1], d_optimizer)]
    for player, aim, optimizer in players[: 1 if mistake == "one player" else 2]:
        slopes = tape.gradient(aim, player.trainable_variables)
        optimizer.apply(slopes, player.trainable_variables)
    return (of_g, of_d) if mistake == "order" else (of_d, of_g)


@pytest.mark.parametrize(
    ("mistake", "words"),
    [
        ("training", "without training=True"),
        ("detached", "gradient"),
        ("uphill", "discriminator went uphill"),
        ("one loss", "generator moved to the wrong place|generator went uphill"),
        ("optimizers", "other player"),
        ("one player", "generator did not move"),
        ("order", "wrong order"),
    ],
)
def test_a_wrong_step_is_explained(mistake, words):
    exercises.train_step(step)
    exercises.train_step(lambda *arguments: step(*arguments))
    with pytest.raises(exercises.Wrong, match=words):
        exercises.train_step(lambda *arguments: step(*arguments, mistake=mistake))


def test_the_step_is_judged_without_the_students_losses():
    names = {"tf": tf, "__name__": "lesson"}
    source = """
def train_step(images, z, generator, discriminator, g_optimizer, d_optimizer):
    with tf.GradientTape(persistent=True) as tape:
        fake_logits = discriminator(generator(z, training=True), training=True)
        real_logits = discriminator(images, training=True)
        d_loss = discriminator_loss(real_logits, fake_logits)
        g_loss = generator_loss(fake_logits)
    g, d = generator.trainable_variables, discriminator.trainable_variables
    g_optimizer.apply(tape.gradient(g_loss, g), g)
    d_optimizer.apply(tape.gradient(d_loss, d), d)
    return d_loss, g_loss
def discriminator_loss(real_logits, fake_logits): raise NotImplementedError
def generator_loss(fake_logits): return 0.0
"""
    exec(source, names)
    exercises.train_step(names["train_step"])


# What all checks share --------------------------------------------------------------------------


def imports_inside():
    from helpers.networks import gan

    return gan.lab_dcgan_discriminator()


def calls_another():
    return imports_inside()


def by_eval():
    return eval("networks.CATALOGUE")["lab_dcgan"].discriminator()


@pytest.mark.parametrize(
    ("borrowed", "words"),
    [
        (
            lab_dcgan.discriminator,
            "takes lab_dcgan_discriminator from the kit (helpers.networks.gan)",
        ),
        (lambda: lab_dcgan.discriminator(), "takes lab_dcgan from the kit"),
        (imports_inside, "takes helpers.networks from the kit"),
        (calls_another, "takes helpers.networks from the kit"),
        (by_eval, "eval has no place"),
        (lambda: [networks.gan for _ in range(1)], "takes networks from the kit"),
    ],
)
def test_borrowed_answers_are_refused(borrowed, words):
    rejects(answers.own_work, borrowed, words)


def test_an_open_exercise_is_refused_by_every_kind_of_check(capsys):
    @exercises.exercise(kit="networks.gan.lab_dcgan_discriminator")
    def make_discriminator():
        """Images -> logits."""
        raise NotImplementedError

    @exercises.exercise(kit="exercises.kit.train_step")
    def train_step(images, z, generator, discriminator, g_optimizer, d_optimizer):
        """One step."""
        raise NotImplementedError

    rejects(exercises.discriminator, make_discriminator, "is still open")
    rejects(exercises.train_step, train_step, "is still open")
    assert capsys.readouterr().out.count("using the kit's version") == 2


def test_tools_of_the_kit_and_own_helpers_are_allowed():
    from helpers import images

    def uses_tools(x):
        return images.to_float(x, value_range=(-1, 1))

    assert answers.own_work(uses_tools) is uses_tools


def test_an_exception_and_a_missing_return_become_sentences():
    rejects(answers.answer, lambda: 1 / 0, "your function stops with ZeroDivisionError")
    rejects(answers.answer, lambda: None, "returns nothing")
    with pytest.raises(NotImplementedError):
        answers.answer(lambda: (_ for _ in ()).throw(NotImplementedError()))


def test_a_harmless_warning_of_a_network_stays_away(recwarn):
    z = keras.Input((3,))
    model = keras.Model([z], layers.Dense(1)(z))
    assert models.run(model, np.ones((2, 3), "float32")).shape == (2, 1)
    assert len(recwarn) == 0


def test_numbers_and_arrays_are_compared_in_shape_and_value():
    verdict.check_number(np.float32(2.0), 2.0, [], "it")
    for found, words in (("a", "one number"), ([1.0, 2.0], "shape (2,)"), (3.0, "where 2.0000")):
        with pytest.raises(exercises.Wrong) as caught:
            verdict.check_number(found, 2.0, [], "it")
        assert words in str(caught.value)
    with pytest.raises(exercises.Wrong, match="must have shape"):
        verdict.check_array(np.ones(3), np.ones((3, 1)), [], "it")


# The kit's versions -----------------------------------------------------------------------------


def test_the_kits_versions_are_right():
    real, fake = (np.random.default_rng(k).normal(size=(4, 1)) for k in range(2))
    assert float(kit.discriminator_loss(real, fake)) == pytest.approx(float(d_loss(real, fake)))
    expected = losses.generator_loss("non_saturating", fake)
    assert float(kit.generator_loss(fake)) == pytest.approx(float(expected))
    pictures = np.full((200, 6, 6, 1), 0.5, "float32")
    noisy = kit.add_noise(pictures, 0.1, seed=3)
    assert noisy.dtype == np.float32 and noisy.std() == pytest.approx(0.1, rel=0.05)
    zero = np.zeros((2, 3), "float32")
    start = kit.vae_loss(pictures[:2], np.zeros((2, 6, 6, 1), "float32"), zero, zero)
    assert float(start) == pytest.approx(36 * np.log(2), rel=1e-5)
    mask = kit.feathered_mask(1, 8, (0, 3, 1, 5), 2)
    np.testing.assert_allclose(mask, [[0, 0, 0.5, 1, 1, 0.5, 0, 0]])
    assert kit.tile_starts(10, 4, 3) == [-3, 1, 5, 9]
    assert kit.even_generator(5).output_shape == (None, 64, 64, 3)


def test_the_kits_step_moves_both_players_where_the_checks_reference_does():
    images = np.random.default_rng(0).uniform(-1, 1, (6, 4)).astype("float32")
    z = np.random.default_rng(1).normal(size=(6, 2)).astype("float32")
    moved = []
    for function in (kit.train_step, step):
        keras.utils.set_random_seed(2)
        players = (
            keras.Sequential([keras.Input((2,)), layers.Dense(4, activation="tanh")]),
            keras.Sequential([keras.Input((4,)), layers.Dense(1)]),
        )
        function(images, z, *players, keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.2))
        moved.append([weight for player in players for weight in player.get_weights()])
    for ours, theirs in zip(*moved, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
