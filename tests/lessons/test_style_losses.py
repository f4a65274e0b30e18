"""The losses of lecture_style and their gradients, against an independent NumPy implementation."""

import numpy as np
import pytest
import tensorflow as tf

from helpers.networks import features
from lessons.style import losses, objective

SIDE = 48


def published(network, layers_of, image, content, style, weights):
    """lecture_style's total loss in NumPy, float64, from the features that the network gives."""

    def maps(picture, layers):
        found = network.outputs(network.preprocess(picture[None].astype("float32")), layers)
        return [np.asarray(each[0], "float64") for each in found]

    def gram(one):
        rows = one.reshape(-1, one.shape[-1])
        return rows.T @ rows

    content_layers, style_layers = layers_of
    shown = sum(
        np.sum((a - b) ** 2)
        for a, b in zip(maps(image, content_layers), maps(content, content_layers))
    ) / len(content_layers)
    pixels = image.shape[0] * image.shape[1]
    painted = np.mean(
        [
            np.sum((gram(a) - gram(b)) ** 2) / (4 * 3**2 * pixels**2)
            for a, b in zip(maps(image, style_layers), maps(style, style_layers))
        ]
    )
    rough = 0.0
    for row in range(image.shape[0] - 1):
        down = image[row + 1, :-1] - image[row, :-1]
        right = image[row, 1:] - image[row, :-1]
        rough += np.sum((down**2 + right**2) ** 1.25)
    return np.array(weights) * (shown, painted, rough)


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


@pytest.fixture(scope="module")
def pictures_():
    random = np.random.default_rng(0)
    sizes = [(SIDE, SIDE + 8)] * 3
    return [random.uniform(0, 255, (*size, 3)).astype("float32") for size in sizes]


def goal(network, pictures_, weights, scale="published"):
    _, content, style = pictures_
    loss = objective.Loss(("fire4",), ("conv1", "fire3"), scale)
    return loss, objective.Objective(
        network, loss, weights, content=objective.content_targets(network, loss, content),
        style=[each[None] for each in objective.style_targets(network, loss, [style])],
    )  # fmt: skip


def test_the_published_losses_are_those_of_lecture_style(network, pictures_):
    weights = (2.5e-8, 1e-6, 1e-6)
    chosen, function = goal(network, pictures_, weights)
    loss, parts, _ = function(pictures_[0])
    layers = (chosen.content_layers, chosen.style_layers)
    expected = published(network, layers, *pictures_, weights)
    np.testing.assert_allclose(parts, expected, rtol=2e-4)
    assert loss == pytest.approx(expected.sum(), rel=2e-4)


@pytest.mark.parametrize("part", range(3))
def test_their_gradients_are_those_of_lecture_style(network, pictures_, part):
    """Along random directions, by central differences of the NumPy implementation."""
    weights = [0.0, 0.0, 0.0]
    weights[part] = (2.5e-8, 1e-6, 1e-6)[part]
    chosen, function = goal(network, pictures_, weights)
    image, content, style = pictures_
    slope = function(image)[2].astype("float64")
    layers = (chosen.content_layers, chosen.style_layers)
    # Uphill, where the difference is large beside the rounding of float32 features.
    way = slope / np.linalg.norm(slope)
    step = 30.0
    above, below = (
        published(network, layers, image + sign * step * way, content, style, weights)[part]
        for sign in (1, -1)
    )
    assert (above - below) / (2 * step) == pytest.approx(np.sum(slope * way), rel=0.02)


def test_total_variation_has_the_gradient_that_calculus_gives():
    image = np.random.default_rng(1).uniform(0, 255, (4, 5, 3))
    variable = tf.constant(image, tf.float32)
    with tf.GradientTape() as tape:
        tape.watch(variable)
        value = losses.total_variation(variable)
    expected = np.zeros_like(image)
    for row in range(3):
        for column in range(4):
            down = image[row + 1, column] - image[row, column]
            right = image[row, column + 1] - image[row, column]
            common = 2.5 * (down**2 + right**2) ** 0.25
            expected[row + 1, column] += common * down
            expected[row, column + 1] += common * right
            expected[row, column] -= common * (down + right)
    np.testing.assert_allclose(tape.gradient(value, variable), expected, rtol=1e-3, atol=0.05)


def test_a_flat_picture_has_no_roughness_and_a_finite_slope():
    flat = tf.Variable(tf.fill([5, 6, 3], 90.0))
    for function in (losses.total_variation, losses.mean_variation):
        with tf.GradientTape() as tape:
            value = function(flat)
        assert float(value) == 0 and np.isfinite(tape.gradient(value, flat)).all()


def test_the_mean_variation_frees_no_pixel_at_the_edge():
    for place in ((0, 0), (4, 5), (4, 2), (1, 5)):
        image = np.full((5, 6, 3), 100, "float32")
        image[place] = 200
        assert float(losses.mean_variation(tf.constant(image))) > 0


def test_gram_matrix_by_hand_and_with_a_mask():
    features_ = tf.constant([[[1.0, 2.0], [3.0, 0.0]]])
    np.testing.assert_allclose(losses.gram_matrix(features_), [[5, 1], [1, 2]])
    only_first = losses.gram_matrix(features_, tf.constant([[1.0, 0.0]]))
    np.testing.assert_allclose(only_first, [[1, 2], [2, 4]], rtol=1e-5)


def test_moments_by_hand_and_with_a_mask():
    features_ = tf.constant([[[1.0], [3.0], [50.0]]])
    both = losses.moments(features_, tf.constant([[1.0, 1.0, 0.0]]))
    np.testing.assert_allclose(both, [[2], [1]], rtol=1e-4)
    values = np.random.default_rng(2).normal(size=(4, 5, 3)).astype("float32")
    found = losses.moments(tf.constant(values))
    np.testing.assert_allclose(found[0], values.mean((0, 1)), atol=1e-5)
    np.testing.assert_allclose(found[1], values.std((0, 1)), atol=1e-4)
    assert float(losses.moments_loss(tf.constant(values), tf.constant(values))) == 0


def test_relative_losses_do_not_depend_on_width_or_size(network):
    """Four times the area costs the same; lecture_style's sum costs four times as much."""
    random = np.random.default_rng(3)
    found, wanted = random.uniform(0, 2, (2, 6, 6, 8)).astype("float32")
    large = [tf.constant(np.tile(each, (2, 2, 1))) for each in (found, wanted)]
    small = [tf.constant(each) for each in (found, wanted)]
    assert float(losses.relative_error(*large)) == pytest.approx(
        float(losses.relative_error(*small)), rel=1e-5
    )
    grams = [[losses.gram_matrix(each) for each in pair] for pair in (small, large)]
    values = [float(losses.relative_error(*pair)) for pair in grams]
    assert values[0] == pytest.approx(values[1], rel=1e-4)
    sums = [float(losses.squared_error(*pair)) for pair in (small, large)]
    assert sums[1] == pytest.approx(4 * sums[0], rel=1e-5)
    assert float(losses.relative_error(tf.constant(wanted * 0), small[1])) == pytest.approx(1)
