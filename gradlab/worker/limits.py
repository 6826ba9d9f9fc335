"""Limits of the worker process, where the system has them.

Linux limits the data of a process; elsewhere memory is not limited, and the
report notes it.  With the environment variable ``GRADLAB_PORTABLE`` set to 1 the
worker does without all that only some systems have: limits, process groups and
signals.  That is for tests of the path that every system takes.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

#: Memory of the code under test, above what the worker itself needs, in GiB.
DEFAULT_MEMORY = 2.0
PORTABLE = "GRADLAB_PORTABLE"
_PR_SET_PDEATHSIG = 1

NO_MEMORY_LIMIT = "the memory of the code under test is not limited on this system"


def is_portable() -> bool:
    """Whether nothing may be used that only some systems have."""
    return os.environ.get(PORTABLE) == "1"


def has_process_groups() -> bool:
    """Whether the worker and all that it starts can be ended together."""
    return os.name == "posix" and not is_portable()


def has_memory_limit() -> bool:
    """Whether the system enforces a limit on the data of a process."""
    return sys.platform == "linux" and not is_portable()


def limit_memory(gib: float) -> None:
    """Refuse this process more than `gib` GiB of data above what it has now.

    The limit is on private writable memory rather than on the address space:
    libraries that map large files (torch, CUDA) reserve many GiB of addresses
    and use few of them.
    """
    if not has_memory_limit():
        return
    import resource  # noqa: PLC0415 - POSIX only

    # The sixth field is the size of data and stack, in pages.
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[5])
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    most = pages * resource.getpagesize() + int(gib * 2**30)
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent() -> None:
    """Have the kernel end this process when the parent is killed; on Linux only.

    Elsewhere the watchdog ends it when the time of the current request is over.
    """
    if sys.platform == "linux" and not is_portable():
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
