"""nbgrader's settings for this course, used by ``nbgrader_config.py`` and by ``make grade``."""

import os
import sys
from pathlib import Path

from grading import course as courses
from grading.run import limits

# TensorFlow's C++ part and absl, should they speak up after all: not a student's fault.
NOISE = r"(oneDNN|cuda|absl::InitializeLog|^[IWE]\d{4} |^WARNING:tensorflow|XLA)"
HERE = Path(__file__).resolve().parent


def configure(c, course=None):
    """Fill nbgrader's configuration object ``c`` for ``course`` (default: this checkout's)."""
    from nbgrader.converters import Autograde, GenerateAssignment
    from nbgrader.preprocessors import CheckCellMetadata, Execute, InstantiateTests

    from grading.run import execute, plugins

    course = course or courses.default()
    c.CourseDirectory.root = str(course.root)
    c.CourseDirectory.course_id = course.read_settings().get("course_id", "course")
    c.CourseDirectory.ignore = [".ipynb_checkpoints", "*.pyc", "__pycache__", "*.npz", "*.keras"]
    c.ClearSolutions.code_stub = {"python": "# YOUR CODE HERE\nraise NotImplementedError()"}
    c.ClearSolutions.text_stub = "YOUR ANSWER HERE"
    # nbgrader's own lists of steps, and what the course changes in them.
    release_steps = _steps(GenerateAssignment, "preprocessors")
    release_steps.remove(InstantiateTests)  # no test is written by a template here
    release_steps.insert(release_steps.index(CheckCellMetadata), plugins.TagTests)
    c.GenerateAssignment.preprocessors = [*release_steps, plugins.LastLook]
    first = _steps(Autograde, "sanitize_preprocessors")
    c.Autograde.sanitize_preprocessors = [plugins.Repair, *first]
    then = _steps(Autograde, "autograde_preprocessors")
    then[then.index(Execute)] = execute.GuardedExecute
    c.Autograde.autograde_preprocessors = then
    c.OverwriteCells.add_missing_cells = True
    c.IgnorePattern.enabled = True
    c.IgnorePattern.pattern = NOISE
    c.Execute.timeout = limits.CELL_SECONDS
    c.Execute.kernel_name = "course-grading"
    c.HTMLExporter.sanitize_html = True  # a submission's own scripts stay out of the feedback
    _add_path("JUPYTER_PATH", HERE / "jupyter")
    _add_path("PYTHONPATH", HERE.parent)
    _add_path("PATH", Path(sys.executable).parent)  # nbgrader calls alembic by name


def _steps(converter, kind):
    """nbgrader's own list of a converter's steps."""
    return list(converter.class_traits()[kind].default())


def _add_path(variable, folder):
    paths = [path for path in os.environ.get(variable, "").split(os.pathsep) if path]
    if str(folder) not in paths:
        os.environ[variable] = os.pathsep.join([str(folder), *paths])
