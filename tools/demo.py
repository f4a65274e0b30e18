"""Run one notebook of the course from top to bottom, with its progress on the terminal.

    python tools/demo.py NOTEBOOK [--profile laptop]

NOTEBOOK is a name from notebooks/ (``01_dcgan_mnist``), its number (``01``) or a path. The notebook
runs in a fresh kernel of this very Python, in its own folder, at the given COURSE_PROFILE. It
leaves its pictures, its networks and result.json in ``helpers.config.output_dir(NOTEBOOK)``; this
tool puts the executed notebook (.ipynb and .html) beside them and adds what the run took and ran on
to result.json. The html holds its figures and needs no network, except for formulas: a browser
without one shows their TeX source.

A run that was cut short (Ctrl-C, a killed process, an error) goes on from its checkpoints when it
is started again. A run that finished starts anew: its folder is emptied first.

Exit status: 0 done, 1 a cell failed, 2 wrong arguments, 130 interrupted.
"""

import argparse
import asyncio
import contextlib
import json
import os
import platform
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
    from executed import save_executed, tidy_streams
    from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError
    from progress import ANSI, Terminal

    from helpers import config
except ImportError as error:
    sys.exit(f"demo: the kit is not installed in this Python ({error}); run: make setup")

ROOT = Path(__file__).resolve().parents[1]
PROFILES = ("smoke", "laptop", "full")
VERSIONS_OF = ("tensorflow", "keras", "numpy")
RUN_FILE = ".run.json"  # in the output folder while a run is under way: what it was started with


class DemoError(Exception):
    """What the user did cannot be done; the message is all there is to print."""


# -- which notebook ------------------------------------------------------------------------------


def find_notebook(name, folder=ROOT / "notebooks"):
    """The path of the notebook that ``name`` means.

    Args:
        name: a path, a name with or without ``.ipynb``, or the start of exactly one name ("03").
        folder: where the notebooks are.

    Raises:
        DemoError: none or several notebooks fit; the message lists those there are.
    """
    as_path = Path(name)
    if as_path.suffix == ".ipynb" and as_path.is_file():
        return as_path.resolve()
    known = sorted(path for path in Path(folder).glob("*.ipynb"))
    stem = as_path.name.removesuffix(".ipynb")
    exact = [path for path in known if path.stem == stem]
    fits = exact or [path for path in known if stem and path.stem.startswith(stem)]
    if len(fits) == 1:
        return fits[0].resolve()
    listing = "\n".join(f"  {path.stem}" for path in fits or known) or "  (none)"
    what = f"several notebooks start with {name!r}" if fits else f"there is no notebook {name!r}"
    raise DemoError(f"{what}; there are:\n{listing}")


def cell_titles(cells):
    """A title for each cell: the last heading above it, numbered where several cells share it."""
    titles, heading, count = [], "(start)", 0
    for cell in cells:
        if cell.cell_type == "markdown":
            text = re.sub(r"^(```|~~~).*?^\1", "", cell.source, flags=re.M | re.S)
            found = re.findall(r"^#{1,6}\s+(.+?)\s*#*\s*$", text, flags=re.M)
            if found:
                heading, count = re.sub(r"[*`$]", "", found[-1]), 0
        elif cell.cell_type == "code":
            count += 1
        titles.append(heading if count < 2 else f"{heading} ({count})")
    return titles


# -- the output folder ---------------------------------------------------------------------------


def output_folder(name):
    """Where the notebook leaves its files. Ask once: at smoke every call empties the folder."""
    try:
        return Path(config.output_dir(name))
    except ValueError as error:
        raise DemoError(error) from error


def prepare_folder(folder, profile):
    """Empty ``folder`` if the run in it finished or had another profile; say what happens.

    A run has finished when this tool said so in result.json. What a run in JupyterLab left may be
    unfinished, so it is kept, and the notebook goes on from the checkpoints in it.
    """
    result, unfinished = read_json(folder / "result.json"), read_json(folder / RUN_FILE)
    reason = None
    if result is not None and result.get("complete"):
        reason = "the run in it finished"
    elif unfinished is not None and unfinished.get("profile") != profile:
        reason = f"the run in it was at profile {unfinished.get('profile')}"
    if reason:
        for path in folder.iterdir():
            shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()
        print(f"Starting anew in {shown(folder)} ({reason}).")
    elif any(folder.iterdir()):
        print(f"Going on with the unfinished run in {shown(folder)} (make clean starts anew).")
    write_json(folder / RUN_FILE, {"profile": profile})


def finish_result(path, **facts):
    """Merge ``facts`` into the result.json that the notebook wrote (or did not)."""
    write_json(path, (read_json(path) or {}) | facts)


def read_json(path):
    """The object in a JSON file; None if it is missing, unreadable or something else."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def write_json(path, content):
    """Write through a second file, so that nobody ever sees half of it."""
    partial = path.with_suffix(".part")
    partial.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    os.replace(partial, path)


def versions():
    """Versions of Python and of what the notebooks compute with, none of it imported."""
    found = {"python": platform.python_version()}
    for name in VERSIONS_OF:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def shown(path):
    """``path`` relative to the current folder where that is shorter to read."""
    with contextlib.suppress(ValueError):
        return str(Path(path).relative_to(Path.cwd()))
    return str(path)


# -- the run -------------------------------------------------------------------------------------


class Run:
    """The execution of one notebook: afterwards ``notebook`` holds whatever outputs there were."""

    def __init__(self, path, profile):
        self.path = path
        self.profile = profile
        try:
            self.notebook = nbformat.read(path, as_version=4)
        except (ValueError, nbformat.ValidationError) as error:
            raise DemoError(f"{path} is no notebook: {str(error)[:200]}") from error
        for cell in self.notebook.cells:
            if cell.cell_type == "code":
                cell.outputs, cell.execution_count = [], None
        self.titles = cell_titles(self.notebook.cells)
        self.terminal = Terminal(sum(is_run(cell) for cell in self.notebook.cells))
        self.index = 0  # of the cell that runs
        self.signal = None  # that ended the run, if one did
        # What TensorFlow's C++ says past the notebook; the file lives as long as the run.
        self.log = tempfile.TemporaryFile("w+", errors="replace")  # noqa: SIM115
        self.seconds = 0.0

    def execute(self):
        """Run all cells.

        Raises:
            CellExecutionError: a cell failed.
            RuntimeError: the kernel's process ended, or never started.
            KeyboardInterrupt: SIGINT or SIGTERM came; ``signal`` says which.
        """
        started = time.monotonic()
        try:
            asyncio.run(self._execute())
        except (Exception, asyncio.CancelledError):
            if self.signal is None:
                raise
            raise KeyboardInterrupt from None
        finally:
            self.seconds = time.monotonic() - started
            self.terminal.clear()
            tidy_streams(self.notebook)

    async def _execute(self):
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(number):
            self.signal = number
            task.cancel()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop, number)
        manager = AsyncKernelManager(kernel_spec_manager=ThisInterpreter())
        client = ObservedClient(self.notebook, km=manager, terminal=self.terminal)
        ticker = asyncio.create_task(self._tick())
        try:
            pipes = {"stdout": self.log, "stderr": self.log}
            folder = str(self.path.parent)
            await manager.start_kernel(cwd=folder, env=self._environment(), **pipes)
            await client.async_start_new_kernel_client()
            await self._cells(client)
            client.set_widgets_metadata()
        finally:
            ticker.cancel()
            if client.kc is not None:
                client.kc.stop_channels()
            if manager.has_kernel:
                await manager.shutdown_kernel(now=True)

    async def _cells(self, client):
        count = 0
        for index, cell in enumerate(self.notebook.cells):
            if not is_run(cell):
                continue
            self.index, count = index, count + 1
            self.terminal.start(count, self.titles[index])
            await client.async_execute_cell(cell, index, execution_count=count)
            self.terminal.end()

    async def _tick(self):
        while True:
            await asyncio.sleep(1)
            if self.terminal.title:
                self.terminal.tick()

    def last_words(self):
        """The last lines that the kernel's process wrote past the notebook, if any."""
        self.log.seek(0)
        return [line.rstrip() for line in self.log if line.strip()][-3:]

    def _environment(self):
        """The kernel's environment: this one, with the profile and without what would disturb."""
        environment = dict(os.environ, COURSE_PROFILE=self.profile, KERAS_BACKEND="tensorflow")
        environment.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
        environment.pop("MPLBACKEND", None)
        scripts = str(Path(sys.executable).parent)
        environment["PATH"] = os.pathsep.join([scripts, environment.get("PATH", os.defpath)])
        return environment


def is_run(cell):
    """Whether executing ``cell`` does anything."""
    return cell.cell_type == "code" and bool(cell.source.strip())


class ThisInterpreter(KernelSpecManager):
    """Knows one kernel: this very Python, whatever kernels the machine has installed."""

    def get_kernel_spec(self, kernel_name):
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        argv.append("--IPKernelApp.log_level=40")  # its warnings are not for students
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class ObservedClient(NotebookClient):
    """Shows a :class:`Terminal` what a cell prints while it runs."""

    def __init__(self, notebook, *, km, terminal):
        super().__init__(notebook, km=km, timeout=None, iopub_timeout=30, allow_errors=False)
        self.terminal = terminal

    def process_message(self, msg, cell, cell_index):
        if msg["msg_type"] == "stream":
            self.terminal.text(msg["content"]["text"], msg["content"]["name"])
        return super().process_message(msg, cell, cell_index)


# -- the command ---------------------------------------------------------------------------------


def report_failure(run, error):
    """Print which cell failed and why, without the traceback of this tool."""
    cell = run.notebook.cells[run.index]
    where = f"{run.titles[run.index]} (cell {cell.get('id', run.index)!r})"
    print(f"\n{run.path.name} failed at: {where}", file=sys.stderr)
    if isinstance(error, CellExecutionError):
        marked = [ANSI.sub("", line) for line in error.traceback.split("\n")]
        line = next((line for line in marked if re.match(r"\s*-+> ?\d+ ", line)), None)
        if line:
            print(f"  {line.strip()}", file=sys.stderr)
        message = f"{error.ename}: {ANSI.sub('', error.evalue)}".strip().split("\n")
        for part in message[-12:]:
            print(f"  {part}", file=sys.stderr)
    else:
        print(
            "  the notebook's process ended by itself; the usual cause is too little memory "
            "(close other programs, or try PROFILE=smoke)",
            file=sys.stderr,
        )
        for line in run.last_words():
            print(f"  {line[:200]}", file=sys.stderr)


def print_results(folder, run):
    """What is in the output folder, and what to do next."""
    minutes, seconds = divmod(round(run.seconds), 60)
    print(f"\n{run.path.stem} at profile {run.profile}: {minutes} min {seconds} s. It left:")
    files = (path for path in sorted(folder.iterdir()) if path.is_file() and path.name[0] != ".")
    for path in files:
        print(f"  {shown(path)}  ({max(1, round(path.stat().st_size / 1024)):,} kB)")
    print("Open the .html in a browser, or work with the notebooks in JupyterLab: make lab")


def run_notebook(path, profile, folder):
    """Execute the notebook at ``path`` into ``folder``; the exit status (see the module)."""
    print(f"Running {path.name} at profile {profile}; Ctrl-C stops it, run again it goes on.")
    prepare_folder(folder, profile)
    run = Run(path, profile)
    status = 0
    try:
        run.execute()
    except (CellExecutionError, RuntimeError) as error:  # the kernel died: a RuntimeError
        report_failure(run, error)
        status = 1
    except KeyboardInterrupt:
        status = 128 + run.signal if run.signal else 130
    folder.mkdir(parents=True, exist_ok=True)
    save_executed(run.notebook, folder, path.stem)
    result = folder / "result.json"
    if status:
        if result.exists():
            finish_result(result, complete=False)
        write_json(folder / RUN_FILE, {"profile": profile})
        again = "Stopped" if status > 1 else f"So far: {shown(folder / path.stem)}.html"
        print(f"{again}; the same command goes on from the last checkpoint.", file=sys.stderr)
        return status
    finish_result(
        result,
        complete=True,
        notebook=path.stem,
        profile=profile,
        total_seconds=round(run.seconds, 1),
        cores=os.cpu_count(),
        versions=versions(),
    )
    (folder / RUN_FILE).unlink(missing_ok=True)
    print_results(folder, run)
    return 0


def main(arguments=None):
    """The command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="demo.py", description=__doc__.split("\n")[0])
    parser.add_argument("notebook", help="a name, a number (03) or a path")
    parser.add_argument("--profile", default="laptop", help=f"one of {', '.join(PROFILES)}")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.profile not in PROFILES:
            known = ", ".join(PROFILES)
            raise DemoError(f"there is no profile {chosen.profile!r}; there are: {known}")
        path = find_notebook(chosen.notebook)
        os.environ["COURSE_PROFILE"] = chosen.profile
        folder = output_folder(path.stem)
        return run_notebook(path, chosen.profile, folder)
    except (DemoError, OSError) as error:
        print(f"demo: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped; the same command goes on from the last checkpoint.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
