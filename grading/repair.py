"""Bring a damaged submission back into the shape of its release.

Cells are joined by ``grade_id``, then by what they say. Tests always come from the release. Answers
are the student's: nothing that they wrote is thrown away. What was done is told in the feedback.

Source of the kinds of damage: nbgrader's issues 424, 1083, 1682, 1933, 1941 and experiments.
"""

import ast
import copy

import nbformat

from grading import cells as cell_tools

NOTE_TITLE = "### About the grading of this notebook"


def repair(nb, release):
    """Repair ``nb`` in place.

    Args:
        nb: the submission, an nbformat 4 notebook.
        release: the notebook as students got it.

    Returns:
        list of sentences on what was done, empty for an intact submission.
    """
    nb.cells = [cell for cell in nb.cells if not cell.get("source", "").startswith(NOTE_TITLE)]
    work = _Repair(nb, release)
    work.adopt()
    work.find_lost_answers()
    work.rebuild()
    nb.metadata["kernelspec"] = copy.deepcopy(release.metadata.get("kernelspec", {}))
    nb.nbformat, nb.nbformat_minor = 4, 5
    seen = set()
    for cell in nb.cells:
        if cell.get("id") is None or cell.id in seen:
            cell.id = nbformat.v4.new_code_cell().id
        seen.add(cell.id)
    return work.notes


def add_notes(nb, notes):
    """Write sentences into the text cell at the top of ``nb``, which is made if need be."""
    if not notes:
        return
    if not (nb.cells and nb.cells[0].source.startswith(NOTE_TITLE)):
        nb.cells.insert(0, nbformat.v4.new_markdown_cell(f"{NOTE_TITLE}\n"))
    nb.cells[0].source += "".join(f"\n- {note}" for note in notes)


def _squeeze(source):
    """A source without what copying changes: line ends and white space at the ends of lines."""
    return "\n".join(line.rstrip() for line in source.replace("\r\n", "\n").strip().split("\n"))


def _is_python(source):
    """Whether a cell can stand alone; the second half of a function cannot."""
    if source.strip("\n")[:1].isspace():
        return False
    try:
        ast.parse(cell_tools.plain_python(source))
    except (SyntaxError, ValueError):
        return False
    return True


def _is_open(source):
    """Whether a cell still holds the release's stub and nothing that returns."""
    return "raise NotImplementedError" in source and "return" not in source


class _Repair:
    """One repair: the student's cells, the release's, and what is known of both."""

    def __init__(self, nb, release):
        self.nb, self.notes = nb, []
        self.order = list(release.cells)
        named = [cell for cell in self.order if cell_tools.grade_id(cell) is not None]
        self.wanted = {cell_tools.grade_id(cell): cell for cell in named}
        self.lesson = {_squeeze(c.source) for c in release.cells if not cell_tools.grade_id(c)}
        self.found = {name: [] for name in self.wanted}  # grade_id -> the student's cells
        self.tests = {n for n, cell in self.wanted.items() if not cell_tools.is_solution(cell)}

    def adopt(self):
        """Join cells by grade_id; other nbgrader metadata goes."""
        for cell in self.nb.cells:
            cell.source = cell.get("source", "").replace("\r\n", "\n").replace("\r", "\n")
            marks = cell.metadata.pop("nbgrader", None)
            if marks is None:
                continue
            name = marks.get("grade_id") if isinstance(marks, dict) else None
            if name in self.found:
                self.found[name].append(cell)
            else:
                self.notes.append(f"a cell had the unknown name {name!r}, which was taken off")

    def find_lost_answers(self):
        """For each grade_id that no cell has, look for a cell that says the same."""
        taken = {id(cell) for cells in self.found.values() for cell in cells}
        free = [cell for cell in self.nb.cells if id(cell) not in taken]
        for name, original in self.wanted.items():
            if self.found[name]:
                continue
            if name in self.tests:
                same = [c for c in free if _squeeze(c.source) == _squeeze(original.source)]
            elif original.cell_type == "code":
                same = self._defining(original, free)
            else:
                same = self._prose_below(original, free)
            if same:
                self.found[name] = same if name in self.tests else same[-1:]
                free = [c for c in free if all(c is not one for one in self.found[name])]
                self.notes.append(f"{name} had lost its name and was found again by what it says")

    def _defining(self, original, free):
        """Free code cells that define what the answer must define."""
        names = cell_tools.names(original.source)[0]
        own = [c for c in free if c.cell_type == "code" and _squeeze(c.source) not in self.lesson]
        return [c for c in own if names and names <= cell_tools.names(c.source)[0]]

    def _prose_below(self, original, free):
        """The student's text below the question that stands above ``original`` in the release."""
        place = next(i for i, cell in enumerate(self.order) if cell is original)
        above = [c for c in self.order[:place] if not cell_tools.grade_id(c)][-1:]
        stub = [c for c in free if _squeeze(c.source) == _squeeze(original.source)]
        for index, cell in enumerate(self.nb.cells[:-1]):
            if above and _squeeze(cell.source) == _squeeze(above[0].source):
                below = self.nb.cells[index + 1]
                is_free = any(below is one for one in free) and below.cell_type != "code"
                if is_free and _squeeze(below.source) not in self.lesson:
                    return [below]
        return stub[:1]

    def rebuild(self):
        """Answers where the student has them, each test behind its answer, all of them once."""
        answers = {name: self._one_answer(name) for name in self.wanted if name not in self.tests}
        keep = self._plain_and_answers(answers)
        for name, cell in answers.items():
            if cell is None:
                fresh = copy.deepcopy(self.wanted[name])
                keep.insert(self._place_for(name, keep), fresh)
                self.notes.append(f"{name} was missing; the empty cell was put back")
        self.nb.cells = keep
        self._put_tests()

    def _one_answer(self, name):
        """The student's cell for an answer, with the release's metadata; ``None`` if lost."""
        cells, original = self.found[name], self.wanted[name]
        if not cells:
            return None
        if len(cells) > 1:
            self._settle_copies(name, cells, original)
        cell = cells[-1]
        if cell.cell_type != original.cell_type:
            was, cell.cell_type = cell.cell_type, original.cell_type
            self.notes.append(f"{name} was a {was} cell and is {cell.cell_type} again")
            for key in ("outputs", "execution_count", "attachments"):
                cell.pop(key, None)
            if original.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        cell.metadata["nbgrader"] = copy.deepcopy(original.metadata["nbgrader"])
        return cell

    def _settle_copies(self, name, cells, original):
        """Several cells of one name: the last whole answer counts, or they are parts of one."""
        stub, names = _squeeze(original.source), cell_tools.names(original.source)[0]
        written = [c for c in cells if _squeeze(c.source) not in ("", stub)]
        whole = [c for c in written if names and names <= cell_tools.names(c.source)[0]]
        whole = [c for c in whole if not _is_open(c.source)] or whole
        joined = "\n".join(c.source for c in written)
        parts = original.cell_type == "code" and not all(_is_python(c.source) for c in written)
        if parts and _is_python(joined):
            chosen = written[-1]
            chosen.source = joined
            self.notes.append(f"{name} was split into {len(written)} cells, which were joined")
        else:
            chosen = (whole or written or cells)[-1]
            self.notes.append(f"{name} was there {len(cells)} times; the last answer counts")
        cells.sort(key=lambda cell: cell is chosen)

    def _plain_and_answers(self, answers):
        """The student's cells without tests and superseded copies, which stay readable."""
        chosen = {id(cell) for cell in answers.values()}
        copies = {id(cell) for name in answers for cell in self.found[name]} - chosen
        tests = {id(cell) for name in self.tests for cell in self.found[name]}
        self.was = [id(cell) for cell in self.nb.cells]
        keep = []
        for cell in self.nb.cells:
            if id(cell) in copies and cell.source.strip():
                keep.append(nbformat.v4.new_raw_cell(f"(not graded)\n{cell.source}"))
            elif id(cell) not in copies and id(cell) not in tests:
                keep.append(cell)
        return keep

    def _place_for(self, name, cells):
        """Where a lost cell goes: behind the nearest cell above it in the release that is there."""
        place = next(i for i, cell in enumerate(self.order) if cell is self.wanted[name])
        for above in reversed(self.order[:place]):
            for index, cell in enumerate(cells):
                same = cell_tools.grade_id(above) == cell_tools.grade_id(cell)
                if same and (cell_tools.grade_id(above) or above.source == cell.source):
                    return index + 1
        return 0

    def _put_tests(self):
        """Every test of the release, behind the answer that stands above it in the release."""
        told = {  # in this order
            "missing and put back": [],
            "there more than once and is there once": [],
            "changed and is the original again": [],
            "not behind its answer and is there again": [],
        }
        missing, copies, edited, moved = told.values()
        for name in [name for name in self.wanted if name in self.tests]:
            theirs, original = self.found[name], self.wanted[name]
            index = self._place_for(name, self.nb.cells)
            later = self._later_place(theirs[0], index) if theirs else None
            if not theirs:
                missing.append(name)
            elif later is None:
                moved.append(name)
            if len(theirs) > 1:
                copies.append(name)
            if any(_squeeze(c.source) != _squeeze(original.source) for c in theirs):
                edited.append(name)
            self.nb.cells.insert(index if later is None else later, copy.deepcopy(original))
        for sentence, names in told.items():
            self.notes += [f"the test {name} was {sentence}" for name in names]

    def _later_place(self, cell, earliest):
        """Where the student had a test, if that is not above ``earliest``; else ``None``."""
        before = set(self.was[: self.was.index(id(cell))])
        places = [i for i, each in enumerate(self.nb.cells, 1) if id(each) in before]
        index = max(places, default=0)
        while index < len(self.nb.cells) and cell_tools.is_test(self.nb.cells[index]):
            index += 1
        answers = [i for i, c in enumerate(self.nb.cells) if cell_tools.is_solution(c)]
        latest = min((i for i in answers if i >= earliest), default=len(self.nb.cells))
        return index if earliest <= index <= latest else None
