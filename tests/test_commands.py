"""make and the set-up: what they say, what they do once, and how they fail.

The set-up runs here with stand-ins for Python on a PATH that has nothing else, in a copy of the
kit's command files, so nothing is installed and no real environment is touched.
"""

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest
import run_tests

ROOT = Path(__file__).resolve().parents[1]
TOOLS = """
    awk bash cat cksum cp cut df dirname du env grep head id ls make mkdir ps rm sed sh sleep tail
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

    def python(self, name="python3.12", version="3.12 ok", venv="", pip=""):
        """Put a stand-in for Python on the PATH."""
        path = self.bin / name
        path.write_text(STAND_IN.format(log=self.log, version=version, venv=venv, pip=pip))
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
    assert done.stdout == kit.make("help").stdout
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, flags=re.M)
    targets = set(re.findall(r"^([a-z]+):", makefile, flags=re.M))
    assert set(phony.split()) == targets
    assert {"demo", "test", "lab", "smoke", "help", "clean", "lint"} <= targets
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
    assert "ran tools/run_tests.py lint tests smoke" in kit.make("test").stdout
    assert "ran -m grading.release all" in kit.make("release").stdout
    assert "ran -m grading.release 03" in kit.make("release", "NOTEBOOK=03").stdout
    done = kit.make("grade", "SUBMISSIONS=my class", "ARGS=--jobs 3")
    assert "ran -m grading.grade my class --jobs 3" in done.stdout
    kit.tool("id", "echo 1000")
    assert "ran -m jupyterlab notebooks --port 9\n" in kit.make("lab", "ARGS=--port 9").stdout
    kit.tool("id", "echo 0")  # in a container; JupyterLab would refuse
    assert "ran -m jupyterlab notebooks --allow-root\n" in kit.make("lab").stdout


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
    assert "Bringing .venv up to date" in done.stdout
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
    started = time.monotonic()
    _, errors = process.communicate(timeout=10)
    assert time.monotonic() - started < 5, "the heartbeat must end with the set-up"
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
    assert "no Python 3.11, 3.12 or 3.13 on PATH; install one" in error_line(kit.make("demo"))


def test_only_unsuitable_pythons_are_named(kit):
    kit.python("python3", version="3.8 ok")
    kit.python("python", version="2.7 novenv")
    line = error_line(kit.make("test"))
    assert "(python3 is 3.8, python is 2.7)" in line and "PYTHON=" in line


def test_broken_candidates_are_passed_over(kit):
    """A version manager's shim answers for every version, and fails for those not installed."""
    kit.tool("python3.13", "echo 'pyenv: python3.13: command not found' >&2; exit 127")
    kit.python("python3.12", version="3.12 novenv")
    kit.python("python3.11", version="3.11 ok")
    assert "with Python 3.11" in kit.make("setup").stdout


def test_no_venv_module(kit):
    kit.python(version="3.12 novenv")
    line = error_line(kit.make("setup"))
    assert "Python 3.12 (python3.12) has no venv module" in line and "python3.12-venv" in line


@pytest.mark.parametrize(
    "version, says",
    [("3.10 ok", "is Python 3.10; the kit needs"), ("3.14 ok", "is Python 3.14"), ("", "run as")],
)
def test_named_python_must_fit(kit, version, says):
    kit.python("mine", version=version)
    kit.python("python3.12")
    assert says in error_line(kit.make("setup", "PYTHON=mine"))


def test_named_python_must_exist(kit):
    assert "PYTHON=nope: there is no such command" in error_line(kit.make("setup", "PYTHON=nope"))


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
        ("ERROR: No matching distribution found for tensorflow==9", "no tensorflow==9 for this"),
        ("error: [Errno 13] Permission denied: '/x'", "no permission to write: error: [Errno 13]"),
        ("python: No module named pip", "installing failed: python: No module named pip"),
    ],
)
def test_failed_installation_is_explained(kit, log, says):
    kit.python(pip=f'echo "noise"; echo "{log}" >&2; exit 1')
    assert says in error_line(kit.make("setup"))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(kit):
    kit.python()
    kit.root.chmod(0o555)
    try:
        assert "cannot make .venv: the folder is read-only" in error_line(kit.make("setup"))
    finally:
        kit.root.chmod(0o755)


def test_unwritable_place(kit):
    """The same line where not even root can write: below a file."""
    kit.python()
    (kit.root / "file").touch()
    assert "cannot make file/venv" in error_line(kit.make("setup", "VENV=file/venv"))


# -- the counting of make test --------------------------------------------------------------------


def write_report(path, **counts):
    numbers = " ".join(f'{name}="{value}"' for name, value in counts.items())
    path.write_text(f"<testsuites><testsuite {numbers}/></testsuites>")


def test_counts_come_from_the_report(tmp_path):
    report = tmp_path / "report.xml"
    write_report(report, tests=10, failures=2, errors=1, skipped=3)
    outcome = run_tests.count(report, 1)
    assert (outcome.passed, outcome.failed, outcome.skipped) == (4, 3, 3)


def test_a_run_that_broke_off_counts_as_a_failure(tmp_path):
    assert run_tests.count(tmp_path / "missing.xml", 4).failed == 1
    write_report(tmp_path / "report.xml", tests=0, failures=0, errors=0, skipped=0)
    assert run_tests.count(tmp_path / "report.xml", 5).failed == 1


def test_all_phases_run_and_a_failure_decides_the_status(monkeypatch, capsys):
    outcomes = {"lint": (2, 0, 0), "tests": (5, 1, 1), "smoke": (4, 0, 0)}
    ran = []

    def run_phase(phase):
        ran.append(phase)
        return run_tests.Outcome(*outcomes[phase], seconds=2.0)

    monkeypatch.setattr(run_tests, "run_phase", run_phase)
    assert run_tests.main([]) == 1
    assert ran == ["lint", "tests", "smoke"]
    printed = capsys.readouterr().out.splitlines()
    assert printed[-1] == "11 passed, 1 failed, 1 skipped in 6 s"
    assert re.search(r"tests +FAILED +2.0 s +5 passed, 1 failed, 1 skipped", "\n".join(printed))
    assert run_tests.main(["lint"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "2 passed, 0 failed in 2 s"


def test_checks_do_not_depend_on_the_users_settings(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "full")
    monkeypatch.setenv("COURSE_DATA_DIR", "elsewhere")
    monkeypatch.setenv("PYTEST_ADDOPTS", "-k nothing")
    for phase, profile in (("tests", None), ("smoke", "smoke")):
        environment = run_tests.environment(phase, "scratch")
        assert environment.get("COURSE_PROFILE") == profile
        assert not {"COURSE_DATA_DIR", "PYTEST_ADDOPTS"} & set(environment)
        assert environment["KERAS_BACKEND"] == "tensorflow"
        assert environment["KERAS_HOME"].startswith("scratch")
