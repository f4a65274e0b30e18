"""The ways in which submissions come back damaged, made on purpose.

Each of them takes a filled-in notebook (as a student would hand it in, undamaged) and damages it
in place. ``ALL`` names them. After ``grading.repair`` every one of them must earn what the
undamaged notebook earns; the tests and ``benchmarks/marking.py`` see to that.

The first five are those that nbgrader 0.9.6 alone grades wrongly or not at all.
"""

import copy
import functools
import inspect
import json

from grading import cells as cell_tools


def _answers(nb):
    found = enumerate(nb.cells)
    return [i for i, c in found if cell_tools.is_solution(c) and c.cell_type == "code"]


def _tests(nb):
    return [index for index, cell in enumerate(nb.cells) if cell_tools.is_test(cell)]


def test_deleted(nb):
    """One test cell is gone."""
    del nb.cells[_tests(nb)[1]]


def first_test_deleted(nb):
    """The test right behind an answer is gone, and the next too."""
    first = _tests(nb)[0]
    del nb.cells[first : first + 2]


def all_tests_deleted(nb):
    """A student tidied up."""
    nb.cells = [cell for cell in nb.cells if not cell_tools.is_test(cell)]


def test_copied(nb):
    """A graded cell is there twice: in nbgrader this stops the whole batch."""
    index = _tests(nb)[0]
    nb.cells.insert(index, copy.deepcopy(nb.cells[index]))


def answer_copied_above(nb):
    """A first try stands above the answer, with the same name."""
    index = _answers(nb)[0]
    nb.cells.insert(index, copy.deepcopy(nb.cells[index]))
    nb.cells[index].source = "# first try\n" + nb.cells[index].source.replace("return", "return 0,")


def stub_copied_below(nb):
    """The empty cell is pasted back below the answer."""
    index = _answers(nb)[0]
    stub = copy.deepcopy(nb.cells[index])
    head = stub.source.split("\n")
    name = next(line for line in head if line.startswith("def "))
    stub.source = f"{name}\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    nb.cells.insert(index + 1, stub)


def answer_split(nb):
    """An answer was split into two cells, which gives both the same name."""
    index = _answers(nb)[-1]
    cell = nb.cells[index]
    lines = cell.source.split("\n")
    second = copy.deepcopy(cell)
    cell.source, second.source = "\n".join(lines[:-2]), "\n".join(lines[-2:])
    nb.cells.insert(index + 1, second)


def test_merged_into_answer(nb):
    """A test was merged into the cell of the answer."""
    index = next(i for i in _answers(nb) if i + 1 in _tests(nb))
    nb.cells[index].source += "\n\n" + nb.cells[index + 1].source
    del nb.cells[index + 1]


def tests_before_answers(nb):
    """All tests stand at the top."""
    tests = [cell for cell in nb.cells if cell_tools.is_test(cell)]
    nb.cells = tests + [cell for cell in nb.cells if not cell_tools.is_test(cell)]


def tests_reversed(nb):
    """The graded cells are in the opposite order."""
    places = _tests(nb)
    for place, cell in zip(places, [nb.cells[i] for i in reversed(places)], strict=True):
        nb.cells[place] = cell


def answer_as_text(nb):
    """The type of an answer's cell was changed to Markdown."""
    cell = nb.cells[_answers(nb)[0]]
    cell.cell_type = "markdown"
    for key in ("outputs", "execution_count"):
        cell.pop(key, None)


def through_colab(nb):
    """Saved by Colab: ids in the metadata, no nbformat 4.5, extra metadata, outputs."""
    nb.nbformat_minor = 0
    nb.metadata["colab"] = {"provenance": [], "name": "Copy of homework.ipynb"}
    for number, cell in enumerate(nb.cells):
        cell.pop("id", None)
        cell.metadata["id"] = f"aB{number:06d}"
        if cell.cell_type == "code":
            cell.metadata["outputId"] = "0a1b2c"
            cell.execution_count = number


def kernel_renamed(nb):
    """The kernel is one that only the student has."""
    nb.metadata["kernelspec"] = {"name": "conda-env-dl-py", "display_name": "dl", "language": "R"}


def old_metadata(nb):
    """The marks have the form of an older nbgrader."""
    for cell in nb.cells:
        if cell_tools.grade_id(cell):
            cell.metadata.nbgrader["schema_version"] = 1
            cell.metadata.nbgrader.pop("cell_type", None)


def lesson_deleted(nb):
    """Only the set-up and the exercises are left."""
    keep = ("setup", "imports", "parameters")
    nb.cells = [
        cell
        for cell in nb.cells
        if cell_tools.grade_id(cell) or any(word in cell.get("id", "") for word in keep)
    ]


def marks_are_nonsense(nb):
    """The marks of one cell are no dict, those of another have no name."""
    tests = _tests(nb)
    nb.cells[tests[0]].metadata["nbgrader"] = "yes"
    nb.cells[tests[1]].metadata["nbgrader"] = {"grade": True}


def _change_each(nb, wanted, change):
    for cell in filter(wanted, nb.cells):
        change(cell)


# What is done to every cell of a kind: which cells, and the change of one.
_EACH = {
    "metadata_stripped": (bool, lambda cell: cell.metadata.clear()),  # as some editors do
    "windows_line_ends": (bool, lambda c: c.update(source=c.source.replace("\n", "\r\n"))),
    "names_changed": (
        cell_tools.grade_id,
        lambda c: c.metadata.nbgrader.update(grade_id=f"{cell_tools.grade_id(c)}-copy1"),
    ),
    "tests_edited": (cell_tools.is_test, lambda cell: cell.update(source="assert True")),
    "points_changed": (cell_tools.is_test, lambda c: c.metadata.nbgrader.update(points=100)),
    "tests_unlocked": (
        cell_tools.is_test,
        lambda c: c.metadata.nbgrader.update(grade=False, solution=True, locked=False),
    ),
}
ALL = {  # every function above that is not a helper, and the table
    name: function
    for name, function in list(globals().items())
    if inspect.isfunction(function) and not name.startswith("_")
}
for name, (wanted, change) in _EACH.items():
    ALL[name] = functools.partial(_change_each, wanted=wanted, change=change)


def write(nb, path):
    """Write a damaged notebook as it is, without the checks that nbformat would make."""
    path.write_text(json.dumps(nb, indent=1), encoding="utf-8")
