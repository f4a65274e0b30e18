"""The GAN whose z switches the class: which z asks for which class, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import losses, networks, training
from helpers.networks import color, conditional

SHAPE = (32, 32, 3)


def small(**options):
    keras.utils.set_random_seed(4)
    z = keras.Input((5,))
    switch = color.class_switch(3)(z)
    picture = layers.Dense(12, activation="tanh")(layers.Concatenate()([z, switch]))
    generator = keras.Model(z, layers.Reshape((2, 2, 3))(picture))
    images, labels = keras.Input((2, 2, 3)), keras.Input((), dtype="int32")
    flat = layers.Concatenate()([layers.Flatten()(images), layers.Embedding(3, 4)(labels)])
    critic = keras.Model([images, labels], layers.Dense(1)(flat))
    return training.ClassSwitchGAN(generator, critic, num_classes=3, **options)


def test_switching_exchanges_two_numbers_and_makes_the_label_the_largest():
    z = np.array([[0.1, 2.0, -1.0, 7.0, 8.0], [3.0, 0.5, 0.2, 9.0, 9.0]], "float32")
    switched = np.asarray(small().switch(z, np.array([2, 0], "int32")))
    expected = [[0.1, -1.0, 2.0, 7.0, 8.0], [3.0, 0.5, 0.2, 9.0, 9.0]]
    np.testing.assert_allclose(switched, expected, atol=1e-6)


def test_the_switched_z_is_still_standard_normal_when_classes_are_equally_likely():
    gan = small()
    labels = np.arange(30_000) % 3
    z = np.asarray(gan.switch(gan.sample_z(30_000, seed=1), labels.astype("int32")))
    assert (z[:, :3].argmax(axis=1) == labels).all()
    np.testing.assert_allclose(z.mean(axis=0), 0.0, atol=0.03)
    np.testing.assert_allclose(z.std(axis=0), 1.0, atol=0.03)


def test_one_step_equals_the_formula():
    gan, other = small(seed=2), small(seed=2)
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), simultaneous=True)
    images = np.random.default_rng(0).uniform(-1, 1, (6, 2, 2, 3)).astype("float32")
    labels = np.arange(6, dtype="int32") % 3
    images, labels = tf.constant(images), tf.constant(labels)
    logs = gan.train_step((images, labels))
    z = other.switch(keras.random.normal((6, 5), seed=keras.random.SeedGenerator(2)), labels)
    fake = other.generator(z, training=True)
    real_logits, fake_logits = (other.discriminator([x, labels]) for x in (images, fake))
    terms = losses.discriminator_terms("non_saturating", real_logits, fake_logits)
    assert float(logs["d_loss"]) == pytest.approx(float(sum(terms)), rel=1e-5)
    wanted = losses.generator_loss("non_saturating", fake_logits)
    assert float(logs["g_loss"]) == pytest.approx(float(wanted), rel=1e-5)


def test_the_largest_of_the_first_numbers_sets_the_state():
    z = np.random.default_rng(0).normal(size=(2000, 42)).astype("float32")
    opened = np.asarray(color.class_switch(10)(z))
    apart = np.sort(z[:, :10], axis=1)
    clear = apart[:, -1] - apart[:, -2] > 0.1  # a tie sets two states, a bit each
    assert clear.mean() > 0.8
    np.testing.assert_allclose(opened[clear].max(axis=1), 1.0, atol=0.01)
    assert (opened.argmax(axis=1) == z[:, :10].argmax(axis=1)).all()


def test_generate_takes_z_alone_or_switches_it_to_labels():
    gan = small()
    z = np.random.default_rng(0).normal(size=(4, 5)).astype("float32")
    np.testing.assert_allclose(gan.generate(z), gan.ema_generator(z), atol=1e-6)
    asked = gan.generate(z, 2)
    np.testing.assert_allclose(asked, gan.generate(gan.switch(z, np.full(4, 2))), atol=1e-6)
    assert np.abs(asked - gan.generate(z)).max() > 1e-3
    with pytest.raises(ValueError, match="labels run from 3 to 3"):
        gan.generate(z, 3)


def test_networks_that_do_not_fit_are_refused():
    system = networks.CATALOGUE["laptop_color"]
    with pytest.raises(ValueError, match="wanted: images, labels -> one logit"):
        training.ClassSwitchGAN(system.generator(), networks.CATALOGUE["lab_cifar"].discriminator())
    with pytest.raises(ValueError, match=r"2 input\(s\), but this model gives it z"):
        training.ClassSwitchGAN(conditional.generator(), system.discriminator())
    with pytest.raises(ValueError, match=r"\(28, 28, 1\)"):
        training.ClassSwitchGAN(
            networks.CATALOGUE["laptop_dcgan"].generator(), system.discriminator()
        )
    with pytest.raises(ValueError, match="5 numbers, too few"):
        training.ClassSwitchGAN(system.generator(5, num_classes=5), system.discriminator())


def test_labels_are_needed_and_checked():
    gan = small()
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    images = np.zeros((6, 2, 2, 3), "float32")
    with pytest.raises(ValueError, match="needs labels"):
        gan.fit(images, verbose=0)
    with pytest.raises(ValueError, match="labels run from 0 to 3"):
        gan.fit(images, np.array([0, 1, 2, 3, 0, 1]), verbose=0)
    with pytest.raises(ValueError, match=r"labels must have shape \(6,\)"):
        gan.fit(images, np.array([0, 1]), verbose=0)
