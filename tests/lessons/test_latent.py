"""Paths, sums, directions, truncation and inversion, against numbers known on paper."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from scipy import stats

from lessons.latent import arithmetic, attributes, directions, interpolation, inversion, sampling


def linear_generator(latent_dim=4, labels=False, seed=0):
    """Images (5, 5, 1) = z @ weights, and in the conditional form + the label."""
    z = keras.Input((latent_dim,))
    flat = layers.Dense(25, use_bias=False, name="paint")(z)
    inputs = z
    if labels:
        label = keras.Input((), dtype="int32")
        shift = layers.Embedding(3, 25, name="shift")(label)
        flat, inputs = layers.Add()([flat, shift]), [z, label]
    model = keras.Model(inputs, layers.Reshape((5, 5, 1))(layers.LeakyReLU(name="bend")(flat)))
    weights = np.random.default_rng(seed).normal(size=(latent_dim, 25))
    model.get_layer("paint").set_weights([weights.astype("float32")])
    return model


def test_straight_and_spherical_start_and_end_where_they_should():
    a, b = np.random.default_rng(0).normal(size=(2, 3, 6)).astype("float32")
    for way in (interpolation.straight, interpolation.spherical):
        path = way(a, b, [0.0, 0.5, 1.0])
        assert path.shape == (3, 3, 6) and path.dtype == np.float32
        np.testing.assert_allclose(path[:, 0], a, atol=1e-6)
        np.testing.assert_allclose(path[:, 2], b, atol=1e-6)
    np.testing.assert_allclose(
        interpolation.straight(a, b, [0.25])[:, 0], 0.75 * a + 0.25 * b, atol=1e-6
    )


def test_the_arc_keeps_the_length_and_moves_evenly():
    a, b = np.array([[2.0, 0.0]]), np.array([[0.0, 2.0]])
    path = interpolation.spherical(a, b, [0.0, 1 / 3, 2 / 3, 1.0])[0]
    angles = np.degrees(np.arctan2(path[:, 1], path[:, 0]))
    np.testing.assert_allclose(angles, [0, 30, 60, 90], atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), 2.0, atol=1e-5)


@pytest.mark.parametrize("factor", [1.0, 3.0, -1.0])
def test_where_there_is_no_arc_the_line_takes_its_place(factor):
    a = np.random.default_rng(1).normal(size=(5, 4)).astype("float32")
    path = interpolation.spherical(a, factor * a, [0.0, 0.3, 1.0])
    np.testing.assert_allclose(
        path, interpolation.straight(a, factor * a, [0.0, 0.3, 1.0]), atol=1e-4
    )
    zeros = np.zeros((1, 4))
    assert np.isfinite(interpolation.spherical(zeros, a[:1], [0.5])).all()


def test_a_walk_visits_its_anchors_and_closes():
    anchors = np.eye(3, dtype="float32")
    path = interpolation.walk(anchors, 4)
    assert path.shape == (9, 3)
    np.testing.assert_allclose(path[[0, 4, 8]], anchors, atol=1e-6)
    closed = interpolation.walk(anchors, 4, closed=True)
    assert closed.shape == (12, 3)
    np.testing.assert_allclose(closed[[0, 4, 8]], anchors, atol=1e-6)
    step = np.linalg.norm(np.diff(np.concatenate([closed, closed[:1]]), axis=0), axis=1)
    np.testing.assert_allclose(step, step[0], atol=1e-5)


def test_step_sizes_are_root_mean_squares():
    images = np.zeros((3, 2, 2, 1))
    images[1] = 1.0
    images[2, 0, 0] = 3.0
    np.testing.assert_allclose(interpolation.step_sizes(images), [1.0, np.sqrt((4 + 3) / 4)])


def test_combine_averages_each_concept_first():
    a, b, c = np.array([[1.0, 1], [3, 1]]), np.array([[1.0, 0]]), np.array([[0.0, 5], [0, 7]])
    np.testing.assert_allclose(arithmetic.combine(a, b, c), [1.0, 7.0])


def test_noisy_neighbors_surround_z():
    z = np.arange(200, dtype="float32")
    nine = arithmetic.noisy_neighbors(z, spread=0.25, seed=1)
    assert nine.shape == (9, 200) and nine.dtype == np.float32
    np.testing.assert_array_equal(nine[4], z)
    noise = np.delete(nine, 4, axis=0) - z
    assert np.abs(noise).max() <= 0.25 + 1e-4 and np.abs(noise).max() > 0.24
    assert noise.std() == pytest.approx(0.25 / 3**0.5, rel=0.05)
    np.testing.assert_array_equal(arithmetic.noisy_neighbors(z, 0.25, 1), nine)


def test_attributes_measure_what_they_are_called_after():
    upright, leaning = np.zeros((2, 20, 20, 1))
    upright[4:16, 9:11] = 1.0
    for row in range(4, 16):
        leaning[row, 15 - row // 2 : 17 - row // 2] = 1.0
    both = np.stack([upright, leaning])
    found = attributes.slant(both, (0, 1))
    assert found[0] == pytest.approx(0.0, abs=1e-9) and found[1] == pytest.approx(0.5, abs=0.02)
    np.testing.assert_allclose(attributes.slant(both * 2 - 1, (-1, 1)), found, atol=1e-6)
    np.testing.assert_allclose(attributes.ink(both, (0, 1)), 24 / 400)
    vest, jumper = np.zeros((2, 28, 28, 1))
    vest[4:26, 9:19] = 1.0
    jumper[4:26] = 1.0
    np.testing.assert_allclose(attributes.sleeves(np.stack([vest, jumper]), (0, 1)), [0.0, 1.0])
    assert attributes.slant(np.zeros((1, 9, 9, 1)), (0, 1))[0] == 0.0


def test_the_probe_finds_the_normal_of_a_plane_in_a_stretched_cloud():
    random = np.random.default_rng(0)
    z = random.normal(size=(900, 6)) @ (np.eye(6) + 0.5 * random.normal(size=(6, 6)))
    normal = random.normal(size=6)
    normal /= np.linalg.norm(normal)
    found = directions.probe(z, z @ normal > 0.3)
    assert found.vector @ normal > 0.97 and found.accuracy > 0.95
    assert np.linalg.norm(found.vector) == pytest.approx(1, abs=1e-6)
    chance = directions.probe(z, random.random(900) > 0.5)
    assert 0.35 < chance.accuracy < 0.65


def test_without_is_at_right_angles_and_keeps_the_rest():
    one, two, mixed = np.array([1.0, 0, 0]), np.array([1.0, 1, 0]), np.array([0.6, 0, 0.8])
    np.testing.assert_allclose(directions.without(mixed, one), [0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(directions.without(mixed, one, two), [0, 0, 1], atol=1e-6)
    np.testing.assert_allclose(directions.without(3 * mixed), mixed, atol=1e-6)
    with pytest.raises(ValueError, match="nothing is left"):
        directions.without(two, one, np.array([0.0, 1, 0]))


def test_principal_finds_the_directions_that_the_first_layer_stretches():
    model = linear_generator()
    weights = np.diag([1.0, 8.0, 0.1, 3.0]) @ np.linalg.qr(np.ones((25, 25)) + np.eye(25))[0][:4]
    model.get_layer("paint").set_weights([weights.astype("float32")])
    model.get_layer("bend").negative_slope = 1.0  # no bend: the shares are known on paper
    found = directions.principal(model, 3, samples=4000)
    np.testing.assert_allclose(np.abs(found.vectors), np.eye(4)[[1, 3, 0]], atol=0.1)
    np.testing.assert_allclose(found.shares, np.array([64, 9, 1]) / 74.01, atol=0.03)
    assert (found.vectors.max(axis=1) == np.abs(found.vectors).max(axis=1)).all()


def test_principal_asks_a_conditional_generator_for_a_class():
    model = linear_generator(labels=True)
    assert directions.principal(model, 2, labels=1, samples=300).vectors.shape == (2, 4)
    with pytest.raises(ValueError, match="asked for a class"):
        directions.principal(model, 2, samples=300)


def test_truncated_normal_has_the_spread_of_a_cut_normal_distribution():
    for limit in (0.5, 2.0):
        z = sampling.truncated_normal(2000, 5, limit, seed=1)
        assert z.dtype == np.float32 and np.abs(z).max() <= limit
        law = stats.truncnorm(-limit, limit)
        assert stats.kstest(z.ravel(), law.cdf).pvalue > 1e-3


def test_draw_repeats_a_label_and_works_in_batches(monkeypatch):
    model = linear_generator(labels=True)
    z = np.random.default_rng(0).normal(size=(7, 4)).astype("float32")
    whole = model([z, np.full(7, 2)])
    monkeypatch.setattr(sampling, "BATCH", 3)
    np.testing.assert_allclose(sampling.draw(model, z, 2), whole, atol=1e-6)
    labels = np.arange(7) % 3
    np.testing.assert_allclose(sampling.draw(model, z, labels), model([z, labels]), atol=1e-6)
    with pytest.raises(ValueError, match="asked for a class"):
        sampling.draw(model, z)
    with pytest.raises(ValueError, match=r"z must have shape \(N, 4\), got \(1, 5\)"):
        sampling.draw(model, np.zeros((1, 5)), 0)


def test_masked_error_counts_known_pixels_alone():
    drawn, images = np.zeros((2, 2, 2, 3), "f4"), np.zeros((2, 2, 2, 3), "f4")
    drawn[0, 0, 0], drawn[0, 1, 1] = 3.0, 5.0
    mask = np.array([[1, 0], [0, 0]], "f4")[..., None]
    np.testing.assert_allclose(inversion.masked_error(drawn, images, mask), [9.0, 0.0])
    np.testing.assert_allclose(inversion.masked_error(drawn, images), [(9 + 25) / 4, 0.0])


def test_one_step_is_the_gradient_on_paper():
    z, images = tf.constant([[3.0], [0.0]]), tf.constant([1.0, 1.0])[:, None, None, None]
    new, errors = inversion.inversion_step(z, images, lambda z: z[:, :, None, None], 0.25)
    np.testing.assert_allclose(errors, [4.0, 1.0])
    np.testing.assert_allclose(new, [[2.0], [0.5]])


def test_inversion_finds_the_z_of_a_drawn_picture():
    model = linear_generator()
    truth = np.random.default_rng(5).normal(size=(3, 4)).astype("float32")
    found = inversion.invert(model, sampling.draw(model, truth), starts=2, steps=300)
    np.testing.assert_allclose(found.z, truth, atol=0.02)
    assert found.errors.shape == (3, 2) and found.errors.max() < 1e-3
    np.testing.assert_allclose(found.images, sampling.draw(model, found.z), atol=1e-5)


def test_inversion_uses_labels_and_masks():
    model = linear_generator(labels=True)
    truth = np.random.default_rng(6).normal(size=(3, 4)).astype("float32")
    labels = np.array([2, 0, 1])
    mask = np.ones((5, 5, 1), "float32")
    mask[3:] = 0
    spoilt = np.where(mask == 1, sampling.draw(model, truth, labels), 50.0)
    found = inversion.invert(model, spoilt, mask=mask, labels=labels, starts=3, steps=400)
    np.testing.assert_allclose(found.z, truth, atol=0.05)


def test_a_search_does_not_depend_on_the_other_images():
    images = np.random.default_rng(7).normal(size=(3, 5, 5, 1)).astype("float32")
    other = images.copy()
    other[:2] += 1.0
    one, two = (
        inversion.invert(linear_generator(), x, starts=1, steps=20) for x in (images, other)
    )
    np.testing.assert_allclose(one.z[2], two.z[2], atol=1e-4)


GOOD = np.zeros((2, 3), "f4")
MISTAKES = {
    "rank": (
        lambda: interpolation.straight(GOOD[0], GOOD[0], [0]),
        r"a must have shape \(N, latent_dim",
    ),
    "pairs": (lambda: interpolation.spherical(GOOD, GOOD[:1], [0]), "a and b must have one shape"),
    "shares": (lambda: interpolation.spherical(GOOD, GOOD, 0.5), r"shares must be finite numbers"),
    "nan": (lambda: arithmetic.combine(GOOD * np.nan, GOOD, GOOD), "a hold 6 values that are NaN"),
    "widths": (lambda: arithmetic.combine(GOOD, GOOD[:, :2], GOOD), r"b must have shape \(N, 3\)"),
    "one anchor": (lambda: interpolation.walk(GOOD[:1], 3), "at least 2 are needed"),
    "steps": (
        lambda: interpolation.walk(GOOD, 0),
        "steps must be a whole number of at least 1, got 0",
    ),
    "spread": (lambda: arithmetic.noisy_neighbors(GOOD[0], 0), "spread must be a number above 0"),
    "labels": (lambda: directions.probe(np.zeros((30, 3)), np.arange(30)), "30 times yes or no"),
    "one kind": (
        lambda: directions.probe(np.zeros((30, 3)), np.ones(30)),
        "at least 5 of each kind",
    ),
    "no direction": (lambda: directions.without(np.zeros(3)), "all zeros"),
    "limit": (lambda: sampling.truncated_normal(2, 3, 0.0), "limit must be a number above 0"),
    "no labels": (
        lambda: inversion.invert(
            linear_generator(labels=True), np.zeros((2, 5, 5, 1)), labels=np.zeros(2)
        ),
        "labels must be integers",
    ),
    "components": (
        lambda: directions.principal(linear_generator(), 9),
        "count must be a whole number from",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named(name):
    call, message = MISTAKES[name]
    with pytest.raises(ValueError, match=message):
        call()
