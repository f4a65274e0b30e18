"""Run the checks that continuous integration runs, all of them, and count what passed.

    python tools/run_tests.py [lint] [tests] [smoke]

lint: ruff on code and notebooks. tests: pytest on tests/. smoke: nbval runs every notebook of
notebooks/ at profile smoke. A failed phase does not stop the next one. The last line gives the
totals; the exit status is 1 if anything failed.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PHASES = ("lint", "tests", "smoke")
CELL_TIMEOUT = 300  # seconds; a smoke cell takes a few


@dataclass
class Outcome:
    """How many checks passed, failed and were skipped, and how long they took."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0

    def __add__(self, other):
        return Outcome(
            self.passed + other.passed,
            self.failed + other.failed,
            self.skipped + other.skipped,
            self.seconds + other.seconds,
        )

    def __str__(self):
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


def commands(phase):
    """The commands of a phase, each run on its own; pytest's get a report file added."""
    if phase == "lint":
        return [["ruff", "check", "."], ["ruff", "format", "--check", "."]]
    # Two files at a time: imports, traces and figures keep one core busy each. What one file
    # builds once stays with it, and so do the cells of one notebook.
    pytest = ["pytest", "-q", "--durations=15", "--numprocesses=2", "--dist=loadfile"]
    if phase == "tests":
        return [[*pytest, "tests"]]
    # -p no:python: only notebooks are collected. The kernel is this very Python.
    nbval = ["--nbval-lax", "--nbval-current-env", f"--nbval-cell-timeout={CELL_TIMEOUT}"]
    return [[*pytest, *nbval, "-p", "no:python", "notebooks"]]


def environment(phase, scratch):
    """The user's environment without what would change a result: the same checks everywhere."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COURSE_")}
    for name in ("MPLBACKEND", "PYTEST_ADDOPTS"):
        clean.pop(name, None)
    clean["KERAS_BACKEND"] = "tensorflow"
    clean["KERAS_HOME"] = str(Path(scratch) / "keras")  # nobody's cache of full data sets
    clean.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    if phase == "smoke":
        clean["COURSE_PROFILE"] = "smoke"
        clean["COURSE_OFFLINE"] = "1"
    return clean


def run_phase(phase):
    """Run the commands of ``phase`` and count."""
    total, started = Outcome(), time.monotonic()
    with tempfile.TemporaryDirectory() as scratch:
        for command in commands(phase):
            print(f"\n== {phase}: {' '.join(command)}", flush=True)
            report = Path(scratch) / "report.xml"
            extra = [f"--junitxml={report}"] if command[0] == "pytest" else []
            status = subprocess.run(
                [sys.executable, "-m", *command, *extra],
                cwd=ROOT,
                env=environment(phase, scratch),
                check=False,
            ).returncode
            total += count(report, status) if extra else Outcome(status == 0, status != 0)
    total.seconds = time.monotonic() - started
    return total


def count(report, status):
    """The outcome in a JUnit report; a run that failed without a failed test counts as one."""
    outcome = Outcome()
    if report.exists():
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):
            number = {name: int(suite.get(name, 0)) for name in ("tests", "failures", "errors")}
            outcome.failed += number["failures"] + number["errors"]
            outcome.skipped += int(suite.get("skipped", 0))
            outcome.passed += number["tests"]
        outcome.passed -= outcome.failed + outcome.skipped
    if status != 0 and outcome.failed == 0:
        outcome.failed = 1
    return outcome


def main(arguments=None):
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="run_tests.py", description=__doc__.split("\n")[0])
    parser.add_argument("phases", nargs="*", metavar="phase", help=f"of {', '.join(PHASES)}")
    phases = parser.parse_args(arguments).phases or PHASES
    for phase in phases:
        if phase not in PHASES:
            parser.error(f"there is no phase {phase!r}; there are: {', '.join(PHASES)}")
    try:
        outcomes = {phase: run_phase(phase) for phase in phases}
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    print()
    for phase, outcome in outcomes.items():
        verdict = "FAILED" if outcome.failed else "ok"
        print(f"{phase:6} {verdict:7} {outcome.seconds:7.1f} s  {outcome}")
    total = sum(outcomes.values(), Outcome())
    print(f"{total} in {total.seconds:.0f} s")
    return 1 if total.failed else 0


if __name__ == "__main__":
    sys.exit(main())
