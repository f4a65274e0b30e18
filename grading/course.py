"""The course folder of nbgrader, and what goes into it from ``notebooks/`` and ``course.toml``.

One assignment for each notebook, of the same name. The folder is ``course/`` in the checkout, or
``GRADING_ROOT``; git ignores it.
"""

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grading import cells as cell_tools

REPOSITORY = Path(__file__).resolve().parents[1]
MARKERS = ("### BEGIN SOLUTION", "### END SOLUTION")


@dataclass(frozen=True)
class Course:
    """Where a course keeps its files, and what it takes from the notebooks."""

    root: Path
    notebooks: Path = REPOSITORY / "notebooks"
    settings: Path = REPOSITORY / "grading" / "course.toml"

    def source(self, name):
        """The notebook with its solutions, as nbgrader reads it."""
        return self.root / "source" / name / f"{name}.ipynb"

    def release(self, name):
        """The notebook as students get it."""
        return self.root / "release" / name / f"{name}.ipynb"

    @property
    def gradebook(self):
        """nbgrader's data base."""
        return self.root / "gradebook.db"

    def names(self):
        """The notebooks that have exercises, by file name without ``.ipynb``."""
        found = sorted(self.notebooks.glob("*.ipynb"))
        return [path.stem for path in found if cell_tools.exercises(nbformat.read(path, 4).cells)]

    def choose(self, wanted):
        """Names for what the user typed: ``all``, a name, or the number at its beginning.

        Raises:
            ValueError: no notebook with exercises is called that.
        """
        known = self.names()
        if wanted == "all":
            return known
        found = [name for name in known if wanted in (name, name.split("_")[0], f"{name}.ipynb")]
        if not found:
            raise ValueError(f"no exercises in a notebook {wanted!r}; there are {', '.join(known)}")
        return found

    def read_settings(self):
        """``course.toml`` as a dict.

        Raises:
            ValueError: a table names no notebook, or holds something unknown.
        """
        if not self.settings.is_file():
            return {}
        settings = tomllib.loads(self.settings.read_text(encoding="utf-8"))
        known = self.names()
        for key, value in settings.items():
            if key == "course_id":
                continue
            if key not in known:
                raise ValueError(f"{self.settings.name}: no notebook {key!r} with exercises")
            if unknown := sorted(set(value) - {"leave_out", "points"}):
                raise ValueError(f"{self.settings.name}, {key}: unknown {', '.join(unknown)}")
        return settings

    def write_sources(self, names=None):
        """Bring ``source/`` up to date; a file is touched only when its content changes."""
        settings = self.read_settings()
        for name in names or self.names():
            book = nbformat.read(self.notebooks / f"{name}.ipynb", 4)
            adapt(book, settings.get(name, {}), f"{self.settings.name}, {name}")
            text, path = nbformat.writes(book) + "\n", self.source(name)
            if not path.is_file() or path.read_text(encoding="utf-8") != text:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")


def default():
    """The course of this checkout, or of ``GRADING_ROOT``, ``_SETTINGS`` and ``_NOTEBOOKS``."""
    root = Path(os.environ.get("GRADING_ROOT") or REPOSITORY / "course").resolve()
    chosen = os.environ.get("GRADING_SETTINGS")
    settings = Path(chosen).resolve() if chosen else REPOSITORY / "grading" / "course.toml"
    notebooks = Path(os.environ.get("GRADING_NOTEBOOKS") or REPOSITORY / "notebooks").resolve()
    return Course(root, notebooks, settings)


def adapt(book, settings, label):
    """Change a notebook's points and show some exercises solved, in place.

    Raises:
        ValueError: no such graded cell or exercise, or a number of points below 0.
    """
    by_id = {cell_tools.grade_id(cell): cell for cell in book.cells if cell_tools.grade_id(cell)}
    for name, points in settings.get("points", {}).items():
        if "points" not in cell_tools.nbgrader_of(by_id.get(name, {})):
            raise ValueError(f"{label}: no graded cell {name!r}")
        if isinstance(points, bool) or not isinstance(points, (int, float)) or points < 0:
            raise ValueError(f"{label}: points of {name} must be a number from 0, got {points!r}")
        by_id[name].metadata.nbgrader["points"] = points
    exercises = cell_tools.exercises(book.cells)
    for name in settings.get("leave_out", []):
        if name not in by_id or not cell_tools.is_solution(by_id[name]):
            raise ValueError(f"{label}: no exercise {name!r}; there are {', '.join(exercises)}")
        for each in (name, *exercises.get(name, [])):
            cell = by_id[each]
            lines = [line for line in cell.source.split("\n") if line.strip() not in MARKERS]
            cell.source = "\n".join(lines)
            del cell.metadata["nbgrader"]
