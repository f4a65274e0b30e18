"""Make a class of simulated submissions, to try the grading on.

    python -m grading.rehearsal.simulate FOLDER [--students 30] [--notebook 01_dcgan_mnist]

Whole, missing and wrong answers, damaged and hostile notebooks, in all the forms in which files
come. ``expected.csv`` in the folder says who should get what.
"""

import argparse
import copy
import csv
import shutil
import sys
from pathlib import Path

from grading import cells, course, intake, release
from grading.rehearsal import answers, damaged, hostile, packs


def points(book):
    """dict: grade_id of each test -> its points."""
    tests = [cell for cell in book.cells if cells.is_test(cell)]
    return {cells.grade_id(cell): cell.metadata.nbgrader["points"] for cell in tests}


def submission(book, kind, detail, root):
    """A student's notebook, and the least and the most code points that it should get.

    Whoever tampers with the grading gets nothing from there on; other tricks cost their own cell.

    Args:
        book: the reference.
        kind: ``"right"``, ``"open"``, ``"wrong"``, ``"damaged"`` or ``"hostile"``.
        detail: which wrong answer, damage or trick.
        root: the course's folder, which some tricks look into.
    """
    worth = points(book)
    total, mine = sum(worth.values()), release.student_version(book)
    if kind == "open":
        return mine, 0, 0
    mine = packs.fill(mine, packs.reference(book.cells))
    if kind == "damaged":
        damaged.ALL[detail](mine)
    elif kind == "wrong":
        mine = packs.fill(mine, {detail.cell: detail.source})
        total -= sum(worth[name] for name in detail.loses)
    if kind != "hostile":
        return mine, total, total
    first = next(iter(cells.exercises(book.cells)))
    names = sorted(cells.names(packs.cell_of(book, first).source)[0])
    own = cells.exercises(book.cells)[first]
    mine = packs.fill(mine, {first: hostile.answer(detail, names, root)})
    return mine, 0, total - sum(worth[name] for name in own)


def plan(students, notebook):
    """What each of the students hands in: list of (kind, detail)."""
    turns = ("right", "wrong", "wrong", "damaged", "hostile", "open")
    details = {"wrong": answers.load(notebook, "wrong"), "right": [None], "open": [None]}
    details |= {"damaged": list(damaged.ALL), "hostile": list(hostile.ALL)}
    planned = []
    for number in range(students):
        kind = turns[number % 6]
        choices = details[kind]
        step = number if kind == "wrong" else number // 6 * 5
        planned.append((kind, choices[step % len(choices)]) if choices else ("open", None))
    return planned


def place(folder, student, notebook, number):
    """Where this student's file goes: the forms take turns; a path inside ``folder``."""
    return (
        f"{student}/{notebook}/{notebook}.ipynb",
        f"moodle/{student}_{number + 100}_assignsubmission_file_/{notebook}.ipynb",
        f"{student}_{number + 100}_{number + 900}_{notebook}.ipynb",
        f"Copy of {notebook} - {student}.ipynb",
        f"{student}/my solution (2).ipynb",
    )[number % 5]


def make(folder, students=30, notebook="01_dcgan_mnist", root=None):
    """Write the class into ``folder``; returns rows of student, kind, detail, least, most points.

    Args:
        root: the folder of the course that will grade it; that of ``make grade`` unless given.
    """
    root = course.default().root if root is None else root
    folder, book = Path(folder), answers.read_notebook(notebook)
    rows = []
    for number, (kind, detail) in enumerate(plan(students, notebook)):
        student = f"student{number + 1:02}"
        nb, least, most = submission(copy.deepcopy(book), kind, detail, root)
        where = folder / place(folder, student, notebook, number)
        where.parent.mkdir(parents=True, exist_ok=True)
        damaged.write(nb, where)
        who = intake.student_of(where.relative_to(folder).parts, notebook, {notebook: None})
        told = detail if isinstance(detail, str) else getattr(detail, "name", "")
        rows.append((who, kind, told, least, most))
    if (folder / "moodle").is_dir():
        shutil.make_archive(folder / "moodle", "zip", folder / "moodle")
        shutil.rmtree(folder / "moodle")
    with open(folder / "expected.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("student", "kind", "detail", "least", "most"), *rows])
    return rows


def main(arguments=None):
    """The command line; returns the exit status."""
    description = __doc__.split("\n")[0]
    parser = argparse.ArgumentParser("grading.rehearsal.simulate", description=description)
    parser.add_argument("folder")
    parser.add_argument("--students", type=int, default=30)
    parser.add_argument("--notebook", default="01_dcgan_mnist")
    chosen = parser.parse_args(arguments)
    if Path(chosen.folder).exists():
        print(f"simulate: {chosen.folder} is there already", file=sys.stderr)
        return 1
    rows = make(chosen.folder, chosen.students, chosen.notebook)
    print(f"{len(rows)} submissions in {chosen.folder}; expected.csv says what they should get")
    return 0


if __name__ == "__main__":
    sys.exit(main())
