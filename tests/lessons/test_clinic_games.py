"""The game on a plane and the GANs of one and two numbers: values worked out by hand."""

import keras
import numpy as np
import pytest

from lessons.clinic import losses, plane, points


class TestPlane:
    def test_the_field_points_downhill_for_x_and_uphill_for_y(self):
        np.testing.assert_allclose(plane.field([2.0, 3.0]), [-3.0, 2.0])
        assert plane.field(np.zeros((4, 5, 2))).shape == (4, 5, 2)

    def test_one_step_of_each_rule_by_hand(self):
        start, rate = [1.0, 2.0], 0.5
        np.testing.assert_allclose(plane.step(start, "simultaneous", rate), [0.0, 2.5])
        np.testing.assert_allclose(plane.step(start, "alternating", rate), [0.0, 2.0])
        # Trial point (0, 2.5); its field (-2.5, 0) from the old point.
        np.testing.assert_allclose(plane.step(start, "extragradient", rate), [-0.25, 2.0])
        np.testing.assert_allclose(plane.step(start, "penalized", rate, 1.0), [0.0, 1.5])

    @pytest.mark.parametrize("rate", [0.05, 0.3])
    def test_growth_agrees_with_the_formulas(self, rate):
        assert plane.growth("simultaneous", rate) == pytest.approx(np.sqrt(1 + rate**2))
        assert plane.growth("alternating", rate) == pytest.approx(1.0)
        expected = np.sqrt((1 - rate**2) ** 2 + rate**2)
        assert plane.growth("extragradient", rate) == pytest.approx(expected)
        # Complex eigenvalues: their square is the determinant, 1 - rate * penalty + rate^2.
        expected = np.sqrt(1 - rate * 0.5 + rate**2)
        assert plane.growth("penalized", rate, 0.5) == pytest.approx(expected)

    def test_a_played_game_grows_as_predicted_and_its_mean_shrinks(self):
        path = plane.play((1.0, 0.0), "simultaneous", 0.1, 100)
        assert path.shape == (101, 2)
        assert np.linalg.norm(path[-1]) == pytest.approx(1.01**50)
        orbit = plane.play((1.0, 0.0), "alternating", 0.1, 200)
        assert 0.9 < np.linalg.norm(orbit[-1]) < 1.1
        assert np.linalg.norm(plane.running_mean(orbit)[-1]) < 0.15

    def test_running_mean_by_hand(self):
        mean = plane.running_mean([[2.0, 0.0], [0.0, 4.0], [1.0, -1.0]])
        np.testing.assert_allclose(mean, [[2, 0], [1, 2], [1, 1]])

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (([1.0, 2.0, 3.0], "simultaneous", 0.1), "two numbers"),
            (([1.0, 2.0], "sideways", 0.1), "rule must be one of"),
            (([1.0, 2.0], "alternating", 0.0), "learning_rate must be a number above 0"),
            (([1.0, 2.0], "penalized", 0.1, -1.0), "penalty must be"),
            (([1.0, 2.0], "alternating", 0.1, 1.0), "only the rule penalized has a penalty"),
        ],
    )
    def test_bad_input_is_named(self, arguments, message):
        with pytest.raises(ValueError, match=message):
            plane.step(*arguments)

    def test_a_game_needs_steps(self):
        with pytest.raises(ValueError, match="steps"):
            plane.play((1.0, 0.0), "alternating", 0.1, 0)


class TestPoints:
    def test_the_ring_lies_on_a_circle_in_eight_clouds(self):
        ring = points.ring(4_000, spread=0.05, seed=3)
        assert ring.dtype == np.float32
        assert np.linalg.norm(ring, axis=1).mean() == pytest.approx(2.0, abs=0.01)
        assert points.modes_found(ring, points.ring_centers()) == (8, 1.0)
        np.testing.assert_allclose(points.ring_centers()[2], [0, 2], atol=1e-12)

    def test_modes_are_counted_by_hand(self):
        centers = np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]])
        samples = np.array([[0.1, 0.0]] * 39 + [[10.0, 0.4]] + [[5.0, 5.0]] * 60)
        assert points.modes_found(samples, centers) == (1, 0.4)
        samples[40] = [10.0, 0.4]
        assert points.modes_found(samples, centers) == (2, 0.41)

    def test_the_best_discriminator_by_hand(self):
        found = points.optimal_discriminator([3.0, 0.0, 1.0, 0.0], [1.0, 2.0, 0.0, 0.0])
        np.testing.assert_allclose(found, [0.75, 0.0, 1.0, 0.5])

    def test_a_point_gan_is_watched(self):
        gan = points.point_gan(2, width=8, seed=1, real_penalty=0.1)
        before = [np.array(w) for w in gan.generator.get_weights()]
        film = points.watch(gan, points.ring(64), 6, np.zeros((3, 5, 2)), frames=2, samples=10)
        assert film.steps.tolist() == [0, 3, 6]
        assert film.samples.shape == (3, 10, 2) and film.probability.shape == (3, 3, 5)
        assert ((film.probability > 0) & (film.probability < 1)).all()
        assert int(gan.step_count) == 6
        assert any((a != b).any() for a, b in zip(before, gan.generator.get_weights(), strict=True))

    def test_frames_may_be_named(self):
        gan = points.point_gan(1, width=4)
        film = points.watch(gan, np.zeros((8, 1)), 4, np.zeros((2, 1)), frames=(1, 3), samples=2)
        assert film.steps.tolist() == [0, 1, 3, 4]
        with pytest.raises(ValueError, match="ascending"):
            points.watch(gan, np.zeros((8, 1)), 4, np.zeros((2, 1)), frames=(3, 1))

    def test_probability_is_the_sigmoid_of_the_logit(self):
        gan = points.point_gan(2, width=4)
        at = np.array([[0.5, -1.0], [2.0, 0.0]], "float32")
        logits = np.asarray(gan.discriminator(at[:, None, None, :]))[:, 0]
        expected = 1 / (1 + np.exp(-logits))
        np.testing.assert_allclose(points.probability(gan, at), expected, rtol=1e-5)

    def test_a_gan_of_no_numbers_is_refused(self):
        with pytest.raises(ValueError, match="dims"):
            points.point_gan(0)


class TestLosses:
    def test_losses_and_their_slopes_agree(self):
        import tensorflow as tf

        logits = tf.constant(np.random.default_rng(0).normal(size=(6, 1)).astype("float32"))
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(logits)
            both = losses.generator_losses(logits)
        for loss, slope in zip(both, losses.generator_gradients(logits), strict=True):
            np.testing.assert_allclose(6 * tape.gradient(loss, logits), slope, rtol=1e-4)

    def test_hinge_by_hand(self):
        d_loss, g_loss = losses.hinge_losses(np.array([[2.0], [0.5]]), np.array([[0.0]]))
        assert (float(d_loss), float(g_loss)) == (1.25, 0.0)

    def test_penalty_of_a_sum_of_pixels(self):
        critic = keras.Sequential(
            [keras.Input((4, 4, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
        )
        critic.layers[-1].set_weights([np.ones((16, 1)), np.zeros(1)])
        found = losses.gradient_penalty(critic, np.zeros((3, 4, 4, 1), "float32"))
        assert float(found) == pytest.approx(8.0)
