"""The worker's clock: it reports a request that uses up its time, and where the code was."""

from __future__ import annotations

import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

# The clock is read this often at least; code with threads of its own uses CPU
# time faster than it passes.
_LONGEST_SLEEP = 0.25
_SHORTEST_SLEEP = 0.01


@dataclass(frozen=True)
class Late:
    """A request that has used up its time.

    Attributes
    ----------
    limit
        What was used up: ``"cpu"`` or ``"wall"``.
    function
        The outermost function of the file under test on the stack; empty where
        there is none.
    """

    limit: str
    function: str


@dataclass(frozen=True)
class _Timer:
    """The limits of the current request, as readings of both clocks."""

    cpu_end: float
    wall_end: float
    source: str

    def left(self) -> tuple[float, float]:
        return self.cpu_end - time.process_time(), self.wall_end - time.monotonic()


class Watchdog:
    """Measures the CPU and wall time of each request, in a thread of its own.

    Parameters
    ----------
    expired
        Called with a `Late` when a request has used up either; it must not return
        to a state in which that request is answered.  The worker ends there.
    """

    def __init__(self, expired: Callable[[Late], None]) -> None:
        self._expired = expired
        self._lock = threading.Lock()
        self._timer: _Timer | None = None
        self._watched = threading.get_ident()
        threading.Thread(target=self._watch, daemon=True).start()

    @contextmanager
    def timed(self, cpu: float, wall: float, source: str) -> Iterator[None]:
        """Allow the body `cpu` seconds of CPU time and `wall` seconds; `source` is its file."""
        timer = _Timer(time.process_time() + cpu, time.monotonic() + wall, source)
        with self._lock:
            self._timer = timer
        try:
            yield
        finally:
            with self._lock:
                self._timer = None

    def _watch(self) -> None:
        while True:
            with self._lock:
                timer = self._timer
                cpu, wall = timer.left() if timer else (_LONGEST_SLEEP, _LONGEST_SLEEP)
                if timer is not None and min(cpu, wall) <= 0:
                    function = outermost_function(self._stack(), timer.source)
                    self._expired(Late("cpu" if cpu <= 0 else "wall", function))
                    return
            time.sleep(min(max(min(cpu, wall), _SHORTEST_SLEEP), _LONGEST_SLEEP))

    def _stack(self) -> FrameType | None:
        return sys._current_frames().get(self._watched)  # noqa: SLF001 - documented, for this use


def outermost_function(frame: FrameType | None, source: str) -> str:
    """Return the function of the file `source` that everything else was called from.

    The innermost line would differ from run to run; the outermost function is
    the method that gradlab called.
    """
    found = ""
    while frame is not None:
        code = frame.f_code
        if source and code.co_filename.startswith(source) and code.co_name != "<module>":
            found = code.co_name
        frame = frame.f_back
    return found
