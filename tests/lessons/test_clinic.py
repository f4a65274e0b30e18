"""Setups, patients, symptoms, remedies. The long runs are in benchmarks/clinic.py."""

from dataclasses import asdict, replace
from types import SimpleNamespace

import numpy as np
import pytest
from keras import layers

from helpers import datasets
from lessons.clinic import cases, patients, rules, setups, tricks
from lessons.clinic.patients import HEALTHY, PATIENTS

QUICK = {"steps": 6, "num_samples": 32, "eager": True}


@pytest.fixture(scope="module")
def digits():
    return datasets.load("mnist", limit=256).images


def kinds(model):
    return [type(layer) for layer in model.layers]


def rates(model):
    return {layer.rate for layer in model.layers if isinstance(layer, layers.Dropout)}


class TestSetup:
    def test_the_healthy_networks(self):
        gan = setups.build(HEALTHY)
        assert gan.generator.output_shape == (None, 28, 28, 1)
        assert kinds(gan.generator).count(layers.BatchNormalization) == 2
        assert layers.Dropout not in kinds(gan.discriminator)
        assert gan.loss_kind == "non_saturating" and gan.ema_momentum == 0.99
        assert float(gan.g_optimizer.learning_rate) == pytest.approx(1e-3)

    @pytest.mark.parametrize(
        ("change", "seen"),
        [
            ({"dropout": 0.4}, lambda gan: rates(gan.discriminator) == {0.4}),
            ({"normalize": False}, lambda gan: gan.generator.layers[0].use_bias),
            ({"norm_momentum": 0.999}, lambda gan: gan.generator.layers[2].momentum == 0.999),
            ({"downsampling": "max_pool"}, lambda g: layers.MaxPooling2D in kinds(g.discriminator)),
            ({"activation": "relu"}, lambda gan: layers.ReLU in kinds(gan.discriminator)),
            ({"kernel_size": 4}, lambda gan: gan.discriminator.layers[0].kernel_size == (4, 4)),
            ({"d_filters": 8}, lambda gan: gan.discriminator.layers[0].filters == 8),
            ({"optimizer": "sgd"}, lambda gan: type(gan.d_optimizer).__name__ == "SGD"),
            ({"label_flips": 0.1}, lambda gan: gan.targets.flips == 0.1),
            ({"loss": "minimax"}, lambda gan: gan.loss_kind == "minimax"),
            ({"ema_momentum": None}, lambda gan: gan.ema_generator is gan.generator),
            (
                {"initial_spread": 0.02},
                lambda gan: 0.015 < np.std(gan.generator.weights[0]) < 0.025,
            ),
            ({"real_penalty": 1.0}, lambda gan: (gan.real_penalty, gan.penalty_every) == (1, 4)),
        ],
    )
    def test_each_switch_reaches_the_gan(self, change, seen):
        assert not seen(setups.build(HEALTHY))
        assert seen(setups.build(replace(HEALTHY, **change)))

    def test_z_may_be_uniform(self):
        z = np.asarray(setups.build(setups.Setup(latent="uniform")).sample_z(500))
        assert np.abs(z).max() <= 1.0 and np.abs(z).mean() == pytest.approx(0.5, abs=0.02)

    def test_the_start_depends_on_the_seed_alone(self):
        first, second, other = (setups.build(HEALTHY, seed) for seed in (1, 1, 2))
        for a, b in zip(first.get_weights(), second.get_weights(), strict=True):
            np.testing.assert_array_equal(a, b)
        kernels = [np.asarray(gan.generator.weights[0]) for gan in (first, other)]
        assert (kernels[0] != kernels[1]).mean() > 0.9

    @pytest.mark.parametrize("name", ["optimizer", "latent", "activation", "output", "loss"])
    def test_an_unknown_word_is_refused(self, name):
        with pytest.raises(ValueError, match="'magic'"):
            setups.build(replace(HEALTHY, **{name: "magic"}))

    def test_bytes_are_scaled_to_any_range(self):
        raw = np.array([0, 51, 255], "uint8")
        np.testing.assert_allclose(setups.scale(raw, (-1, 1)), [-1, -0.6, 1], atol=1e-6)
        np.testing.assert_allclose(setups.scale(raw, (0, 255)), [0, 51, 255], rtol=1e-6)


class TestPatients:
    def test_six_patients_with_known_complaints(self):
        assert len(PATIENTS) == 6
        for patient in PATIENTS.values():
            assert patient.finding in rules.RULES
            assert patient.sick != patient.treated
            assert patient.fails and patient.recovers

    def test_bounds_hold_or_say_why_not(self):
        bounds = {"spread": (0.5, None), "d_loss": (None, 0.1)}
        assert patients.out_of_bounds({"spread": 0.5, "d_loss": 0.0}, bounds) == []
        broken = patients.out_of_bounds({"spread": 0.2, "d_loss": float("nan")}, bounds)
        assert len(broken) == 2 and "spread is 0.2" in broken[0]


class TestCases:
    def test_the_wrong_range_is_found_at_once_and_heals(self, digits):
        patient = PATIENTS["range"]
        sick = cases.train_and_measure(patient.sick, digits, **QUICK)
        assert [finding.name for finding in sick.findings] == ["range"]
        assert sick.samples.shape == (32, 28, 28, 1) and np.abs(sick.samples).max() <= 1.0
        treated = cases.train_and_measure(patient.treated, digits, **QUICK)
        assert treated.findings == []

    def test_lagging_statistics_show_after_some_steps(self, digits):
        patient = PATIENTS["statistics"]
        both = [
            cases.train_and_measure(setup, digits, **(QUICK | {"steps": 40}))
            for setup in (patient.sick, patient.treated)
        ]
        gaps = [case.symptoms["mode_gap"] for case in both]
        assert gaps[0] > 0.5 > gaps[1]
        found = [[finding.name for finding in case.findings] for case in both]
        assert "statistics" in found[0] and "statistics" not in found[1]

    def test_symptoms_are_those_that_the_figures_say(self, digits):
        case = cases.train_and_measure(HEALTHY, digits, **QUICK)
        assert case.shares.sum() == pytest.approx(1.0)
        assert case.symptoms["classes"] == (case.shares >= 0.02).sum()
        assert case.symptoms["d_loss"] == pytest.approx(np.mean(case.history["d_loss"][-3:]))
        assert len(case.curves["g_loss"]) == 6
        assert set(cases.MAIN) < set(case.symptoms)

    def test_the_same_seed_gives_the_same_case(self, digits):
        first, second = (cases.train_and_measure(HEALTHY, digits, **QUICK) for _ in range(2))
        np.testing.assert_allclose(first.samples, second.samples, atol=1e-5)

    def test_too_little_to_learn_from_is_refused(self, digits):
        with pytest.raises(ValueError, match="32 images, got 20"):
            cases.train_and_measure(HEALTHY, digits[:20])
        with pytest.raises(ValueError, match="steps must be a whole number of at least 1, got 0"):
            cases.train_and_measure(HEALTHY, digits, steps=0)

    def test_pictures_of_a_sigmoid_are_shown_on_the_same_scale(self):
        gan = SimpleNamespace(generate=lambda count, seed: np.array([0.0, 0.25, 1.0]))
        drawn = cases.draw(gan, setups.Setup(output="sigmoid"), 3)
        np.testing.assert_allclose(drawn, [-1.0, -0.5, 1.0])

    def test_the_table_has_a_line_for_each_symptom(self):
        case = cases.Case(None, {}, {}, {"d_loss": 0.5, "spread": 1.25}, None, [])
        lines = cases.table({"sick": case}, ["spread", "spread"]).splitlines()
        assert lines[0].split() == ["sick"] and lines[1].split() == ["spread", "1.25"]
        assert len(lines) == 2


def cell(label, seed, frechet):
    return {"label": label, "seed": seed, "frechet": frechet, "coverage": 0.1, "checkerboard": 0}


class TestTricks:
    def test_every_trick_is_one_change(self):
        for label, trick in tricks.TRICKS.items():
            changed = asdict(trick.setup).items() - asdict(HEALTHY).items()
            assert trick.label == label and trick.advice in ("use", "avoid")
            assert (changed == set()) == (label == tricks.BASE)
        assert len(tricks.TRICKS) >= 15

    def test_a_verdict_takes_all_seeds(self):
        base = [cell(tricks.BASE, seed, 50.0 + seed) for seed in range(3)]
        for values, expected in (
            ((40, 41, 42), "better"),
            ((60, 70, 80), "worse"),
            ((40, 41, 80), "no difference"),
        ):
            ours = [cell("uniform z", seed, value) for seed, value in enumerate(values)]
            assert tricks.verdict(base + ours, "uniform z") == expected
        assert tricks.verdict(base[:2], tricks.BASE) == "unknown"

    def test_rows_have_median_and_range(self):
        cells = [cell(tricks.BASE, seed, value) for seed, value in enumerate((3.0, 1.0, 2.0))]
        (row,) = tricks.rows(cells)
        assert (row["median"], row["low"], row["high"], row["verdict"]) == (2.0, 1.0, 3.0, "")

    def test_an_unknown_trick_is_refused(self, digits):
        with pytest.raises(ValueError, match=r"label must be one of .* got 'pray'"):
            tricks.run_cell("pray", 0, digits)

    def test_the_clock_stops_training(self, digits):
        found = tricks.run_cell(tricks.BASE, 0, digits, seconds=0.05, num_samples=20)
        assert 2 <= found["steps"] < 40
        assert found["frechet"] > 0 and found["label"] == tricks.BASE

    def test_the_shipped_table_holds_each_cell_once_and_no_stranger(self):
        table = tricks.shipped()
        pairs = [(each["label"], each["seed"]) for each in table["cells"]]
        assert len(pairs) == len(set(pairs)) > 0
        assert {label for label, _ in pairs} <= set(tricks.TRICKS)
        assert tricks.BASE in {label for label, _ in pairs}
        assert table["seconds"] > 0 and all(each["frechet"] > 0 for each in table["cells"])
