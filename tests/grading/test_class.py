"""A class of difficult submissions through the whole pipeline: damaged, hostile, unreadable.

The notebook is a small one, two exercises of notebook 01, so that each submission takes seconds.
The batch must end, every point must be deserved, and the report must name who did what.
"""

import copy
import csv
import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from grading import cells, release
from grading.rehearsal import answers, damaged, hostile, packs
from tests.grading.test_nbgrader import ROOT, run

NAME = "01_dcgan_mnist"
KEPT = ("gan_losses", "train_step")
# Those that nbgrader alone gets wrong, and one of each other family; test_repair.py has them all.
DAMAGED = (
    "test_deleted", "first_test_deleted", "test_copied", "metadata_stripped", "all_tests_deleted",
    "answer_split", "tests_edited", "names_changed", "through_colab",
)  # fmt: skip


def small():
    """Title, imports and two exercises of notebook 01."""
    book = answers.read_notebook(NAME)
    kept = {name for exercise in KEPT for name in cells.exercises(book.cells)[exercise]}
    chosen = set(cells.needed(book.cells))
    book.cells = [
        cell
        for index, cell in enumerate(book.cells)
        if index == 0
        or cells.grade_id(cell) in kept | set(KEPT)
        or (index in chosen and not cells.nbgrader_of(cell))
    ]
    return book


def hand_in(folder, student, book):
    place = folder / "in" / student / NAME
    place.mkdir(parents=True)
    damaged.write(book, place / f"{NAME}.ipynb")


@functools.cache
def graded():
    """Grade the class; returns dict student -> row of grades.csv, the report, and the output."""
    with tempfile.TemporaryDirectory(prefix="class-") as place:
        folder = Path(place)
        (folder / "notebooks").mkdir()
        nbformat.write(small(), folder / "notebooks" / f"{NAME}.ipynb")
        done = run(folder, "release", "all", GRADING_CELL_SECONDS="8")
        assert done.returncode == 0, done.stderr
        released = nbformat.read(folder / "course" / "release" / NAME / f"{NAME}.ipynb", 4)
        whole = packs.reference(small().cells)
        for kind in DAMAGED:
            book = packs.fill(copy.deepcopy(released), whole)
            damaged.ALL[kind](book)
            hand_in(folder, f"damaged_{kind}", book)
        for trick in hostile.ALL:
            tricks = {
                name: hostile.answer(trick, sorted(cells.names(source)[0]), folder / "course")
                for name, source in whole.items()
            }
            hand_in(folder, trick, packs.fill(copy.deepcopy(released), tricks))
        (folder / "in" / "broken.ipynb").write_text("{")
        done = run(folder, "grade", folder / "in", GRADING_CELL_SECONDS="8")
        with open(folder / "course" / "grades.csv", newline="", encoding="utf-8") as file:
            rows = {row["student"]: row for row in csv.DictReader(file)}
        report = (folder / "course" / "report.txt").read_text("utf-8")
        pages = {page.parents[1].name for page in (folder / "course/feedback").rglob("*.html")}
    return rows, report, done, pages


def test_the_batch_ends_and_reports_what_could_not_be_read():
    rows, report, done, pages = graded()
    assert set(rows) == {f"damaged_{kind}" for kind in DAMAGED} | set(hostile.ALL)
    assert "broken.ipynb: is no notebook file" in report
    assert done.returncode == 1 and "1 could not be graded" in done.stdout
    assert pages == set(rows)


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_damaged_submission_gets_what_it_deserves(kind):
    row = graded()[0][f"damaged_{kind}"]
    assert row["status"] == "graded" and float(row["score"]) == float(row["max_score"]) > 0, row
    assert row["incidents"] == ""


@pytest.mark.parametrize("trick", hostile.ALL)
def test_a_hostile_submission_gets_nothing_and_is_named(trick):
    rows, report, _, _ = graded()
    row, words = rows[trick], hostile.ALL[trick]["named"]
    assert row["status"] == "graded" and float(row["score"]) == 0, row
    assert any(word in row["incidents"] for word in words), row
    assert f"  {trick}, {NAME}: " in report


def test_points_given_by_hand_survive_a_second_run(tmp_path):
    book, prose = small(), "explain_gans"
    book.cells.append(packs.cell_of(answers.read_notebook(NAME), prose))
    (tmp_path / "notebooks").mkdir()
    nbformat.write(book, tmp_path / "notebooks" / f"{NAME}.ipynb")
    written = packs.reference(book.cells) | {prose: "Two networks play a game."}
    hand_in(tmp_path, "ada", packs.fill(release.student_version(book), written))

    def grade():
        done = run(tmp_path, "grade", tmp_path / "in")
        assert done.returncode == 0, done.stderr
        with open(tmp_path / "course" / "grades.csv", newline="", encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
        return float(row["score"]), int(row["needs_manual_grading"])

    code, waiting = grade()
    assert code > 0 and waiting == 1
    with Gradebook(f"sqlite:///{tmp_path}/course/gradebook.db") as gradebook:
        given = gradebook.find_grade(prose, NAME, NAME, "ada")
        given.manual_score, given.needs_manual_grade = 1.5, False
        gradebook.db.commit()
    # nbgrader asks for another look at a text that was graded again; the points stay.
    assert grade() == (code + 1.5, 1)


def test_plain_nbgrader_grades_the_same_way(tmp_path):
    """In grading/, without make: repair, guard and points come with the configuration."""
    (tmp_path / "notebooks").mkdir()
    nbformat.write(small(), tmp_path / "notebooks" / f"{NAME}.ipynb")

    def nbgrader(*arguments):
        environment = {
            **os.environ,
            "GRADING_ROOT": str(tmp_path / "course"),
            "GRADING_NOTEBOOKS": str(tmp_path / "notebooks"),
            "PYTHONPATH": str(ROOT),
        }
        command = [sys.executable, "-m", "nbgrader", *arguments]
        place = ROOT / "grading"
        done = subprocess.run(
            command, cwd=place, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr

    nbgrader("generate_assignment", NAME)
    released = tmp_path / "course" / "release" / NAME / f"{NAME}.ipynb"
    book = packs.fill(nbformat.read(released, 4), packs.reference(small().cells))
    damaged.test_copied(book)
    place = tmp_path / "course" / "submitted" / "ada" / NAME
    place.mkdir(parents=True)
    damaged.write(book, place / f"{NAME}.ipynb")
    nbgrader("autograde", NAME)
    nbgrader("generate_feedback", NAME)
    page = tmp_path / "course" / "feedback" / "ada" / NAME / f"{NAME}.html"
    assert "there more than once" in page.read_text("utf-8")
    with Gradebook(f"sqlite:///{tmp_path}/course/gradebook.db") as gradebook:
        grades = gradebook.find_submission_notebook(NAME, NAME, "ada").grades
        assert [g.auto_score for g in grades] == [g.max_score for g in grades]
