"""pix2pix and super-resolution: values of one step, choices, and what they refuse."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import distances, training
from helpers.networks.translation import PixelShuffle
from helpers.training import base

RATE = 0.1


def tiny_generator(last="tanh"):
    return keras.Sequential(
        [
            keras.Input((6, 6, 1)),
            layers.Conv2D(4, 3, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2D(3, 3, padding="same", activation=last),
        ]
    )


def critic_of(*inputs, last="linear"):
    """Logits of 3x3 patches, with a BatchNorm, so that the training flag shows."""
    x = layers.Concatenate()(inputs) if len(inputs) > 1 else inputs[0]
    x = layers.LeakyReLU()(layers.Conv2D(4, 3, strides=2, padding="same")(x))
    x = layers.BatchNormalization()(x)
    x = layers.Conv2D(1, 3, padding="same", activation=last)(x)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], x)


def tiny_discriminator(last="linear"):
    return critic_of(keras.Input((6, 6, 1)), keras.Input((6, 6, 3)), last=last)


def tiny(discriminator=tiny_discriminator, last="tanh", **options):
    keras.utils.set_random_seed(7)
    generator = tiny_generator(last)
    return training.ImageToImage(generator, discriminator and discriminator(), **options)


def tiny_super(discriminator=True):
    keras.utils.set_random_seed(7)
    steps = [layers.Conv2D(12, 3, padding="same"), PixelShuffle(2), layers.Activation("tanh")]
    generator = keras.Sequential([keras.Input((3, 3, 3)), *steps])
    critic = critic_of(keras.Input((6, 6, 3))) if discriminator else None
    return training.SuperResolution(generator, critic)


def images(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def pair(count=8):
    return tf.constant(images(count, 6, 6, 1)), tf.constant(images(count, 6, 6, 3, seed=1))


def pixels(*shape, seed=0):
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def sgd(rate=RATE):
    return keras.optimizers.SGD(rate)


def copy_of(network):
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    return copy


def weights_of(network):
    return [np.array(w) for w in network.get_weights()]


def assert_close(ours, written, tolerance=1e-6):
    for a, b in zip(ours.get_weights(), written.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


def assert_moved(before, network):
    moved = [np.abs(a - b).max() for a, b in zip(before, network.get_weights(), strict=True)]
    assert max(moved) > 1e-5


def descend(variables, gradients, rate=RATE):
    for variable, gradient in zip(variables, gradients, strict=True):
        variable.assign_sub(rate * gradient)


def softplus(x):
    return tf.math.softplus(x)


# (kind) -> (loss of D, loss of G), written out as functions of the logits.
FORMULAS = {
    "non_saturating": (
        lambda real, fake: tf.reduce_mean(softplus(-real)) + tf.reduce_mean(softplus(fake)),
        lambda real, fake: tf.reduce_mean(softplus(-fake)),
    ),
    "least_squares": (
        lambda real, fake: (tf.reduce_mean((real - 1) ** 2) + tf.reduce_mean(fake**2)) / 2,
        lambda real, fake: tf.reduce_mean((fake - 1) ** 2) / 2,
    ),
    "relativistic": (
        lambda real, fake: tf.reduce_mean(softplus(fake - real)),
        lambda real, fake: tf.reduce_mean(softplus(real - fake)),
    ),
}


@pytest.mark.parametrize(
    ("kind", "distance_weight", "adversarial_weight"),
    [
        ("non_saturating", 100.0, 1.0),
        ("least_squares", 10.0, 0.5),
        ("relativistic", 3.0, 2.0),
        ("non_saturating", 0.0, 1.0),
    ],
)
def test_one_step_of_pix2pix_equals_the_formula(kind, distance_weight, adversarial_weight):
    model = tiny()
    # Small enough a rate that a hundredfold distance doesn't blow the weights up.
    rate = 0.01
    model.compile(
        sgd(rate),
        sgd(0.3),
        kind,
        distance_weight=distance_weight,
        adversarial_weight=adversarial_weight,
    )
    generator, discriminator = copy_of(model.generator), copy_of(model.discriminator)
    before = weights_of(generator)
    source, target = pair()
    logs = model.train_step((source, target))

    of_d, of_g = FORMULAS[kind]
    with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
        fake = generator(source, training=True)
        real_logits = discriminator([source, target], training=True)
        fake_logits = discriminator([source, fake], training=True)
        distance = tf.reduce_mean(tf.abs(target - fake))
        adversarial = of_g(real_logits, fake_logits)
        g_loss = distance_weight * distance + adversarial_weight * adversarial
        d_loss = of_d(real_logits, fake_logits)
    g_slopes = g_tape.gradient(g_loss, generator.trainable_variables)
    d_slopes = d_tape.gradient(d_loss, discriminator.trainable_variables)
    descend(generator.trainable_variables, g_slopes, rate)
    descend(discriminator.trainable_variables, d_slopes, 0.3)

    assert_close(model.generator, generator)
    assert_close(model.discriminator, discriminator)
    assert_moved(before, generator)
    right = (np.mean(real_logits > 0) + np.mean(fake_logits < 0)) / 2
    expected = {
        "g_loss": g_loss,
        "distance": distance,
        "adversarial": adversarial,
        "d_loss": d_loss,
        "d_accuracy": right,
    }
    assert {name: float(value) for name, value in logs.items()} == pytest.approx(
        {name: float(value) for name, value in expected.items()}, rel=1e-5
    )
    assert int(model.step_count) == 1


@pytest.mark.parametrize("discriminator", [tiny_discriminator, None])
def test_the_distance_alone_leaves_the_discriminator_as_it_is(discriminator):
    model = tiny(discriminator)
    model.compile(sgd(), sgd(), distance_weight=2.0, adversarial_weight=0.0)
    generator = copy_of(model.generator)
    critic = discriminator and weights_of(model.discriminator)
    source, target = pair()
    logs = model.train_step((source, target))
    with tf.GradientTape() as tape:
        distance = tf.reduce_mean(tf.abs(target - generator(source, training=True)))
        loss = 2.0 * distance
    variables = generator.trainable_variables
    descend(variables, tape.gradient(loss, variables))
    assert_close(model.generator, generator)
    if discriminator:
        for a, b in zip(critic, model.discriminator.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
    assert float(logs["g_loss"]) == pytest.approx(float(loss), rel=1e-5)
    assert float(logs["distance"]) == pytest.approx(float(distance), rel=1e-5)
    assert [float(logs[name]) for name in ("adversarial", "d_loss", "d_accuracy")] == [0, 0, 0]


def test_without_a_discriminator_nobody_has_to_say_so_again():
    model = tiny(None)
    model.compile(sgd(), run_eagerly=True)
    assert model.adversarial_weight == 0.0 and model.distance_weight == 100.0
    source, target = pixels(20, 6, 6, 1), pixels(20, 6, 6, 3, seed=1)
    history = training.train(model, source, target, epochs=2, batch_size=8, verbose=0)
    assert set(history["d_loss"]) == {0.0} and int(model.step_count) == 6


def test_a_distance_of_ones_own_is_what_the_generator_minimizes():
    model = tiny(None)
    model.compile(
        sgd(), distance=lambda found, wanted: tf.reduce_sum(found) + 0.0, distance_weight=1
    )
    source, target = pair()
    expected = tf.reduce_sum(copy_of(model.generator)(source, training=True))
    assert float(model.train_step((source, target))["g_loss"]) == pytest.approx(
        float(expected), rel=1e-4
    )


def test_a_generator_loss_of_ones_own_takes_the_place_of_the_sum():
    seen = {}

    def generator_loss(fake_logits, fake, target, distance_weight):
        seen.update(logits=fake_logits, fake=fake, target=target, weight=distance_weight)
        return tf.reduce_mean(fake) * distance_weight

    model = tiny()
    model.compile(sgd(), sgd(), distance_weight=3.0, generator_loss=generator_loss)
    generator, discriminator = copy_of(model.generator), copy_of(model.discriminator)
    source, target = pair()
    logs = model.train_step((source, target))
    with tf.GradientTape() as tape:
        fake = generator(source, training=True)
        loss = 3.0 * tf.reduce_mean(fake)
    variables = generator.trainable_variables
    descend(variables, tape.gradient(loss, variables))
    assert_close(model.generator, generator)
    assert float(logs["g_loss"]) == pytest.approx(float(loss), rel=1e-4)
    assert seen["weight"] == 3.0
    np.testing.assert_array_equal(seen["target"], target)
    np.testing.assert_allclose(seen["fake"], fake, atol=1e-6)
    logits = discriminator([source, fake], training=True)
    np.testing.assert_allclose(seen["logits"], logits, atol=1e-5)


def test_one_step_of_super_resolution_shows_the_discriminator_the_large_image_alone():
    model = tiny_super()
    keras.utils.set_random_seed(2)
    eye = keras.Sequential([keras.Input((6, 6, 3)), layers.Conv2D(2, 3)])
    eye.trainable = False
    distance = distances.feature_distance(eye, pixel_weight=0.5, feature_weight=2.0)
    model.compile(sgd(), sgd(), distance_weight=1.0, adversarial_weight=0.1, distance=distance)
    generator, discriminator = copy_of(model.generator), copy_of(model.discriminator)
    small, large = tf.constant(images(5, 3, 3, 3)), tf.constant(images(5, 6, 6, 3, seed=1))
    frozen = weights_of(eye)
    logs = model.train_step((small, large))

    with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
        fake = generator(small, training=True)
        real_logits = discriminator(large, training=True)
        fake_logits = discriminator(fake, training=True)
        d_loss = tf.reduce_mean(softplus(-real_logits)) + tf.reduce_mean(softplus(fake_logits))
        apart = 0.5 * tf.reduce_mean(tf.abs(large - fake))
        apart += 2.0 * tf.reduce_mean((eye(large) - eye(fake)) ** 2)
        g_loss = apart + 0.1 * tf.reduce_mean(softplus(-fake_logits))
    for network, tape, loss in ((generator, g_tape, g_loss), (discriminator, d_tape, d_loss)):
        variables = network.trainable_variables
        descend(variables, tape.gradient(loss, variables))
    assert_close(model.generator, generator)
    assert_close(model.discriminator, discriminator)
    assert float(logs["g_loss"]) == pytest.approx(float(g_loss), rel=1e-5)
    assert float(logs["distance"]) == pytest.approx(float(apart), rel=1e-5)
    for a, b in zip(frozen, eye.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_sigmoid_discriminator_is_read_as_probabilities():
    values = []
    for last in ("linear", "sigmoid"):
        model = tiny(lambda last=last: tiny_discriminator(last))
        model.compile(sgd(), sgd())
        logs = model.train_step(pair())
        values.append({name: float(value) for name, value in logs.items()})
    assert values[1] == pytest.approx(values[0], rel=1e-4)


# --- The average ---


def test_a_copy_for_the_average_is_equal_frozen_and_apart():
    network = tiny_generator()
    copy = base.averaged_copy(network)
    assert_close(copy, network, 0.0)
    assert not copy.trainable_variables and network.trainable_variables
    network.layers[0].kernel.assign_add(keras.ops.ones_like(network.layers[0].kernel))
    assert np.abs(network.layers[0].kernel - copy.layers[0].kernel).min() == pytest.approx(1.0)


@pytest.mark.parametrize(("step", "keep"), [(0, 0.1), (10, 11 / 20), (80, 0.9), (10**6, 0.9)])
def test_a_young_average_forgets_faster(step, keep):
    network = tiny_generator()
    average = base.averaged_copy(network)
    old = weights_of(average)
    network.set_weights([w + 1.0 for w in network.get_weights()])
    base.move_average(average, network, 0.9, tf.constant(step, tf.int64))
    # Every weight goes along, the averages of BatchNorm too.
    for before, after in zip(old, average.get_weights(), strict=True):
        np.testing.assert_allclose(after, before + (1 - keep), atol=1e-5)


def test_the_average_moves_after_the_step_and_is_what_translates():
    model = tiny(ema_momentum=0.5)
    model.compile(sgd(), sgd(), distance_weight=5.0)
    average = weights_of(model.ema_generator)
    for step in range(4):
        model.train_step(pair())
        keep = min(0.5, (1 + step) / (10 + step))
        average = [
            new + keep * (old - new)
            for old, new in zip(average, model.generator.get_weights(), strict=True)
        ]
    for found, expected in zip(model.ema_generator.get_weights(), average, strict=True):
        np.testing.assert_allclose(found, expected, atol=1e-6)
    source = images(5, 6, 6, 1)
    found = model.translate(source, batch_size=2)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(model.generate(source, batch_size=2), found)
    np.testing.assert_allclose(found, model.ema_generator(source, training=False), atol=1e-6)
    assert np.abs(found - model(source)).max() > 1e-5
    np.testing.assert_allclose(model(source), model.generator(source), atol=1e-6)


# --- The loop ---


def test_train_learns_from_pairs_by_row():
    """The target is the source in three colors: only rows that belong together can be learned."""
    source = pixels(32, 6, 6, 1)
    target = np.concatenate([source, 255 - source, source], axis=-1)
    keras.utils.set_random_seed(7)
    generator = keras.Sequential([keras.Input((6, 6, 1)), layers.Conv2D(3, 1, activation="tanh")])
    model = training.ImageToImage(generator, ema_momentum=0.0)
    model.compile(keras.optimizers.Adam(0.05), distance_weight=1.0)
    history = training.train(model, source, target, epochs=40, batch_size=8, flip=True, verbose=0)
    assert history["distance"][-1] < 0.15 < 0.4 < history["distance"][0]
    strength = generator.layers[0].kernel.numpy().ravel()
    assert (np.sign(strength) == [1, -1, 1]).all()


def test_two_runs_of_one_seed_print_the_same_losses():
    histories = []
    for _ in range(2):
        model = tiny()
        model.compile(run_eagerly=True)
        source, target = pixels(20, 6, 6, 1), pixels(20, 6, 6, 3, seed=1)
        history = training.train(model, source, target, epochs=2, batch_size=8, verbose=0)
        histories.append(np.array([history[name] for name in model.LOSSES]))
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-6)
    assert np.isfinite(histories[0]).all()


def test_the_optimizers_of_the_papers_are_the_default():
    model = tiny()
    model.compile()
    for optimizer in model.optimizers().values():
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert float(optimizer.learning_rate) == pytest.approx(2e-4) and optimizer.beta_1 == 0.5
    assert set(model.optimizers()) == {"g_optimizer", "d_optimizer"}


# --- What they refuse, before training starts ---


@pytest.mark.parametrize(
    ("critic", "message"),
    [
        (lambda: critic_of(keras.Input((6, 6, 3))), r"takes images of \(6, 6, 3\); wanted are"),
        (
            lambda: critic_of(keras.Input((6, 6, 3)), keras.Input((6, 6, 1))),
            r"\(6, 6, 3\) and \(6, 6, 1\); wanted are \(6, 6, 1\) and \(6, 6, 3\): the source and",
        ),
        (
            lambda: critic_of(keras.Input((8, 8, 1)), keras.Input((8, 8, 3))),
            r"takes images of \(8, 8, 1\) and \(8, 8, 3\)",
        ),
        (
            lambda: keras.Sequential([layers.Conv2D(1, 3)]),
            r"the discriminator does not know the shape .* keras\.Input",
        ),
    ],
)
def test_a_discriminator_that_does_not_fit_is_explained(critic, message):
    with pytest.raises(ValueError, match=message):
        tiny(critic)


def test_super_resolution_wants_a_discriminator_of_the_large_image():
    generator = tiny_super(discriminator=False).generator
    both = critic_of(keras.Input((6, 6, 3)), keras.Input((6, 6, 3)))
    with pytest.raises(ValueError, match=r"wanted are \(6, 6, 3\): the generator's image"):
        training.SuperResolution(generator, both)
    with pytest.raises(ValueError, match=r"takes images of \(3, 3, 3\)"):
        training.SuperResolution(generator, critic_of(keras.Input((3, 3, 3))))


def test_a_generator_without_an_input_is_explained():
    unbuilt = keras.Sequential([layers.Conv2D(3, 3, padding="same")])
    with pytest.raises(ValueError, match=r"the generator does not know .* keras\.Input"):
        training.ImageToImage(unbuilt)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"loss": "bce"}, "loss must be one of .*got 'bce'"),
        ({"distance_weight": -1}, "distance_weight must be a number at least 0, got -1"),
        ({"adversarial_weight": float("nan")}, "adversarial_weight must be a number"),
        (
            {"distance_weight": 0, "adversarial_weight": 0},
            "distance_weight and adversarial_weight are both 0.*set one above 0",
        ),
    ],
)
def test_choices_that_make_no_sense(choices, message):
    with pytest.raises(ValueError, match=message):
        tiny().compile(**choices)


@pytest.mark.parametrize(
    ("critic", "weight"), [(None, 1.0), (tiny_discriminator, 0.0)], ids=["no critic", "no weight"]
)
def test_a_generator_loss_of_ones_own_needs_logits(critic, weight):
    with pytest.raises(ValueError, match=r"generator_loss needs the logits .* give the model one"):
        tiny(critic).compile(generator_loss=lambda *_: 0.0, adversarial_weight=weight)


def test_no_discriminator_and_no_distance_leave_nothing_to_learn_from():
    with pytest.raises(ValueError, match="always is without a discriminator"):
        tiny(None).compile(distance_weight=0)


def test_one_optimizer_cannot_serve_two_players():
    optimizer = sgd()
    with pytest.raises(ValueError, match="two optimizers, not one twice"):
        tiny().compile(optimizer, optimizer)


def test_an_average_of_momentum_one_would_never_move():
    with pytest.raises(ValueError, match="ema_momentum must be a number at least 0 and below 1"):
        tiny(ema_momentum=1.0)


SOURCE, TARGET = pixels(10, 6, 6, 1), pixels(10, 6, 6, 3, seed=1)


@pytest.mark.parametrize(
    ("source", "target", "message"),
    [
        (SOURCE, None, r"two sets of images: training\.train\(model, sources, targets"),
        (SOURCE, np.arange(10), r"two sets of images: training\.train\(model, sources, targets"),
        (SOURCE, TARGET[:9], "one for each of the 10 images.*cut the longer set"),
        (SOURCE, TARGET / 255.0, r"target images must be uint8.*got float64 \(10, 6, 6, 3\)"),
        (SOURCE / 255.0, TARGET, r"images must be uint8.*got float64"),
        (SOURCE, SOURCE, r"must have shape \(6, 6, 3\), got \(6, 6, 1\)"),
        (TARGET, TARGET, r"must have shape \(6, 6, 1\), got \(6, 6, 3\)"),
        (SOURCE, TARGET[:, :4], r"must have shape \(6, 6, 3\), got \(4, 6, 3\)"),
    ],
)
def test_pairs_that_do_not_fit_stop_before_the_first_step(source, target, message):
    model = tiny()
    model.compile()
    with pytest.raises(ValueError, match=message):
        training.train(model, source, target, epochs=1, batch_size=4, verbose=0)
    assert int(model.step_count) == 0


@pytest.mark.parametrize(
    ("sources", "message"),
    [
        (images(2, 6, 6, 3), r"sources must have shape \(6, 6, 1\), got \(6, 6, 3\)"),
        (images(6, 6, 1), r"sources must have shape \(N, H, W, C\)"),
        (SOURCE, "sources must lie in .*scale them with images.to_float"),
    ],
)
def test_sources_that_cannot_be_translated_are_explained(sources, message):
    with pytest.raises(ValueError, match=message):
        tiny().translate(sources)
