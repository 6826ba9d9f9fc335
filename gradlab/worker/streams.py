"""The worker's end of its pipes, out of reach of what the code under test prints and reads."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gradlab.worker.protocol import Frame, pack

if TYPE_CHECKING:
    from gradlab.worker.watchdog import Late


@dataclass(frozen=True)
class Streams:
    """Private descriptors, duplicated from the standard ones before the file runs.

    Attributes
    ----------
    requests, answers
        What were standard input and output.
    printed
        What standard output and error are now.
    """

    requests: int
    answers: int
    printed: int
    marker: bytes

    @classmethod
    def private(cls, marker: bytes) -> Streams:
        """Take over the standard descriptors: code that reads finds nothing, prints are counted."""
        streams = cls(os.dup(0), os.dup(1), os.dup(2), marker)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        _write(streams.answers, marker)
        return streams

    def answer(self, frame: bytes) -> None:
        """Send an answer, and before it all that was printed on the way to it."""
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # noqa: BLE001, S112 - the file may have closed or replaced it
                continue
        _write(self.printed, self.marker)
        _write(self.answers, frame)

    def report_late(self, late: Late) -> None:
        """Answer that the request has used up its time, and end the process."""
        message = {"late": late.limit, "function": late.function, "cpu": 0.0}
        _write(self.printed, self.marker)
        _write(self.answers, pack(Frame(message)))
        os._exit(1)


def _write(fd: int, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(fd, rest) :]
