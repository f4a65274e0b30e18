"""What a process holds, for the benchmarks (Linux)."""

import resource
from pathlib import Path


def resident():
    """Megabytes that this process holds now (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


def peak():
    """The most megabytes that this process has ever held (Linux).

    Not ``ru_maxrss``: a child's begins with what its parent held when it was started.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024 / 1e6
