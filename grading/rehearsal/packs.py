"""Many other answers in one submission, so that nbgrader grades them all with one kernel.

A pack is a notebook with the reference of all exercises, and behind it a block for each answer: the
exercise again, then its tests, and whatever else the answer can change. It goes through release,
intake and grading like any notebook; the submission has the answers in its cells.
"""

import copy

import nbformat

from grading import cells as cell_tools


def pack(book, answers):
    """Pack a list of ``grading.rehearsal.answers.Answer`` for the reference notebook ``book``.

    Returns:
        the pack as a source notebook for nbgrader, and a dict: grade_id -> source of the answers
        that a student would write into it.
    """
    chosen = set(cell_tools.needed(book.cells))
    chosen |= {i for i, cell in enumerate(book.cells) if cell_tools.nbgrader_of(cell) or i == 0}
    base = [book.cells[index] for index in sorted(chosen)]
    result = nbformat.v4.new_notebook(metadata=copy.deepcopy(book.metadata))
    result.cells = copy.deepcopy(base)
    written = reference(base)
    for answer in answers:
        for cell in _block(book, answer):
            name = cell_tools.grade_id(cell)
            copied = _renamed(cell, name_of(name, answer))
            result.cells.append(copied)
            if cell_tools.is_solution(cell):
                own = answer.source if name == answer.cell else cell.source
                written[name_of(name, answer)] = without_markers(own)
        back = cell_of(book, answer.cell)
        name = f"{name_of(answer.cell, answer)}__back"
        result.cells.append(_renamed(back, name))
        written[name] = without_markers(back.source)
    return result, written


def reference(cells):
    """dict: grade_id of each answer among ``cells`` -> its source as a student would write it."""
    solutions = [cell for cell in cells if cell_tools.is_solution(cell)]
    return {cell_tools.grade_id(cell): without_markers(cell.source) for cell in solutions}


def name_of(grade_id, answer):
    """What a graded cell is called in the block of an answer."""
    return f"{grade_id}__{'w' if answer.loses else 'c'}{answer.number}"


def without_markers(source):
    """A reference solution as a student would have written it."""
    return "\n".join(line for line in source.split("\n") if "### " not in line)


def cell_of(book, name):
    """The cell of a notebook that has this grade_id."""
    return next(cell for cell in book.cells if cell_tools.grade_id(cell) == name)


def _block(book, answer):
    """The answer's cell, its tests, and the other exercises that depend on it with theirs."""
    tests = set(cell_tools.depending(book.cells, answer.cell))
    block, current = [], None
    for cell in book.cells:
        name = cell_tools.grade_id(cell)
        if cell.cell_type != "code" or name is None:
            continue
        if cell_tools.is_solution(cell):
            current = cell
        elif name in tests:
            block += [cell] if current is None else [current, cell]
            current = None
    return block


def _renamed(cell, name):
    copied = copy.deepcopy(cell)
    copied.metadata["nbgrader"]["grade_id"] = name
    copied["id"] = name.replace("_", "-")[:64]
    return copied


def fill(release, written):
    """A student's copy of a release with these answers; in place."""
    for cell in release.cells:
        name = cell_tools.grade_id(cell)
        if name in written:
            cell.source = written[name]
    return release
