"""Run one notebook of the course from top to bottom, with its progress on the terminal.

    python tools/demo.py NOTEBOOK [--profile laptop]

NOTEBOOK is a name from notebooks/, its number (``01``) or a path. It runs in a kernel of this very
Python and leaves its files in ``helpers.config.output_dir(NOTEBOOK)``; this tool puts the executed
notebook (.ipynb and .html) beside them and adds to result.json what the run took and ran on. A run
that was cut short goes on from its checkpoints; after one that finished the folder is emptied.

Exit status: 0 done, 1 a cell failed, 2 wrong arguments, 130 interrupted.
"""

import argparse
import asyncio
import os
import re
import shutil
import signal
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

try:
    import nbformat
    from jupyter_client.kernelspec import KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from nbconvert import HTMLExporter
    from nbconvert.preprocessors.coalescestreams import CoalesceStreamsPreprocessor
    from progress import ANSI, Terminal

    from helpers import config, session
except ImportError as error:
    sys.exit(f"demo: the kit is not installed in this Python ({error}); run: make setup")

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
PROFILES = ("smoke", "laptop", "full")
RUNNING = ".profile"  # in the output folder while a run is under way: its profile


def find_notebook(name, folder=NOTEBOOKS):
    """The path of the notebook that ``name`` means; ValueError if none or several fit."""
    if name.endswith(".ipynb") and Path(name).is_file():
        return Path(name).resolve()
    known = {path.stem: path for path in sorted(folder.glob("*.ipynb"))}
    stem = Path(name).name.removesuffix(".ipynb")
    fits = [stem] if stem in known else [each for each in known if stem and each.startswith(stem)]
    if len(fits) == 1:
        return known[fits[0]].resolve()
    what = f"several notebooks start with {name!r}" if fits else f"there is no notebook {name!r}"
    raise ValueError("\n  ".join([f"{what}; there are:", *(fits or known)]))


def shown(path):
    """``path`` as it is shortest to read from the current folder."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def prepare_folder(folder, profile):
    """Empty ``folder`` if the run in it finished or had another profile; say what happens.

    A run has finished when this tool said so in result.json. What a run in JupyterLab left may be
    unfinished, so it is kept, and the notebook goes on from the checkpoints in it.
    """
    running, result, reason = folder / RUNNING, folder / "result.json", None
    if result.exists() and '"complete": true' in result.read_text(encoding="utf-8"):
        reason = "the run in it finished"
    elif running.exists() and running.read_text() != profile:
        reason = f"the run in it was at profile {running.read_text()}"
    if reason:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        print(f"Starting anew in {shown(folder)} ({reason}).")
    elif any(folder.iterdir()):
        print(f"Going on with the unfinished run in {shown(folder)} (make clean starts anew).")
    running.write_text(profile)


class Client(NotebookClient):
    """Runs a notebook and shows a :class:`Terminal` what its cells print while they run."""

    def __init__(self, notebook):
        # Without folders to look in, a kernel manager knows one kernel: that of this Python.
        manager = AsyncKernelManager(kernel_spec_manager=KernelSpecManager(kernel_dirs=[]))
        super().__init__(notebook, km=manager, timeout=None, shutdown_kernel="immediate")
        self.extra_arguments = ["--IPKernelApp.log_level=40"]  # its warnings are not for students
        self.terminal = Terminal(sum(is_code(cell) for cell in notebook.cells))
        self.on_cell_start = self.begin_cell
        self.on_cell_executed = lambda **_: self.terminal.end()
        self.heading, self.cells_under_it, self.current = "(start)", 0, notebook.cells[0]
        self.signal = None  # the number of the signal that ended the run
        # What TensorFlow's C++ says past the notebook; the file lives as long as the run.
        self.log_file = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115

    def begin_cell(self, cell, cell_index):
        """A cell's title is the last heading above it, numbered where several cells share it."""
        if is_code(cell):
            self.current, self.cells_under_it = cell, self.cells_under_it + 1
            number = f" ({self.cells_under_it})" if self.cells_under_it > 1 else ""
            self.terminal.start(self.code_cells_executed + 1, self.heading + number)
        elif cell.cell_type == "markdown":
            text = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.M | re.S)
            for heading in re.findall(r"^#{1,6}\s+(.+?)\s*#*\s*$", text, flags=re.M):
                self.heading, self.cells_under_it = re.sub(r"[*`$]", "", heading), 0

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            self.terminal.text(msg["content"]["text"], msg["content"]["name"])
        return super().process_message(msg, cell, cell_index)

    async def async_start_new_kernel(self, **options):
        """Comes after nbclient's own signal handlers; these remember which signal came."""
        task = asyncio.current_task()

        def stop(number):
            self.signal = number
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop, number)
        pipes = {"stdout": self.log_file, "stderr": self.log_file}
        await super().async_start_new_kernel(**pipes, **options)

    async def run(self, **options):
        """Execute all cells; ``options`` are those of the kernel's process."""
        ticker = asyncio.create_task(self.terminal.tick_every_second())
        try:
            await self.async_execute(cleanup_kc=True, **options)
        finally:
            ticker.cancel()
            self.terminal.clear()


def is_code(cell):
    return cell.cell_type == "code" and bool(cell.source.strip())


def run_notebook(path, profile, folder):
    """Execute the notebook at ``path`` into ``folder``; the exit status (see the module)."""
    notebook = nbformat.read(path, as_version=4)
    for cell in filter(is_code, notebook.cells):
        cell.outputs, cell.execution_count = [], None
    print(f"Running {path.name} at profile {profile}; Ctrl-C stops it, run again it goes on.")
    prepare_folder(folder, profile)
    environment = os.environ | {"COURSE_PROFILE": profile, "KERAS_BACKEND": "tensorflow"}
    environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    environment.pop("MPLBACKEND", None)
    client, started, status = Client(notebook), time.monotonic(), 0
    try:
        asyncio.run(client.run(cwd=str(path.parent), env=environment))
    except (Exception, asyncio.CancelledError) as error:
        status = 128 + client.signal if client.signal else 1
        if status == 1:
            report_failure(client, path.name, error)
    minutes = (time.monotonic() - started) / 60
    save_executed(notebook, folder, path.stem)
    if status:
        if (folder / "result.json").exists():
            session.save_results(folder, complete=False)
        again = f"So far: {shown(folder / path.stem)}.html" if status == 1 else "Stopped"
        print(f"{again}; the same command goes on from the last checkpoint.", file=sys.stderr)
        return status
    versions = {name: metadata.version(name) for name in ("tensorflow", "keras", "numpy")}
    versions["python"] = sys.version.split()[0]
    facts = {"notebook": path.stem, "profile": profile, "cores": os.cpu_count()}
    facts |= {"total_seconds": round(minutes * 60, 1), "versions": versions}
    session.save_results(folder, complete=True, **facts)
    (folder / RUNNING).unlink(missing_ok=True)
    print(f"\n{path.stem} at profile {profile}: {minutes:.1f} minutes. It left:")
    for file in sorted(file for file in folder.iterdir() if file.is_file()):
        print(f"  {shown(file)}  ({max(1, file.stat().st_size // 1024):,} kB)")
    print("Open the .html in a browser, or work with the notebooks in JupyterLab: make lab")
    return 0


def report_failure(client, name, error):
    """Print which cell failed and why, without the traceback of this tool."""
    lines = [f"\n{name} failed at: {client.heading} (cell {client.current.id!r})"]
    if isinstance(error, CellExecutionError):
        marked = [line.strip() for line in ANSI.sub("", error.traceback).split("\n")]
        lines += [line for line in marked if re.match(r"-+> ?\d+ ", line)][:1]
        lines += f"{error.ename}: {ANSI.sub('', error.evalue)}".strip().split("\n")[-12:]
    else:
        lines.append("the notebook's process ended by itself; the usual cause is too little memory")
        lines.append("(close other programs, or try PROFILE=smoke)")
        client.log_file.seek(0)
        lines += [line.rstrip()[:200] for line in client.log_file if line.strip()][-3:]
    print("\n  ".join(lines), file=sys.stderr)


def save_executed(notebook, folder, name):
    """Write ``name.ipynb`` and ``name.html``: whole lines, as a terminal would show them."""
    CoalesceStreamsPreprocessor().preprocess(notebook, {})
    nbformat.write(notebook, folder / f"{name}.ipynb")
    notebook.metadata.pop("widgets", None)
    for output in (output for cell in filter(is_code, notebook.cells) for output in cell.outputs):
        if len(output.get("data", {})) > 1:  # widgets need scripts from the network
            output.data.pop("application/vnd.jupyter.widget-view+json", None)
    exporter = HTMLExporter(embed_images=True, require_js_url="", jquery_url="")
    html, _ = exporter.from_notebook_node(notebook, {"metadata": {"name": name}})
    html = html.replace('<script src=""></script>', "")
    # Fetched after the page is drawn: without a network, only the formulas wait for it.
    html = html.replace('<script src="https://cdnjs', '<script defer src="https://cdnjs')
    (folder / f"{name}.html").write_text(html, encoding="utf-8")


def main(arguments=None):
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="demo", description=__doc__.split("\n")[0], usage=argparse.SUPPRESS
    )
    parser.add_argument("notebook", help="a name, a number (03) or a path")
    parser.add_argument("--profile", default="laptop", choices=PROFILES)
    chosen = parser.parse_args(arguments)
    try:
        path = find_notebook(chosen.notebook)
        os.environ["COURSE_PROFILE"] = chosen.profile
        # Ask once: at smoke every call empties the folder.
        return run_notebook(path, chosen.profile, Path(config.output_dir(path.stem)))
    except (ValueError, OSError, nbformat.ValidationError) as error:
        parser.error(str(error))


if __name__ == "__main__":
    sys.exit(main())
