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
import sys
import tempfile
import time
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
    answer = b""
    while not answer.endswith(b"\n"):
        try:
            part = link.recv(64)
        except OSError:
            part = b""
        if not part:
            return 1
        answer += part
    return int(answer) % 256


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


# ---------------------------------------------------------------------------------------------
# The server.


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
    snapshot = guard.Snapshot()
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(address)
    listener.listen(64)
    print("ready", flush=True)
    kernels = {}  # link -> process id of the outer process of its kernel
    waiting = {}  # link -> what it has sent so far
    while True:
        readable, _, _ = select.select([listener, sys.stdin, *kernels, *waiting], [], [], 0.05)
        if sys.stdin in readable:
            break
        if listener in readable:
            waiting[listener.accept()[0]] = b""
        for link in [each for each in readable if each in kernels]:
            _obey(link, kernels)
        for link in [each for each in readable if each in waiting]:
            part = link.recv(4096)
            waiting[link] += part
            if waiting[link].endswith(b"\n"):
                request = json.loads(waiting.pop(link))
                folder = os.path.join(scratch, f"k{time.monotonic_ns()}")
                os.makedirs(folder)
                request |= {"scratch": folder, "runtime": runtime, "hidden": hidden}
                kernels[link] = _fork(request, snapshot, [listener, *kernels, *waiting, link])
            elif not part:
                waiting.pop(link).close()
        _reap(kernels)
    for child in kernels.values():
        _signal(child, signal.SIGTERM)


def _obey(link, kernels):
    try:
        words = link.recv(64)
    except OSError:
        words = b""
    child = kernels[link]
    if not words or b"T" in words:  # the deputy is gone
        _signal(child, signal.SIGTERM)
    elif b"I" in words:
        _signal(child, signal.SIGUSR1)


def _signal(process, number):
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, number)


def _reap(kernels):
    for link, child in list(kernels.items()):
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            with contextlib.suppress(OSError):
                link.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
            link.close()
            del kernels[link]


def _fork(request, snapshot, links):
    """Fork a keeper, which forks the kernel; returns the keeper's process id."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        for link in links:
            link.close()
        os.close(0)
        os.open(os.devnull, os.O_RDONLY)
        os.setsid()
        status = _start(request, snapshot)
    except BaseException:
        os.write(2, traceback.format_exc().encode())  # the server's log
    finally:
        os._exit(status)


# ---------------------------------------------------------------------------------------------
# The kernel.


def _start(request, snapshot):
    """Start the kernel, a child of this process, behind walls if they can be had; keep it."""
    from grading.run import sandbox

    walls = True
    try:
        sandbox.enter()
    except OSError:
        walls = False
    kernel = os.fork()
    if kernel == 0:
        status = 1
        try:
            status = _run(request, snapshot, walls)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            os._exit(status)
    signal.signal(signal.SIGUSR1, lambda *_: _signal(kernel, signal.SIGINT))
    signal.signal(signal.SIGINT, lambda *_: _signal(kernel, signal.SIGINT))
    signal.signal(signal.SIGTERM, lambda *_: _signal(kernel, signal.SIGKILL))
    status = os.waitstatus_to_exitcode(os.waitpid(kernel, 0)[1])
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(kernel, signal.SIGKILL)  # without walls: what the kernel left behind
    return status % 256


def _run(request, snapshot, walls):
    """Be the kernel."""
    import random

    import numpy as np

    from grading.run import guard, sandbox

    os.setsid()
    scratch, hidden = request["scratch"], request["hidden"]
    sandbox.limit()
    if walls:
        try:
            sandbox.close(request["runtime"], scratch, hidden)
        except OSError:
            walls = False
    os.environ.update(sandbox.clean_environment(scratch, os.environ.get("PYTHONPATH", "")))
    os.environ.pop("JPY_PARENT_PID", None)
    os.chdir(scratch)
    tempfile.tempdir = None  # the new TMPDIR counts
    random.seed()  # a forked kernel must not repeat the server's random numbers
    np.random.seed()
    from ipykernel.kernelapp import IPKernelApp

    from grading.run import guarded

    guarded.GuardedKernel.guard = guard.Guard(snapshot, scratch, hidden)
    guarded.GuardedKernel.walls = walls
    app = IPKernelApp.instance(kernel_class=guarded.GuardedKernel)
    app.initialize(["-f", request["connection_file"], "--HistoryManager.enabled=False"])
    app.start()
    return 0


if __name__ == "__main__":
    sys.exit(main())
