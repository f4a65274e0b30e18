"""The conditional GAN: who sees the label, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import losses, networks, training
from helpers.networks import conditional

SHAPE = (28, 28, 1)


def small(discriminator=conditional.plane_discriminator, **options):
    keras.utils.set_random_seed(4)
    generator = conditional.generator(latent_dim=3, embedding=2, widths=(4, 4, 4))
    critic = discriminator(widths=(4, 4), dense=8)
    return training.ConditionalGAN(generator, critic, **options)


def data(count=20):
    random = np.random.default_rng(0)
    images = random.uniform(-1, 1, (count, *SHAPE)).astype("float32")
    return images, np.arange(count) % 10


def compiled(gan, rate=0.05, **choices):
    gan.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(rate), **choices)
    return gan


def test_one_step_of_the_plane_form_equals_the_formula():
    gan, other = compiled(small(seed=2), simultaneous=True), small(seed=2)
    images, labels = (tf.constant(x) for x in data(8))
    logs = gan.train_step((images, labels))
    z = keras.random.normal((8, 3), seed=keras.random.SeedGenerator(2))
    fake = other.generator([z, labels], training=True)
    real_logits = other.discriminator([images, labels], training=True)
    fake_logits = other.discriminator([fake, labels], training=True)
    expected = losses.discriminator_terms("non_saturating", real_logits, fake_logits)
    assert float(logs["d_loss"]) == pytest.approx(float(sum(expected)), rel=1e-5)
    assert float(logs["g_loss"]) == pytest.approx(
        float(losses.generator_loss("non_saturating", fake_logits)), rel=1e-5
    )


def test_the_auxiliary_form_adds_the_class_losses_of_real_and_fake():
    build = conditional.auxiliary_discriminator
    gan, other = compiled(small(build, seed=2), simultaneous=True), small(build, seed=2)
    images, labels = (tf.constant(x) for x in data(8))
    logs = gan.train_step((images, labels))
    z = keras.random.normal((8, 3), seed=keras.random.SeedGenerator(2))
    fake = other.generator([z, labels], training=True)
    bare = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    of_real = float(bare(labels, other.discriminator(images, training=True)[1]))
    logit, classes = other.discriminator(fake, training=True)
    of_fake = float(bare(labels, classes))
    alone = float(logs["d_loss_real"] + logs["d_loss_fake"])
    assert float(logs["d_loss"]) - alone == pytest.approx(of_real + of_fake, rel=1e-4)
    g_loss = float(losses.generator_loss("non_saturating", logit)) + of_fake
    assert float(logs["g_loss"]) == pytest.approx(g_loss, rel=1e-4)


@pytest.mark.parametrize(
    "build",
    [
        conditional.plane_discriminator,
        conditional.projection_discriminator,
        conditional.auxiliary_discriminator,
    ],
)
def test_every_form_trains_by_fit_and_by_train(build, tmp_path):
    images, labels = data(40)
    gan = compiled(small(build), loss="relativistic", real_penalty=1.0, penalty_every=2)
    before = [np.array(w) for w in gan.generator.get_weights()]
    gan.fit(images, labels, batch_size=16, epochs=1, verbose=0)
    assert int(gan.step_count) == 3
    pixels = ((images + 1) * 127.5).astype("uint8")
    history = training.train(
        gan, pixels, labels, epochs=1, batch_size=16, run_dir=tmp_path, verbose=0
    )
    assert np.isfinite(history["d_loss"]).all()
    moved = [np.abs(a - b).max() for a, b in zip(before, gan.generator.get_weights(), strict=True)]
    assert min(moved) > 0, "every weight of the generator learns, the label's embedding included"


def test_the_same_z_in_every_row_and_only_the_label_differs():
    gan = compiled(small())
    gan.generator.set_weights([w + 0.1 for w in gan.generator.get_weights()])
    gan.ema_generator.set_weights(gan.generator.get_weights())
    z = np.random.default_rng(0).normal(size=(4, 3)).astype("float32")
    grid = gan.generate(np.tile(z, (10, 1)), np.repeat(np.arange(10), 4)).reshape(10, 4, *SHAPE)
    for label in range(10):
        np.testing.assert_allclose(grid[label], gan.generate(z, label), atol=1e-6)
    assert np.abs(grid[0] - grid[1]).max() > 1e-4


def test_without_labels_all_classes_come_in_turn():
    gan = compiled(small())
    z = np.random.default_rng(0).normal(size=(12, 3)).astype("float32")
    np.testing.assert_array_equal(gan.generate(z), gan.generate(z, np.arange(12) % 10))


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        (np.full(20, 0.5), "integers, got float64"),
        (np.arange(20), "10 classes"),
        (np.full(20, -1), "run from -1"),
        (np.zeros(19, int), r"\(20,\).*got \(19,\)"),
        (np.zeros((20, 1), int), r"got \(20, 1\)"),
        (None, "needs labels"),
    ],
)
def test_labels_that_do_not_fit_stop_before_the_first_step(labels, message):
    gan = compiled(small())
    with pytest.raises(ValueError, match=message):
        gan.fit(data()[0], labels, verbose=0)
    assert int(gan.step_count) == 0
    if labels is not None:
        with pytest.raises(ValueError, match=message):
            gan.generate(20, labels)


def test_a_data_set_without_labels_is_explained():
    with pytest.raises(ValueError, match="pairs"):
        compiled(small()).fit(tf.data.Dataset.from_tensor_slices(data()[0]).batch(4), verbose=0)


def test_networks_that_cannot_be_asked_are_explained():
    plain = keras.Sequential([keras.Input((3,)), layers.Dense(784), layers.Reshape(SHAPE)])
    critic = conditional.plane_discriminator()
    with pytest.raises(ValueError, match=r"1 input\(s\), but this model gives it z, labels"):
        training.ConditionalGAN(plain, critic)
    blind = keras.Sequential([keras.Input(SHAPE), layers.Flatten(), layers.Dense(1)])
    with pytest.raises(ValueError, match="1 input"):
        training.ConditionalGAN(conditional.generator(), blind)
    large = conditional.plane_discriminator(image_shape=(32, 32, 1))
    with pytest.raises(ValueError, match=r"takes \(32, 32, 1\)"):
        training.ConditionalGAN(conditional.generator(), large)
    with pytest.raises(ValueError, match="num_classes"):
        training.ConditionalGAN(conditional.generator(), critic, num_classes=1)


def test_train_looks_at_all_labels_before_the_first_step():
    gan = compiled(small())
    images, labels = data(40)
    pixels = ((images + 1) * 127.5).astype("uint8")
    labels[-1] = 10  # beyond the first batch, where fit alone would not see it
    with pytest.raises(ValueError, match="run from 0 to 10, but there are 10 classes"):
        training.train(gan, pixels, labels, epochs=1, batch_size=4, verbose=0)
    with pytest.raises(ValueError, match="needs labels"):
        training.train(gan, pixels, epochs=1, batch_size=4, verbose=0)
    with pytest.raises(ValueError, match="integers, got float64"):
        training.train(gan, pixels, np.zeros(40), epochs=1, batch_size=4, verbose=0)
    with pytest.raises(ValueError, match=r"labels must have shape \(40,\).*got \(39,\)"):
        training.train(gan, pixels, labels[:39], epochs=1, batch_size=4, verbose=0)
    assert int(gan.step_count) == 0


def test_networks_built_for_fewer_classes_are_explained():
    critic = conditional.plane_discriminator(num_classes=12)
    with pytest.raises(ValueError, match="label_embedding of conditional_generator knows 10"):
        training.ConditionalGAN(conditional.generator(), critic, num_classes=12)
    wide = conditional.generator(num_classes=12)
    with pytest.raises(ValueError, match="of plane_discriminator knows 10 classes"):
        training.ConditionalGAN(wide, conditional.plane_discriminator(), num_classes=12)
    with pytest.raises(ValueError, match=r"class logits .* shape \(10,\).*Dense\(12\)"):
        training.ConditionalGAN(wide, conditional.auxiliary_discriminator(), num_classes=12)


def test_assignment_cgan_is_lab_dcgan_with_a_label():
    system = networks.CATALOGUE["assignment_cgan"]
    generator, critic = system.generator(), system.discriminator()
    # What the label adds: its vectors, 50 more rows of the first dense layer, ten more planes
    # for the first convolution.
    plain = networks.CATALOGUE["lab_dcgan"]
    more = 10 * 50 + 50 * 7 * 7 * 256
    assert generator.count_params() == plain.generator().count_params() + more
    assert critic.count_params() == plain.discriminator().count_params() + 10 * 64 * 5 * 5
    drops = [layer.rate for layer in critic.layers if isinstance(layer, layers.Dropout)]
    assert drops == [0.3, 0.3]
    training.ConditionalGAN(generator, critic)
