"""The parent's end of a worker: start it, exchange frames within a budget of time, end it."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.worker import limits
from gradlab.worker.channel import Channel, EndOfAnswersError
from gradlab.worker.protocol import Frame, ProtocolError, pack

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.worker.channel import Printed

#: Wall time allowed for each second of CPU time: a safety net for code that waits,
#: and for the parent's own computation.
WALL_FACTOR = 5.0
_START_SECONDS = 60.0
# The worker reports a late request by itself; if it does not, the parent gives up after this.
_GRACE_SECONDS = 2.0
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
    "from gradlab.worker.child import main; main(sys.argv[2])"
)


class DeadlineError(CodeUnderTestError):
    """The code under test, or the check of it, did not finish in time."""


class ExitedError(CodeUnderTestError):
    """The process of the code under test ended before it had answered."""


class Worker:
    """One worker process, a session and process group of its own where the system has them.

    Use as a context manager: the process, and all that it started in its group,
    are killed at the end.

    Attributes
    ----------
    cpu_seconds
        CPU time that the code under test has used.

    Raises
    ------
    GradlabError
        When no process can be started.
    """

    def __init__(self) -> None:
        self.alive = True
        self.cpu_seconds = 0.0
        self._ended_because: CodeUnderTestError | None = None
        self.set_budget(_START_SECONDS)
        marker = f"\0{secrets.token_hex(16)}\0".encode()
        self._process = _start(marker)
        self._channel = Channel(self._process, marker)

    @property
    def printed(self) -> Printed:
        """What the code under test has printed, counted."""
        return self._channel.printed

    def __enter__(self) -> Worker:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def set_budget(self, seconds: float) -> None:
        """Allow the requests from now on this much CPU time together, and wall time in proportion.

        The wall time includes what the parent computes between the requests.
        """
        self._given = self._cpu_left = seconds
        self._wall_end = time.monotonic() + WALL_FACTOR * seconds

    def request(self, frame: Frame, what: str, source: str = "") -> Frame:
        """Send a frame and wait for the answer.

        `what` names the code that runs meanwhile, for people; `source` is its file.

        Raises
        ------
        DeadlineError
            When the budget is used up; the worker is killed then.
        ExitedError
            When the worker ends instead of answering.
        ProtocolError
            When what comes back is no answer.
        """
        if self._ended_because is not None:
            raise self._ended_because
        try:
            return self._exchange(frame, what, source)
        except (CodeUnderTestError, ProtocolError) as error:
            self.terminate(str(error))
            raise

    def terminate(self, reason: str) -> None:
        """Kill the worker; further requests raise an error with this reason."""
        self._ended_because = CodeUnderTestError(reason)
        self.close()

    def _exchange(self, frame: Frame, what: str, source: str) -> Frame:
        wall = self._wall_end - time.monotonic()
        if wall <= 0:
            raise DeadlineError(out_of_wall_time(f"the check of {what}", self._given))
        limited = {"cpu": self._cpu_left, "wall": wall, "source": source}
        request = pack(Frame({**frame.message, "limits": limited}, frame.arrays))
        try:
            answer = self._channel.exchange(request, wall + _GRACE_SECONDS)
        except EndOfAnswersError:
            raise ExitedError(self._exit_message(what)) from None
        if answer is None:
            raise DeadlineError(out_of_wall_time(what, self._given))
        self._account(answer)
        self._check_late(answer, what)
        return answer

    def _account(self, answer: Frame) -> None:
        used = answer.message.get("cpu")
        if not isinstance(used, int | float) or not used >= 0:
            msg = f"an answer came without the CPU time that it took: {used!r}"
            raise ProtocolError(msg)
        self.cpu_seconds += used
        self._cpu_left = max(self._cpu_left - used, 0.0)

    def _check_late(self, answer: Frame, what: str) -> None:
        late = answer.message.get("late")
        if late is None:
            return
        if late == "cpu":
            self.cpu_seconds += self._cpu_left
        function = str(answer.message.get("function", ""))
        name = f"{what}.{function}" if function not in ("", what) and "." not in what else what
        raise DeadlineError(
            self._out_of_cpu_time(name) if late == "cpu" else out_of_wall_time(name, self._given)
        )

    def _out_of_cpu_time(self, name: str) -> str:
        return (
            f"{name} did not finish within {self._given:g} s of CPU time; look for a loop that "
            "never ends, or for printing inside a loop, or raise the limit with --deadline SECONDS"
        )

    def _exit_message(self, what: str) -> str:
        try:
            code = self._process.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return f"{what} closed the pipes of its process; no result can be read"
        if code < 0:
            return f"{what} ended its process by signal {_signal_name(-code)}, without a result"
        return (
            f"{what} ended its process with exit code {code}, without a result; "
            "remove os._exit, exit and quit from it"
        )

    def close(self) -> None:
        """Kill the worker, and all of its process group where there is one."""
        if not self.alive:
            return
        self.alive = False
        self._channel.close()
        if limits.has_process_groups():
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()


def out_of_wall_time(name: str, given: float) -> str:
    """Describe what has used up the wall time that belongs to `given` seconds of CPU time."""
    return (
        f"{name} did not finish within {WALL_FACTOR * given:g} s of wall time, "
        f"{WALL_FACTOR:g} times the limit on CPU time; look for code that waits, use a smaller "
        "layer, or raise the limit with --deadline SECONDS"
    )


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # real-time signals have no names of their own
        return str(number)


def _start(marker: bytes) -> subprocess.Popen[bytes]:
    # -P: a file in the current folder must not replace a module of the worker's.
    command = [sys.executable, "-P", "-B", "-c", _COMMAND, _ROOT, marker.hex()]
    apart: Mapping[str, Any] = (
        {"start_new_session": True} if limits.has_process_groups() else _without_groups()
    )
    try:
        return subprocess.Popen(  # noqa: S603 - this very interpreter
            command,
            bufsize=0,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **_ENVIRONMENT},
            **apart,
        )
    except OSError as error:
        msg = f"no process could be started to run the file in: {error}"
        raise GradlabError(msg) from error


def _without_groups() -> dict[str, Any]:
    # On Windows an interrupt from the keyboard goes to the parent alone.
    return {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
