"""How well and how fast submissions are graded: the figures that the project states.

    python benchmarks/grading.py [answers] [class] [damaged] [hostile] [--jobs 2]

answers: wrong answers caught and correct variants accepted, all notebooks (this process).
class: thirty simulated submissions of notebook 01 through nbgrader, timed, with the grades compared
to what each should get. damaged, hostile: every kind in grading/damaged.py and grading/hostile.py,
the same way. Runs on a quiet machine or its time means nothing.
"""

import argparse
import copy
import os
import tempfile
import time
from pathlib import Path

import tqdm

from grading import answers, damaged, grade, hostile, simulate
from grading import course as courses

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


def run(folder, expected, jobs):
    """Grade ``folder`` in a fresh course; returns results by student and seconds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as place:
        course = courses.Course(Path(place) / "course")
        grade.release(course, [NOTEBOOK])
        started = time.monotonic()
        results, problems = grade.grade(course, folder, jobs)
        seconds = time.monotonic() - started
    found = {each["student"]: each for each in results}
    assert problems == [] and set(found) == set(expected), problems
    return found, seconds


def compare(found, expected):
    """How many got the points of their code that they should get; prints the others."""
    good = 0
    for student, points in expected.items():
        cells = [cell for cell in found[student]["cells"] if not cell["manual"]]
        got = sum(cell["score"] for cell in cells)
        if found[student]["ok"] and abs(got - points) < 1e-6:
            good += 1
        else:
            print(f"  {student}: {got} points, should be {points}; {found[student]['error']}")
    return good


def measure_class(jobs, students=30):
    """Print the time for a class and how many grades are as expected."""
    with tempfile.TemporaryDirectory(prefix="class-") as place:
        rows = simulate.make(Path(place) / "in", students, NOTEBOOK)
        (Path(place) / "in" / "expected.csv").unlink()
        expected = {student: points for student, _, _, points in rows}
        found, seconds = run(Path(place) / "in", expected, jobs)
    good = compare(found, expected)
    print(
        f"{students} submissions of {NOTEBOOK} in {seconds:.0f} s on {jobs} of {os.cpu_count()} "
        f"cores, {60 * students / seconds:.1f} a minute; {good} of {students} grades as expected"
    )


def measure(kind, names, jobs):
    """Print how many of all damaged or hostile notebooks come out as they should."""
    book = answers.read_notebook(NOTEBOOK)
    with tempfile.TemporaryDirectory(prefix=f"{kind}-") as place:
        expected = {}
        for name in names:
            notebook, points = simulate.submission(copy.deepcopy(book), kind, name, NOTEBOOK)
            where = Path(place) / name / NOTEBOOK / f"{NOTEBOOK}.ipynb"
            where.parent.mkdir(parents=True)
            damaged.write(notebook, where)
            expected[name] = points
        found, seconds = run(Path(place), expected, jobs)
    good = compare(found, expected)
    print(f"{kind}: {good}/{len(names)} as they should, {seconds:.0f} s")
    if kind == "hostile":
        named = 0
        for name in names:
            events = "; ".join(found[name]["events"])
            hit = any(word in events for word in hostile.ALL[name][1])
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
