"""The trusted part inside a submission's kernel.

It remembers what the libraries and the checks were before the student's code ran, and looks whether
they still are before and after each test; it writes down what the student's code does that no
answer needs; and it confirms a test only when the check reached its verdict. All this shares one
process with the student's code, so it stops cheating that is not aimed at this very file.
docs/INSTRUCTORS.md says what follows from that.
"""

import builtins
import os
import sys
import threading
import types

from helpers import PACKAGES

# What the guard watches: modules of these names and those below. tests/grading loads what a kernel
# preloads and finds each of them.
PREFIXES = (
    *PACKAGES, "keras", "numpy", "math", "IPython.core.interactiveshell", "ipykernel.ipkernel",
    "ipykernel.kernelbase", "ipykernel.zmqshell", "ipykernel.iostream", "tensorflow._api",
    "tensorflow.python.framework", "tensorflow.python.eager", "tensorflow.python.ops",
)  # fmt: skip
WITH_CLASSES = (*PACKAGES, "keras", "tensorflow.python.framework", "IPython", "ipykernel")
CALLABLE = (types.FunctionType, types.BuiltinFunctionType, type, types.ModuleType)
LIMIT = 20  # events that are reported; the first ones say enough

# Audit events (PEP 578) that no answer to an exercise causes: what the report says, and the events.
# `NEAR`: the student's own line does it. `DEEP`: a few calls below one of their lines.
_NEAR = {
    "looks into the frames of its caller": "sys._getframe",
    "searches the memory of the process": "gc.get_objects gc.get_referrers gc.get_referents",
    "traces other code": "sys.settrace sys.setprofile",
    "watches the grader": "sys.addaudithook",
    "changes the code of a function or class": "object.__setattr__",
    "makes code of its own": "code.__new__",
    "calls C directly": "ctypes.dlopen",
}
_DEEP = {
    "opens a network connection": "socket.connect",
    "opens a network port": "socket.bind",
    "sends to the network": "socket.sendto",
    "looks up a network address": "socket.getaddrinfo",
    "starts another program": "subprocess.Popen os.system os.exec os.posix_spawn",
    "forks": "os.fork os.forkpty",
    "sends a signal to a process": "os.kill os.killpg",
    "opens a file that is none of its business": "open",
    "removes a file": "os.remove",
    "renames a file": "os.rename",
    "removes a folder": "os.rmdir shutil.rmtree",
    "changes the rights of a file": "os.chmod",
}
NEAR, DEEP = (
    {event: says for says, events in table.items() for event in events.split()}
    for table in (_NEAR, _DEEP)
)
DEPTH = 8


class Snapshot:
    """What the callables of the loaded libraries are at this moment."""

    def __init__(self, prefixes=PREFIXES):
        self.names, self.codes, seen = [], [], set()
        for name, module in list(sys.modules.items()):
            fits = name == "tensorflow" or any(
                name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes
            )
            if fits and isinstance(module, types.ModuleType):
                self._take(name, vars(module), seen)
        self._take("builtins", vars(builtins), seen)

    def _take(self, label, space, seen, kinds=CALLABLE):
        kept = {key: value for key, value in list(space.items()) if isinstance(value, kinds)}
        self.names.append((label, space, kept))
        for key, value in kept.items():
            if id(value) in seen:
                continue
            seen.add(id(value))
            if isinstance(value, types.FunctionType):
                self.codes.append((f"{label}.{key}", value, value.__code__, value.__defaults__))
            elif isinstance(value, type) and str(value.__module__).startswith(WITH_CLASSES):
                self._take(f"{value.__module__}.{key}", vars(value), seen, types.FunctionType)

    def changes(self):
        """Dotted names of what is not what it was, at most a few."""
        # Plain Python: a library's function that this called could have been replaced.
        found = [
            f"{label}.{key}"
            for label, space, kept in self.names
            for key, value in kept.items()
            if space.get(key) is not value
        ]
        found += [
            label
            for label, function, code, defaults in self.codes
            if function.__code__ is not code or function.__defaults__ is not defaults
        ]
        return found[:3]


class Watch:
    """Writes down audit events that the student's cells cause, and stops the harmful ones."""

    def __init__(self, scratch, hidden):
        self.scratch, self.events, self.on = os.path.realpath(scratch), [], False
        self.count, self.last = 0, ""
        self.hidden = tuple(os.path.realpath(each) + os.sep for each in hidden)
        near, deep, busy = dict(NEAR), dict(DEEP), set()
        getframe, thread = sys._getframe, threading.get_ident

        def hook(event, arguments):
            if not self.on or (event not in deep and event not in near) or thread() in busy:
                return
            busy.add(thread())  # looking at frames is an event, too
            try:
                frame = getframe(1)
                if event in deep:
                    if self._below_a_cell(frame, DEPTH):
                        self._judge(event, arguments, deep[event])
                elif event == "object.__setattr__" and arguments[1] != "__code__":
                    pass
                elif self._below_a_cell(frame, 1):
                    self._note(near[event], "")
            finally:
                busy.discard(thread())

        sys.addaudithook(hook)

    @staticmethod
    def _below_a_cell(frame, depth):
        while frame is not None and depth:
            if "ipykernel_" in frame.f_code.co_filename:
                return True
            frame, depth = frame.f_back, depth - 1
        return False

    def _judge(self, event, arguments, says):
        detail = ""
        if event == "open":
            says = self._open(arguments)
            if says is None:
                return
        elif event.startswith(("os.re", "os.ch", "os.rm", "shutil")):
            detail = os.path.realpath(os.fspath(arguments[0]))
            if self._inside(detail):
                return
        elif event.startswith("socket") and isinstance(arguments[-1], (str, bytes)):
            return  # a socket in a file, which stays on this machine
        self._note(says, detail)
        raise PermissionError(f"this submission {says}; that is not allowed while it is graded")

    def _inside(self, path):
        return path == self.scratch or path.startswith((self.scratch + os.sep, "/dev/null"))

    def _open(self, arguments):
        """What is wrong with opening this file, or ``None``."""
        name, mode, flags = arguments
        if not isinstance(name, (str, bytes, os.PathLike)):
            return None
        path = os.path.realpath(os.fsdecode(name))
        writes = (isinstance(mode, str) and set(mode) & set("wax+")) or (
            isinstance(flags, int) and flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        )
        if writes and not self._inside(path):
            return f"writes to {_short(path)}"
        if path.startswith(self.hidden):
            return f"reads {_short(path)}"
        return None

    def _note(self, says, detail):
        sentence = f"{says} {_short(detail)}".strip()
        self.count, self.last = self.count + 1, sentence
        if len(self.events) < LIMIT and sentence not in self.events:
            self.events.append(sentence)


def _short(path):
    """The end of a path, enough to know the file by."""
    return os.sep.join(path.split(os.sep)[-3:]) if path else ""


class Guard:
    """Everything above for one kernel. Made before the first line of the student's code."""

    def __init__(self, snapshot, scratch, hidden=()):
        self.snapshot = snapshot
        self.watch = Watch(scratch, hidden)
        self.passes = sys.modules["exercises.verdict"].passes
        self.reported = 0

    def seal(self, shell):
        """Remember the kernel's own parts once it runs, and start watching."""
        self.shell = shell
        self.builtins = {k: v for k, v in vars(builtins).items() if k != "_"}
        kept = next(each[2] for each in self.snapshot.names if each[0] == "builtins")
        kept.update({k: v for k, v in self.builtins.items() if k in kept})
        self.parts = self._parts()
        self.threads = set(threading.enumerate())
        self.watch.on = True

    def _parts(self):
        """What stands between a cell's text and its execution."""
        shell, manager = self.shell, self.shell.input_transformer_manager
        own = {k for k, v in vars(shell).items() if hasattr(type(shell), k) and callable(v)}
        hooks = (sys.gettrace(), sys.getprofile(), threading.gettrace(), threading.getprofile())
        lists = [shell.ast_transformers, shell.input_transformers_post]
        names = ("cleanup_transforms", "line_transforms", "token_transformers")
        lists += [getattr(manager, name, ()) for name in names]
        return [[id(step) for step in steps] for steps in lists], own, hooks

    def changes(self):
        """Sentences on what the student's code has replaced; empty if nothing."""
        found = [f"replaced {name}" for name in self.snapshot.changes()]
        if self._parts() != self.parts:
            found.append("changed how cells are executed")
        if any(_foreign(each) for each in set(threading.enumerate()) - self.threads):
            found.append("left a thread running")
        return found

    def news(self):
        """Events since the last call."""
        fresh, self.reported = self.watch.events[self.reported :], len(self.watch.events)
        return fresh


def _foreign(thread):
    """Whether a thread runs a function that a notebook's cell defined."""
    target = getattr(thread, "_target", None) or getattr(type(thread), "run", None)
    code = getattr(getattr(target, "__func__", target), "__code__", None)
    return code is not None and "ipykernel_" in code.co_filename
