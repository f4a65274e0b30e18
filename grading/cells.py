"""What a notebook's cells define and use, and which of them a grading run needs.

A grading run executes the answers and their tests, never the lesson: a training cell would cost
minutes for each student. Of the other cells it takes those that define a name which an answer, a
test, or another cell that it takes, uses: the imports, the settings, a helper function that the
student put into a cell of their own.
"""

import ast
import symtable

from IPython.core.inputtransformer2 import TransformerManager


def nbgrader_of(cell):
    """The cell's nbgrader metadata, a dict; empty for a cell of the lesson."""
    marks = cell.get("metadata", {}).get("nbgrader", {})
    return marks if isinstance(marks, dict) else {}


def is_solution(cell):
    """Whether students write their answer into this cell."""
    return bool(nbgrader_of(cell).get("solution"))


def is_test(cell):
    """Whether this code cell gives points for what the answers above it do."""
    marks = nbgrader_of(cell)
    return cell["cell_type"] == "code" and bool(marks.get("grade")) and not marks.get("solution")


def grade_id(cell):
    """The cell's name in nbgrader, or ``None``."""
    return nbgrader_of(cell).get("grade_id")


def plain_python(source):
    """The cell as Python: ``%magic`` and ``!command`` become calls."""
    return TransformerManager().transform_cell(source)


def names(source):
    """Names that a cell defines at its top level, and global names that it uses.

    Args:
        source: a code cell's text, magics allowed.

    Returns:
        two sets of strings; both empty if the cell is no Python.
    """
    try:
        text = plain_python(source)
        table = symtable.symtable(text, "cell", "exec")
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError):
        return set(), set()
    top = table.get_symbols()
    defined = {each.get_name() for each in top if each.is_assigned() or each.is_imported()}
    used = {each.get_name() for each in top if each.is_referenced()}
    for inner in table.get_children():
        used |= _globals_of(inner, defined)
    augmented = {
        node.target.id
        for node in ast.walk(tree)
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name)
    }
    return defined, (used - defined) | augmented


def _globals_of(table, defined):
    """Global names that a function or class uses, also in the functions inside it."""
    used = set()
    for symbol in table.get_symbols():
        if symbol.is_global() and symbol.is_declared_global() and symbol.is_assigned():
            defined.add(symbol.get_name())
        elif symbol.is_global() and symbol.is_referenced():
            used.add(symbol.get_name())
    for inner in table.get_children():
        used |= _globals_of(inner, defined)
    return used


def needed(cells):
    """Indices of the code cells that a grading run executes, in order.

    Args:
        cells: a notebook's cells (dicts or nbformat nodes).
    """
    about = _names_of_all(cells)
    chosen = set()
    waiting = [i for i in about if is_solution(cells[i]) or is_test(cells[i])]
    while waiting:
        index = waiting.pop()
        if index is None or index in chosen:
            continue
        chosen.add(index)
        waiting += [_definition(name, index, about) for name in about[index][1]]
    return sorted(chosen)


def _names_of_all(cells):
    """dict: index of each code cell -> the names that it defines and uses."""
    code = [(i, cell) for i, cell in enumerate(cells) if cell["cell_type"] == "code"]
    return {index: names(cell["source"]) for index, cell in code}


def _definition(name, index, about):
    """The nearest cell above that defines ``name``, else the first one below."""
    places = [place for place, (defined, _) in about.items() if name in defined and place != index]
    above = [place for place in places if place < index]
    return max(above) if above else min(places, default=None)


def exercises(cells):
    """dict: grade_id of a solution code cell -> the grade_ids of the tests up to the next one."""
    found, current = {}, None
    for cell in (each for each in cells if each["cell_type"] == "code"):
        if is_solution(cell):
            current = found.setdefault(grade_id(cell), [])
        elif is_test(cell) and current is not None:
            current.append(grade_id(cell))
    return found


def depending(cells, answer):
    """The grade_ids of the tests that the answer in cell ``answer`` can change, its own first."""
    about = _names_of_all(cells)
    here = next(i for i in about if grade_id(cells[i]) == answer)
    reached, grown = {here}, True
    while grown:
        grown = False
        for index, (_, used) in about.items():
            if index not in reached and (is_solution(cells[index]) or is_test(cells[index])):
                sources = {_definition(name, index, about) for name in used}
                if sources & reached:
                    reached.add(index)
                    grown = True
    own = exercises(cells)[answer]
    others = [grade_id(cells[i]) for i in sorted(reached) if is_test(cells[i])]
    return own + [name for name in others if name not in own]
