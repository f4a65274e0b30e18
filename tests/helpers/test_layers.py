"""The package's structure: a module imports only from lower layers, and nothing works at import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import helpers

ROOT = Path(helpers.__file__).parents[1]
LAYERS = {
    0: (
        "checking",
        "config",
        "lesson_settings",
        "images",
        "session",
        "losses",
        "variational",
        "augment",
    ),
    1: ("weights", "datasets", "networks", "pictures", "plotting", "live"),
    2: ("training", "callbacks", "metrics"),
    # Networks, losses and optimizers put together; no module below imports them.
    3: ("recipes",),
    4: ("lessons.primer", "lessons.dream", "lessons.style", "lessons.latent"),
    5: ("lessons.clinic", "lessons.widgets"),
    6: ("exercises",),
}
LAYER = {module: layer for layer, modules in LAYERS.items() for module in modules}
# Imports within a layer, each for a reason.
ALLOWED = {
    ("config", "lesson_settings"),  # config.settings picks and checks what is declared there
    ("networks", "weights"),  # the classifiers load what ships
    ("callbacks", "metrics"),  # QualityLog measures
    ("networks", "datasets"),  # feature networks download as data sets do, within a time limit
    ("pictures", "datasets"),  # one way to read gray, transparent and 16-bit files
    ("lessons.style", "lessons.dream"),  # its checks of pictures, its resizing
}


def top(path):
    """Name in LAYERS of a file: ``plotting`` for helpers/plotting/grids.py, ``lessons.dream``."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return {"helpers": parts[1], "lessons": ".".join(parts[:2]), "exercises": "exercises"}[parts[0]]


def files():
    found = [path for name in helpers.PACKAGES for path in (ROOT / name).rglob("*.py")]
    return sorted(
        path
        for path in found
        if "_data" not in path.parts and path.parent.parent != ROOT or path.name != "__init__.py"
    )


def imported(tree):
    """Names in LAYERS of what a syntax tree imports from the kit, anywhere in it."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [each.name for each in node.names]
        elif isinstance(node, ast.ImportFrom):
            found = [f"{node.module}.{each.name}" for each in node.names]
        else:
            continue
        for name in found:
            parts = name.split(".")
            if parts[0] == "exercises":
                names.add("exercises")
            elif parts[0] == "lessons" and len(parts) > 1:
                names.add(".".join(parts[:2]))
            elif parts[0] == "helpers" and len(parts) > 1 and parts[1] != "PACKAGES":
                names.add(parts[1])
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


@pytest.mark.parametrize("path", files(), ids=lambda path: str(path.relative_to(ROOT)))
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
    assert reads_environment(
        ast.parse((ROOT / "helpers" / "config.py").read_text(encoding="utf-8"))
    )


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
