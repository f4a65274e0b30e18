"""The kernel server's process: started for a batch, watched, and ended with it."""

import contextlib
import os
import select
import shutil
import subprocess
import sys
from pathlib import Path

from grading.course import REPOSITORY
from grading.run import kernel, sandbox
from helpers import PACKAGES

START_SECONDS = 300


class KernelServer:
    """A context in which ``address`` answers with fresh kernels.

    Kernels run on a copy of the kit, so that nobody's files are at stake where the system
    cannot isolate them; a copy that was changed is replaced. ``hidden``: folders that kernels find
    empty; each must be there.
    """

    def __init__(self, work, hidden=()):
        self.work, self.hidden = Path(work), [str(Path(each).resolve(True)) for each in hidden]
        self.address, self.process = "", None
        self.runtime, self.scratch = str(self.work / "r"), str(self.work / "k")
        self.kit, self.starts = self.work / "kit", 0

    def __enter__(self):
        for each in (self.runtime, self.scratch):
            os.makedirs(each, exist_ok=True)
        self._copy_kit()
        self.ensure()
        return self

    def __exit__(self, *_):
        if self.process is not None:
            with contextlib.suppress(OSError):
                self.process.stdin.close()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def environment(self):
        """How ``grading.run.kernel`` and nbgrader's process find this server."""
        return {kernel.VARIABLE: self.address, "GRADING_RUNTIME": self.runtime}

    def _copy_kit(self):
        shutil.rmtree(self.kit, ignore_errors=True)
        skip = shutil.ignore_patterns("__pycache__", "_data")
        for name in PACKAGES:
            shutil.copytree(REPOSITORY / name, self.kit / name, ignore=skip)
        shutil.copy(REPOSITORY / "pyproject.toml", self.kit)
        (self.kit / "data").symlink_to(REPOSITORY / "data")
        self.seen = self._state()

    def _state(self):
        """Path, and size and time of change, of every file of the kit's copy and of the grader."""
        folders = (*(self.kit / name for name in PACKAGES), REPOSITORY / "grading")
        found = [path for folder in folders for path in folder.rglob("*.*")]
        files = [path for path in found if path.suffix in (".py", ".toml")]
        return {(path, (path.stat().st_size, path.stat().st_mtime_ns)) for path in files}

    def changes(self):
        """Names of the kit's files that are not what they were, then set right; else empty."""
        changed = sorted({Path(path).name for path, _ in self._state() ^ self.seen})
        if changed:
            self._copy_kit()
        return ", ".join(changed[:5])

    def ensure(self):
        """Start the server if it does not run.

        Raises:
            RuntimeError: it does not start; the message is what it wrote.
        """
        if self.process is not None and self.process.poll() is None:
            return
        self.starts += 1
        if self.starts > 3:
            raise RuntimeError("the kernel server ended three times")
        self.address = str(self.work / f"s{self.starts}")
        call = (
            "from grading.run import kernel; kernel.serve("
            f"{self.address!r}, {self.scratch!r}, {self.runtime!r}, {self.hidden!r})"
        )
        log = self.work / "server.log"
        with open(log, "ab") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-c", call],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                cwd=self.work,
                env=sandbox.clean_environment(self.scratch, self.kit, REPOSITORY),
                start_new_session=True,
            )
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        if not (ready and self.process.stdout.readline() == b"ready\n"):
            self.process.kill()
            raise RuntimeError(f"the kernel server did not start:\n{log.read_text()[-2000:]}")
