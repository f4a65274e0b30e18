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
    """One dict for each graded cell of a graded notebook: its columns of ``cells.csv``."""
    noisy = book.metadata["grading"]["error_stream"]
    messages = {cell_tools.grade_id(cell): message_of(cell) for cell in book.cells}
    return [
        {
            "cell": each.name,
            "score": each.score,
            "max_score": each.max_score,
            "needs_manual_grading": int(each.needs_manual_grade),
            "error_stream": int(each.name in noisy),
            "message": messages.get(each.name, ""),
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
    grades = [
        each
        | {
            "status": "graded" if each["ok"] else f"not graded: {each['error']}",
            "repairs": "; ".join(each["repairs"]),
            "incidents": "; ".join(each["events"]),
            "seconds": round(each["seconds"], 1),
        }
        for each in results
    ]
    cells = [each | cell for each in results for cell in each["cells"]]
    _write_table(course.root / "grades.csv", GRADES, grades)
    _write_table(course.root / "cells.csv", CELLS, cells)
    (course.root / "report.txt").write_text("\n".join(lines(results, problems)) + "\n", "utf-8")


def _write_table(path, columns, rows):
    with open(path, "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, columns)
        table.writeheader()
        table.writerows({key: _plain(row[key]) for key in columns} for row in rows)


def _plain(value):
    """A value that a spreadsheet does not take for a formula."""
    return f"'{value}" if isinstance(value, str) and value[:1] in tuple("=+-@\t") else value


def lines(results, problems):
    """What needs a person: incidents first, then what could not be graded, then repairs."""

    def about(found):
        return [
            f"  {each['student']}, {each['notebook']}: {sentence}"
            for each in results
            for sentence in found(each)
        ]

    return [
        "Incidents (nothing of this gave points; look at the notebook):",
        *about(lambda each: each["events"]),
        "Not graded:",
        *(f"  {problem}" for problem in problems),
        *about(lambda each: [] if each["ok"] else [each["error"]]),
        "Repaired:",
        *about(lambda each: each["repairs"]),
    ]


def summary(course, results, problems, seconds):
    """A few lines for the terminal."""
    graded = [each for each in results if each["ok"]]
    bad = len(results) - len(graded) + len(problems)
    text = [
        f"{len(graded)} graded in {seconds:.0f} s, {bad} could not be graded, "
        f"{sum(bool(each['repairs']) for each in results)} repaired, "
        f"{sum(bool(each['events']) for each in results)} with incidents"
    ]
    if any(each["isolated"] is False for each in graded):
        text.append("no namespaces on this system: limits only, see docs/INSTRUCTORS.md")
    text.append(f"grades.csv, cells.csv, report.txt and feedback/ are in {course.root}")
    return "\n".join(text)
