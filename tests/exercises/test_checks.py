"""The checks of all notebooks at once. What they say of mistakes, the bank of wrong answers tests.

``grading/rehearsal/wrong_answers`` and ``correct_answers`` have several hundred answers, and
tests/grading/test_answers.py runs them all.
"""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import keras
import nbformat
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from exercises import Wrong, clinic, dream, exercise, latent, translation, verdict
from exercises.cell import kits_version
from grading import cells
from helpers import config, metrics
from lessons.clinic import rules
from lessons.clinic.patients import PATIENTS

ROOT = Path(__file__).resolve().parents[2]
MODULES = {
    "01": "digits", "02": "color", "03": "conditional", "04": "autoencoders", "05": "dream",
    "06": "style", "07": "clinic", "08": "latent", "09": "translation",
}  # fmt: skip


def book(number):
    (path,) = (ROOT / "notebooks").glob(f"{number}_*.ipynb")
    return nbformat.read(path, 4)


def kits(number):
    """Function name -> dotted name of the kit's version, of those exercises that name one."""
    found = {}
    for cell in book(number).cells:
        if cell.cell_type != "code" or not cells.is_solution(cell):
            continue
        for node in ast.parse(cells.plain_python(cell.source)).body:
            for mark in getattr(node, "decorator_list", []):
                dotted = [k.value.value for k in mark.keywords if isinstance(k.value, ast.Constant)]
                found.update((node.name, each) for each in dotted)
    return found


def calls(number):
    """Pairs of check and function name, from the notebook's graded cells."""
    graded = [
        each.source
        for each in book(number).cells
        if each.cell_type == "code" and cells.is_test(each)
    ]
    return re.findall(r"check\.(\w+)\((\w+)\)", "\n".join(graded))


def module(number):
    return sys.modules.get(name := f"exercises.{MODULES[number]}") or __import__(name, fromlist="x")


KITS = [(number, name, dotted) for number in MODULES for name, dotted in kits(number).items()]
CHECKS = [(number, *call) for number in MODULES for call in calls(number)]


@pytest.mark.parametrize(("number", "name", "dotted"), KITS)
def test_the_kits_version_that_an_exercise_names_exists(number, name, dotted):
    assert callable(kits_version(dotted))


@pytest.mark.parametrize(
    ("number", "check", "dotted"),
    [(number, check, kits(number)[name]) for number, check, name in CHECKS if name in kits(number)],
)
def test_the_kits_version_is_right_but_no_answer(number, check, dotted, monkeypatch, capsys):
    function, check = kits_version(dotted), getattr(module(number), check)
    with pytest.raises(Wrong, match="from the kit"):
        check(lambda *arguments: function(*arguments))
    monkeypatch.setattr(verdict, "_look", lambda *arguments: None)
    check(function)
    printed = capsys.readouterr()
    assert printed.out.startswith("Right: ") and printed.out.count("\n") == 1
    assert printed.err == ""


@pytest.mark.parametrize(("number", "check", "name"), CHECKS)
def test_every_check_tells_where_an_answer_stops_and_that_it_is_nothing(number, check, name):
    def stops(*arguments):
        raise RuntimeError("the reason")

    with pytest.raises((Wrong, RuntimeError), match="the reason"):
        getattr(module(number), check)(stops)
    with pytest.raises(Wrong, match=r".{20}"):
        getattr(module(number), check)(lambda *arguments: None)
    for value in ("text", 7.25, np.zeros((2, 2))) if number in ("08", "09") else ():
        with pytest.raises(Wrong, match=r".{20}"):
            getattr(module(number), check)(lambda *arguments, value=value: value)


@pytest.mark.parametrize("number", MODULES)
def test_a_notebook_loads_the_checks_of_no_other(number):
    code = (
        f"import sys; from exercises import {MODULES[number]} as check, exercise, hint\n"
        "print(sorted(name for name in sys.modules if name.startswith('exercises.')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(ast.literal_eval(done.stdout.splitlines()[-1]))
    shared = {"exercises.cell", "exercises.verdict", "exercises.models"}
    if number == "02":  # the same questions as to the networks of 01
        shared.add("exercises.digits")
    if number == "09":  # checks of its own that need a file of their own
        shared.add("exercises.pool")
    assert loaded <= shared | {f"exercises.{MODULES[number]}"}
    setup = "\n".join(cell.source for cell in book(number).cells if cell.cell_type == "code")
    assert f"from exercises import {MODULES[number]} as check\n" in setup


# ---------------------------------------------------------------------------------------------
# 05, 07, 08, 09: what the bank of answers does not try.


def test_the_kits_mask_and_tiles_by_hand():
    mask = dream.reference_mask(1, 8, (0, 3, 1, 5), 2)
    np.testing.assert_allclose(mask, [[0, 0, 0.5, 1, 1, 0.5, 0, 0]])
    assert dream.reference_tiles(10, 4, 3) == [-3, 1, 5, 9]


def test_not_a_number_and_a_cut_tape_are_named():
    def cut(z, images, draw, rate):
        with tf.GradientTape() as tape:
            errors = ops.mean(ops.square(draw(z) - images), axis=(1, 2, 3))
        return z - rate * tape.gradient(errors, z), errors

    with pytest.raises(Wrong, match="NaN or infinity"):
        latent.spherical(lambda a, b, s: np.full((len(a), len(s), a.shape[1]), np.nan))
    with pytest.raises(Wrong, match="z must be watched"):
        latent.inversion_step(cut)


def test_the_kits_versions_that_09_names_by_no_string_are_right_too(monkeypatch, capsys):
    monkeypatch.setattr(verdict, "_look", lambda *arguments: None)
    translation.psnr(lambda output, truth: metrics.psnr(output, truth, (-1, 1)))
    translation.pixel_shuffle(lambda maps, factor=2: tf.nn.depth_to_space(maps, factor))
    assert capsys.readouterr().out.count("Right: ") == 2


def answer_of(number, name, space):
    """What the reference cell of an exercise defines."""
    (source,) = [cell.source for cell in book(number).cells if cells.grade_id(cell) == name]
    exec(source, space := {"exercise": exercise, **space})
    return space[name]


def test_the_pixel_shuffle_of_09_is_a_layer_of_any_batch_size():
    shuffle = answer_of("09", "pixel_shuffle", {"ops": ops, "tf": tf})
    maps = np.random.default_rng(0).normal(size=(5, 3, 4, 18)).astype("float32")
    inputs = keras.Input((3, 4, 18))
    for layer in (lambda batch: shuffle(batch, 3), keras.layers.Lambda(lambda x: shuffle(x, 3))):
        model = keras.Model(inputs, layer(inputs))
        assert model.output_shape == (None, 9, 12, 2)
        np.testing.assert_allclose(model(maps), tf.nn.depth_to_space(maps, 3), atol=1e-6)


def test_a_pool_that_draws_the_first_place_too_seldom_is_found():
    def exchange(pool, fakes, size, random):
        shown = []
        for fake in fakes:
            if len(pool) < size:
                pool.append(fake)
            elif random.random() < 0.5:
                place = max(1, random.integers(size))
                fake, pool[place] = pool[place], fake
            shown.append(fake)
        return shown

    with pytest.raises(Wrong, match=r"six places were chosen \[0, "):
        translation.exchange_full(exchange)


@pytest.mark.parametrize("seed", range(5))
def test_a_right_pool_passes_with_any_seed(seed, monkeypatch):
    """The bounds on shares are wide enough: nothing here is luck."""
    fresh = np.random.default_rng
    monkeypatch.setattr(np.random, "default_rng", lambda given: fresh([seed, given]))
    exchange = answer_of("09", "exchange", {"np": np})
    translation.exchange_fills(exchange)
    translation.exchange_full(exchange)


def test_a_field_in_floating_point_and_a_rank_from_a_list_are_right():
    field = answer_of("09", "receptive_field", {})
    translation.receptive_field(lambda layers: float(field(layers)))
    ranks = answer_of("09", "rank_of_truth", {"np": np})
    translation.rank_of_truth(lambda outputs, truths: ranks(outputs, truths).tolist())


class TestDiagnosis:
    def right(self):
        words = {}
        for run, digest in clinic.RIGHT.items():
            (words[run],) = [w for w in clinic.LACKS if clinic.fingerprint(run, w) == digest]
        return words

    def test_the_right_words_pass_and_all_others_are_told_why_not(self):
        right = self.right()
        for run, word in right.items():
            clinic.diagnosis(lambda: right, run)
            for other in set(clinic.LACKS) - {word}:
                with pytest.raises(Wrong, match=f"run {run} is not '{other}'"):
                    clinic.diagnosis(lambda answer=right | {run: other}: answer, run)

    @pytest.mark.parametrize(
        ("given", "message"),
        [({"A": "tired"}, "none of"), ({}, "no entry"), ("healthy", "a dict"), (None, "nothing")],
    )
    def test_other_things_are_refused(self, given, message):
        with pytest.raises(Wrong, match=message):
            clinic.diagnosis(lambda: given, "A")

    def test_the_doctor_says_the_same_of_the_recorded_runs(self):
        recorded = json.loads((config.bundled_data_dir() / "clinic_runs.json").read_text())
        for run, word in self.right().items():
            history = {
                name: [np.nan if value is None else value for value in values]
                for name, values in recorded[run].items()
            }
            kind = "non_saturating" if word == "healthy" else PATIENTS[word].sick.loss
            found = [finding.name for finding in rules.diagnose(history, kind)]
            assert found == [] if word == "healthy" else PATIENTS[word].finding in found
