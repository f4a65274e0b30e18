"""The parts of the guarded execution, one by one; test_class.py runs them together."""

import ast
import functools
import importlib.util
import json
import subprocess
import sys
import types
from pathlib import Path

import nbformat
import pytest

from grading import grade, report
from grading.rehearsal import answers, hostile
from grading.run import execute, guard, guarded, sandbox, server
from helpers import PACKAGES
from tests.grading.test_nbgrader import ROOT


@pytest.fixture
def library(monkeypatch):
    module = types.ModuleType("fake_library")
    source = "import math\nLIMIT = 3\ndef f(x=1):\n    return x\n"
    source += "class A:\n    def m(self):\n        return 1\n"
    exec(source, vars(module))
    monkeypatch.setitem(sys.modules, "fake_library", module)
    module.A.__module__ = "helpers.fake"  # classes of the kit are looked into
    return module


def snapshot():
    return guard.Snapshot(prefixes=("fake_library",))


def test_an_untouched_library_has_no_changes(library):
    taken = snapshot()
    library.LIMIT = 4  # a setting, no function
    library.extra = lambda: None  # something new is no change
    assert taken.changes() == []


@pytest.mark.parametrize(
    "change, name",
    [
        (lambda lib: setattr(lib, "f", lambda x=1: 2), "fake_library.f"),
        (lambda lib: delattr(lib, "f"), "fake_library.f"),
        (lambda lib: setattr(lib.f, "__code__", (lambda x: 2).__code__), "fake_library.f"),
        (lambda lib: setattr(lib.f, "__defaults__", (7,)), "fake_library.f"),
        (lambda lib: setattr(lib.A, "m", lambda self: 2), "helpers.fake.A.m"),
        (lambda lib: setattr(lib.A.m, "__code__", (lambda s: 2).__code__), "helpers.fake.A.m"),
        (lambda lib: setattr(lib, "A", object), "fake_library.A"),
        (lambda lib: setattr(lib, "math", types.ModuleType("math")), "fake_library.math"),
    ],
)
def test_a_replacement_is_named(library, change, name):
    taken = snapshot()
    change(library)
    assert taken.changes() == [name]


def test_builtins_are_watched(monkeypatch):
    taken = snapshot()
    monkeypatch.setattr("builtins.abs", lambda x: 0)
    assert taken.changes() == ["builtins.abs"]


def test_the_environment_of_a_kernel_holds_nothing_of_the_instructors(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_TOKEN", "x")
    monkeypatch.setenv("PYTHONSTARTUP", "x")
    monkeypatch.setenv("COURSE_DATA_DIR", "x")
    clean = sandbox.clean_environment(tmp_path, tmp_path / "kit")
    assert not {"SECRET_TOKEN", "PYTHONSTARTUP", "COURSE_DATA_DIR", "GRADING_ROOT"} & set(clean)
    assert clean["HOME"] == str(tmp_path) and clean["COURSE_OFFLINE"] == "1"


# -- outputs --------------------------------------------------------------------------------------


def graded_cell(*outputs, confirmed=False):
    cell = nbformat.v4.new_code_cell("check()", outputs=list(outputs))
    cell.metadata = nbformat.from_dict(
        {"nbgrader": {"grade": True, "solution": False, "grade_id": "t", "points": 1}}
    )
    if confirmed:
        cell.metadata["confirmed"] = True
    execute._settle(cell)
    return cell


def stream(name):
    return nbformat.v4.new_output("stream", name=name, text="hm")


def test_noise_does_not_cost_points():
    from nbgrader.utils import determine_grade

    number = nbformat.v4.new_output("execute_result", data={"text/plain": "0.25"})
    cell = graded_cell(stream("stderr"), number, confirmed=True)
    assert determine_grade(cell) == (1, 1)


@pytest.mark.parametrize("outputs", [(), (stream("stdout"),), (stream("stderr"),)])
def test_what_is_not_confirmed_earns_nothing(outputs):
    from nbgrader.utils import determine_grade

    cell = graded_cell(*outputs)
    assert determine_grade(cell) == (0, 1)
    assert report.message_of(cell) == execute.UNCONFIRMED


def test_modules_of_a_release():
    cells = [
        {"cell_type": "code", "source": "import numpy as np\nimport os.path\n", "metadata": {}},
        {"cell_type": "code", "source": "from a import b as c\n%pip x", "metadata": {}},
        {"cell_type": "code", "source": "def broken(:", "metadata": {}},
    ]
    assert execute.modules(cells) == {"np": "numpy", "os": "os", "c": "a.b"}


# -- names in strings: a module that moves must not leave them behind -----------------------------


@functools.cache
def preloaded():
    """Names of the modules in a kernel, and what the guard's snapshot watches."""
    code = (
        "import json, sys\nfrom grading.run import kernel, guard\nkernel.preload()\n"
        "import ipykernel.ipkernel\n"
        "watched = [label for label, _, _ in guard.Snapshot().names]\n"
        "print('FOUND' + json.dumps([list(sys.modules), watched]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert done.returncode == 0, done.stderr  # a module of PRELOAD that is not there
    return json.loads(done.stdout.split("FOUND")[1])


@pytest.mark.parametrize("prefix", guard.PREFIXES)
def test_every_prefix_that_the_guard_watches_is_a_loaded_module(prefix):
    assert prefix in preloaded()[0]


@pytest.mark.parametrize("prefix", guard.WITH_CLASSES)
def test_every_package_whose_classes_are_watched_is_watched(prefix):
    assert any(f"{name}.".startswith(f"{prefix}.") for name in preloaded()[1])


def test_every_check_is_loaded_before_a_students_code():
    folder = ROOT / "exercises"
    files = [path.relative_to(ROOT).with_suffix("") for path in folder.rglob("*.py")]
    names = {".".join(file.parts).removesuffix(".__init__") for file in files}
    assert names <= set(preloaded()[1])


def test_a_kernel_gets_a_copy_of_every_package_of_the_kit(tmp_path):
    copy = server.KernelServer(tmp_path)
    copy._copy_kit()
    code = "".join(f"import {name}; print({name}.__file__)\n" for name in PACKAGES)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path,
        env=sandbox.clean_environment(tmp_path, copy.kit, ROOT), check=True,
    )  # fmt: skip
    assert done.stdout.split() == [str(copy.kit / name / "__init__.py") for name in PACKAGES]
    assert copy.changes() == ""
    for name in PACKAGES:
        (copy.kit / name / "__init__.py").write_text("")
        assert copy.changes() == "__init__.py", name


def test_the_answers_are_hidden_from_kernels():
    hidden = server.KernelServer("/", grade.ANSWERS).hidden
    rehearsal = (answers.FOLDER, Path(hostile.__file__).parent, Path(__file__).parents[1])
    assert {str(each) for each in rehearsal} <= set(hidden)
    with pytest.raises(FileNotFoundError):
        server.KernelServer("/", ["/no/such/folder"])


def test_the_kernel_that_jupyter_starts_is_there():
    (file,) = (ROOT / "grading" / "jupyter").rglob("kernel.json")
    command = json.loads(file.read_text())["argv"]
    assert command[:2] == ["python", "-m"] and importlib.util.find_spec(command[2])


@pytest.mark.parametrize("dotted", ["exercises.hint", "exercises.digits", "exercises.exercise"])
def test_names_stand_for_what_the_release_imported(dotted):
    space = {}
    exec(f"from exercises import {dotted.split('.')[1]} as found", space)
    assert guarded._imported(dotted) is space["found"]


def test_a_student_may_give_other_imported_names_a_meaning():
    assert guarded._imported("os.path.join") is None and guarded._imported("no.such") is None


# -- the rest -------------------------------------------------------------------------------------


def test_a_spreadsheet_takes_no_name_for_a_formula():
    assert report._plain("=1+1") == "'=1+1" and report._plain("ada") == "ada"
    assert report._plain(3.0) == 3.0


@pytest.mark.parametrize("trick", hostile.ALL)
def test_every_trick_is_python_that_defines_the_answer(trick):
    source = hostile.answer(trick, ["f", "g"], "/course")
    names = {each.name for each in ast.parse(source).body if isinstance(each, ast.FunctionDef)}
    assert {"f", "g"} <= names and "{name}" not in source
