"""make and the set-up: what they say, what they do once, and how they fail.

The set-up runs here with stand-ins for Python on a PATH that has nothing else, in a copy of the
kit's command files, so nothing is installed and no real environment is touched.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from helpers import PACKAGES as SHIPPED

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = (*SHIPPED, "grading")  # what coverage is measured for
TOOLS = """
    awk bash cat cksum cp cut df dirname env grep head id ls make mkdir ps rm sed sh sleep tail tee
    touch tr
"""

# A Python of a given version that can be asked its version, make a venv and "install".
STAND_IN = """#!/usr/bin/env bash
echo "$*" >>"{log}"
case "$*" in
-c*) echo "{version}" ;;
"-m venv "*)
    {venv}
    mkdir -p "$3/bin"
    cp "$0" "$3/bin/python"
    ;;
"-m pip install"*)
    {pip}
    ;;
{other}
*) echo "ran $*" ;;
esac
"""


class Kit:
    """A copy of the command files with a PATH of its own."""

    def __init__(self, folder):
        self.root = folder / "my kit"  # a space, as in many a home folder
        self.bin = folder / "bin"
        self.log = folder / "calls.log"
        self.root.mkdir()
        self.bin.mkdir()
        for name in ("Makefile", "pyproject.toml", "constraints.txt", "constraints-oldest.txt"):
            shutil.copy(ROOT / name, self.root)
        (self.root / "tools").mkdir()
        shutil.copy(ROOT / "tools" / "setup.sh", self.root / "tools")
        for name in TOOLS.split():
            (self.bin / name).symlink_to(shutil.which(name))
        self.tool("df", "printf 'head\\n/dev/x 9 9 99999999 1%% /\\n'")

    def tool(self, name, script):
        """Put a shell script on the PATH."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f"#!/usr/bin/env bash\n{script}\n")
        path.chmod(0o755)

    def python(self, name="python3.12", version="3.12", venv="", pip="", other=""):
        """Put a stand-in for Python on the PATH."""
        path = self.bin / name
        parts = {"version": version, "venv": venv, "pip": pip, "other": other}
        path.write_text(STAND_IN.format(log=self.log, **parts))
        path.chmod(0o755)
        return path

    def make(self, *arguments, **environment):
        """Run make; the finished process."""
        return subprocess.run(
            ["make", *arguments],
            cwd=self.root,
            env={"PATH": str(self.bin), "HOME": str(self.root), **environment},
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )

    def calls(self, start):
        """The lines of what the stand-ins were called with that begin with ``start``."""
        if not self.log.exists():
            return []
        return [line for line in self.log.read_text().splitlines() if line.startswith(start)]


@pytest.fixture
def kit(tmp_path):
    return Kit(tmp_path)


def error_line(done):
    """The one line of a failed set-up; make's own line about the target is left out."""
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert len(lines) == 1, done.stderr
    assert lines[0].startswith("setup: ")
    assert "Traceback" not in done.stdout + done.stderr
    return lines[0]


# -- make ----------------------------------------------------------------------------------------


def test_help_is_the_default_and_lists_every_target(kit):
    done = kit.make()
    assert done.returncode == 0, done.stderr
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, flags=re.M)
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.M))
    assert set(phony.split()) == targets
    for target in targets:
        assert re.search(rf"^  make {target} +\w", done.stdout, flags=re.M), target
    assert kit.calls("") == [], "make help must not set anything up"


def test_commands_run_in_the_environment(kit):
    kit.python()
    done = kit.make("demo", "NOTEBOOK=03")
    assert done.returncode == 0, done.stderr
    assert "ran tools/demo.py 03 --profile laptop" in done.stdout
    done = kit.make("demo", COURSE_PROFILE="smoke")
    assert "ran tools/demo.py 01_dcgan_mnist --profile smoke" in done.stdout
    assert "ran -m grading.release all" in kit.make("release").stdout
    assert "ran -m grading.release 03" in kit.make("release", "NOTEBOOK=03").stdout
    done = kit.make("grade", "SUBMISSIONS=my class", "ARGS=--jobs 3")
    assert "ran -m grading.grade my class --jobs 3" in done.stdout
    kit.tool("id", "echo 1000")
    assert "ran -m jupyterlab notebooks --port 9\n" in kit.make("lab", "ARGS=--port 9").stdout
    kit.tool("id", "echo 0")  # in a container; JupyterLab would refuse
    assert "ran -m jupyterlab notebooks --allow-root\n" in kit.make("lab").stdout


def test_all_checks_run_even_if_one_fails_and_pytest_has_the_last_word(kit):
    kit.python()
    assert kit.make("test").returncode == 0
    kit.python(other='*"-m ruff check"*) exit 1 ;;')
    shutil.copy(kit.bin / "python3.12", kit.root / ".venv" / "bin" / "python")
    done = kit.make("test")
    assert done.returncode != 0
    lines = [line for line in done.stdout.splitlines() if line.startswith("ran ")]
    assert "--nbval-lax" in lines[-2] and lines[-1].endswith(" tests")
    for name in PACKAGES:
        assert f"--cov={name} " in lines[-1]


def test_checks_do_not_depend_on_the_users_settings(kit):
    kit.python(other='*pytest*) echo "$* with $(env | sort | tr "\\n" " ")" ;;')
    kit.tool("sort", "cat")
    mine = {"COURSE_PROFILE": "full", "COURSE_DATA_DIR": "x", "PYTEST_ADDOPTS": "-k nothing"}
    done = kit.make("smoke", **mine).stdout + kit.make("tests", **mine).stdout
    assert "COURSE_PROFILE=full" not in done and "COURSE_DATA_DIR" not in done
    assert "PYTEST_ADDOPTS" not in done
    assert done.count("COURSE_PROFILE=smoke") == done.count("COURSE_OFFLINE=1") == 1
    assert done.count("KERAS_BACKEND=tensorflow") == done.count("KERAS_HOME=/tmp/") == 2


def test_clean_removes_outputs_only(kit):
    (kit.root / "outputs" / "x").mkdir(parents=True)
    assert kit.make("clean").returncode == 0
    assert not (kit.root / "outputs").exists()
    assert (kit.root / "pyproject.toml").exists()


# -- set-up: once, and again when it must ---------------------------------------------------------


def test_second_command_does_no_set_up(kit):
    kit.python()
    first = kit.make("setup")
    assert first.returncode == 0, first.stderr
    assert "Setting up .venv with Python 3.12" in first.stdout
    (install,) = kit.calls("-m pip install")
    assert install.endswith("-c constraints.txt -e .[lab,test,grading]")
    second = kit.make("setup")
    assert (second.returncode, second.stdout, second.stderr) == (0, "", "")
    assert len(kit.calls("-m pip install")) == len(kit.calls("-m venv")) == 1


@pytest.mark.parametrize("name", ["pyproject.toml", "constraints.txt"])
def test_changed_pins_bring_the_environment_up_to_date(kit, name):
    kit.python()
    kit.make("setup")
    with (kit.root / name).open("a") as file:
        file.write("# changed\n")
    done = kit.make("setup")
    assert done.returncode == 0, done.stderr
    assert len(kit.calls("-m pip install")) == 2 and len(kit.calls("-m venv")) == 1


def test_failed_set_up_starts_over(kit):
    kit.python(pip="touch half_installed; echo 'ERROR: boom' >&2; exit 1")
    assert "boom" in error_line(kit.make("setup"))
    (kit.root / ".venv" / "left_over").touch()
    kit.python()
    done = kit.make("setup")
    assert done.returncode == 0, done.stderr
    assert len(kit.calls("-m venv")) == 2
    assert not (kit.root / ".venv" / "left_over").exists()


def test_interrupted_set_up_says_so_and_starts_over(kit):
    kit.python(pip="touch installing; exec sleep 20")
    process = subprocess.Popen(
        ["bash", "tools/setup.sh"],
        cwd=kit.root,
        env={"PATH": str(kit.bin)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        # A test run in the background inherits an ignored Ctrl-C, which no shell can trap.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    for _ in range(100):
        if (kit.root / "installing").exists():
            break
        time.sleep(0.05)
    busy = subprocess.run(
        ["bash", "tools/setup.sh"],
        cwd=kit.root,
        env={"PATH": str(kit.bin)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert busy.returncode == 1 and "another set-up of .venv is at work" in busy.stderr
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert errors.strip() == "setup: interrupted; the same command starts it over"
    kit.python()
    assert kit.make("setup").returncode == 0
    assert len(kit.calls("-m venv")) == 2


def test_moved_kit_is_set_up_anew(kit):
    kit.python()
    kit.make("setup")
    kit.root = kit.root.rename(kit.root.with_name("moved"))
    assert kit.make("setup").returncode == 0
    assert len(kit.calls("-m venv")) == 2


@pytest.mark.parametrize("state", ["finished", "cut short"])
def test_environment_of_another_checkout_is_refused_and_kept(kit, state):
    kit.python(pip="exit 1" if state == "cut short" else "")
    kit.make("setup", "VENV=../shared")
    kit.python()
    first, kit.root = kit.root, kit.root.with_name("second")
    shutil.copytree(first, kit.root)
    (kit.root / "pyproject.toml").write_text("# another version\n")
    line = error_line(kit.make("setup", "VENV=../shared"))
    assert f"was made by the checkout {first}" in line
    assert len(kit.calls("-m venv")) == 1 and (kit.root / "../shared/bin/python").exists()
    shutil.rmtree(first)  # even when nobody is left to want it
    assert "was made by the checkout" in error_line(kit.make("setup", "VENV=../shared"))


def test_another_python_makes_another_environment(kit):
    kit.python()
    kit.make("setup")
    kit.python("other", version="3.13 ok")
    done = kit.make("setup", "PYTHON=other")
    assert "with Python 3.13" in done.stdout
    assert kit.make("setup", "PYTHON=other").stdout == ""


def test_environment_of_the_user_is_used_and_never_removed(kit):
    mine = kit.root / "mine"
    (mine / "bin").mkdir(parents=True)
    shutil.copy(kit.python(pip="echo 'ERROR: boom' >&2; exit 1"), mine / "bin" / "python")
    (mine / "my_work").touch()
    for _ in range(2):
        assert "boom" in error_line(kit.make("setup", "VENV=mine"))
    shutil.copy(kit.python(), mine / "bin" / "python")
    assert kit.make("setup", "VENV=mine").returncode == 0
    assert kit.make("setup", "VENV=mine").stdout == ""
    assert (mine / "my_work").exists() and kit.calls("-m venv") == []


def test_a_folder_that_is_no_environment_is_left_alone(kit):
    kit.python()
    (kit.root / ".venv").mkdir()
    (kit.root / ".venv" / "my_work").touch()
    assert ".venv is there but is no Python environment" in error_line(kit.make("setup"))
    assert (kit.root / ".venv" / "my_work").exists()


# -- set-up: one clear line -----------------------------------------------------------------------


def test_no_python(kit):
    kit.python("python3", version="")  # runs, and is too old
    assert "nothing on PATH is no Python 3.11" in error_line(kit.make("demo"))


def test_broken_candidates_are_passed_over(kit):
    """A version manager's shim answers for every version, and fails for those not installed."""
    kit.tool("python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    kit.python("python3.12", version="")
    kit.python("python3.11", version="3.11")
    assert "with Python 3.11" in kit.make("setup").stdout


@pytest.mark.parametrize("name", ["nope", "old"])
def test_named_python_must_exist_and_fit(kit, name):
    kit.python("old", version="")
    kit.python("python3.12")
    assert f"{name} is no Python 3.11" in error_line(kit.make("setup", f"PYTHON={name}"))


@pytest.mark.parametrize("asked, printed", [((3, 10), ""), ((3, 11), "3.11"), ((3, 14), "")])
def test_the_versions_that_fit(asked, printed):
    script = (ROOT / "tools" / "setup.sh").read_text(encoding="utf-8")
    code = re.search(r'-c "import sys \$\{2:-\}\n(.+?)"', script, flags=re.S).group(1)
    code = f"class sys: version_info = {asked}\n{code}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stdout.strip() == printed


def test_missing_constraints(kit):
    line = error_line(kit.make("setup", "CONSTRAINTS=nope.txt"))
    assert "CONSTRAINTS=nope.txt: there is no such file" in line


def test_little_disk_is_said_before_anything_is_made(kit):
    kit.python()
    kit.tool("df", "printf 'head\\n/dev/x 9 9 1048576 1%% /\\n'")
    assert "not enough disk: 1024 MB free" in error_line(kit.make("setup"))
    assert not (kit.root / ".venv").exists()


@pytest.mark.parametrize(
    "log, says",
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError(': Temporary failure in name resolution')", "reach the package index"),
        ("ERROR: No matching distribution found for tensorflow==9", "found for tensorflow==9"),
        ("error: [Errno 13] Permission denied: '/x'", "error: [Errno 13] Permission denied"),
    ],
)
def test_failed_installation_is_explained(kit, log, says):
    kit.python(pip=f'echo "noise"; echo "{log}" >&2; exit 1')
    assert says in error_line(kit.make("setup"))


def test_unwritable_place(kit):
    """Where not even root can write: below a file."""
    kit.python()
    (kit.root / "file").touch()
    assert "cannot make file/venv" in error_line(kit.make("setup", "VENV=file/venv"))
