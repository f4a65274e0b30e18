"""Everything once through the real nbgrader: release, intake, autograde, feedback, grades.

Wrong and correct answers of grading/rehearsal/ are packed into one submission for each notebook
(grading.rehearsal.packs), beside the untouched release of the pack: a wrong answer for each graded
cell and a correct variant for each notebook, or all of them with ``GRADING_ALL=1``, which takes
some ten minutes. ``test_answers.py`` tries them all, without nbgrader.
"""

import csv
import functools
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

from grading import cells
from grading.rehearsal import answers, packs

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = answers.notebooks()


def load(notebook):
    try:
        return answers.load(notebook, "wrong") + answers.load(notebook, "correct")
    except answers.BadAnswer:
        return []  # test_answers.py reports it


def chosen(notebook):
    """The answers that are packed: all, or enough that every graded cell is lost once."""
    everything, picked, lost = load(notebook), [], set()
    if os.environ.get("GRADING_ALL"):
        return everything
    for answer in everything:
        if set(answer.loses) - lost:
            picked.append(answer)
            lost |= set(answer.loses)
    return picked + [answer for answer in everything if not answer.loses][:1]


ALL = [answer for notebook in NOTEBOOKS for answer in chosen(notebook)]


def run(folder, module, *arguments, seconds=600, **more):
    """Run a module of grading on a course in ``folder``."""
    environment = {
        **os.environ,
        "GRADING_ROOT": str(folder / "course"),
        "GRADING_NOTEBOOKS": str(folder / "notebooks"),
        "GRADING_SETTINGS": str(folder / "course.toml"),
        "GRADING_SECONDS": "900",  # a pack is many submissions
        "PYTHONPATH": str(ROOT),
        **more,
    }
    return subprocess.run(
        [sys.executable, "-m", f"grading.{module}", *map(str, arguments)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
    )


@functools.cache
def graded():
    """Grade all packs; a dict (student, notebook, cell) -> row of cells.csv, and the process."""
    with tempfile.TemporaryDirectory(prefix="packs-") as place:
        folder = Path(place)
        (folder / "notebooks").mkdir()
        written = {}
        for notebook in NOTEBOOKS:
            pack, written[notebook] = packs.pack(answers.read_notebook(notebook), chosen(notebook))
            nbformat.write(pack, folder / "notebooks" / f"{notebook}.ipynb")
        done = run(folder, "release", "all")
        assert done.returncode == 0, done.stderr
        for notebook in NOTEBOOKS:
            path = folder / "course" / "release" / notebook / f"{notebook}.ipynb"
            for student in ("open", "pack"):
                release = nbformat.read(path, 4)
                if student == "pack":
                    packs.fill(release, written[notebook])
                place = folder / "in" / student / notebook
                place.mkdir(parents=True)
                nbformat.write(release, place / path.name)
        done = run(folder, "grade", folder / "in")
        assert done.returncode == 0, done.stdout + done.stderr
        with open(folder / "course" / "cells.csv", newline="", encoding="utf-8") as file:
            rows = list(csv.DictReader(file))
        report = (folder / "course" / "report.txt").read_text("utf-8")
        pages = {page.stem for page in (folder / "course" / "feedback").rglob("*.html")}
    return {(r["student"], r["notebook"], r["cell"]): r for r in rows}, report, pages


def graded_tests(notebook):
    book = answers.read_notebook(notebook)
    return [cells.grade_id(cell) for cell in book.cells if cells.is_test(cell)]


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_reference_gets_all_points_quietly(notebook):
    rows, _, pages = graded()
    for name in graded_tests(notebook):
        row = rows["pack", notebook, name]
        assert float(row["score"]) == float(row["max_score"]) > 0, row
        assert row["error_stream"] == "0", f"{name} writes to the error stream"
    assert notebook in pages


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_untouched_release_gets_nothing(notebook):
    rows, _, _ = graded()
    mine = [r for (student, book, _), r in rows.items() if (student, book) == ("open", notebook)]
    assert len(mine) >= len(graded_tests(notebook))
    assert [r["cell"] for r in mine if float(r["score"]) != 0] == []


@pytest.mark.parametrize("answer", ALL, ids=lambda answer: answer.name.replace(" ", "_"))
def test_answer(answer):
    rows, _, _ = graded()
    book = answers.read_notebook(answer.notebook)
    possible, lost = cells.depending(book.cells, answer.cell), {}
    for name in possible:
        row = rows["pack", answer.notebook, packs.name_of(name, answer)]
        assert float(row["score"]) in (0.0, float(row["max_score"]))
        if float(row["score"]) == 0:
            lost[name] = row["message"]
    assert answers.judge(answer, lost, set(possible)) == []


def test_nothing_else_happened():
    _, report, _ = graded()
    assert report.split("Not graded:")[0].count("\n") == 1, report
