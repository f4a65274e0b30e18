"""How well and how fast submissions are graded: the figures that the project states.

    python benchmarks/marking.py [answers] [class] [damaged] [hostile] [--jobs 2]

answers: wrong answers caught and correct variants accepted, all notebooks (this process).
class: thirty simulated submissions of notebook 01 through nbgrader, timed, with the grades compared
to what each should get. damaged, hostile: every kind in damaged.py and hostile.py of
grading/rehearsal/, the same way. Runs on a quiet machine or its time means nothing.
"""

import argparse
import copy
import os
import tempfile
import time
import warnings
from pathlib import Path

import tqdm
from sqlalchemy.exc import SAWarning

from grading import cells, grade
from grading import course as courses
from grading.rehearsal import answers, damaged, hostile, simulate

NOTEBOOK = "01_dcgan_mnist"


def count_answers():
    """Print caught / tried and accepted / tried for every notebook, and in all."""
    totals = {"wrong": [0, 0], "correct": [0, 0]}
    for notebook in answers.notebooks():
        bench, line = answers.Workbench(notebook), []
        for kind in totals:
            entries = answers.load(notebook, kind)
            good = sum(not bench.complaints(each) for each in entries)
            totals[kind][0] += good
            totals[kind][1] += len(entries)
            line.append(f"{kind} {good}/{len(entries)}")
        print(f"{notebook}: {', '.join(line)}")
    (caught, wrong), (accepted, correct) = totals["wrong"], totals["correct"]
    print(f"wrong answers caught {caught}/{wrong}, correct variants accepted {accepted}/{correct}")


def run(folder, expected, course, jobs):
    """Grade ``folder``; returns results by student and seconds."""
    grade.release(course, [NOTEBOOK])
    started = time.monotonic()
    results, problems = grade.grade(course, folder, jobs)
    seconds = time.monotonic() - started
    found = {each["student"]: each for each in results}
    assert problems == [] and set(found) == set(expected), problems
    return found, seconds


def compare(found, expected, worthless=()):
    """How many got the points of their code that they should get; prints the others.

    Args:
        expected: student -> least and most points.
        worthless: tests that must give nobody a point.
    """
    good = 0
    for student, (least, most) in expected.items():
        code = [c for c in found[student]["cells"] if not c["needs_manual_grading"]]
        scores = {c["cell"]: c["score"] for c in code}
        got, stolen = sum(scores.values()), sum(scores[name] for name in worthless)
        if found[student]["ok"] and least - 1e-6 < got < most + 1e-6 and stolen == 0:
            good += 1
        else:
            print(
                f"  {student}: {got} points ({stolen} for a trick), should be {least} to {most}; "
                f"{found[student]['error']}"
            )
    return good


def measure_class(jobs, students=30):
    """Print the time for a class and how many grades are as expected."""
    with tempfile.TemporaryDirectory(prefix="class-") as place:
        folder, course = Path(place) / "in", courses.Course(Path(place) / "course")
        rows = simulate.make(folder, students, NOTEBOOK, course.root)
        (folder / "expected.csv").unlink()
        expected = {student: points for student, _, _, *points in rows}
        found, seconds = run(folder, expected, course, jobs)
    good = compare(found, expected)
    print(
        f"{students} submissions of {NOTEBOOK} in {seconds:.0f} s on {jobs} of {os.cpu_count()} "
        f"cores, {60 * students / seconds:.1f} a minute; {good} of {students} grades as expected"
    )


def measure(kind, names, jobs):
    """Print how many of all damaged or hostile notebooks come out as they should."""
    book, expected = answers.read_notebook(NOTEBOOK), {}
    first = cells.exercises(book.cells)[next(iter(cells.exercises(book.cells)))]
    with tempfile.TemporaryDirectory(prefix=f"{kind}-") as place:
        folder, course = Path(place) / "in", courses.Course(Path(place) / "course")
        for name in names:
            notebook, *expected[name] = simulate.submission(
                copy.deepcopy(book), kind, name, course.root
            )
            where = folder / name / NOTEBOOK / f"{NOTEBOOK}.ipynb"
            where.parent.mkdir(parents=True)
            damaged.write(notebook, where)
        found, seconds = run(folder, expected, course, jobs)
    good = compare(found, expected, first if kind == "hostile" else ())
    print(f"{kind}: {good}/{len(names)} as they should, {seconds:.0f} s")
    if kind == "hostile":
        named = 0
        for name in names:
            events = "; ".join(found[name]["events"])
            hit = any(word in events for word in hostile.ALL[name]["named"])
            named += hit
            if not hit:
                print(f"  {name} is not named: {events!r}")
        print(f"hostile: {named}/{len(names)} named in the report")


def main():
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parts = ("answers", "class", "damaged", "hostile")
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(parts)}")
    parser.add_argument("--jobs", type=int, default=2)
    chosen = parser.parse_args()
    tqdm.tqdm.monitor_interval = 0  # its thread would not survive the fork
    warnings.filterwarnings("ignore", category=SAWarning)
    wanted = chosen.parts or parts
    if "class" in wanted:
        measure_class(chosen.jobs)
    if "damaged" in wanted:
        measure("damaged", list(damaged.ALL), chosen.jobs)
    if "hostile" in wanted:
        measure("hostile", list(hostile.ALL), chosen.jobs)
    if "answers" in wanted:  # last: it starts TensorFlow in this process, which must not fork then
        count_answers()


if __name__ == "__main__":
    main()
