"""What students get holds no answer, and what an instructor changes arrives in it."""

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from grading import cells, course, release
from grading.rehearsal import answers
from grading.run import plugins

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = answers.notebooks()
# Each takes half a minute or more, so one stands for all unless all are asked for.
LEFT_OPEN = NOTEBOOKS if os.environ.get("GRADING_ALL") else ["05_deepdream"]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_no_answer_is_left(notebook):
    book = answers.read_notebook(notebook)
    student = release.student_version(book)
    text = json.dumps(student)
    assert "SOLUTION" not in text and "MARK SCHEME" not in text
    assert "colab-badge.svg" in text
    for cell, original in zip(student.cells, book.cells, strict=True):
        assert not cell.get("outputs")
        if not cells.is_solution(cell):
            assert cell.source == original.source
            continue
        for line in _solution_lines(original.source):
            assert line not in cell.source, f"{cells.grade_id(cell)}: {line}"
        if cell.cell_type == "code":
            assert "raise NotImplementedError()" in cell.source
            compile(cells.plain_python(cell.source), "stub", "exec")
        else:
            assert cell.source == "YOUR ANSWER HERE"


def _solution_lines(source):
    """The lines between the markers that are long enough to be somebody's work."""
    inside = False
    for line in source.split("\n"):
        if "BEGIN SOLUTION" in line:
            inside = True
        elif "END SOLUTION" in line:
            inside = False
        elif inside and len(line.strip()) > 12:
            yield line.strip()


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_run_all_goes_on_after_a_wrong_answer(notebook):
    student = release.student_version(answers.read_notebook(notebook))
    for cell in student.cells:
        tagged = "raises-exception" in cell.metadata.get("tags", [])
        assert tagged == cells.is_test(cell)


def test_an_answer_in_a_release_stops_it():
    look = plugins.LastLook()
    book = release.student_version(answers.read_notebook(NOTEBOOKS[0]))
    for change, says in (
        (lambda c: c.update(source="### BEGIN HIDDEN TESTS\n1"), "a marker is left"),
        (lambda c: c.update(outputs=[nbformat.v4.new_output("stream", text="1")]), "output"),
        (lambda c: c.update(execution_count=3), "output"),
    ):
        bad = copy.deepcopy(book)
        change(next(c for c in bad.cells if cells.is_test(c)))
        with pytest.raises(ValueError, match=says):
            look.preprocess(bad, {})


def test_answers_in_metadata_and_attachments_are_taken_out():
    book = answers.read_notebook(NOTEBOOKS[0])
    book.metadata["widgets"] = {"state": "answer"}
    for cell in book.cells:
        cell.metadata["solution"] = "answer"
    assert 'answer"' not in json.dumps(release.student_version(book).metadata)
    assert all("solution" not in c.metadata for c in release.student_version(book).cells)


# -- the course's settings -----------------------------------------------------------------------


def adapted(settings):
    book = answers.read_notebook("01_dcgan_mnist")
    course.adapt(book, settings, "course.toml, 01")
    return book


def test_points_and_exercises_are_chosen():
    name, tests = next(iter(cells.exercises(answers.read_notebook("01_dcgan_mnist").cells).items()))
    other = next(t for t in _tests(answers.read_notebook("01_dcgan_mnist")) if t not in tests)
    book = adapted({"leave_out": [name], "points": {other: 2.5}})
    assert name not in cells.exercises(book.cells)
    assert not {cells.grade_id(c) for c in book.cells} & set(tests)
    (cell,) = [c for c in book.cells if cells.grade_id(c) == other]
    assert cell.metadata.nbgrader["points"] == 2.5
    assert "SOLUTION" not in json.dumps(release.student_version(book))
    (shown,) = [c for c in book.cells if f"def {name}(" in c.source]
    assert "return" in shown.source and not cells.nbgrader_of(shown)


def _tests(book):
    return [cells.grade_id(cell) for cell in book.cells if cells.is_test(cell)]


@pytest.mark.parametrize(
    "settings, says",
    [
        ({"points": {"nope": 1}}, "no graded cell 'nope'"),
        ({"points": {"make_generator_images": -1}}, "must be a number from 0, got -1"),
        ({"points": {"make_generator_images": "two"}}, "must be a number from 0, got 'two'"),
        ({"leave_out": ["nope"]}, "no exercise 'nope'"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        adapted(settings)


@pytest.mark.parametrize(
    "text, says",
    [("[nope]\n", "no notebook 'nope'"), ("[01_dcgan_mnist]\nfoo = 1\n", "unknown foo")],
)
def test_settings_files_are_read_strictly(text, says, tmp_path):
    (tmp_path / "course.toml").write_text(text)
    with pytest.raises(ValueError, match=says):
        course.Course(tmp_path, settings=tmp_path / "course.toml").read_settings()


def test_choose():
    mine = course.Course(Path("course"))
    assert mine.choose("01") == mine.choose("01_dcgan_mnist") == ["01_dcgan_mnist"]
    assert mine.choose("all") == NOTEBOOKS
    with pytest.raises(ValueError, match="no exercises in a notebook '99'"):
        mine.choose("99")


def test_plain_nbgrader_builds_the_same_release(tmp_path):
    """``nbgrader generate_assignment`` in grading/, as an instructor without make would."""
    shutil.copy(ROOT / "notebooks" / "01_dcgan_mnist.ipynb", tmp_path)
    environment = {
        **os.environ,
        "GRADING_ROOT": str(tmp_path / "course"),
        "GRADING_NOTEBOOKS": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", "01_dcgan_mnist"]
    done = subprocess.run(
        command, cwd=ROOT / "grading", env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    built = nbformat.read(
        tmp_path / "course" / "release" / "01_dcgan_mnist" / "01_dcgan_mnist.ipynb", 4
    )
    ours = release.student_version(answers.read_notebook("01_dcgan_mnist"))
    assert [c.source for c in built.cells] == [c.source for c in ours.cells]
    assert [c.metadata for c in built.cells] == [c.metadata for c in ours.cells]


@pytest.mark.parametrize("notebook", LEFT_OPEN)
def test_a_lesson_with_every_exercise_open_runs_to_its_end(notebook, tmp_path):
    """Each check says that its exercise is open, and nothing else goes wrong."""
    student = release.student_version(answers.read_notebook(notebook))
    client = NotebookClient(student, timeout=300, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()  # a cell that may not fail stops it
    code = [cell for cell in student.cells if cell.cell_type == "code"]
    said = {
        cells.grade_id(cell): output.evalue
        for cell in code
        for output in cell.outputs
        if output.output_type == "error"
    }
    assert set(said) == {cells.grade_id(cell) for cell in code if cells.is_test(cell)}
    assert all("is still open" in words for words in said.values()), said
    assert "using the kit's version" in json.dumps([cell.outputs for cell in code])
