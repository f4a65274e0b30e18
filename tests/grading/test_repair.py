"""Damaged submissions come back into the shape of their release, with the student's answers."""

import copy
import functools
import json

import nbformat
import pytest

from grading import cells, intake, release, repair
from grading.rehearsal import answers, damaged, packs

NOTEBOOK = "01_dcgan_mnist"
# Damage that leaves no trace in the graded cells: there is nothing to tell.
SILENT = {"points_changed", "through_colab", "windows_line_ends", "kernel_renamed", "old_metadata",
          "lesson_deleted", "tests_unlocked"}  # fmt: skip


@functools.cache
def _released(notebook):
    return release.student_version(answers.read_notebook(notebook))


def released(notebook=NOTEBOOK):
    return copy.deepcopy(_released(notebook))


def handed_in(notebook=NOTEBOOK):
    """A student's notebook, all answers written."""
    written = packs.reference(answers.read_notebook(notebook).cells)
    return packs.fill(released(notebook), written)


def graded(book):
    return [cells.grade_id(cell) for cell in book.cells if cells.grade_id(cell)]


def check_repaired(book, intact):
    original = {cells.grade_id(c): c for c in released().cells if cells.grade_id(c)}
    assert sorted(graded(book)) == sorted(original), "each graded cell once"
    answer = None
    for cell in book.cells:
        name = cells.grade_id(cell)
        if name is None:
            continue
        assert cell.metadata.nbgrader == original[name].metadata.nbgrader
        assert cell.cell_type == original[name].cell_type
        if cells.is_test(cell):
            assert cell.source == original[name].source
            assert name in cells.exercises(released().cells)[answer], "behind its answer"
        elif cell.cell_type == "code":
            answer = name
    space_of = {name: names_in(book, name) for name in cells.exercises(released().cells)}
    assert space_of == {name: names_in(intact, name) for name in space_of}
    nbformat.validate(book)


def names_in(book, name):
    """The functions of an answer and their code, whatever comments stand around it."""
    cell = next(c for c in book.cells if cells.grade_id(c) == name)
    code = compile(cell.source, "answer", "exec")
    return [each.co_code for each in code.co_consts if hasattr(each, "co_code")]


def test_an_intact_submission_is_left_alone():
    book = handed_in()
    before = copy.deepcopy(book)
    assert repair.repair(book, released()) == []
    assert [c.source for c in book.cells] == [c.source for c in before.cells]
    assert [c.metadata for c in book.cells] == [c.metadata for c in before.cells]


@pytest.mark.parametrize("kind", damaged.ALL)
def test_damage_is_repaired_and_told(kind, tmp_path):
    book = handed_in()
    damaged.ALL[kind](book)
    damaged.write(book, tmp_path / "x.ipynb")
    book = intake.read(tmp_path / "x.ipynb")
    assert intake.recognize(book, {NOTEBOOK: released(), "02": released("02_dcgan_cifar10")})
    notes = repair.repair(book, released())
    check_repaired(book, handed_in())
    assert bool(notes) == (kind not in SILENT)
    again = copy.deepcopy(book)
    assert repair.repair(again, released()) == [], "a second repair finds nothing"


def test_two_kinds_of_damage_at_once(tmp_path):
    for first in ("metadata_stripped", "names_changed", "through_colab"):
        for second in ("tests_before_answers", "all_tests_deleted", "windows_line_ends"):
            book = handed_in()
            damaged.ALL[second](book)
            damaged.ALL[first](book)
            damaged.write(book, tmp_path / "x.ipynb")
            book = intake.read(tmp_path / "x.ipynb")
            repair.repair(book, released())
            check_repaired(book, handed_in())


def test_prose_keeps_its_text_without_metadata():
    book = handed_in()
    for cell in book.cells:
        if cells.grade_id(cell) == "explain_gans":
            cell.source = "Two networks play a game."
    damaged.ALL["metadata_stripped"](book)
    repair.repair(book, released())
    text = {cells.grade_id(c): c.source for c in book.cells}
    assert text["explain_gans"] == "Two networks play a game."


def test_a_deleted_answer_comes_back_empty():
    book = handed_in()
    book.cells = [c for c in book.cells if cells.grade_id(c) != "gan_losses"]
    notes = repair.repair(book, released())
    assert "gan_losses was missing; the empty cell was put back" in notes
    cell = next(c for c in book.cells if cells.grade_id(c) == "gan_losses")
    assert "raise NotImplementedError" in cell.source
    order = graded(book)
    assert order.index("gan_losses") < order.index("discriminator_loss_values")


def test_the_superseded_answer_stays_readable():
    book = handed_in()
    damaged.answer_copied_above(book)
    repair.repair(book, released())
    raw = [c.source for c in book.cells if c.cell_type == "raw"]
    assert len(raw) == 1 and raw[0].startswith("(not graded)\n# first try")


@pytest.mark.parametrize(
    "text, says",
    [
        (b"", "no notebook file"),
        (b"PK\x03\x04", "no notebook file"),
        (b"[1, 2]", "no cells"),
        (b'{"cells": 3}', "no cells"),
        (b"\xff\xfe{}", "no notebook file"),
    ],
)
def test_what_is_no_notebook_is_named(text, says, tmp_path):
    (tmp_path / "x.ipynb").write_bytes(text)
    with pytest.raises(ValueError, match=says):
        intake.read(tmp_path / "x.ipynb")


def test_nbformat_3_is_read(tmp_path):
    old = {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": ["x = 1"]}]}]}
    (tmp_path / "x.ipynb").write_text(json.dumps(old))
    assert intake.read(tmp_path / "x.ipynb").cells[0].source == "x = 1"
