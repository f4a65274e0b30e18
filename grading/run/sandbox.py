"""What keeps a submission's kernel in bounds: limits on any system, isolation on Linux.

The isolation is by Linux namespaces, made without privileges where the system allows that: no
network, a file system that can only be read, no other process in sight. Where they cannot be had,
the limits and the guard (``grading.run.guard``) remain, and the report says so.
"""

import contextlib
import ctypes
import os
import platform
import resource
from pathlib import Path

from grading.run import limits

NEW_USER, NEW_MOUNTS, NEW_PIDS, NEW_NETWORK, NEW_IPC = (
    0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000,
)  # fmt: skip
MS_BIND, MS_REC, MS_PRIVATE = 0x1000, 0x4000, 1 << 18
MOUNT_SETATTR, AT_RECURSIVE, AT_FDCWD, READ_ONLY = 442, 0x8000, -100, 1
CAPSET = {"x86_64": 126, "aarch64": 91}
PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38


def limit():
    """Limits of this process and its children: memory, processor time, sizes of files."""
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) if _linux() else 0
    memory = mapped * resource.getpagesize() + limits.MEMORY_MB * 2**20
    if _linux():
        _lower(resource.RLIMIT_AS, memory)
    _lower(resource.RLIMIT_CPU, limits.CPU_SECONDS)
    _lower(resource.RLIMIT_FSIZE, limits.FILE_MB * 2**20)
    _lower(resource.RLIMIT_CORE, 0)
    _lower(resource.RLIMIT_NOFILE, 512)


def _linux():
    return platform.system() == "Linux"


def _lower(which, value):
    hard = resource.getrlimit(which)[1]
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


class _MountAttributes(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint64) for name in ("set", "clear", "propagation", "userns")]


def _call(function, *arguments):
    """Call a C function that returns 0 when all is well; ``OSError`` otherwise."""
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _library():
    return ctypes.CDLL(None, use_errno=True)


def enter():
    """Leave the network, the other processes and the mounts behind; children feel it.

    Call it in a process with one thread, then fork: the child is the first in its own world.

    Raises:
        OSError: the system does not allow it; nothing has changed then.
    """
    if not _linux() or platform.machine() not in CAPSET:
        raise OSError("no namespaces here")
    user, group = os.getuid(), os.getgid()
    _call(_library().unshare, NEW_USER | NEW_MOUNTS | NEW_PIDS | NEW_NETWORK | NEW_IPC)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1")


def close(writable, scratch, hidden):
    """In the child of ``enter``: make the file system read-only and give up all privileges.

    Args:
        writable: folder that stays writable (the kernel's sockets).
        scratch: folder that becomes empty, writable and limited in size.
        hidden: folders that are empty from now on.

    Raises:
        OSError: the system does not allow it.
    """
    library = _library()

    def mount(source, target, kind, flags=0, data=None):
        names = [None if each is None else os.fsencode(each) for each in (source, target, kind)]
        _call(library.mount, *names, flags, data)

    def attributes(folder, flags, **change):
        request = _MountAttributes(change.get("set", 0), change.get("clear", 0), 0, 0)
        size = ctypes.sizeof(request)
        name = os.fsencode(folder)
        _call(library.syscall, MOUNT_SETATTR, AT_FDCWD, name, flags, ctypes.byref(request), size)

    mount(None, "/", None, MS_REC | MS_PRIVATE)
    mount(writable, writable, None, MS_BIND)
    attributes("/", AT_RECURSIVE, set=READ_ONLY)
    attributes(writable, 0, clear=READ_ONLY)
    mount("tmpfs", scratch, "tmpfs", 0, f"size={limits.SCRATCH_MB}m".encode())
    for folder in hidden:
        if Path(folder).is_dir():
            mount("tmpfs", folder, "tmpfs", 0, b"size=4k")
            attributes(folder, 0, set=READ_ONLY)
    with contextlib.suppress(OSError):  # in a container; others can be seen then, not touched
        mount("proc", "/proc", "proc")
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    none = (ctypes.c_uint32 * 6)()
    _call(library.syscall, CAPSET[platform.machine()], header, none)
    library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    library.prctl(PR_SET_PDEATHSIG, 9, 0, 0, 0)


def clean_environment(scratch, kit, path=None):
    """The environment of a kernel: nothing of the instructor's but the way to Python."""
    kept = {key: os.environ[key] for key in ("LANG", "LC_ALL", "LC_CTYPE") if key in os.environ}
    kept["PYTHONPATH"] = os.pathsep.join(str(each) for each in (kit, path) if each)
    home = Path(scratch)
    return kept | {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(home),
        "TMPDIR": str(home),
        "KERAS_HOME": str(home / "keras"),
        "KERAS_BACKEND": "tensorflow",
        "COURSE_PROFILE": "smoke",
        "COURSE_OFFLINE": "1",
        "COURSE_QUIET": "1",
        "COURSE_OUTPUT_DIR": str(home / "outputs"),
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "-1",
        "OMP_NUM_THREADS": "1",
        "TF_NUM_INTRAOP_THREADS": "1",
        "TF_NUM_INTEROP_THREADS": "1",
        "PYTHONWARNINGS": "ignore",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
