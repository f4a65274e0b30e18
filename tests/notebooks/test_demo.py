"""The tool that runs a notebook on the terminal (`make demo`)."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import demo as tool
import nbformat
import pytest
from progress import Terminal

DEMO = Path(tool.__file__)

TRAIN = """
import json, time
from pathlib import Path
folder = Path(os.environ["COURSE_OUTPUT_DIR"]) / "tiny"
for epoch in range(2):
    for step in range(3):
        print(f"\\r{step}/3", end="", flush=True)
    print(f"\\repoch {epoch}: loss {1 / (epoch + 1):.2f}")
(folder / "checkpoint").write_text("2")
(folder / "result.json").write_text(json.dumps({"steps": 6}))
"""


def write_notebook(folder, *cells, name="tiny"):
    """A notebook file of (heading, code) pairs; returns its path."""
    made = []
    for number, (heading, source) in enumerate(cells):
        made.append(nbformat.v4.new_markdown_cell(f"# {heading}", id=f"text-{number}"))
        made.append(nbformat.v4.new_code_cell(source, id=f"code-{number}"))
    path = Path(folder) / f"{name}.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=made), path)
    return path


def demo(path, folder, *arguments, **environment):
    """Run tools/demo.py as make does; the finished process, with stdout and stderr."""
    environment = {**os.environ, "COURSE_OUTPUT_DIR": str(folder), **environment}
    command = [sys.executable, str(DEMO), str(path), "--profile", "laptop", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)


def read_result(folder):
    return json.loads((folder / "tiny" / "result.json").read_text())


def test_demo_leaves_the_executed_notebook_and_a_finished_run_starts_anew(tmp_path):
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    path = write_notebook(
        tmp_path,
        ("Begin", "import os\nos.environ['COURSE_PROFILE']"),
        ("Train", TRAIN),
        ("P", plot),
    )
    done = demo(path, tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "1/3  Begin ..." in done.stdout
    assert "2/3  Train\n        epoch 0: loss 1.00\n        epoch 1: loss 0.50\n" in done.stdout
    assert "2/3\r" not in done.stdout and "0/3" not in done.stdout

    result = read_result(tmp_path / "out")
    assert result["steps"] == 6 and result["complete"] is True
    assert result["notebook"] == "tiny" and result["profile"] == "laptop"
    assert 0 < result["total_seconds"] < 120
    assert set(result["versions"]) == {"python", "tensorflow", "keras", "numpy"}

    folder = tmp_path / "out" / "tiny"
    notebook = nbformat.read(folder / "tiny.ipynb", as_version=4)
    assert notebook.cells[1].outputs[0].data["text/plain"] == "'laptop'"
    assert notebook.cells[3].outputs[0].text == "epoch 0: loss 1.00\nepoch 1: loss 0.50\n"
    html = (folder / "tiny.html").read_text(encoding="utf-8")
    assert "data:image/png;base64," in html and "require.min.js" not in html
    assert html.count("<script src=") == 0, "a script would hold the page up without a network"

    (folder / "left_over.png").write_text("old")
    again = demo(path, tmp_path / "out")
    assert again.returncode == 0 and "Starting anew" in again.stdout
    assert not (folder / "left_over.png").exists() and (folder / "checkpoint").exists()


def test_demo_reports_a_failed_cell_and_keeps_its_checkpoint(tmp_path):
    fail = "def f():\n    raise ValueError('first\\nimages must be uint8')\nf()"
    path = write_notebook(
        tmp_path, ("Begin", "import os"), ("Train", TRAIN), ("Look", fail), ("End", "1")
    )
    done = demo(path, tmp_path / "out")
    assert done.returncode == 1
    assert "tiny.ipynb failed at: Look (cell 'code-2')" in done.stderr
    assert "ValueError: first\n  images must be uint8" in done.stderr
    assert "---> 3 f()" in done.stderr
    assert "Traceback" not in done.stderr and "nbclient" not in done.stderr
    notebook = nbformat.read(tmp_path / "out" / "tiny" / "tiny.ipynb", as_version=4)
    assert notebook.cells[5].outputs[0].ename == "ValueError"
    assert notebook.cells[7].outputs == []
    assert read_result(tmp_path / "out")["complete"] is False

    path = write_notebook(tmp_path, ("Begin", "print('again')"))
    again = demo(path, tmp_path / "out")
    assert again.returncode == 0 and "Going on" in again.stdout
    assert (tmp_path / "out" / "tiny" / "checkpoint").exists()


def test_demo_says_when_the_kernel_died(tmp_path):
    path = write_notebook(
        tmp_path, ("Memory", "import os\nos.write(2, b'bad alloc\\n')\nos._exit(9)")
    )
    done = demo(path, tmp_path / "out")
    assert done.returncode == 1
    assert "failed at: Memory" in done.stderr and "too little memory" in done.stderr
    assert done.stderr.count("bad alloc") == 1
    assert "Traceback" not in done.stderr


def test_demo_interrupted_while_the_kernel_starts(tmp_path):
    path = write_notebook(tmp_path, ("Slow", "import time\ntime.sleep(60)"))
    process = subprocess.Popen(
        [sys.executable, str(DEMO), str(path)],
        env={**os.environ, "COURSE_OUTPUT_DIR": str(tmp_path / "out"), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert next(process.stdout).startswith("Running tiny.ipynb")
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert errors == "Stopped; the same command goes on from the last checkpoint.\n"


@pytest.mark.parametrize("number, status", [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_demo_interrupted_saves_what_there_is_and_keeps_checkpoints(tmp_path, number, status):
    slow = "import os, time\nprint('kernel', os.getpid(), flush=True)\ntime.sleep(60)"
    path = write_notebook(tmp_path, ("Slow", slow))
    environment = {**os.environ, "COURSE_OUTPUT_DIR": str(tmp_path / "out")}
    process = subprocess.Popen(
        [sys.executable, str(DEMO), str(path)],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    line = next(line for line in process.stdout if "kernel" in line)
    process.send_signal(number)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == status
    assert errors == "Stopped; the same command goes on from the last checkpoint.\n"
    notebook = nbformat.read(tmp_path / "out" / "tiny" / "tiny.ipynb", as_version=4)
    assert notebook.cells[1].outputs[0].text.startswith("kernel")
    kernel = int(line.split()[-1])
    for _ in range(50):
        try:
            os.kill(kernel, 0)
        except ProcessLookupError:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the kernel outlives the command")


def test_another_profile_does_not_resume(tmp_path):
    folder = tmp_path / "tiny"
    folder.mkdir()
    tool.prepare_folder(folder, "laptop")
    (folder / "checkpoint").write_text("1")
    tool.prepare_folder(folder, "laptop")
    assert (folder / "checkpoint").exists()
    tool.prepare_folder(folder, "full")
    assert not (folder / "checkpoint").exists()


def test_unfinished_result_of_jupyterlab_is_kept(tmp_path):
    (tmp_path / "result.json").write_text('{"steps": 3}')
    tool.prepare_folder(tmp_path, "laptop")
    assert json.loads((tmp_path / "result.json").read_text()) == {"steps": 3}
    (tmp_path / "result.json").write_text('{"steps": 3, "complete": true}')
    tool.prepare_folder(tmp_path, "laptop")
    assert not (tmp_path / "result.json").exists()


@pytest.mark.parametrize("name", ["03_cgan", "03_cgan.ipynb", "notebooks/03_cgan.ipynb", "03"])
def test_notebooks_are_found_by_name_path_and_number(tmp_path, name):
    for stem in ("03_cgan", "03b_other", "04_vae", "04_vae_more"):
        (tmp_path / f"{stem}.ipynb").write_text("{}")
    if name == "03":
        (tmp_path / "03b_other.ipynb").unlink()
    assert tool.find_notebook(name, tmp_path) == (tmp_path / "03_cgan.ipynb").resolve()
    assert tool.find_notebook("04_vae", tmp_path).stem == "04_vae"


@pytest.mark.parametrize("name, says", [("07", "no notebook '07'"), ("0", "several"), ("", "no ")])
def test_unknown_notebook_lists_those_there_are(tmp_path, name, says):
    for stem in ("03_cgan", "04_vae"):
        (tmp_path / f"{stem}.ipynb").write_text("{}")
    with pytest.raises(ValueError, match=says) as caught:
        tool.find_notebook(name, tmp_path)
    assert "  03_cgan\n  04_vae" in str(caught.value)


@pytest.mark.parametrize("arguments, says", [(["nope"], "nope"), (["x", "--profile", "p"], "'p'")])
def test_wrong_arguments_are_clear_errors(arguments, says, capsys):
    with pytest.raises(SystemExit) as caught:
        tool.main(arguments)
    errors = capsys.readouterr().err.strip()
    assert caught.value.code == 2 and errors.startswith("demo: error: ") and says in errors


def test_a_file_that_is_no_notebook_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_OUTPUT_DIR", str(tmp_path / "out"))
    monkeypatch.setenv("COURSE_PROFILE", "laptop")
    (tmp_path / "broken.ipynb").write_text("not json")
    with pytest.raises(SystemExit):
        tool.main([str(tmp_path / "broken.ipynb")])
    assert "demo: error: Notebook does not appear to be JSON" in capsys.readouterr().err


# -- the terminal --------------------------------------------------------------------------------


class Screen(io.StringIO):
    """A stream that says it is a terminal and can tell what one would show."""

    def isatty(self):
        return True

    def rows(self):
        rows = []
        for line in self.getvalue().split("\n"):
            rows.append(line.split("\r\x1b[K")[-1])
        return rows


def test_progress_bar_is_drawn_over_and_leaves_its_last_state():
    screen = Screen()
    terminal = Terminal(12, screen)
    terminal.start(3, "Train")
    for step in range(3):
        terminal.text(f"\b\b\b\r\x1b[1m{step}/3\x1b[0m ..")
        assert screen.rows()[-1].startswith(f"        {step}/3 ..")
    terminal.text("\rloss 0.5\nloss")
    terminal.text(" 0.4\n")
    terminal.end()
    assert screen.rows()[:3] == [" 3/12  Train", "        loss 0.5", "        loss 0.4"]
    assert screen.rows()[3].strip().endswith(" s")


def test_quiet_cell_is_one_line_and_stderr_is_only_drawn_over():
    screen = Screen()
    terminal = Terminal(2, screen)
    terminal.start(1, "Load")
    terminal.text("50%|#####", name="stderr")
    assert screen.rows()[-1].startswith("        50%|#####")
    terminal.text("\rwarning\n", name="stderr")
    terminal.end()
    assert len(screen.rows()) == 2
    assert screen.rows()[0].startswith("1/2  Load ....")


def test_streams_keep_their_place_between_figures(tmp_path):
    stream = {"output_type": "stream", "name": "stdout"}
    figure = nbformat.v4.new_output("display_data", {"text/plain": "Figure"})
    outputs = [
        nbformat.from_dict(stream | {"text": "\r1/2"}),
        nbformat.from_dict(stream | {"text": "\r2/2\na\n"}),
        figure,
        nbformat.from_dict(stream | {"text": "b\n"}),
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", outputs=outputs)])
    tool.save_executed(notebook, tmp_path, "x")
    saved = nbformat.read(tmp_path / "x.ipynb", as_version=4)
    kept = [output.get("text", "figure") for output in saved.cells[0].outputs]
    assert kept == ["2/2\na\n", "figure", "b\n"]
