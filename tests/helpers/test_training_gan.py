"""The GAN training rule: values of one step, choices, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from PIL import Image

from helpers import datasets, losses, networks, training


def tiny_generator(last="tanh"):
    return keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(12),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Dense(16, activation=last),
            layers.Reshape((4, 4, 1)),
        ]
    )


def tiny_discriminator(units=1, dropout=0.0):
    return keras.Sequential(
        [
            keras.Input((4, 4, 1)),
            layers.Conv2D(4, 3, strides=2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(dropout),
            layers.Flatten(),
            layers.Dense(units),
        ]
    )


def tiny_gan(last="tanh", dropout=0.0, seed=5, **options):
    keras.utils.set_random_seed(7)
    return training.GAN(
        tiny_generator(last), tiny_discriminator(dropout=dropout), seed=seed, **options
    )


def real_images(count=20):
    return np.random.default_rng(0).uniform(-1, 1, (count, 4, 4, 1)).astype("float32")


def sgd(rate=0.1):
    return keras.optimizers.SGD(rate)


def weights_of(model):
    return [np.array(w) for w in model.get_weights()]


def assert_same(first, second):
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_one_step_equals_the_two_tape_step_of_lab_dcgan_written_out():
    gan = tiny_gan(seed=5)
    gan.compile(sgd(), sgd(), simultaneous=True)
    keras.utils.set_random_seed(7)
    generator, discriminator = tiny_generator(), tiny_discriminator()
    assert_same(weights_of(generator), weights_of(gan.generator))
    images = real_images(8)
    logs = gan.train_step(tf.constant(images))

    z = keras.random.normal((8, 3), seed=keras.random.SeedGenerator(5))
    bce = keras.losses.BinaryCrossentropy(from_logits=True)
    with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
        fake = generator(z, training=True)
        real_logits = discriminator(images, training=True)
        fake_logits = discriminator(fake, training=True)
        d_real = bce(tf.ones_like(real_logits), real_logits)
        d_fake = bce(tf.zeros_like(fake_logits), fake_logits)
        d_loss = d_real + d_fake
        g_loss = bce(tf.ones_like(fake_logits), fake_logits)
    for network, tape, loss in ((generator, g_tape, g_loss), (discriminator, d_tape, d_loss)):
        gradients = tape.gradient(loss, network.trainable_variables)
        for variable, gradient in zip(network.trainable_variables, gradients, strict=True):
            variable.assign_sub(0.1 * gradient)

    for ours, written in ((gan.generator, generator), (gan.discriminator, discriminator)):
        for a, b in zip(ours.get_weights(), written.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)
    assert float(logs["d_loss_real"]) == pytest.approx(float(d_real), rel=1e-5)
    assert float(logs["d_loss_fake"]) == pytest.approx(float(d_fake), rel=1e-5)
    assert float(logs["d_loss"]) == pytest.approx(float(d_loss), rel=1e-5)
    assert float(logs["g_loss"]) == pytest.approx(float(g_loss), rel=1e-5)
    right = (np.mean(real_logits > 0) + np.mean(fake_logits < 0)) / 2
    assert float(logs["d_accuracy"]) == pytest.approx(float(right))


def test_in_turn_the_generator_answers_the_discriminator_that_has_just_moved():
    gan = tiny_gan(seed=5)
    gan.compile(sgd(), sgd(0.5), loss="relativistic")
    other = tiny_gan(seed=5)
    images = tf.constant(real_images(8))
    logs = gan.train_step(images)

    seeds = keras.random.SeedGenerator(5)
    first, second = (keras.random.normal((8, 3), seed=seeds) for _ in range(2))
    with tf.GradientTape() as tape:
        fake_logits = other.discriminator(other.generator(first, training=True), training=True)
        d_loss = tf.reduce_mean(tf.nn.softplus(fake_logits - other.discriminator(images)))
    variables = other.discriminator.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(d_loss, variables), strict=True):
        variable.assign_sub(0.5 * gradient)
    with tf.GradientTape() as tape:
        fake_logits = other.discriminator(other.generator(second, training=True), training=True)
        g_loss = tf.reduce_mean(tf.nn.softplus(other.discriminator(images) - fake_logits))
    variables = other.generator.trainable_variables
    for variable, gradient in zip(variables, tape.gradient(g_loss, variables), strict=True):
        variable.assign_sub(0.1 * gradient)

    assert float(logs["d_loss"]) == pytest.approx(float(d_loss), rel=1e-5)
    assert float(logs["g_loss"]) == pytest.approx(float(g_loss), rel=1e-5)
    for ours, written in (
        (gan.generator, other.generator),
        (gan.discriminator, other.discriminator),
    ):
        for a, b in zip(ours.get_weights(), written.get_weights(), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-6)


class Spy(layers.Layer):
    """Passes its input on and remembers the training flag of every call."""

    def __init__(self):
        super().__init__()
        self.flags = []

    def call(self, x, training=None):
        self.flags.append(training)
        return x


def test_both_networks_are_called_in_training_mode():
    spies = Spy(), Spy()
    generator = keras.Sequential([*tiny_generator().layers, spies[0]])
    discriminator = keras.Sequential(
        [keras.Input((4, 4, 1)), spies[1], *tiny_discriminator().layers]
    )
    generator.build((None, 3))
    gan = training.GAN(generator, discriminator, ema_momentum=None)
    gan.compile(sgd(), sgd())
    for spy in spies:
        spy.flags.clear()
    gan.train_step(tf.constant(real_images(4)))
    assert set(spies[0].flags) == {True} and set(spies[1].flags) == {True}
    gan.generate(2)
    assert spies[0].flags[-1] is False


def test_the_average_follows_its_formula():
    gan = tiny_gan(ema_momentum=0.9)
    gan.compile(sgd(), sgd())
    before = gan.generator.layers[0].kernel.numpy()
    gan.train_step(tf.constant(real_images(8)))
    after = gan.generator.layers[0].kernel.numpy()
    assert np.abs(after - before).max() > 1e-4
    # Step 0 keeps (1 + 0) / (10 + 0) of the old average, not 0.9.
    np.testing.assert_allclose(
        gan.ema_generator.layers[0].kernel, 0.1 * before + 0.9 * after, atol=1e-6
    )


def test_samples_come_from_the_average_and_depend_on_z_alone():
    gan = tiny_gan()
    gan.compile(sgd(), sgd())
    gan.generator.set_weights([w + 1.0 for w in gan.generator.get_weights()])
    z = np.random.default_rng(0).normal(size=(5, 3)).astype("float32")
    expected = gan.ema_generator(z, training=False).numpy()
    np.testing.assert_allclose(gan.generate(z, batch_size=2), expected, atol=1e-6)
    np.testing.assert_array_equal(gan.generate(4, seed=3), gan.generate(4, seed=3))
    assert np.abs(gan.generate(4, seed=3) - gan.generate(4, seed=4)).max() > 1e-3


def test_without_an_average_the_generator_itself_draws():
    gan = tiny_gan(ema_momentum=None)
    assert gan.ema_generator is gan.generator


def test_an_uneven_last_batch_is_just_a_smaller_batch():
    gan = tiny_gan()
    gan.compile(sgd(), sgd())
    sizes = []
    draw = gan.draw
    gan.draw = lambda z, labels: sizes.append(z.shape[0]) or draw(z, labels)
    gan.compile(sgd(), sgd(), run_eagerly=True)
    gan.fit(real_images(20), batch_size=8, epochs=1, verbose=0, shuffle=False)
    assert sizes == [8, 8, 8, 8, 4, 4]  # drawn for D and again for G
    assert int(gan.step_count) == 3


def first_logs(last="tanh", **choices):
    gan = tiny_gan(last)
    gan.compile(sgd(), sgd(), simultaneous=True, **choices)
    value = {name: float(x) for name, x in gan.train_step(tf.constant(real_images(16))).items()}
    return value, gan


def test_inverted_labels_teach_the_discriminator_the_opposite_sign():
    plain, gan = first_logs()
    inverted = tiny_gan()
    inverted.discriminator.layers[-1].kernel.assign(-inverted.discriminator.layers[-1].kernel)
    inverted.compile(sgd(), sgd(), simultaneous=True, inverted_labels=True)
    logs = inverted.train_step(tf.constant(real_images(16)))
    assert {k: float(v) for k, v in logs.items()} == pytest.approx(plain, rel=1e-5)
    np.testing.assert_allclose(
        inverted.discriminator.layers[-1].kernel, -gan.discriminator.layers[-1].kernel, atol=1e-6
    )


def test_smoothing_changes_the_real_term_alone():
    plain, _ = first_logs()
    smooth, _ = first_logs(label_smoothing=0.1)
    logits = tiny_gan().discriminator(real_images(16), training=True)
    expected = float(losses.binary_cross_entropy(logits, 0.9))
    assert smooth["d_loss_real"] == pytest.approx(expected, rel=1e-5)
    assert smooth["d_loss_real"] != pytest.approx(plain["d_loss_real"], rel=1e-4)
    assert smooth["d_loss_fake"] == pytest.approx(plain["d_loss_fake"], rel=1e-5)


def test_noisy_and_flipped_targets_have_the_stated_distribution():
    gan = tiny_gan()
    gan.compile(sgd(), sgd(), label_noise=0.2)
    real, fake = (np.asarray(x) for x in gan.targets.draw((4000, 1), gan.seed_generator))
    assert real.min() >= 0.8 and real.max() <= 1.0 and abs(real.mean() - 0.9) < 0.01
    assert fake.min() >= 0.0 and fake.max() <= 0.2 and abs(fake.mean() - 0.1) < 0.01
    gan.compile(sgd(), sgd(), label_flips=0.25)
    real, fake = (np.asarray(x) for x in gan.targets.draw((4000, 1), gan.seed_generator))
    assert set(np.unique(real)) == {0.0, 1.0} and abs(real.mean() - 0.75) < 0.03
    assert abs(fake.mean() - 0.25) < 0.03


def test_penalties_enter_the_discriminators_loss_with_their_weight():
    plain, _ = first_logs(loss="relativistic")
    images = tf.constant(real_images(16))
    fresh = tiny_gan()
    expected, _ = losses.zero_centered_penalty(
        lambda x: fresh.discriminator(x, training=True), images
    )
    both, _ = first_logs(loss="relativistic", real_penalty=3.0)
    assert both["d_loss"] - plain["d_loss"] == pytest.approx(3.0 * float(expected), rel=1e-3)
    lazy, _ = first_logs(loss="relativistic", real_penalty=3.0, penalty_every=4)
    assert lazy["d_loss"] - plain["d_loss"] == pytest.approx(12.0 * float(expected), rel=1e-3)


def test_a_lazy_penalty_rests_in_the_steps_between():
    gan = tiny_gan()
    gan.compile(
        sgd(0.0), sgd(0.0), loss="hinge", real_penalty=50.0, penalty_every=2, run_eagerly=True
    )
    values = []
    for _ in range(4):
        gan.reset_metrics()
        logs = gan.train_step(tf.constant(real_images(16)))
        values.append(float(logs["d_loss"] - logs["d_loss_real"] - logs["d_loss_fake"]))
    assert [values[1], values[3]] == pytest.approx([0.0, 0.0], abs=1e-6)
    assert values[0] > 0.1 and values[2] == pytest.approx(values[0], rel=1e-4)


def test_augmentation_is_applied_to_real_and_to_fake():
    seen = []

    def augment(images):
        seen.append(images.shape[0])
        return images * 0.0

    gan = tiny_gan()
    gan.compile(sgd(), sgd(), augment=augment, simultaneous=True)
    logs = gan.train_step(tf.constant(real_images(8)))
    assert seen == [8, 8]
    assert float(logs["g_loss"]) == pytest.approx(float(logs["d_loss_real"]), rel=1e-5)


def test_a_sigmoid_discriminator_is_read_as_probabilities():
    keras.utils.set_random_seed(7)
    generator, linear = tiny_generator(), tiny_discriminator()
    sigmoid = keras.Sequential([*linear.layers, layers.Activation("sigmoid")])
    sigmoid.build((None, 4, 4, 1))
    for discriminator in (linear, sigmoid):
        gan = training.GAN(keras.models.clone_model(generator), discriminator)
        gan.generator.set_weights(generator.get_weights())
        gan.compile(sgd(0.0), sgd(0.0))
        logs = gan.train_step(tf.constant(real_images(8)))
        if discriminator is linear:
            expected = {name: float(value) for name, value in logs.items()}
    assert {k: float(v) for k, v in logs.items()} == pytest.approx(expected, rel=1e-4)


def test_two_runs_of_one_seed_print_the_same_losses():
    histories = []
    for _ in range(2):
        gan = tiny_gan(dropout=0.3)
        gan.compile(loss="relativistic", real_penalty=1.0)
        histories.append(
            gan.fit(real_images(), batch_size=8, epochs=2, verbose=0, shuffle=False).history
        )
    assert histories[0] == histories[1]


def test_the_logs_are_the_metrics():
    gan = tiny_gan()
    gan.compile()
    history = gan.fit(real_images(), batch_size=8, epochs=1, verbose=0).history
    assert set(history) == {metric.name for metric in gan.metrics}


# What it refuses, before training starts.


def test_dense_3_is_explained():
    with pytest.raises(ValueError, match=r"returns 3 numbers for each image.*Dense\(1\)"):
        training.GAN(tiny_generator(), tiny_discriminator(units=3))


def test_images_of_another_size_than_the_discriminators_are_explained():
    big = keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(ValueError, match=r"\(4, 4, 1\).*takes \(8, 8, 1\)"):
        training.GAN(tiny_generator(), big)


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.zeros((8, 5, 4, 1), "float32"), r"\(4, 4, 1\), got \(5, 4, 1\)"),
        (np.zeros((8, 4, 4), "float32"), r"\(N, H, W, C\), got \(\d, 4, 4\)"),
        (np.zeros((8, 4, 4, 1), "uint8"), "uint8: scale them"),
        (np.full((8, 4, 4, 1), 200, "float32"), r"\[-1"),
        (
            np.linspace(0, 1, 128, dtype="float32").reshape(8, 4, 4, 1),
            r"to_float.*None to the model",
        ),
        (np.full((8, 4, 4, 1), np.nan, "float32"), "NaN"),
    ],
)
def test_images_that_do_not_fit_stop_before_the_first_step(images, message):
    gan = tiny_gan()
    gan.compile()
    with pytest.raises(ValueError, match=message):
        gan.fit(images, epochs=1, verbose=0)
    with pytest.raises(ValueError, match=message):
        gan.fit(tf.data.Dataset.from_tensor_slices(images).batch(4), epochs=1, verbose=0)
    assert int(gan.step_count) == 0


def test_the_range_check_can_be_switched_off_for_the_clinic():
    gan = tiny_gan(value_range=None)
    gan.compile()
    gan.fit(np.full((8, 4, 4, 1), 255.0, "float32"), epochs=1, verbose=0)
    assert int(gan.step_count) == 1


def test_a_loss_that_becomes_nan_stops_at_once_and_names_step_and_rates():
    gan = tiny_gan("linear")
    gan.compile(sgd(1e12), sgd(1e12))
    with pytest.raises(training.TrainingDiverged, match=r"epoch 1, step [23].*learning rates"):
        gan.fit(real_images(80), batch_size=8, epochs=3, verbose=0)
    assert int(gan.step_count) <= 3


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"loss": "bce"}, "loss must be one of .*got 'bce'"),
        ({"label_smoothing": 0.7}, "label_smoothing"),
        ({"label_flips": -0.1}, "label_flips"),
        ({"loss": "hinge", "label_noise": 0.1}, "not 'hinge'"),
        ({"penalty_every": 0}, "penalty_every"),
    ],
)
def test_choices_that_make_no_sense(choices, message):
    with pytest.raises(ValueError, match=message):
        tiny_gan().compile(**choices)


def test_one_optimizer_cannot_serve_two_players():
    optimizer = sgd()
    with pytest.raises(ValueError, match="two optimizers"):
        tiny_gan().compile(optimizer, optimizer)


def test_z_of_the_wrong_length_is_explained():
    with pytest.raises(ValueError, match=r"\(N, 3\), got \(2, 4\)"):
        tiny_gan().generate(np.zeros((2, 4)))
    with pytest.raises(ValueError, match="at least 1"):
        tiny_gan().generate(0)


# The published systems, through the loop that the notebooks use.


@pytest.mark.parametrize(
    ("system", "choices"), [("lecture_dcgan", {}), ("slides_gan", {"inverted_labels": True})]
)
def test_published_systems_train_on_bytes_in_their_own_range(system, choices):
    keras.utils.set_random_seed(0)
    builders = networks.CATALOGUE[system]
    gan = training.GAN(builders.generator(), builders.discriminator())
    gan.compile(**choices)
    images = datasets.load("mnist", limit=24).images
    before = weights_of(gan.generator)
    history = training.train(gan, images, epochs=1, batch_size=16, verbose=0)
    assert gan.value_range == ((0.0, 1.0) if system == "slides_gan" else (-1.0, 1.0))
    assert np.isfinite(history["d_loss"] + history["g_loss"]).all()
    assert any(np.abs(a - b).max() > 1e-5 for a, b in zip(before, gan.generator.get_weights()))
    low, high = gan.value_range
    samples = gan.generate(5)
    assert samples.min() >= low and samples.max() <= high


def test_homework_gan_trains_on_a_folder_of_the_users_own_pictures(tmp_path):
    random = np.random.default_rng(0)
    for index in range(10):
        picture = random.integers(0, 256, (40 + index, 50, 3), dtype=np.uint8)
        Image.fromarray(picture).save(tmp_path / f"face_{index}.png")
    faces = datasets.image_folder(tmp_path, 28, channels=3)
    system = networks.CATALOGUE["homework_gan"]
    gan = training.GAN(system.generator(channels=3), system.discriminator(channels=3))
    gan.compile()
    history = training.train(gan, faces.images, epochs=1, batch_size=8, verbose=0)
    assert np.isfinite(history["d_loss"]).all() and gan.generate(2).shape == (2, 28, 28, 3)
