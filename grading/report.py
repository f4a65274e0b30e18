"""What an instructor reads after grading: ``grades.csv``, ``cells.csv`` and ``report.txt``."""

import csv

from grading import cells as cell_tools

GRADES = (
    "student", "notebook", "score", "max_score", "needs_manual_grading", "status", "repairs",
    "incidents", "seconds", "file",
)  # fmt: skip
CELLS = (
    "student", "notebook", "cell", "score", "max_score", "needs_manual_grading", "error_stream",
    "message",
)  # fmt: skip


def cells_of(book, grades):
    """One dict for each graded cell of a graded notebook: name, score, max_score, message."""
    loud = book.metadata.get("grading", {}).get("loud", [])
    messages = {
        cell_tools.grade_id(cell): message_of(cell)
        for cell in book.cells
        if cell_tools.nbgrader_of(cell).get("grade")
    }
    return [
        {
            "cell": each.name,
            "score": each.score,
            "max_score": each.max_score,
            "manual": bool(each.needs_manual_grade),
            "message": messages.get(each.name, ""),
            "loud": each.name in loud,
        }
        for each in grades
    ]


def message_of(cell):
    """What a test said: the text of its error, or an empty string."""
    for output in cell.get("outputs", ()):
        if output["output_type"] == "error":
            return output["evalue"] or output["ename"]
    return ""


def write(course, results, problems):
    """Write the three files into the course folder."""
    with open(course.root / "grades.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(GRADES)
        for each in results:
            rows.writerow(
                (
                    *(_plain(each[key]) for key in ("student", "notebook", "score", "max_score")),
                    each["manual"],
                    "graded" if each["ok"] else f"not graded: {each['error']}",
                    _plain("; ".join(each["repairs"])),
                    _plain("; ".join(each["events"])),
                    round(each["seconds"], 1),
                    _plain(each["path"]),
                )
            )
    with open(course.root / "cells.csv", "w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(CELLS)
        for each in results:
            for cell in each["cells"]:
                values = (cell["cell"], cell["score"], cell["max_score"], int(cell["manual"]))
                values += (int(cell["loud"]),)
                who = (_plain(each["student"]), each["notebook"])
                rows.writerow((*who, *values, _plain(cell["message"])))
    (course.root / "report.txt").write_text("\n".join(lines(results, problems)) + "\n", "utf-8")


def _plain(value):
    """A value that a spreadsheet does not take for a formula."""
    text = value if isinstance(value, str) else None
    return f"'{text}" if text and text[0] in "=+-@\t" else value


def lines(results, problems):
    """What needs a person: incidents first, then what could not be graded, then repairs."""
    found = ["Incidents (nothing of this gave points; look at the notebook):"]
    for each in results:
        found += [f"  {each['student']}, {each['notebook']}: {event}" for event in each["events"]]
    found.append("Not graded:")
    found += [f"  {problem}" for problem in problems]
    for each in results:
        if not each["ok"]:
            found.append(f"  {each['student']}, {each['notebook']}: {each['error']}")
    found.append("Repaired:")
    for each in results:
        found += [f"  {each['student']}, {each['notebook']}: {note}" for note in each["repairs"]]
    return found


def summary(course, results, problems, seconds):
    """A few lines for the terminal."""
    graded = [each for each in results if each["ok"]]
    bad = len(results) - len(graded) + len(problems)
    text = [
        f"{len(graded)} graded in {seconds:.0f} s, {bad} could not be graded, "
        f"{sum(bool(each['repairs']) for each in results)} repaired, "
        f"{sum(bool(each['events']) for each in results)} with incidents"
    ]
    if any(each["walls"] is False for each in graded):
        text.append("no namespaces on this system: limits only, see docs/INSTRUCTORS.md")
    text.append(f"grades.csv, cells.csv, report.txt and feedback/ are in {course.root}")
    return "\n".join(text)
