"""The house: layers, sizes of files and folders, what a notebook loads, where addresses stand."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import address
import import_graph
import pytest
import yaml
from import_graph import modules, unit

import helpers

ROOT = Path(helpers.__file__).parents[1]
LAYERS = (
    ("checking", "config"),
    ("picture_files", "images", "session"),
    ("losses", "distances", "variational", "augment"),
    ("weights", "datasets", "networks", "plotting", "live"),
    ("training", "callbacks", "metrics"),
    # Networks, losses and optimizers put together; no module below imports them.
    ("recipes",),
    ("lessons.pixels", "lessons.primer", "lessons.latent", "lessons.translation"),
    ("lessons.dream", "lessons.style"),
    ("lessons.clinic", "lessons.widgets"),
    ("exercises",),
)
LAYER = {
    name if name.startswith(("lessons.", "exercises")) else f"helpers.{name}": number
    for number, names in enumerate(LAYERS)
    for name in names
}
# Imports within a layer, each for a reason.
ALLOWED = {
    ("helpers.networks", "helpers.weights"),  # the classifiers load what ships
    ("helpers.callbacks", "helpers.metrics"),  # QualityLog measures
    ("helpers.networks", "helpers.datasets"),  # feature networks download within a time limit
}
# exercises should be 3,000 and may not grow. A new lesson may raise the first three, at most to
# 7,800, 6,500 and 4,200.
MOST_LINES = {"helpers": 7490, "lessons": 5450, "exercises": 3535, "grading": 2900}
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ROOTS = ("helpers", "lessons")  # packages that only hold others; they have no layer
CATCH_ALL = ("utils", "util", "common", "misc")


def tree_of(name):
    return ast.parse(modules()[name].read_text(encoding="utf-8"))


def reads_environment(tree):
    """Whether a syntax tree mentions ``os.environ`` or ``os.getenv`` in any spelling."""
    words = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in words:
            return True
        if isinstance(node, ast.ImportFrom) and words & {each.name for each in node.names}:
            return True
    return False


def star_imports(tree):
    found = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [node.lineno for node in found if any(each.name == "*" for each in node.names)]


def violations(name, targets):
    """What the unit ``name`` imports although its layer forbids it."""
    return sorted(
        target
        for target in targets - {name}
        if LAYER[target] >= LAYER[name] and (name, target) not in ALLOWED
    )


# -- modules -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in modules() if name not in ROOTS])
class TestEachModule:
    def test_has_a_layer_and_imports_only_from_lower_ones(self, name):
        targets = {unit(each) for each in import_graph.imports_of(name)} - set(ROOTS)
        assert ({unit(name)} | targets) <= set(LAYER), "a new module needs a place in LAYERS"
        assert violations(unit(name), targets) == []

    def test_keeps_the_house_rules(self, name):
        tree = tree_of(name)
        assert star_imports(tree) == []
        assert [n for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level] == []
        assert reads_environment(tree) == (name == "helpers.config")
        assert name.rpartition(".")[2] not in CATCH_ALL
        assert import_graph.lines([name]) <= 400


def test_these_tests_would_notice():
    """The rules above, tried on code that breaks them."""
    found = import_graph.imported("from helpers import config, metrics\nimport os")
    assert found == {"helpers", "helpers.config", "helpers.metrics"}
    assert "helpers.metrics" in import_graph.imported("def f():\n    import helpers.metrics as m")
    assert violations("helpers.plotting", {"helpers.training", "helpers.config"}) == [
        "helpers.training"
    ]
    assert violations("helpers.training", {"helpers.callbacks"}) == ["helpers.callbacks"]
    assert violations("helpers.callbacks", {"helpers.metrics", "helpers.plotting"}) == []
    assert reads_environment(ast.parse("import os\nx = os.environ['HOME']"))
    assert reads_environment(ast.parse("from os import getenv as g"))
    assert star_imports(ast.parse("from os import *")) == [1]


def test_every_layer_names_what_is_there():
    units = {unit(name) for name in modules()} - set(ROOTS)
    assert set(LAYER) == units


def test_every_exception_is_needed():
    arrows = import_graph.graph()
    assert [pair for pair in ALLOWED if pair[1] not in arrows[pair[0]]] == []


def test_one_list_of_packages():
    """A package that one of them forgets would not ship, not be covered or not be counted."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packed = project["tool"]["hatch"]["build"]["targets"]["wheel"]["only-include"]
    assert tuple(packed) == (*helpers.PACKAGES, "data")
    assert import_graph.PACKAGES == helpers.PACKAGES
    assert set(MOST_LINES) == {*helpers.PACKAGES, "grading"}
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert f"foreach name,{' '.join(MOST_LINES)}," in makefile, "coverage leaves one out"


def test_importing_the_package_or_its_settings_does_not_import_tensorflow():
    code = (
        "import sys, helpers, helpers.config\n"
        "print([name for name in ('tensorflow', 'keras', 'numpy', 'matplotlib') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


# -- sizes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("folder", MOST_LINES)
def test_a_folder_stays_small(folder):
    """Docstrings count too."""
    files = (ROOT / folder).rglob("*.py")
    assert sum(len(path.read_text().splitlines()) for path in files) <= MOST_LINES[folder]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_loads_little(path):
    loaded = import_graph.loads(path)
    assert import_graph.lines(loaded) <= (4500 if path.stem.startswith("01") else 6500)
    if path.stem.startswith("01"):
        assert len(loaded) <= 35


# -- what stands in one place ---------------------------------------------------------------------


def test_contributing_names_every_module_in_its_layer():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d) \| (.+) \|$", text, flags=re.M)
    assert [tuple(re.findall(r"`([\w.]+)`", names)) for _, names in rows] == [
        tuple(names) for names in LAYERS
    ]


def test_the_graph_in_contributing_is_fresh():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert import_graph.BEGIN in text
    assert import_graph.written(text) == text, "run: make graph"


def test_one_version():
    assert metadata.version("generative-course-kit") == helpers.__version__, "run: make setup"
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["version"] == helpers.__version__
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^## \[?(\d[\d.]*)", changes, flags=re.M)[0] == helpers.__version__


def test_one_address():
    """Whatever names this repository names the address of pyproject.toml."""
    name = address.path_of(address.address()).split("/")[1]
    for path in address.files():
        for found in address.ADDRESS.findall(path.read_text(encoding="utf-8")):
            if found.endswith(f"/{name}"):
                assert found == address.address(), path
    for path in NOTEBOOKS:
        text = path.read_text(encoding="utf-8")
        assert text.count(f"git+{address.address()}") == 1, path
        badge = f"github/{address.path_of(address.address())}/blob/main/notebooks/{path.name}"
        assert badge in text, path


def test_one_command_changes_the_address_everywhere(tmp_path):
    new = "https://github.com/you/your.course"
    for path in address.files():
        target = tmp_path / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, target)
    old = address.path_of(address.address())
    changed = address.change(new, tmp_path)
    assert len(changed) >= len(NOTEBOOKS) + 2
    assert address.address(tmp_path) == new
    assert not [p for p in address.files(tmp_path) if old in p.read_text(encoding="utf-8")]
    with pytest.raises(ValueError, match="an address looks like"):
        address.change("you/your-course", tmp_path)
