"""The package's structure: a module imports only from lower layers, and nothing works at import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import helpers

PACKAGE = Path(helpers.__file__).parent
LAYERS = {
    0: (
        "config",
        "lesson_settings",
        "images",
        "seeding",
        "losses",
        "quiet",
        "variational",
        "augment",
    ),
    1: ("weights", "datasets", "networks", "pictures", "plotting"),
    2: (
        "training",
        "callbacks",
        "metrics",
        "dream",
        "style",
        "widgets",
        "checks",
        "results",
        "latent",
        "doctor",
    ),
    # Networks, losses and optimizers put together; no module below imports them.
    3: ("recipes", "clinic"),
}
LAYER = {module: layer for layer, modules in LAYERS.items() for module in modules}
# Imports within a layer, each for a reason.
ALLOWED = {
    ("config", "lesson_settings"),  # config.settings picks and checks what is declared there
    ("networks", "weights"),  # the classifiers load what ships
    ("callbacks", "metrics"),  # QualityLog measures
    ("networks", "datasets"),  # feature networks download as data sets do, within a time limit
    ("pictures", "datasets"),  # one way to read gray, transparent and 16-bit files
    ("dream", "callbacks"),  # the live picture
    ("widgets", "dream"),  # the studio dreams
    ("widgets", "latent"),  # the walks of the studio are those of the lesson
    ("style", "dream"),  # its checks of pictures, its resizing and its traced functions
    ("style", "callbacks"),  # the live picture
    ("widgets", "style"),  # the studio paints
    ("doctor", "training"),  # it asks which range a generator's last activation can reach
}


def top(path):
    """Name in LAYERS of a file of the package: ``plotting`` for helpers/plotting/grids.py."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def files():
    found = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]
    return sorted(path for path in found if "_data" not in path.parts)


def imported(tree):
    """Names of the modules of this package that a syntax tree imports, anywhere in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {each.name.split(".")[1] for each in node.names if "helpers." in each.name}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "helpers":
            parts = node.module.split(".")
            names |= {parts[1]} if len(parts) > 1 else {each.name for each in node.names}
    return names


def reads_environment(tree):
    """Whether a syntax tree mentions ``os.environ`` or ``os.getenv`` in any spelling."""
    words = {"environ", "environb", "getenv", "getenvb"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in words:
            return True
        taken = isinstance(node, ast.ImportFrom) and node.module == "os"
        if taken and words & {each.name for each in node.names}:
            return True
    return False


def star_imports(tree):
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and any(each.name == "*" for each in node.names)
    ]


def violations(module, names):
    """What ``module`` imports although its layer forbids it."""
    return sorted(
        name
        for name in names - {module}
        if LAYER[name] >= LAYER[module] and (module, name) not in ALLOWED
    )


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(PACKAGE)))
class TestEachFile:
    def test_has_a_layer_and_imports_only_from_lower_ones(self, path):
        module, names = top(path), imported(ast.parse(path.read_text(encoding="utf-8")))
        unknown = sorted(({module} | names) - set(LAYER))
        assert unknown == [], "a new module needs a place in LAYERS"
        assert violations(module, names) == []

    def test_takes_no_relative_or_star_imports(self, path):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert star_imports(tree) == []
        assert [n.lineno for n in ast.walk(tree) if isinstance(n, ast.ImportFrom) and n.level] == []

    def test_reads_no_environment_unless_it_is_config(self, path):
        if top(path) != "config":
            assert not reads_environment(ast.parse(path.read_text(encoding="utf-8")))

    def test_is_not_too_long(self, path):
        assert len(path.read_text(encoding="utf-8").splitlines()) < 400


def test_these_tests_would_notice():
    """The rules above, tried on code that breaks them."""
    assert imported(ast.parse("from helpers import config, metrics")) == {"config", "metrics"}
    assert imported(ast.parse("def f():\n    import helpers.metrics.labels")) == {"metrics"}
    assert imported(ast.parse("from helpers.networks.gan import x\nimport os")) == {"networks"}
    assert violations("plotting", {"training", "config", "plotting"}) == ["training"]
    assert violations("plotting", {"datasets"}) == ["datasets"]
    assert violations("training", {"callbacks", "losses"}) == ["callbacks"]
    assert violations("callbacks", {"metrics", "plotting"}) == []
    assert reads_environment(ast.parse("import os\nx = os.environ['HOME']"))
    assert reads_environment(ast.parse("from os import getenv as g"))
    assert star_imports(ast.parse("from os import *")) == [1]
    assert reads_environment(ast.parse((PACKAGE / "config.py").read_text(encoding="utf-8")))


def test_no_catch_all_module():
    assert not [path for path in files() if path.stem in ("utils", "util", "common", "misc")]


def test_importing_the_package_or_its_settings_does_not_import_tensorflow():
    code = (
        "import sys, helpers, helpers.config\n"
        "print([name for name in ('tensorflow', 'keras', 'numpy', 'matplotlib') "
        "if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
