"""helpers.session: nothing of TensorFlow's start-up reaches the error stream, real errors do."""

import subprocess
import sys
import textwrap

import pytest

from helpers import session

LOUD = """
import os
os.write(2, b"start-up note\\n")
"""


def run(code, folder):
    """Run ``code`` in a fresh Python in which ``folder`` may hold a stand-in for TensorFlow."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        cwd=folder,
        timeout=60,
        check=False,
    )


def fake_tensorflow(folder, source):
    (folder / "tensorflow.py").write_text(source)


def test_start_up_notes_are_dropped_and_the_stream_comes_back(tmp_path):
    fake_tensorflow(tmp_path, LOUD + "VALUE = 7\n")
    code = """
        import os
        from helpers import session
        print(session.import_tensorflow().VALUE)
        os.write(2, b"after\\n")
    """
    done = run(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "7\n", "after\n")


def test_the_warning_of_many_compiled_models_is_left_out_and_others_are_not(tmp_path):
    fake_tensorflow(tmp_path, "")
    code = """
        import logging
        from helpers import session
        session.import_tensorflow()
        log = logging.getLogger("tensorflow")
        log.warning("%d out of the last 9 calls triggered tf.function retracing.", 5)
        log.warning("something else")
    """
    done = run(code, tmp_path)
    assert (done.returncode, done.stderr) == (0, "something else\n")


def test_a_failing_import_shows_what_was_written(tmp_path):
    fake_tensorflow(tmp_path, LOUD + "raise ImportError('no such library')\n")
    done = run("from helpers import session; session.import_tensorflow()", tmp_path)
    assert done.returncode != 0
    assert done.stderr.startswith("start-up note\n")
    assert "ImportError: no such library" in done.stderr


def test_an_imported_tensorflow_is_returned_as_it_is(monkeypatch):
    sentinel = object()
    monkeypatch.setitem(sys.modules, "tensorflow", sentinel)
    assert session.import_tensorflow() is sentinel


@pytest.mark.parametrize("name", ["helpers.session", "helpers.plotting"])
def test_importing_the_helper_does_not_import_tensorflow(name, tmp_path):
    done = run(f"import sys, {name}; print('tensorflow' in sys.modules)", tmp_path)
    assert done.stdout == "False\n", done.stderr
