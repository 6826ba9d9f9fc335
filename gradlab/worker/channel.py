"""The parent's end of a worker's pipes: threads that write requests and read answers.

The requests go to the worker's standard input, the answers come from its
standard output, and what the code under test prints comes from its standard
error.  Threads read all of them at any time, so no end ever waits for another
on any system.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
import time
from typing import IO, TYPE_CHECKING

from gradlab.worker.protocol import ProtocolError, Unpacker

if TYPE_CHECKING:
    import subprocess

    from gradlab.worker.protocol import Frame

_PIECE = 1 << 16
# An interrupt from the keyboard is noticed between two of these.
_SLICE_SECONDS = 0.5
_PRINTED_SECONDS = 1.0


class EndOfAnswersError(Exception):
    """The worker closed its end of the pipe."""


class Printed:
    """How much the code under test printed; the text itself is dropped.

    The worker writes `marker` after the output of each request, so that all of
    it is counted before the answer is used.
    """

    def __init__(self, marker: bytes) -> None:
        self._marker = marker
        self._condition = threading.Condition()
        self._tail = b""
        self._characters = self._lines = self._markers = 0

    def add(self, data: bytes) -> None:
        """Count a piece of output."""
        with self._condition:
            *before, self._tail = (self._tail + data).split(self._marker)
            self._markers += len(before)
            # The start of a marker may be the end of this piece.
            kept = len(self._tail) - len(self._marker) + 1
            counted = [*before, self._tail[: max(kept, 0)]]
            self._tail = self._tail[max(kept, 0) :]
            self._characters += sum(map(len, counted))
            self._lines += sum(part.count(b"\n") for part in counted)
            self._condition.notify_all()

    def wait_for(self, markers: int) -> None:
        """Wait until the output of this many requests is counted, or for a second."""
        with self._condition:
            self._condition.wait_for(lambda: self._markers >= markers, _PRINTED_SECONDS)

    def take(self) -> str:
        """Describe what was printed since the last call; empty if nothing was."""
        with self._condition:
            characters = self._characters + len(self._tail)
            lines = max(self._lines + self._tail.count(b"\n"), 1)
            self._characters = self._lines = 0
            self._tail = b""
        if not characters:
            return ""
        return f"it printed {lines:,} line{'s' * (lines > 1)}, which are not shown"


class Channel:
    """The three pipes of a worker.

    Parameters
    ----------
    process
        Started with pipes for its standard input, output and error, unbuffered.
    marker
        What the worker writes before its first answer and after what a request
        has printed; no other output contains it.
    """

    def __init__(self, process: subprocess.Popen[bytes], marker: bytes) -> None:
        assert process.stdin is not None  # noqa: S101 - for the types
        assert process.stdout is not None  # noqa: S101
        assert process.stderr is not None  # noqa: S101
        self.printed = Printed(marker)
        self._marker = marker
        self._requests: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[Frame | Exception] = queue.SimpleQueue()
        self._exchanged = 0
        self._start(self._write_requests, process.stdin)
        self._start(self._read_answers, process.stdout)
        self._start(self._count_printed, process.stderr)

    @staticmethod
    def _start(run: object, stream: IO[bytes]) -> None:
        threading.Thread(target=run, args=(stream,), daemon=True).start()  # type: ignore[arg-type]

    def exchange(self, request: bytes, seconds: float) -> Frame | None:
        """Send a request and return its answer; None if none has come after `seconds`.

        Raises
        ------
        ProtocolError
            If what came is no frame.
        EndOfAnswersError
            If the worker closed the pipe.
        """
        self._requests.put(request)
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            try:
                answer = self._answers.get(timeout=min(max(left, 0.0), _SLICE_SECONDS))
            except queue.Empty:
                if left <= 0:
                    return None
                continue
            if isinstance(answer, Exception):
                raise answer
            self._exchanged += 1
            self.printed.wait_for(self._exchanged)
            return answer

    def close(self) -> None:
        """Let the writing thread end; the others end with the process."""
        self._requests.put(None)

    def _write_requests(self, stream: IO[bytes]) -> None:
        # A worker that has ended is noticed where its replies are read.
        with contextlib.suppress(OSError), stream:
            while (request := self._requests.get()) is not None:
                rest = memoryview(request)
                while rest:
                    rest = rest[os.write(stream.fileno(), rest) :]

    def _read_answers(self, stream: IO[bytes]) -> None:
        unpacker = Unpacker()
        with contextlib.suppress(OSError), stream:
            try:
                unpacker.feed(self._after_marker(stream))
                while True:
                    while (frame := unpacker.take()) is not None:
                        self._accept(frame)
                    data = os.read(stream.fileno(), _PIECE)
                    if not data:
                        break
                    unpacker.feed(data)
            except ProtocolError as error:
                self._answers.put(error)
                return
        self._answers.put(EndOfAnswersError())

    def _accept(self, frame: Frame) -> None:
        if self._answers.qsize():
            msg = "an answer came that belongs to no request"
            raise ProtocolError(msg)
        self._answers.put(frame)

    def _after_marker(self, stream: IO[bytes]) -> bytes:
        """Skip what Python's own start-up printed; return what follows the marker."""
        text = b""
        while data := os.read(stream.fileno(), _PIECE):
            text += data
            _, found, rest = text.partition(self._marker)
            if found:
                return rest
        return b""

    def _count_printed(self, stream: IO[bytes]) -> None:
        with contextlib.suppress(OSError), stream:
            while data := os.read(stream.fileno(), _PIECE):
                self.printed.add(data)
