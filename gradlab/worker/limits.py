"""What the code under test may take of the machine."""

from __future__ import annotations

import ctypes
import signal
import sys
from pathlib import Path

#: Memory above what the worker itself needs.
MEMORY_BYTES = 2 << 30
_PR_SET_PDEATHSIG = 1


def limit_memory() -> None:
    """Refuse this process more than `MEMORY_BYTES` above what it has now.

    Without Linux's ``/proc`` there is nothing to measure from, and no limit.
    """
    status = Path("/proc/self/statm")
    if not status.exists():
        return
    import resource  # noqa: PLC0415 - POSIX only

    now = int(status.read_text().split()[0]) * resource.getpagesize()
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    most = now + MEMORY_BYTES
    if hard != resource.RLIM_INFINITY:
        most = min(most, hard)
    resource.setrlimit(resource.RLIMIT_AS, (most, hard))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def die_with_parent() -> None:
    """Let the kernel end this process when the parent is killed; elsewhere than Linux, nothing."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
