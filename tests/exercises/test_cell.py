"""Open exercises run on the kit's version and earn nothing; hints come one by one."""

import linecache
import tomllib
from pathlib import Path
from types import SimpleNamespace

import nbformat
import numpy as np
import pytest

from exercises import Wrong, cell, digits, exercise, hint
from helpers import losses

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


def written(source):
    """The function ``f`` of a cell, with its source at hand, as in a notebook."""
    space, name = {"exercise": exercise}, f"<cell {hash(source)}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    exec(compile(source, name, "exec"), space)
    return space["f"]


@pytest.mark.parametrize(
    "body",
    [
        "    '''What it does.'''\n    # YOUR CODE HERE\n    raise NotImplementedError()",
        "    raise NotImplementedError",
        "    raise NotImplementedError('later')",
        "    '''What it does.'''",
        "    pass",
        "    ...",
        "    return None",
        "    half = n * 2\n    kept = [a for a in half]\n    raise NotImplementedError()",
        "    for a in n:\n        print(a)\n    raise NotImplementedError()",
        "    def inner():\n        return 1\n    raise NotImplementedError()",
        "    raise NotImplementedError()\n    return n",
    ],
)
def test_open(body):
    assert cell.is_open(written(f"def f(n):\n{body}"))


@pytest.mark.parametrize(
    "body",
    [
        "    return n",
        "    return 3",
        "    n.append(2)",
        "    if n:\n        raise NotImplementedError\n    return 3",
        "    raise ValueError('n')",
        "    yield n",
        "    return n\n    raise NotImplementedError()",
    ],
)
def test_not_open(body):
    assert not cell.is_open(written(f"def f(n):\n{body}"))


def test_a_finished_function_is_returned_untouched():
    function = written("def f(n):\n    return n")
    assert exercise(kit=len)(function) is function
    assert exercise(kit="no.such_thing")(function) is function


def test_an_open_one_runs_on_the_kits_version_and_says_so_once(capsys):
    function = written(
        "@exercise(kit=lambda n, k=1: ('kit', n, k))\n"
        "def f(n, k=1):\n    'Doc.'\n    raise NotImplementedError()"
    )
    assert capsys.readouterr().out == "f is still open: using the kit's version for now\n"
    assert function(2, k=3) == ("kit", 2, 3)
    assert function.__doc__ == "Doc." and function.open_exercise == "f"
    assert capsys.readouterr() == ("", "")


def test_a_dotted_name_is_looked_up_in_the_kit():
    function = written(
        "@exercise(kit='losses.generator_loss')\ndef f(*a):\n    raise NotImplementedError()"
    )
    logits = np.array([[0.5], [-1.0]], "float32")
    expected = losses.generator_loss("non_saturating", logits)
    assert float(function("non_saturating", logits)) == float(expected)


@pytest.mark.parametrize("name", ["losses.nope", "nope.nope", "losses", "losses.LOSS_KINDS_X"])
def test_a_wrong_dotted_name_is_said_when_it_is_needed(name):
    with pytest.raises(ValueError, match="the kit has no function"):
        written(f"@exercise(kit={name!r})\ndef f():\n    raise NotImplementedError()")


def test_kit_must_be_a_function_or_a_name():
    with pytest.raises(ValueError, match="a function or a dotted name, got 3"):
        exercise(kit=3)


def test_without_a_kits_version_the_call_says_what_is_missing(capsys):
    function = written("@exercise()\ndef f():\n    raise NotImplementedError()")
    assert capsys.readouterr().out == "f is still open\n"
    with pytest.raises(NotImplementedError, match="f is still open: write its body first"):
        function()


def test_no_check_accepts_the_kits_version():
    function = written(
        "import keras\n"
        "@exercise(kit=lambda logits: keras.losses.BinaryCrossentropy(from_logits=True)(\n"
        "    keras.ops.ones_like(logits), logits))\n"
        "def f(logits):\n    raise NotImplementedError()"
    )
    with pytest.raises(Exception, match=r"f is still open|^$") as caught:
        digits.generator_loss(function)
    assert isinstance(caught.value, (Wrong, NotImplementedError))


# -- hints ----------------------------------------------------------------------------------------


@pytest.fixture
def hints(tmp_path, monkeypatch):
    for book, names in (("01_one", ("both", "only_01")), ("02_two", ("both",))):
        text = "".join(f'[{n}]\nhints = ["{book} {n} a", "b", "c"]\n' for n in names)
        (tmp_path / f"{book}.toml").write_text(text)
    monkeypatch.setattr(cell, "HINTS", tmp_path)
    monkeypatch.setattr(cell, "_asked", {})


def ask(name, notebook="01_one"):
    """``hint(name)`` in a cell of a notebook."""
    exec("hint(name)", {"hint": hint, "name": name, "cfg": SimpleNamespace(notebook=notebook)})


def test_hints_come_one_by_one(hints, capsys):
    for _ in range(4):
        ask("only_01")
    assert capsys.readouterr().out.splitlines() == [
        "Hint 1 of 3: 01_one only_01 a",
        "Hint 2 of 3: b",
        "Hint 3 of 3: c",
        "Hint 3 of 3: c",
        "There are no more; the text above the exercise and the message of its check help.",
    ]


def test_the_running_notebook_decides_between_equal_names(hints, capsys):
    ask("both", "02_two")
    assert "02_two both a" in capsys.readouterr().out


@pytest.mark.parametrize(("name", "known"), [("nope", "both, only_01"), ("", "both, only_01")])
def test_unknown_hints_are_refused(hints, name, known):
    with pytest.raises(ValueError, match=f"no hints for {name!r}; there are some for {known}"):
        ask(name)
    with pytest.raises(ValueError, match="no hints for 'both'; there are some for none"):
        hint("both")


@pytest.mark.parametrize("path", sorted(cell.HINTS.glob("*.toml")), ids=lambda path: path.stem)
def test_shipped_hints_are_three_and_belong_to_an_exercise(path):
    book = nbformat.read(NOTEBOOKS / f"{path.stem}.ipynb", 4)
    marks = [each.metadata.get("nbgrader", {}) for each in book.cells]
    answers = {m["grade_id"] for m in marks if m.get("solution")}
    for name, entry in tomllib.loads(path.read_text("utf-8")).items():
        assert name in answers
        assert len(entry["hints"]) == 3 and all(len(each) > 20 for each in entry["hints"]), name
