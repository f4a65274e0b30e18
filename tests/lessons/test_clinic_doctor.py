"""The doctor: rules on recorded numbers, and a callback that measures without disturbing."""

import keras
import numpy as np
import pytest
from keras import layers

from helpers import training
from lessons.clinic import doctor, rules

STEPS = np.arange(25, 325, 25)


def healthy(**changed):
    """Twelve check-ups of a run that is well, with some series replaced."""
    ones = np.ones(len(STEPS))
    history = {
        "step": STEPS,
        "d_loss": 1.2 * ones,
        "g_loss": 0.9 * ones,
        "d_accuracy": 0.7 * ones,
        "spread": np.linspace(0.4, 0.9, len(STEPS)),
        "change": np.append(np.nan, np.linspace(0.6, 0.3, len(STEPS) - 1)),
        "mode_gap": np.linspace(0.7, 0.1, len(STEPS)),
        "real_low": -ones,
        "real_high": ones,
        "fake_low": -ones,
        "fake_high": ones,
    }
    return history | changed


def names(history, loss="non_saturating"):
    return [finding.name for finding in rules.diagnose(history, loss)]


def from_step(step, before, after):
    return np.where(step <= STEPS, after, before)


class TestRules:
    def test_a_healthy_run_gives_no_complaint(self):
        assert rules.diagnose(healthy()) == []

    @pytest.mark.parametrize(
        ("changed", "name", "since"),
        [
            ({"d_loss": from_step(150, 1.0, 0.02)}, "discriminator_won", 150),
            ({"d_loss": from_step(175, 1.2, 2.0)}, "generator_won", 175),
            ({"spread": from_step(200, 0.8, 0.1)}, "collapse", 200),
            ({"change": from_step(150, 0.4, 1.1)}, "oscillation", 150),
            ({"mode_gap": np.full(12, 0.9)}, "statistics", 125),
            ({"g_loss": from_step(225, 1.0, 90.0)}, "exploded", 225),
            ({"d_loss": from_step(250, 1.0, np.nan)}, "exploded", 250),
            ({"real_high": np.full(12, 255.0), "real_low": np.zeros(12)}, "range", 25),
            ({"real_low": np.zeros(12)}, "range", 25),
        ],
    )
    def test_each_complaint_is_found_with_its_step(self, changed, name, since):
        found = rules.diagnose(healthy(**changed))
        assert [finding.name for finding in found] == [name]
        assert found[0].since == since
        assert str(found[0]).startswith(f"since step {since}: ") and "Try: " in str(found[0])

    def test_numbers_are_in_the_words(self):
        (finding,) = rules.diagnose(healthy(d_loss=from_step(150, 1.0, 0.0213)))
        assert "0.0213" in finding.says and "7 check-ups" in finding.says

    @pytest.mark.parametrize("name", ["d_loss", "g_loss", "spread"])
    def test_a_bad_moment_is_no_complaint(self, name):
        for since, until in ((150, 200), (275, 325), (25, 100)):  # short, at the end, warm-up
            bad = (since <= STEPS) & (until > STEPS)
            assert names(healthy(**{name: np.where(bad, 0.01, 1.0)})) == []

    def test_who_was_ahead_and_was_caught_up_with_is_no_complaint(self):
        caught_up = np.where((STEPS > 100) & (STEPS < 250), 0.01, 1.0)
        assert names(healthy(d_loss=caught_up)) == []

    def test_the_wrong_range_is_the_only_thing_to_say(self):
        sick = healthy(
            real_low=np.zeros(12), real_high=np.full(12, 255.0), d_loss=np.zeros(12),
            spread=np.zeros(12),
        )  # fmt: skip
        assert names(sick) == ["range"]

    def test_several_complaints_come_in_the_order_of_treatment(self):
        sick = healthy(spread=np.full(12, 0.01), d_loss=np.full(12, 2.2))
        assert names(sick) == ["generator_won", "collapse"]

    def test_the_scale_of_a_loss_depends_on_its_kind(self):
        small = healthy(d_loss=np.full(12, 0.03))
        assert names(small) == ["discriminator_won"]
        assert names(small, "least_squares") == []
        assert names(small, "wasserstein") == []
        assert names(healthy(g_loss=np.full(12, -40.0)), "wasserstein") == []

    def test_an_ordinary_history_is_enough(self):
        assert names({"d_loss": [1.0] * 4 + [0.01] * 4}) == ["discriminator_won"]
        assert rules.diagnose({"d_loss": [1.0] * 4 + [0.01] * 4})[0].since == 5
        assert rules.diagnose({}) == [] == rules.diagnose({"d_loss": []})

    def test_bad_input_is_named(self):
        with pytest.raises(ValueError, match="one length"):
            rules.diagnose({"d_loss": [1.0], "g_loss": [1.0, 2.0]})
        with pytest.raises(ValueError, match="loss must be one of"):
            rules.diagnose({"d_loss": [1.0]}, "quadratic")

    def test_every_rule_knows_what_to_try(self):
        assert set(rules.TRIES) == set(rules.RULES)

    def test_first_run_by_hand(self):
        assert rules.first_run([0, 1, 1, 0, 1, 1, 1], 3) == 4
        assert rules.first_run([1, 1, 0], 2) == 0
        assert rules.first_run([1, 0, 1], 2) is None


def tiny_gan(dropout=0.3, momentum=0.9, seed=2):
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            layers.Dense(12),
            layers.BatchNormalization(momentum=momentum),
            layers.Dense(16, activation="tanh"),
            layers.Reshape((4, 4, 1)),
        ]
    )
    critic = keras.Sequential(
        [keras.Input((4, 4, 1)), layers.Flatten(), layers.Dropout(dropout), layers.Dense(1)]
    )
    gan = training.GAN(generator, critic, seed=seed, value_range=None)
    gan.compile(run_eagerly=True)
    return gan


IMAGES = np.random.default_rng(0).uniform(-1, 1, (24, 4, 4, 1)).astype("float32")


def fit(gan, callbacks, images=IMAGES, epochs=2):
    gan.fit(images, batch_size=4, epochs=epochs, shuffle=False, verbose=0, callbacks=callbacks)


class TestCallback:
    def test_it_does_not_disturb_the_run(self):
        watched, alone = tiny_gan(), tiny_gan()
        fit(watched, [doctor.Doctor(IMAGES, every=2, verbose=False)])
        fit(alone, [])
        for a, b in zip(watched.get_weights(), alone.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)

    def test_check_ups_come_on_time_and_curves_are_single_steps(self):
        gan, seen = tiny_gan(), []

        class Logs(keras.callbacks.Callback):
            def on_train_batch_end(self, batch, logs=None):
                seen.append((batch + 1, float(logs["d_loss"])))

        watching = doctor.Doctor(IMAGES, every=5, count=8, verbose=False)
        fit(gan, [watching, Logs()])
        assert watching.history["step"] == [5, 10]
        assert len(watching.curves["d_loss"]) == 12
        # The logs are running means of an epoch of six steps; undone, they must add up again.
        for index, (done, mean) in enumerate(seen):
            epoch = watching.curves["d_loss"][index + 1 - done : index + 1]
            assert np.mean(epoch) == pytest.approx(mean, rel=1e-4)

    def test_what_a_check_up_measures(self):
        gan = tiny_gan(momentum=0.999)
        fit(gan, [], epochs=1)
        z = np.random.default_rng(1).normal(size=(10, 3)).astype("float32")
        numbers, pictures = doctor.examine(gan, IMAGES, z)
        np.testing.assert_allclose(pictures, gan.generate(z), atol=1e-6)
        spread = np.sqrt(pictures.var(axis=0).mean())
        unit = np.sqrt(IMAGES.var(axis=0).mean()) * 2 / np.ptp(IMAGES)
        assert numbers["spread"] == pytest.approx(spread / unit, rel=1e-4)
        assert np.isnan(numbers["change"]) and numbers["signal"] > 0
        assert (numbers["fake_low"], numbers["fake_high"]) == (-1.0, 1.0)
        assert numbers["real_high"] == IMAGES.max()
        again, _ = doctor.examine(gan, IMAGES, z, pictures - 0.5 * unit)
        assert again["change"] == pytest.approx(0.5, rel=1e-4)

    def test_statistics_that_fit_leave_no_gap(self):
        gan = tiny_gan(momentum=0.0)  # the averages are those of the last batch
        gan.generator.layers[0].kernel.assign(8 * gan.generator.layers[0].kernel)
        z = np.random.default_rng(1).normal(size=(10, 3)).astype("float32")
        lagging, _ = doctor.examine(gan, IMAGES, z)
        gan.generator(z, training=True)
        fitting, _ = doctor.examine(gan, IMAGES, z)
        assert fitting["mode_gap"] < 1e-3 < 0.3 < lagging["mode_gap"]

    def test_it_says_once_what_it_sees(self, capsys):
        gan = tiny_gan()
        wrong = 127.5 * (IMAGES + 1)
        fit(gan, [doctor.Doctor(wrong, every=3)], images=wrong)
        printed = capsys.readouterr()
        # Once when it is seen, once in the verdict at the end.
        assert printed.out.count("the range alone gives the fakes away") == 2
        assert printed.err == ""

    def test_bytes_are_scaled_as_the_model_wants_them(self):
        gan = tiny_gan()
        gan.value_range = (-1.0, 1.0)
        raw = np.zeros((4, 4, 4, 1), "uint8")
        raw[0] = 255
        watching = doctor.Doctor(raw, every=3, verbose=False)
        fit(gan, [watching])
        assert watching.history["real_low"][0] == -1.0 and watching.history["real_high"][0] == 1.0
        assert watching.report() == watching.report() != ""

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            ((IMAGES[0],), "images"),
            ((IMAGES, 0), "every"),
            ((IMAGES, 5, 1), "count"),
        ],
    )
    def test_bad_input_is_named(self, arguments, message):
        images, *rest = arguments
        with pytest.raises(ValueError, match=message):
            doctor.Doctor(images, **dict(zip(("every", "count"), rest, strict=False)))
