"""Steps that this course adds to nbgrader's: at release, and before a submission is graded."""

import re

import nbformat
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Unicode

from grading import cells as cell_tools
from grading import repair

LEFTOVERS = re.compile(r"(BEGIN|END) (SOLUTION|HIDDEN TESTS|MARK SCHEME)")
KEPT_METADATA = {"nbgrader", "tags", "deletable", "editable"}


class TagTests(NbGraderPreprocessor):
    """Tag the tests ``raises-exception``, so that Run All goes on after a wrong answer."""

    def preprocess_cell(self, cell, resources, cell_index):
        """Add the tag to a test cell."""
        if cell_tools.is_test(cell):
            tags = cell.metadata.setdefault("tags", [])
            if "raises-exception" not in tags:
                tags.append("raises-exception")
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

    release_root = Unicode("", help="folder of the releases; the course's own if empty").tag(
        config=True
    )

    def preprocess(self, nb, resources):
        """Repair from ``release/``; a notebook of an unknown assignment passes as it is."""
        course = self.parent.parent.coursedir if self.parent is not None else None
        about = resources["nbgrader"]
        folder = course.format_path(course.release_directory, ".", about["assignment"])
        path = f"{folder}/{about['notebook']}.ipynb"
        try:
            release = nbformat.read(path, 4)
        except FileNotFoundError:
            self.log.warning("no release %s: the submission is graded unrepaired", path)
            return nb, resources
        notes = repair.repair(nb, release)
        for note in notes:
            self.log.info("repair: %s", note)
        return nb, resources
