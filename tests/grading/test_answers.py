"""Every wrong answer loses its points, and only those; every correct variant keeps them all.

This runs the checks themselves, in this process; test_nbgrader.py takes the same answers through
nbgrader.
"""

import functools

import pytest

from grading import cells
from grading.rehearsal import answers

NOTEBOOKS = answers.notebooks()


@functools.cache
def bench(notebook):
    return answers.Workbench(notebook)


def all_answers():
    found = [
        each for book in NOTEBOOKS for kind in ("wrong", "correct") for each in load(book, kind)
    ]
    return [pytest.param(each, id=each.name.replace(" ", "_")) for each in found]


def load(notebook, kind):
    try:
        return answers.load(notebook, kind)
    except answers.BadAnswer:
        return []  # test_files_of_answers_are_sound reports it


@pytest.mark.parametrize("kind", ["wrong", "correct"])
@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_files_of_answers_are_sound(notebook, kind):
    answers.load(notebook, kind)


@pytest.mark.parametrize("answer", all_answers())
def test_answer(answer):
    assert bench(answer.notebook).complaints(answer) == []


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_the_reference_passes_all_tests(notebook):
    assert bench(notebook).lost() == {}


@pytest.mark.parametrize("notebook", NOTEBOOKS)
def test_a_grading_run_takes_no_training_cell(notebook):
    book = answers.read_notebook(notebook)
    for index in cells.needed(book.cells):
        cell = book.cells[index]
        if not (cells.is_solution(cell) or cells.is_test(cell)):
            assert ".fit(" not in cell.source and "training.train(" not in cell.source, cell.id


# ---------------------------------------------------------------------------------------------
# The tools themselves.


def code(source, **marks):
    metadata = {"nbgrader": {"schema_version": 3, **marks}} if marks else {}
    return {"cell_type": "code", "source": source, "metadata": metadata}


def answer_cell(source, name):
    return code(source, grade_id=name, solution=True, grade=False, locked=False)


def test_cell(source, name):
    return code(source, grade_id=name, solution=False, grade=True, locked=True, points=1)


test_cell.__test__ = False


@pytest.mark.parametrize(
    "source, defined, used",
    [
        ("import os.path as p, sys\nfrom a import b", {"p", "sys", "b"}, set()),
        ("def f(x, y=c):\n    z = x\n    return z + g(y)", {"f"}, {"c", "g"}),
        ("class A(B):\n    def m(self):\n        return h", {"A"}, {"B", "h"}),
        ("for i in r:\n    t += i", {"i", "t"}, {"r", "t"}),
        ("v = [w for w in u]", {"v"}, {"u"}),
        ("%matplotlib inline\nx = 1", {"x"}, {"get_ipython"}),
        ("def f(:", set(), set()),
        ("def f():\n    global k\n    k = 1", {"f", "k"}, set()),
    ],
)
def test_names(source, defined, used):
    assert cells.names(source) == (defined, used)


def test_needed_takes_what_answers_use_and_leaves_the_lesson():
    book = [
        code("import keras"),
        code("keras.fit_for_an_hour()"),
        code("scale = 1"),
        code("scale = 2"),
        answer_cell("def f():\n    return keras.x * scale * late", "f"),
        code("late = 3"),
        test_cell("check(f)", "f_values"),
        code("print(f())"),
    ]
    assert cells.needed(book) == [0, 3, 4, 5, 6]


def test_depending_tests():
    book = [
        answer_cell("def loss():\n    return 1", "loss"),
        test_cell("check(loss)", "loss_values"),
        answer_cell("def step():\n    return loss()", "step"),
        test_cell("check(step)", "step_values"),
        answer_cell("def other():\n    return 2", "other"),
        test_cell("check(other)", "other_values"),
    ]
    assert cells.depending(book, "loss") == ["loss_values", "step_values"]
    assert cells.depending(book, "other") == ["other_values"]
    assert cells.exercises(book)["step"] == ["step_values"]


GRADED = {"make_discriminator_logit", "other"}
ENTRY = {
    "cell": "make_discriminator",
    "loses": ["make_discriminator_logit"],
    "find": "Dense(1)",
    "replace": "Dense(3)",
    "says": "3 numbers",
}


@pytest.mark.parametrize(
    "change, says",
    [
        ({"find": "Dense"}, "occurs 2 times, not once"),
        ({"find": "nowhere"}, "occurs 0 times, not once"),
        ({"replace": "Dense(1)"}, "is the reference itself"),
        ({"cell": "nope"}, "no solution cell 'nope'"),
        ({"loses": ["nope"]}, "no graded cell nope"),
        ({"loses": []}, "must lose something"),
        ({"says": ""}, "a text for each lost cell"),
        ({"says": {"other": "x"}}, "a text for each lost cell"),
    ],
)
def test_an_entry_that_cannot_be_meant_is_refused(change, says):
    sources = {"make_discriminator": "Dense(1) # Dense"}
    entry = {**ENTRY, **change}
    with pytest.raises(answers.BadAnswer, match=says):
        answers._answer(entry, "nb", 1, "file, answer", sources, GRADED, "wrong")


def test_a_survivor_and_a_wrong_message_are_complaints():
    answer = answers.Answer("nb", 1, "c", "", ("a", "b"), (("a", "text"), ("b", "text")))
    found = answers.judge(answer, {"b": "other words", "c": "boom"}, {"a", "b", "c"})
    assert found == [
        "c must pass, but says: boom",
        "a must fail, but passes",
        "b must say 'text', but says: other words",
    ]
    assert answers.judge(answer, {}, {"a"})[0] == "b does not depend on c"
