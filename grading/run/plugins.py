"""Steps that this course adds to nbgrader's: at release, and before a submission is graded."""

import re

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import List

from grading import cells as cell_tools
from grading import repair

LEFTOVERS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
KEPT_METADATA = {"nbgrader", "tags", "deletable", "editable"}


class TagTests(NbGraderPreprocessor):
    """Tag the tests ``raises-exception``, so that Run All goes on after a wrong answer."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Add the tag to a test cell."""
        if cell_tools.is_test(cell):
            tags = cell.metadata.get("tags", [])
            cell.metadata["tags"] = list(dict.fromkeys([*tags, "raises-exception"]))
        return cell, resources


class LastLook(NbGraderPreprocessor):
    """Refuse to release a notebook that still holds an answer."""

    def preprocess(self, nb, resources):
        """Drop metadata that has no business in a release; raise on what must not be there."""
        for cell in nb.cells:
            for key in set(cell.metadata) - KEPT_METADATA:
                del cell.metadata[key]
            cell.pop("attachments", None)
            name = cell_tools.grade_id(cell) or cell.get("id")
            counts = cell_tools.nbgrader_of(cell) or cell.cell_type == "code"
            if counts and LEFTOVERS.search(cell.source):
                raise ValueError(f"cell {name}: a marker is left, so an answer may be too")
            if cell.get("outputs") or cell.get("execution_count"):
                raise ValueError(f"cell {name}: there is output, which may show an answer")
        nb.metadata.pop("widgets", None)
        return nb, resources


class Repair(NbGraderPreprocessor):
    """Bring a submission back into the shape of its release (``grading.repair``)."""

    notes = List(help="sentences on the submission that the feedback shows, too").tag(config=True)

    def preprocess(self, nb, resources):
        """Repair from ``release/``."""
        notes = repair.repair(nb, release_of(self, resources))
        repair.add_notes(nb, [*notes, *self.notes])
        nb.metadata["grading"] = {"repairs": notes}
        return nb, resources


def release_of(step, resources):
    """The release of the notebook on which ``step`` of nbgrader works.

    Raises:
        FileNotFoundError: it was not built here.
    """
    course, about = step.parent.parent.coursedir, resources["nbgrader"]
    folder = course.format_path(course.release_directory, ".", about["assignment"])
    return nbformat.read(f"{folder}/{about['notebook']}.ipynb", 4)
