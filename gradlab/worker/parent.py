"""The parent's end of a worker: start it, talk to it until a deadline, end it."""

from __future__ import annotations

import contextlib
import os
import re
import select
import selectors
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.worker.protocol import ProtocolError, Unpacker, pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.worker.protocol import Frame

_PIECE = 1 << 16
_START_SECONDS = 60.0
_TRACE_SECONDS = 1.0
_TRACE_LINE = re.compile(r'^  File "(.*)", line \d+ in (\S+)$', re.MULTILINE)
_ROOT = str(Path(__file__).parents[2])

# One BLAS thread, so that sums come out in one order; the same hash of a string
# and no figure windows on every run.
_ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "VECLIB_MAXIMUM_THREADS": "1",
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONIOENCODING": "utf-8:backslashreplace",
    "MPLBACKEND": "Agg",
}
_COMMAND = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from gradlab.worker.child import main; main(*map(int, sys.argv[2:]))"
)


class DeadlineError(CodeUnderTestError):
    """The code under test did not finish in time."""


class ExitedError(CodeUnderTestError):
    """The process of the code under test ended while an answer was due."""


class Printed:
    """How much the code under test printed; the text itself is let go."""

    def __init__(self) -> None:
        self.characters = 0
        self.lines = 0

    def add(self, data: bytes) -> None:
        """Count what came down the pipe."""
        self.characters += len(data)
        self.lines += data.count(b"\n")

    def take(self) -> str:
        """Say in words what was printed since the last time; empty when nothing was."""
        characters, lines = self.characters, max(self.lines, 1)
        self.characters = self.lines = 0
        if not characters:
            return ""
        return f"it printed {lines:,} line{'s' * (lines > 1)}, which are not shown"


class Worker:
    """One worker process, a session and process group of its own.

    Use as a context manager: whatever happens inside, the process and all that
    it started in its group are killed at the end.

    Raises
    ------
    GradlabError
        When no process can be started.
    """

    def __init__(self) -> None:
        if os.name != "posix":
            msg = "the command runs files on POSIX systems only; use gradlab.check from Python here"
            raise GradlabError(msg)
        self.printed = Printed()
        self.alive = True
        self._ended_because: CodeUnderTestError | None = None
        self._left, self._given = _START_SECONDS, _START_SECONDS
        self._unpacker = Unpacker()
        self._selector = selectors.DefaultSelector()
        self._process, self._fds = _start()
        self._to, self._from, self._trace, self._output = self._fds
        for fd in self._fds:
            os.set_blocking(fd, False)
        self._selector.register(self._from, selectors.EVENT_READ)
        self._selector.register(self._output, selectors.EVENT_READ)

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def set_budget(self, seconds: float) -> None:
        """Give the requests from now on this much time together."""
        self._left = self._given = seconds

    def request(self, frame: Frame, what: str, source: str = "") -> Frame:
        """Send a frame and wait for the answer.

        `what` names the code that is waited for, for people; `source` its file.

        Raises
        ------
        DeadlineError
            When the time allowed is over; the worker is killed then.
        ExitedError
            When the worker ends instead of answering.
        ProtocolError
            When what comes back is no answer.
        """
        if self._ended_because is not None:
            raise self._ended_because
        started = time.monotonic()
        try:
            answer = self._exchange(memoryview(pack(frame)), started + self._left, what, source)
        except (CodeUnderTestError, ProtocolError) as error:
            self.terminate(str(error))
            raise
        self._left -= time.monotonic() - started
        self._drain()
        return answer

    def terminate(self, reason: str) -> None:
        """Kill the worker; further requests are answered with this reason."""
        self._ended_because = CodeUnderTestError(reason)
        self.close()

    def _exchange(self, pending: memoryview, end: float, what: str, source: str) -> Frame:
        self._selector.register(self._to, selectors.EVENT_WRITE)
        while (answer := self._unpacker.take()) is None:
            ready = self._selector.select(max(end - time.monotonic(), 0.0))
            if not ready:
                raise DeadlineError(self._timeout_message(what, source))
            for key, _ in ready:
                if key.fd == self._to:
                    pending = self._write(pending)
                elif key.fd == self._output:
                    self._read_output()
                elif not self._read_answer():
                    raise ExitedError(self._exit_message(what))
        return answer

    def _write(self, pending: memoryview) -> memoryview:
        with contextlib.suppress(BrokenPipeError, BlockingIOError):
            pending = pending[os.write(self._to, pending[:_PIECE]) :]
            if pending:
                return pending
        self._selector.unregister(self._to)
        return pending

    def _read_answer(self) -> bool:
        data = os.read(self._from, _PIECE)
        self._unpacker.feed(data)
        return bool(data)

    def _read_output(self) -> bool:
        """Count a piece of what was printed; False when there is no more for now."""
        try:
            data = os.read(self._output, _PIECE)
        except BlockingIOError:
            return False
        self.printed.add(data)
        if not data:
            self._selector.unregister(self._output)
        return bool(data)

    def _drain(self) -> None:
        # What was printed before the answer is in the pipe, and a pipe holds no
        # more than 1 MiB; whoever keeps printing from a thread is not waited for.
        for _ in range((1 << 20) // _PIECE):
            if self._output not in self._selector.get_map() or not self._read_output():
                return

    def _timeout_message(self, what: str, source: str) -> str:
        """Ask the worker, by a signal, where it is; no answer is no harm."""
        with contextlib.suppress(OSError):
            self._process.send_signal(signal.SIGUSR1)
        function = outermost_function(self._trace, source)
        name = f"{what}.{function}" if function not in ("", what) and "." not in what else what
        return (
            f"{name} did not finish within {self._given:g} s; look for a loop that never ends, "
            "or for printing inside a loop, or give it longer with --deadline SECONDS"
        )

    def _exit_message(self, what: str) -> str:
        try:
            code = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return f"{what} closed the files of its process, which can give no answer any more"
        if code < 0:
            name = signal.Signals(-code).name
            return f"{what} ended its process by signal {name}, and gave no result"
        return (
            f"{what} ended its process with exit code {code}, and gave no result; "
            "take os._exit, exit and quit out of it"
        )

    def close(self) -> None:
        """Kill the worker and all of its process group."""
        if not self.alive:
            return
        self.alive = False
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._selector.close()
        for fd in self._fds:
            os.close(fd)


def _start() -> tuple[subprocess.Popen[bytes], tuple[int, int, int, int]]:
    pipes = [os.pipe() for _ in range(4)]
    (request, to), (from_, answer), (trace, stuck), (output, printing) = pipes
    theirs, ours = (request, answer, stuck, printing), (to, from_, trace, output)
    numbers = [str(fd) for fd in (request, answer, stuck)]
    # -P: a file in the current folder must not stand in for a module of the worker's.
    options: Mapping[str, Any] = {"start_new_session": True, "pass_fds": theirs[:3]}
    try:
        process = subprocess.Popen(  # noqa: S603 - this very interpreter
            [sys.executable, "-P", "-B", "-c", _COMMAND, _ROOT, *numbers],
            stdin=subprocess.DEVNULL,
            stdout=printing,
            stderr=printing,
            env={**os.environ, **_ENVIRONMENT},
            **options,
        )
    except OSError as error:
        for fd in ours:
            os.close(fd)
        msg = f"no process could be started to run the file in: {error}"
        raise GradlabError(msg) from error
    finally:
        for fd in theirs:
            os.close(fd)
    return process, ours


def outermost_function(trace: int, source: str) -> str:
    """Return the function of `source` that everything else was called from.

    The innermost line would differ from run to run; the outermost function is
    the method that gradlab called.  Empty when nothing can be told.
    """
    text, end = b"", time.monotonic() + _TRACE_SECONDS
    # The main thread is written last; the module's own level is its outermost line.
    while (left := end - time.monotonic()) > 0 and select.select([trace], [], [], left)[0]:
        data = os.read(trace, 1 << 16)
        text += data
        if not data or text.endswith(b" in <module>\n"):
            break
    return function_in(text.decode(errors="replace"), source)


def function_in(text: str, source: str) -> str:
    r"""Find the outermost function of the file `source` in a stack, innermost line first.

    Examples
    --------
    >>> function_in('  File "a.py", line 3 in wait\n  File "a.py", line 9 in forward\n', "a.py")
    'forward'
    """
    of_source = [
        function for file, function in _TRACE_LINE.findall(text) if file.startswith(source)
    ]
    named = [function for function in of_source if function != "<module>"]
    return named[-1] if source and named else ""
