"""Grade what students handed in: repair, nbgrader's autograde and feedback, grades as CSV.

    python -m grading.grade SUBMISSIONS [--jobs 2]

Each submission is graded by a process of its own, with a data base of its own, and its code runs in
a kernel behind walls (``grading.run.sandbox``). What it earned is then entered into the course's
gradebook. A submission that fails is named in the report; the others go on.
"""

import argparse
import contextlib
import json
import multiprocessing
import multiprocessing.connection
import os
import shutil
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
from nbgrader.preprocessors import SaveAutoGrades
from sqlalchemy.exc import SAWarning
from traitlets.config import Config

from grading import config, intake, repair, report
from grading import course as courses
from grading.run import limits
from grading.run.server import KernelServer

WALL_SECONDS = 2 * limits.TOTAL_SECONDS  # of a submission's process, nbgrader's own work included


def api_of(course):
    """nbgrader's Python interface for a course."""
    settings = Config()
    config.configure(settings, course)
    settings.NbGrader.log_level = "WARN"
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
    return (
        release.is_file()
        and source.is_file()
        and (source.stat().st_mtime <= release.stat().st_mtime)
    )


def grade(course, folder, jobs=None, progress=True):
    """Grade all submissions in ``folder``.

    Returns:
        list of result dicts, one a submission (see ``grading.report``), and list of sentences on
        files that could not be graded.
    """
    names = course.names()
    course.write_sources(names)
    stale = [name for name in names if not _is_released(course, name)]
    if stale:
        release(course, stale)
    releases = {name: nbformat.read(course.release(name), 4) for name in names}
    with tempfile.TemporaryDirectory(prefix="grade-") as place:
        work = Path(place)
        for each in ("zips", "private", "results"):
            (work / each).mkdir()
        submissions, problems = intake.collect(folder, releases, work / "zips")
        tasks = [_prepare(course, each, releases[each.notebook], work) for each in submissions]
        results = []
        if tasks:
            hidden = [course.root, course.notebooks, work / "private", work / "results", *_ANSWERS]
            with KernelServer(work, hidden) as server:
                bar = tqdm.tqdm(total=len(tasks), unit="notebook", disable=not progress)
                with bar:
                    for task in run_all(tasks, jobs or os.cpu_count() or 1, server):
                        results.append(_enter(course, task))
                        bar.update()
        results.sort(key=lambda each: (each["student"], each["notebook"]))
        return results, problems


_ANSWERS = [courses.REPOSITORY / "grading" / "rehearsal", courses.REPOSITORY / "tests"]


def _prepare(course, submission, release_book, work):
    """Repair a submission, put it into ``submitted/``, and lay out a private course for it."""
    repaired = repair.repair(submission.book, release_book)
    repair.add_notes(submission.book, submission.notes)
    place = course.root / "submitted" / submission.student / submission.notebook
    place.mkdir(parents=True, exist_ok=True)
    path = place / f"{submission.notebook}.ipynb"
    nbformat.write(submission.book, path)
    private = work / "private" / f"{submission.student}-{submission.notebook}"
    for kind, source in (("submitted", path), ("release", course.release(submission.notebook))):
        who = submission.student if kind == "submitted" else "."
        target = private / kind / who / submission.notebook
        target.mkdir(parents=True)
        shutil.copy(source, target)
    return {
        "student": submission.student,
        "notebook": submission.notebook,
        "path": submission.path,
        "repairs": [*submission.notes, *repaired],
        "root": str(private),
        "result": str(work / "results" / f"{private.name}.json"),
        "gradebook": str(course.gradebook),
        "settings": str(course.settings),
    }


# ---------------------------------------------------------------------------------------------
# One process a submission.


def run_all(tasks, jobs, server):
    """Grade the tasks, ``jobs`` at a time; yields each one when it is done, with its outcome."""
    fork = multiprocessing.get_context("fork")
    waiting, running = list(reversed(tasks)), {}
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                task = waiting.pop()
                server.ensure()
                process = fork.Process(target=_work, args=(task, server.address, server.runtime))
                process.start()
                running[process] = (task, time.monotonic())
            multiprocessing.connection.wait([each.sentinel for each in running], timeout=1.0)
            for process, (task, started) in list(running.items()):
                late = time.monotonic() - started > WALL_SECONDS
                if process.is_alive() and not late:
                    continue
                if late:
                    with contextlib.suppress(ProcessLookupError):
                        os.killpg(process.pid, signal.SIGKILL)
                process.join()
                del running[process]
                yield _outcome(task, process.exitcode, late, time.monotonic() - started, server)
    finally:
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def _outcome(task, status, late, seconds, server):
    """The task with what came of it: ``ok``, ``error``, ``log``, ``seconds``."""
    try:
        outcome = json.loads(Path(task["result"]).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        reason = "took too long" if late else f"its process ended with status {status}"
        outcome = {"ok": False, "error": reason}
    changed = server.changes()
    if changed:
        outcome.setdefault("events", []).append(f"{changed} changed while it was graded")
    return {**task, **outcome, "seconds": seconds}


def _work(task, address, runtime):
    """In a process of its own: nbgrader's autograde and feedback for one submission."""
    os.setsid()
    os.environ.update(GRADING_KERNELS=address, GRADING_RUNTIME=runtime)
    log = os.open(Path(task["root"]) / "log.txt", os.O_WRONLY | os.O_CREAT)
    os.dup2(log, 1)
    os.dup2(log, 2)
    shutil.copy(task["gradebook"], task["root"])
    course = courses.Course(Path(task["root"]), settings=Path(task["settings"]))
    api = api_of(course)
    done = api.autograde(task["notebook"], task["student"], force=True)
    if done["success"]:
        done = api.generate_feedback(task["notebook"], task["student"], force=True)
    tail = (done.get("error") or done.get("log") or "").strip().splitlines()[-1:]
    outcome = {"ok": bool(done["success"]), "error": "" if done["success"] else " ".join(tail)}
    Path(task["result"]).write_text(json.dumps(outcome), encoding="utf-8")
    os._exit(0)


# ---------------------------------------------------------------------------------------------
# Back in the course.


def _enter(course, task):
    """Enter a graded submission into the course's gradebook; returns its result for the report."""
    result = {key: task[key] for key in ("student", "notebook", "path", "repairs", "seconds")}
    result |= {"ok": task["ok"], "error": task.get("error", ""), "events": task.get("events", [])}
    result |= {"score": 0.0, "max_score": 0.0, "manual": 0, "cells": [], "walls": None}
    student, notebook = task["student"], task["notebook"]
    if not task["ok"]:
        return result
    for kind, name in (("autograded", f"{notebook}.ipynb"), ("feedback", f"{notebook}.html")):
        source = Path(task["root"]) / kind / student / notebook / name
        target = course.root / kind / student / notebook
        target.mkdir(parents=True, exist_ok=True)
        (target / name).unlink(missing_ok=True)
        shutil.copy(source, target / name)
    book = nbformat.read(course.root / "autograded" / student / notebook / f"{notebook}.ipynb", 4)
    about = book.metadata.get("grading", {})
    result["events"] = [*about.get("events", []), *result["events"]]
    result["walls"] = about.get("walls")
    url = f"sqlite:///{course.gradebook}"
    with Gradebook(url) as gradebook:
        gradebook.update_or_create_student(student)
        gradebook.update_or_create_submission(notebook, student)
    names = {"notebook": notebook, "assignment": notebook, "student": student, "db_url": url}
    SaveAutoGrades().preprocess(book, {"nbgrader": names})
    with Gradebook(url) as gradebook:
        theirs = gradebook.find_submission_notebook(notebook, notebook, student)
        result["score"], result["max_score"] = theirs.score, theirs.max_score
        result["manual"] = sum(bool(each.needs_manual_grade) for each in theirs.grades)
        result["cells"] = report.cells_of(book, theirs.grades)
    shutil.rmtree(task["root"], ignore_errors=True)
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
