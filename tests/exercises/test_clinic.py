"""The checks of notebook 07: the kit's versions pass quietly, a borrowed one does not.

grading/rehearsal holds the wrong answers; tests/grading runs them.
"""

import json

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

import exercises
from exercises import runs
from helpers import config
from lessons.clinic import losses, plane, points, rules
from lessons.clinic.patients import PATIENTS


def extragradient(point, field, learning_rate):
    return point + learning_rate * field(point + learning_rate * field(point))


def best(p_data, p_model):
    total = np.asarray(p_data) + p_model
    return np.where(total > 0, p_data / np.where(total > 0, total, 1.0), 0.5)


def both_losses(logits):
    return ops.mean(ops.log_sigmoid(-logits)), ops.mean(ops.softplus(-logits))


def slopes(logits):
    return -ops.sigmoid(logits), ops.sigmoid(logits) - 1


def penalty(discriminator, images):
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = discriminator(images)
    return tf.reduce_sum(tape.gradient(logits, images) ** 2) / (2 * len(images))


def hinge(real, fake):
    return ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + fake)), -ops.mean(fake)


PAIRS = [
    (exercises.games.extragradient_step, extragradient),
    (exercises.games.extragradient_calls, extragradient),
    (exercises.games.optimal_discriminator, best),
    (exercises.games.optimal_discriminator_zeros, best),
    (exercises.clinic.generator_losses, both_losses),
    (exercises.clinic.generator_losses_far, both_losses),
    (exercises.clinic.generator_gradients, slopes),
    (exercises.clinic.gradient_penalty, penalty),
    (exercises.clinic.gradient_penalty_trains, penalty),
    (exercises.clinic.hinge_discriminator, hinge),
    (exercises.clinic.hinge_generator, hinge),
]


@pytest.mark.parametrize(("check", "right"), PAIRS, ids=lambda x: x.__name__)
def test_a_right_answer_passes(check, right, capsys):
    check(right)
    printed = capsys.readouterr()
    assert printed.out.startswith("Right: ") and printed.err == ""


@pytest.mark.parametrize(
    ("check", "kits"),
    [
        (exercises.games.extragradient_step, plane.extragradient_step),
        (exercises.games.optimal_discriminator, points.optimal_discriminator),
        (exercises.clinic.generator_losses, losses.generator_losses),
        (exercises.clinic.gradient_penalty, losses.gradient_penalty),
        (exercises.clinic.hinge_generator, losses.hinge_losses),
    ],
    ids=lambda x: x.__name__,
)
def test_a_borrowed_answer_does_not(check, kits):
    def borrowed(*arguments):
        return kits(*arguments)

    with pytest.raises(exercises.Wrong, match="from the kit"):
        check(borrowed)


def test_the_kits_versions_are_right():
    """What an open exercise runs on is judged by the values of the same checks."""
    keras.utils.set_random_seed(0)
    logits = tf.constant([[-2.0], [3.0]])
    for kits, right in (
        (losses.generator_losses, both_losses),
        (losses.generator_gradients, slopes),
    ):
        for ours, theirs in zip(kits(logits), right(logits), strict=True):
            np.testing.assert_allclose(ours, theirs, rtol=1e-4)
    critic = keras.Sequential([keras.Input((3, 3, 2)), keras.layers.Flatten(),
                               keras.layers.Dense(5, "tanh"), keras.layers.Dense(1)])  # fmt: skip
    images = tf.random.normal((4, 3, 3, 2), seed=1)
    found = losses.gradient_penalty(critic, images)
    np.testing.assert_allclose(found, penalty(critic, images), rtol=1e-4)


class TestDiagnosis:
    def right(self):
        words = {}
        for run, digest in runs.RIGHT.items():
            (words[run],) = [w for w in runs.LACKS if runs.fingerprint(run, w) == digest]
        return words

    def test_the_right_words_pass_and_all_others_are_told_why_not(self):
        right = self.right()
        for run, word in right.items():
            runs.diagnosis(lambda: right, run)
            for other in set(runs.LACKS) - {word}:
                with pytest.raises(exercises.Wrong, match=f"run {run} is not '{other}'"):
                    runs.diagnosis(lambda answer=right | {run: other}: answer, run)

    @pytest.mark.parametrize(
        ("given", "message"),
        [({"A": "tired"}, "none of"), ({}, "no entry"), ("healthy", "a dict"), (None, "nothing")],
    )
    def test_other_things_are_refused(self, given, message):
        with pytest.raises(exercises.Wrong, match=message):
            runs.diagnosis(lambda: given, "A")

    def test_the_doctor_says_the_same_of_the_recorded_runs(self):
        recorded = json.loads((config.bundled_data_dir() / "clinic_runs.json").read_text())
        for run, word in self.right().items():
            history = {
                name: [np.nan if value is None else value for value in values]
                for name, values in recorded[run].items()
            }
            kind = "non_saturating" if word == "healthy" else PATIENTS[word].sick.loss
            found = [finding.name for finding in rules.diagnose(history, kind)]
            if word == "healthy":
                assert found == []
            else:
                assert PATIENTS[word].finding in found
