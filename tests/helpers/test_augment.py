"""Differentiable augmentation: what it changes, what it leaves, and what passes through it."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import augment, networks, recipes, training


def some_images(count=4, size=8, channels=3, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (count, size, size, channels)).astype("f4")


def test_brightness_adds_one_number_to_each_image():
    images = some_images()
    found = augment.brightness(images, np.array([0.0, 0.1, -0.2, 0.5], "f4"))
    np.testing.assert_allclose(found[2], images[2] - 0.2, atol=1e-6)
    np.testing.assert_allclose(found[0], images[0], atol=1e-6)


def test_saturation_ends_in_the_gray_of_each_pixel():
    images = some_images(2)
    found = np.asarray(augment.saturation(images, np.array([0.0, 2.0], "f4")))
    gray = images.mean(axis=3, keepdims=True)
    np.testing.assert_allclose(found[0], np.repeat(gray[0], 3, axis=2), atol=1e-6)
    np.testing.assert_allclose(found[1], 2 * images[1] - gray[1], atol=1e-6)


def test_contrast_ends_in_the_mean_of_the_image():
    images = some_images(2)
    found = np.asarray(augment.contrast(images, np.array([0.0, 1.5], "f4")))
    np.testing.assert_allclose(found[0], images[0].mean(), atol=1e-6)
    middle = images[1].mean()
    np.testing.assert_allclose(found[1], middle + 1.5 * (images[1] - middle), atol=1e-6)


def test_translate_moves_whole_images_and_brings_gray_in():
    images = some_images(2)
    found = np.asarray(augment.translate(images, np.array([2, 0]), np.array([-1, 3])))
    expected = np.zeros_like(images)
    expected[0, 2:, :-1] = images[0, :-2, 1:]
    expected[1, :, 3:] = images[1, :, :-3]
    np.testing.assert_allclose(found, expected, atol=1e-6)


def test_cutout_cuts_a_square_also_where_it_hangs_over_the_edge():
    images = np.ones((3, 6, 9, 2), "f4")
    found = np.asarray(augment.cutout(images, np.array([1, -2, 5]), np.array([2, 0, 7]), 3))
    expected = images.copy()
    expected[0, 1:4, 2:5] = 0
    expected[1, :1, :3] = 0
    expected[2, 5:, 7:] = 0
    np.testing.assert_array_equal(found, expected)


def test_augment_changes_each_image_and_each_call_in_its_own_way():
    one = np.repeat(some_images(1), 6, axis=0)
    layer = augment.Augment(seed=3)
    first, second = np.asarray(layer(one)), np.asarray(layer(one))
    assert first.shape == one.shape and first.dtype == np.float32
    for i in range(5):
        assert np.abs(first[i] - first[i + 1]).max() > 0.05
    assert np.abs(first - second).max() > 0.05
    again = augment.Augment(seed=3)
    np.testing.assert_array_equal(again(one), first)


def test_the_changes_stay_within_their_published_limits():
    flat = np.zeros((400, 16, 16, 3), "f4")
    light = np.asarray(augment.Augment("color", seed=0)(flat))
    assert np.abs(light).max() <= 0.5 and np.abs(light).max() > 0.45
    point = np.zeros((400, 16, 16, 1), "f4")
    point[:, 8, 8] = 1.0
    peak = np.asarray(augment.Augment("translation", seed=0)(point)).reshape(400, -1).argmax(1)
    rows, columns = np.divmod(peak, 16)
    assert set(rows) == set(columns) == {6, 7, 8, 9, 10}, "an eighth of the side, both ways"
    holes = np.asarray(augment.Augment("cutout", seed=0)(np.ones((400, 16, 16, 1), "f4")))
    size = (holes == 0).sum(axis=(1, 2, 3))
    assert size.max() == 64 and size.min() >= 16


@pytest.mark.parametrize("policy", augment.POLICIES)
def test_gradients_pass_through_every_change(policy):
    images = tf.constant(some_images(size=16))
    with tf.GradientTape() as tape:
        tape.watch(images)
        total = tf.reduce_sum(tf.square(augment.Augment(policy)(images)))
    gradient = np.asarray(tape.gradient(total, images))
    assert np.isfinite(gradient).all() and (np.abs(gradient) > 0).mean() > 0.4


@pytest.mark.parametrize("policy", ["", "hue", "color,flip", None])
def test_unknown_policies_are_named(policy):
    with pytest.raises(
        ValueError, match="part of policy must be one of color, translation, cutout"
    ):
        augment.Augment(policy)


def tiny_gan(seed=0):
    generator = keras.Sequential(
        [keras.Input((3,)), layers.Dense(8 * 8 * 3, activation="tanh"), layers.Reshape((8, 8, 3))]
    )
    critic = keras.Sequential([keras.Input((8, 8, 3)), layers.Flatten(), layers.Dense(1)])
    gan = training.GAN(generator, critic, seed=seed)
    gan.compile(augment=augment.Augment(seed=5), real_penalty=0.5, run_eagerly=True)
    return gan


def test_a_gan_trains_through_it_and_a_checkpoint_keeps_its_chance(tmp_path):
    images = (127.5 * (some_images(16) + 1)).astype("uint8")
    run = {"epochs": 2, "batch_size": 8, "verbose": 0}
    keras.utils.set_random_seed(1)
    whole = tiny_gan()
    start = [np.array(weight) for weight in whole.generator.get_weights()]
    training.train(whole, images, **run)
    assert np.abs(whole.generator.get_weights()[0] - start[0]).max() > 0, "no gradient reached G"
    keras.utils.set_random_seed(1)
    first = tiny_gan()
    training.train(first, images, **(run | {"epochs": 1}), run_dir=tmp_path)
    keras.utils.set_random_seed(2)
    resumed = tiny_gan(seed=9)
    training.train(resumed, images, **run, run_dir=tmp_path)
    for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_the_picture_networks_fit_each_other_at_several_sizes():
    for size in (8, 28, 32):
        generator = networks.CATALOGUE["laptop_pictures"].generator(size=size, latent_dim=5)
        discriminator = networks.CATALOGUE["laptop_pictures"].discriminator(size=size)
        assert generator.output_shape == (None, size, size, 3)
        gan = recipes.picture_gan(generator, discriminator)
        assert gan.latent_dim == 5 and gan.image_shape == (size, size, 3)
        assert np.abs(gan.generate(2)).max() <= 1
    with pytest.raises(ValueError, match="size must be a multiple of 4, got 30"):
        networks.CATALOGUE["laptop_pictures"].generator(size=30)


def test_the_recipe_takes_the_published_networks_of_the_homework():
    homework = networks.CATALOGUE["homework_gan"]
    gan = recipes.picture_gan(homework.generator(channels=3), homework.discriminator(channels=3))
    assert gan.image_shape == (28, 28, 3) and gan.latent_dim == 100
    assert gan.loss_kind == "relativistic" and gan.penalty_every == 4


def test_pairs_move_and_change_colors_together_on_white_paper():
    random = np.random.default_rng(0)
    source = np.ones((40, 9, 9, 3), "float32")
    source[:, 4, 4] = random.uniform(-1, 0.5, (40, 3))
    target = 0.5 * source + 0.5  # what is white in one is white in the other
    layer = augment.PairAugment(shift=3, recolor=0.5, seed=2)
    recolored, places = 0, set()
    for _ in range(10):
        moved, followed = (each.numpy() for each in layer(source, target))
        np.testing.assert_allclose(followed, 0.5 * moved + 0.5, atol=1e-6)
        inked = np.argwhere((moved < 0.99).any(axis=-1))
        assert len(inked) == 40, "one dot an image, the rest is paper"
        places |= {(y, x) for _, y, x in inked}
        dots = moved[tuple(inked.T)]
        np.testing.assert_allclose(np.sort(dots), np.sort(source[:, 4, 4]), atol=1e-6)
        recolored += not np.allclose(dots, source[:, 4, 4], atol=1e-6)
    assert {y for y, _ in places} == {x for _, x in places} == set(range(1, 8))
    assert 1 <= recolored <= 8
    still = augment.PairAugment(shift=0, recolor=0.0)(source, target)
    np.testing.assert_allclose(still[0].numpy(), source, atol=1e-6)
