"""The notebooks as documents: the rules of tools/notebook_rules.py, each of them broken once."""

import copy
import json
from pathlib import Path

import notebook_rules
import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ELSEWHERE = "/".join(["", "home", "me", "x.png"])  # what no notebook may name
BADGE = notebook_rules.COLAB + "{}.ipynb"


# -- the course's notebooks ----------------------------------------------------------------------


def test_there_are_notebooks():
    names = [path.stem for path in NOTEBOOKS]
    assert {"00_start_here", "01_dcgan_mnist"} <= set(names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_keeps_the_rules(path):
    found = notebook_rules.problems(json.loads(path.read_text(encoding="utf-8")), path.stem)
    assert not found, "\n".join(f"{path.stem}, {message}" for message in found)


# -- the rules themselves ------------------------------------------------------------------------


def text(cell_id, source):
    return {"cell_type": "markdown", "id": cell_id, "metadata": {}, "source": source}


def code(cell_id, source, **metadata):
    cell = {"cell_type": "code", "id": cell_id, "metadata": metadata, "source": source}
    return cell | {"outputs": [], "execution_count": None}


def good_notebook():
    """A small notebook, as parsed JSON, that keeps every rule."""
    return {
        "nbformat": 4,
        "nbformat_minor": 5,
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        "cells": [
            text("title", f"# A title\n[badge]({BADGE.format('good')})"),
            code("setup", "from helpers import session\n\nsession.import_tensorflow()"),
            code("parameters", "steps = 3", tags=["parameters"]),
            text("why", "## Part\n```\n# a comment in a fence is no heading\n```\nSee `data/`."),
            code("look", "url = 'https://example.org/home/me'\nprint(steps)"),
            code("exercise", "def f(): ...", nbgrader={"grade": False, "solution": True}),
            code("exercise-values", "assert True", nbgrader={"grade": True, "solution": False}),
            code("exercise-errors", "assert True", nbgrader={"grade": True, "solution": False}),
        ],
    }


def cell_of(notebook, cell_id):
    return next(cell for cell in notebook["cells"] if cell["id"] == cell_id)


def set_source(cell_id, source):
    return lambda notebook: cell_of(notebook, cell_id).update(source=source)


def add_output(notebook):
    output = {"output_type": "stream", "name": "stdout", "text": "3\n"}
    cell_of(notebook, "look")["outputs"].append(output)


BREACHES = {
    "version": (lambda nb: nb.update(nbformat_minor=4), "is nbformat 4.4"),
    "invalid": (lambda nb: cell_of(nb, "look").pop("outputs"), "is not valid: "),
    "output": (add_output, "cell 'look': has output"),
    "count": (lambda nb: cell_of(nb, "look").update(execution_count=1), "cell 'look': has output"),
    "same id": (lambda nb: cell_of(nb, "look").update(id="setup"), "'setup'"),
    "random id": (lambda nb: cell_of(nb, "look").update(id="1a2b3c4d"), "cell '1a2b3c4d': the id"),
    "letters id": (lambda nb: cell_of(nb, "look").update(id="deadbeef"), "cell 'deadbeef': the id"),
    "camel id": (lambda nb: cell_of(nb, "look").update(id="W0sZmlsZQ"), "cell 'W0sZmlsZQ': the id"),
    "two h1": (set_source("why", "# Again"), "has 2 level-1 headings"),
    "no h1": (set_source("title", BADGE.format("good")), "has 0 level-1 headings"),
    "h1 late": (lambda nb: nb["cells"].insert(0, text("first", "Hello")), "must begin with its"),
    "no badge": (set_source("title", "# A title"), "has no Colab badge"),
    "wrong badge": (set_source("title", f"# T\n{BADGE.format('02_other')}"), "leads elsewhere"),
    "badge of another": (
        set_source("title", f"# T\n{BADGE.format('good').replace('/github/', '/github/not-')}"),
        "leads elsewhere",
    ),
    "no parameters": (lambda nb: cell_of(nb, "parameters")["metadata"].clear(), "has 0 cells tagg"),
    "parameters twice": (
        lambda nb: cell_of(nb, "look")["metadata"].update(tags=["parameters"]),
        "has 2 cells tagged",
    ),
    "kernel": (lambda nb: nb["metadata"]["kernelspec"].update(name="venv"), "kernelspec 'venv'"),
    "loud keras": (set_source("setup", "import keras\nsession.import_tensorflow()"), "'import ker"),
    "loud kit": (
        set_source("setup", "from exercises import x\nsession.import_tensorflow()"),
        "has 'from exercises import x' before",
    ),
    "pip": (set_source("look", "  !pip install x"), "cell 'look': calls !pip"),
    "python -m pip": (set_source("look", "! python3 -m pip install x"), "cell 'look': calls !pip"),
    "sys.path": (set_source("look", "import sys\nsys.path.append('..')"), "cell 'look': changes"),
    "linux path": (set_source("look", f"p = '{ELSEWHERE}'"), f"machine: {ELSEWHERE}"),
    "windows path": (set_source("why", r"Open C:\Users\me"), "cell 'why': names a path"),
    "colab path": (set_source("look", 'open("/content/x")'), "cell 'look': names a path"),
    "long cell": (set_source("look", "x = 1\n" * 26), "cell 'look': has 26 lines"),
    "empty cell": (set_source("look", "\n"), "cell 'look': is empty"),
    "code run": (
        lambda nb: nb["cells"].insert(3, code("more", "x = 1")),
        "cell 'more': more than 2 code cells",
    ),
}


def test_good_notebook_has_no_problem():
    assert notebook_rules.problems(good_notebook(), "good") == []


def test_25_lines_are_allowed():
    notebook = good_notebook()
    set_source("look", "x = 1\n" * 25)(notebook)
    assert notebook_rules.problems(notebook, "good") == []


@pytest.mark.parametrize("breach", BREACHES)
def test_each_breach_is_found_and_named(breach):
    break_it, expected = BREACHES[breach]
    notebook = copy.deepcopy(good_notebook())
    break_it(notebook)
    found = notebook_rules.problems(notebook, "good")
    assert any(expected in message for message in found), found


def test_rules_command_names_notebook_and_cell(tmp_path, capsys):
    notebook = good_notebook()
    set_source("look", "!pip install x")(notebook)
    (tmp_path / "good.ipynb").write_text(json.dumps(notebook))
    assert notebook_rules.main([str(tmp_path / "good.ipynb")]) == 1
    assert capsys.readouterr().out.startswith("good, cell 'look': calls !pip")
