"""Grade what students handed in: nbgrader's autograde and feedback, grades as CSV.

    python -m grading.grade SUBMISSIONS [--jobs 2]

Each submission is graded by a process of its own, and its code runs in an isolated kernel
(``grading.run``). A submission that fails is named in the report; the others go on.
"""

import argparse
import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import nbformat
import tqdm
from nbgrader.api import Gradebook
from nbgrader.apps import NbGraderAPI
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from grading import config, intake, report
from grading import course as courses
from grading.run import limits
from grading.run.server import KernelServer

WALL_SECONDS = 2 * limits.TOTAL_SECONDS  # of a submission's process, nbgrader's own work included
# The answers in this checkout, which no kernel may see. The server refuses a folder that is gone.
ANSWERS = (courses.REPOSITORY / "grading" / "rehearsal", courses.REPOSITORY / "tests")


def api_of(course, notes=()):
    """nbgrader's Python interface for a course.

    Args:
        notes: sentences on a submission, for the feedback.
    """
    settings = Config()
    config.configure(settings, course)
    settings.NbGrader.log_level = "WARN"
    settings.Repair.notes = list(notes)
    # Several processes write grades; each waits until the others are done.
    settings.CourseDirectory.db_url = f"sqlite:///{course.gradebook}?timeout=60"
    return NbGraderAPI(CourseDirectory(config=settings), config=settings)


def release(course, names):
    """Build the student versions of ``names`` by nbgrader.

    Raises:
        RuntimeError: nbgrader refused; the message is its own.
    """
    course.write_sources(names)
    api = api_of(course)
    for name in names:
        done = api.generate_assignment(name, force=True)
        if not done["success"]:
            raise RuntimeError(f"{name} could not be released:\n{done.get('log') or done['error']}")


def _is_released(course, name):
    source, release = course.source(name), course.release(name)
    return release.is_file() and source.stat().st_mtime <= release.stat().st_mtime


def grade(course, folder, jobs=None):
    """Grade all submissions in ``folder``, ``jobs`` at a time (default: one a core).

    Returns:
        list of result dicts, one a submission (see ``grading.report``), and list of sentences on
        files that could not be graded.
    """
    names = course.names()
    course.write_sources(names)
    if stale := [name for name in names if not _is_released(course, name)]:
        release(course, stale)
    releases = {name: nbformat.read(course.release(name), 4) for name in names}
    with tempfile.TemporaryDirectory(prefix="grade-") as place:
        work = Path(place)
        (work / "zips").mkdir()
        submissions, problems = intake.collect(folder, releases, work / "zips")
        results = []
        if submissions:
            hidden = [course.root, course.notebooks, work / "zips", *ANSWERS]
            bar = tqdm.tqdm(total=len(submissions), unit="notebook")
            with KernelServer(work, hidden) as server, bar:
                for each, outcome in _run_all(course, submissions, jobs or os.cpu_count(), server):
                    results.append(_result(course, each, outcome))
                    bar.update()
    results.sort(key=lambda each: (each["student"], each["notebook"]))
    return results, problems


# --- One process a submission ---


def _run_all(course, submissions, jobs, server):
    """Grade the submissions, ``jobs`` at a time; yields each one when it is done, with a dict."""
    fork = multiprocessing.get_context("fork")
    waiting, running = list(reversed(submissions)), {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                submission = waiting.pop()
                server.ensure()
                receiver, sender = fork.Pipe(duplex=False)
                process = fork.Process(target=_work, args=(course, submission, server, sender))
                process.start()
                running[process] = (submission, receiver, time.monotonic())
            multiprocessing.connection.wait([each.sentinel for each in running], timeout=1.0)
            for process, (submission, receiver, started) in list(running.items()):
                seconds = time.monotonic() - started
                late = seconds > WALL_SECONDS
                if process.is_alive() and not late:
                    continue
                if late:
                    _kill(process)
                process.join()
                del running[process]
                yield submission, _outcome(process, receiver, late, server) | {"seconds": seconds}
    finally:
        for process in running:
            _kill(process)


def _kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _outcome(process, receiver, late, server):
    """What a process sent, or why it sent nothing: a dict of ``ok``, ``error`` and ``events``."""
    if receiver.poll():
        outcome = receiver.recv()
    else:
        reason = f"its process ended with status {process.exitcode}"
        outcome = {"ok": False, "error": "took too long" if late else reason}
    receiver.close()
    changed = server.changes()
    return {**outcome, "events": [f"{changed} changed while it was graded"] if changed else []}


def _work(course, submission, server, sender):
    """In a process of its own: nbgrader's autograde and feedback for one submission."""
    os.setsid()
    os.environ.update(server.environment())
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    student, notebook = submission.student, submission.notebook
    place = course.root / "submitted" / student / notebook
    place.mkdir(parents=True, exist_ok=True)
    nbformat.write(submission.book, place / f"{notebook}.ipynb")
    api = api_of(course, submission.notes)
    done = api.autograde(notebook, student, force=True)
    if done["success"]:
        done = api.generate_feedback(notebook, student, force=True)
    tail = (done.get("error") or done.get("log") or "").strip().splitlines()[-1:]
    sender.send({"ok": bool(done["success"]), "error": "" if done["success"] else " ".join(tail)})
    os._exit(0)


def _result(course, submission, outcome):
    """What the report says about a submission: its outcome, and its grades from the gradebook."""
    student, notebook = submission.student, submission.notebook
    result = {"student": student, "notebook": notebook, "file": submission.path, **outcome}
    result |= {"score": 0.0, "max_score": 0.0, "needs_manual_grading": 0, "cells": []}
    result |= {"isolated": None, "repairs": submission.notes}
    if not outcome["ok"]:
        return result
    book = nbformat.read(course.root / "autograded" / student / notebook / f"{notebook}.ipynb", 4)
    about = book.metadata["grading"]
    result["repairs"] = [*submission.notes, *about["repairs"]]
    result["events"] = [*about["events"], *outcome["events"]]
    result["isolated"] = about["isolated"]
    with Gradebook(f"sqlite:///{course.gradebook}?timeout=60") as gradebook:
        theirs = gradebook.find_submission_notebook(notebook, notebook, student)
        result["score"], result["max_score"] = theirs.score, theirs.max_score
        result["needs_manual_grading"] = sum(each.needs_manual_grade for each in theirs.grades)
        result["cells"] = report.cells_of(book, theirs.grades)
    return result


def main(arguments=None):
    """The command line; returns the exit status: 0 when every file was graded."""
    parser = argparse.ArgumentParser(prog="grading.grade", description=__doc__.split("\n")[0])
    parser.add_argument("submissions", help="folder, zip or notebook")
    parser.add_argument("--jobs", type=int, help="submissions at a time (default: one a core)")
    chosen = parser.parse_args(arguments)
    tqdm.tqdm.monitor_interval = 0  # its thread would not survive the fork
    warnings.filterwarnings("ignore", category=SAWarning)  # nbgrader's, about its own queries
    course = courses.default()
    started = time.monotonic()
    try:
        results, problems = grade(course, chosen.submissions, chosen.jobs)
    except (FileNotFoundError, ValueError, RuntimeError) as error:
        print(f"grade: {error}", file=sys.stderr)
        return 1
    report.write(course, results, problems)
    print(report.summary(course, results, problems, time.monotonic() - started))
    return 1 if problems or not all(each["ok"] for each in results) else 0


if __name__ == "__main__":
    sys.exit(main())
