"""The packaging: one list of requirements in three files, and a wheel that works by itself."""

import os
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import Version

from helpers import PACKAGES

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SETUP_EXTRAS = ("lab", "test", "grading")  # what tools/setup.sh installs
PYTHONS = ("3.11", "3.12", "3.13")


def by_name(lines):
    """Requirement strings as a dict from the normalized name to the version specifier."""
    requirements = [Requirement(line) for line in lines]
    return {canonicalize_name(one.name): one.specifier for one in requirements}


def project_requirements(*extras):
    lines = list(PROJECT["dependencies"])
    for extra in extras:
        lines += PROJECT["optional-dependencies"][extra]
    return by_name(lines)


def pins(name):
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    return by_name(line for line in lines if line and not line.startswith("#"))


def conda_lines():
    """The plain conda entries and the pip lines of environment.yml."""
    listed = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    conda = [entry for entry in listed if isinstance(entry, str)]
    (pip,) = [entry["pip"] for entry in listed if isinstance(entry, dict)]
    return conda, pip


# -- the lists agree -----------------------------------------------------------------------------


def test_environment_yml_lists_what_pyproject_does():
    _, pip = conda_lines()
    listed = by_name(line for line in pip if not line.startswith("-"))
    wanted = project_requirements(*SETUP_EXTRAS)
    assert set(listed) - set(wanted) == set(), "only in environment.yml"
    assert set(wanted) - set(listed) == set(), "only in pyproject.toml"
    assert listed == wanted, "the bounds differ"
    assert "-e ." in pip and "-c constraints.txt" in pip


def test_environment_yml_has_a_python_that_the_kit_allows():
    conda, _ = conda_lines()
    (python,) = [entry.partition("=")[2] for entry in conda if entry.startswith("python=")]
    assert python in PYTHONS
    assert Version(python) in SpecifierSet(PROJECT["requires-python"])
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert environment["name"] == PROJECT["name"]


def test_setup_installs_the_extras_compared_here():
    script = (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")
    assert f'EXTRAS="{",".join(SETUP_EXTRAS)}"' in script


def test_python_versions_agree_everywhere():
    allowed = SpecifierSet(PROJECT["requires-python"])
    assert [v for v in ("3.10", *PYTHONS, "3.14") if Version(v) in allowed] == list(PYTHONS)
    classified = [c.rsplit(" ", 1)[1] for c in PROJECT["classifiers"] if ":: 3." in c]
    assert classified == list(PYTHONS)
    workflow = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))
    job = workflow["jobs"]["test"]
    assert job["strategy"]["matrix"]["python"] == list(PYTHONS)
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]
    runner = ROOT / ".ci" / "run"
    assert os.access(runner, os.X_OK) and "exec make test" in runner.read_text()


@pytest.mark.parametrize("extra", [None, "lab", "test", "grading", "tensorboard", "dev"])
def test_every_requirement_is_pinned_within_its_bounds(extra):
    wanted = project_requirements(*([extra] if extra else []))
    for name in ("constraints.txt", "constraints-oldest.txt"):
        pinned = pins(name)
        for package, bounds in wanted.items():
            assert package in pinned, f"{package} is not in {name}"
            (pin,) = pinned[package]
            assert pin.operator == "==", f"{package} is not pinned in {name}"
            assert pin.version in bounds, f"{name}: {package} {pin.version} is not {bounds}"


def test_oldest_constraints_are_the_lower_bounds():
    """So that a bound in pyproject.toml is a version that the suite ran on."""
    pinned = pins("constraints-oldest.txt")
    newest = pins("constraints.txt")
    wanted = project_requirements("lab", "test", "grading", "tensorboard", "dev")
    for package, bounds in wanted.items():
        (lowest,) = [Version(one.version) for one in bounds if one.operator == ">="]
        (pin,) = pinned[package]
        if package == "ruff":  # another version would format otherwise
            assert pinned[package] == newest[package]
        else:
            assert Version(pin.version).release[:2] == (*lowest.release, 0)[:2], package


def test_constraints_name_no_address():
    for name in ("constraints.txt", "constraints-oldest.txt"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text and " @ " not in text and "--" not in text


def test_what_runs_here_is_what_is_pinned():
    """The suite ran on these versions, so the pins may say that they are tested."""
    from importlib import metadata

    installed = {name: metadata.version(name) for name in ("tensorflow", "keras", "numpy")}
    fits = [
        name
        for name in ("constraints.txt", "constraints-oldest.txt")
        if all(Version(v) in pins(name)[package] for package, v in installed.items())
    ]
    assert fits, f"{installed} is in neither constraints file"


# The versions that Colab has had preinstalled since TensorFlow 2.19 (2025).
COLAB = {
    "tensorflow": "2.19.0",
    "keras": "3.10.0",
    "numpy": "2.0.2",
    "matplotlib": "3.10.0",
    "imageio": "2.37.0",
    "pillow": "11.3.0",
    "scipy": "1.16.1",
    "scikit-learn": "1.6.1",
    "tqdm": "4.67.1",
    "ipywidgets": "7.7.1",
}


def test_installing_in_colab_replaces_nothing():
    wanted = project_requirements()
    # The drawing pad's package needs nothing but psygnal that Colab doesn't have.
    assert set(wanted) == set(COLAB) | {"anywidget"}, "pip would add or leave out something"
    for package, version in COLAB.items():
        assert version in wanted[package], f"pip would replace {package} {version}"


# -- the wheel -----------------------------------------------------------------------------------


def build_wheel(tree, folder):
    """Build the wheel of ``tree`` into ``folder``, without a network; returns its path."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "-q"]
    built = subprocess.run(
        [*command, "--no-index", "-w", str(folder), str(tree)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of the kit."""
    return build_wheel(ROOT, tmp_path_factory.mktemp("wheel"))


def test_wheel_holds_the_packages_and_all_data(wheel):
    packed = {info.filename: info.file_size for info in zipfile.ZipFile(wheel).infolist()}
    code = [path for name in PACKAGES for path in (ROOT / name).rglob("*.py")]
    code += (ROOT / "helpers" / "settings").glob("*.toml")
    code += [path for name in PACKAGES for path in (ROOT / name).rglob("*.js")]
    assert {path.suffix for path in code} == {".py", ".toml", ".js"}
    for path in code:
        assert path.relative_to(ROOT).as_posix() in packed
    tracked = [path for path in (ROOT / "data").rglob("*") if path.is_file()]
    tracked = [path for path in tracked if "private" not in path.relative_to(ROOT).parts]
    assert tracked
    for path in tracked:
        name = "helpers/_data/" + path.relative_to(ROOT / "data").as_posix()
        assert packed.get(name) == path.stat().st_size, f"{name} is not in the wheel whole"


def test_wheel_holds_nothing_else(wheel):
    for name in zipfile.ZipFile(wheel).namelist():
        top = name.split("/")[0]
        assert top in PACKAGES or top.endswith(".dist-info"), name
        assert "__pycache__" not in name and "/private/" not in name, name


def test_private_data_stays_out_of_the_wheel(tmp_path):
    for name in ("pyproject.toml", ".gitignore", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tmp_path)
    for name in ("data/a.npz", "data/private/b.npz", "data/.DS_Store"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('__version__ = "1"')
    names = zipfile.ZipFile(build_wheel(tmp_path, tmp_path / "out")).namelist()
    assert [name for name in names if "_data" in name] == ["helpers/_data/a.npz"]


def test_installed_wheel_finds_its_data_without_the_repository(wheel, tmp_path):
    """As in Colab: installed from git into site-packages, with no checkout around."""
    target = tmp_path / "site"
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index"]
    subprocess.run([*command, "--target", str(target), str(wheel)], check=True)
    script = (
        "import sys, helpers, importlib.util\n"
        "from helpers import config\n"
        "print(helpers.__file__)\n"
        "print(config.bundled_data_dir())\n"
        "print(config.output_dir('01_dcgan_mnist'))\n"
        "assert config.settings('01_dcgan_mnist').train_limit == 10_000\n"
        "assert 'tensorflow' not in sys.modules\n"
        "assert all(importlib.util.find_spec(name) for name in helpers.PACKAGES)\n"
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_")}
    environment |= {"PYTHONPATH": str(target), "COURSE_PROFILE": "laptop"}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    package, data, outputs = done.stdout.splitlines()
    assert Path(package) == target / "helpers" / "__init__.py"
    assert Path(data) == target / "helpers" / "_data"
    assert (Path(data) / "mnist.npz").is_file()
    assert Path(outputs) == tmp_path / "outputs" / "01_dcgan_mnist"


def test_checkout_uses_its_own_data_folder():
    from helpers import config

    assert config.bundled_data_dir() == ROOT / "data"
