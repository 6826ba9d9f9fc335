"""A limit on the wall time of the parent's own computation, on every system."""

from __future__ import annotations

import ctypes
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# An exception that is raised in a destructor or a weak reference's callback is
# lost, so it is raised again until the body has ended.
_AGAIN_SECONDS = 1.0


class OutOfTimeError(BaseException):
    """The body of `wall_limit` has used up its time.

    Like `KeyboardInterrupt` it is no `Exception`, because it can occur anywhere in
    the body and must end all of it.
    """


@contextmanager
def wall_limit(seconds: float) -> Iterator[None]:
    """Raise `OutOfTimeError` in the body, between two of its bytecodes, after `seconds`.

    The interpreter raises it in the thread of the body on behalf of another one:
    no signal is needed, and a call into C ends before it takes effect.

    Raises
    ------
    OutOfTimeError
        When the body has not ended in time.
    """
    ended = threading.Event()
    lock = threading.Lock()
    expired = threading.Event()
    body = threading.get_ident()

    def watch() -> None:
        wait = seconds
        while not ended.wait(wait):
            with lock:
                if not ended.is_set():
                    expired.set()
                    _raise_in(body)
            wait = _AGAIN_SECONDS

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        with lock:
            if expired.is_set():
                _discard_pending(body)


def _discard_pending(thread: int) -> None:
    """Let an exception that was set in this thread and not yet raised end here.

    It belongs to a body that has ended.  Setting NULL would withdraw it, but Python 3.11
    then goes on looking for it at every call, and a traced function never starts.
    """
    try:
        _raise_in(thread)  # in place of the one that is pending
        while True:
            pass
    except OutOfTimeError:
        return


def _raise_in(thread: int) -> None:
    """Raise `OutOfTimeError` in a thread, between two of its bytecodes."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(OutOfTimeError)
    )
