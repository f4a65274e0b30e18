"""The kernel that runs a submission, and the server that starts it fast.

``python -m grading.run.kernel CONNECTION_FILE`` is what the kernel specification ``course-grading``
runs. It asks the server that ``GRADING_KERNELS`` names for a kernel and stays as its deputy:
signals are passed on, and when it dies the kernel dies.

The server has imported TensorFlow, Keras and the checks once and forks a kernel from that state,
so that a kernel takes a tenth of a second and not ten. It never runs a student's code itself.
"""

import contextlib
import json
import os
import select
import signal
import socket
import socketserver
import sys
import tempfile
import traceback

VARIABLE = "GRADING_KERNELS"
PRELOAD = (
    "matplotlib.pyplot", "IPython.display", "ipykernel.kernelapp", "ipykernel.zmqshell",
    "matplotlib_inline.backend_inline", "ipywidgets", "keras", "helpers.recipes",
    "lessons.widgets.explorers",
)  # fmt: skip


def main(arguments=None):
    """Ask the server for a kernel and stand for it; returns its exit status."""
    (connection_file,) = sys.argv[1:] if arguments is None else arguments
    link = socket.socket(socket.AF_UNIX)
    link.connect(os.environ[VARIABLE])
    request = {"connection_file": os.path.abspath(connection_file)}
    link.sendall(json.dumps(request).encode() + b"\n")
    signal.signal(signal.SIGINT, lambda *_: link.sendall(b"I"))
    signal.signal(signal.SIGTERM, lambda *_: link.sendall(b"T"))
    try:
        answer = link.makefile("rb").readline()
    except OSError:
        return 1
    return int(answer) % 256 if answer.endswith(b"\n") else 1


def preload():
    """Import all checks and what they need, so that the guard knows them before a student's code.

    Raises:
        ImportError: something here has another name now.
    """
    import importlib
    import pkgutil
    import warnings

    warnings.simplefilter("ignore")
    from helpers import session

    session.import_tensorflow()
    for name in PRELOAD:
        importlib.import_module(name)
    import exercises

    for each in pkgutil.walk_packages(exercises.__path__, "exercises."):
        importlib.import_module(each.name)


# --- The server ---


class _Server(socketserver.ForkingMixIn, socketserver.UnixStreamServer):
    """Forks a keeper for every deputy that connects."""

    request_queue_size, max_children, timeout = 64, 1000, 0.05


class _Keeper(socketserver.StreamRequestHandler):
    """In a process of its own: starts a kernel, passes signals on, and tells how it ended."""

    rbufsize = 0

    def handle(self):
        """Serve one deputy until its kernel has ended."""
        self.server.socket.close()  # no kernel may answer in the server's place
        os.close(0)
        os.open(os.devnull, os.O_RDONLY)
        os.setsid()
        request = json.loads(self.rfile.readline()) | self.server.settings
        request["scratch"] = tempfile.mkdtemp(prefix="k", dir=request["scratch"])
        kernel = _start(request, self.server.snapshot, self.request)
        signal.signal(signal.SIGTERM, lambda *_: _signal(kernel, signal.SIGKILL))
        while not (ended := os.waitpid(kernel, os.WNOHANG))[0]:
            if select.select([self.request], [], [], 0.05)[0]:
                stop = self._said() != b"I"
                _signal(kernel, signal.SIGKILL if stop else signal.SIGINT)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(kernel, signal.SIGKILL)  # if not isolated: what the kernel left behind
        with contextlib.suppress(OSError):
            self.wfile.write(b"%d\n" % (os.waitstatus_to_exitcode(ended[1]) % 256))

    def _said(self):
        """What the deputy says: ``b"I"`` for an interrupt; nothing when it is gone."""
        try:
            return self.request.recv(1)
        except OSError:
            return b""


def serve(address, scratch, runtime, hidden):
    """Fork a kernel for everyone who asks at the socket ``address``, until stdin closes.

    Args:
        address: path of the socket.
        scratch: folder in which each kernel gets one of its own.
        runtime: folder of the connection files, which kernels may write to.
        hidden: folders that kernels find empty.
    """
    from grading.run import guard

    preload()
    server = _Server(address, _Keeper)
    server.snapshot = guard.Snapshot()
    server.settings = {"scratch": scratch, "runtime": runtime, "hidden": hidden}
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0)[0]:
        server.handle_request()  # waits for ``timeout`` seconds at most
    for keeper in server.active_children or ():
        _signal(keeper, signal.SIGTERM)


def _signal(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


# --- The kernel ---


def _start(request, snapshot, link):
    """Fork the kernel, isolated if the system allows it; returns its process id."""
    from grading.run import sandbox

    isolated = True
    try:
        sandbox.enter()
    except OSError:
        isolated = False
    kernel = os.fork()
    if kernel:
        return kernel
    status = 1
    try:
        os.close(link.fileno())
        status = _run(request, snapshot, isolated)
    except BaseException:
        os.write(2, traceback.format_exc().encode())  # the server's log
    finally:
        os._exit(status)


def _run(request, snapshot, isolated):
    """Be the kernel."""
    import random

    import numpy as np

    from grading.run import guard, sandbox

    os.setsid()
    scratch, hidden = request["scratch"], request["hidden"]
    sandbox.limit()
    if isolated:
        try:
            sandbox.close(request["runtime"], scratch, hidden)
        except OSError:
            isolated = False
    os.environ.update(sandbox.clean_environment(scratch, os.environ.get("PYTHONPATH", "")))
    os.environ.pop("JPY_PARENT_PID", None)
    os.chdir(scratch)
    tempfile.tempdir = None  # the new TMPDIR counts
    random.seed()  # a forked kernel must not repeat the server's random numbers
    np.random.seed()
    from ipykernel.kernelapp import IPKernelApp

    from grading.run import guarded

    guarded.GuardedKernel.guard = guard.Guard(snapshot, scratch, hidden)
    guarded.GuardedKernel.isolated = isolated
    app = IPKernelApp.instance(kernel_class=guarded.GuardedKernel)
    app.initialize(["-f", request["connection_file"], "--HistoryManager.enabled=False"])
    app.start()
    return 0


if __name__ == "__main__":
    sys.exit(main())
