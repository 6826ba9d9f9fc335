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
    body = ctypes.c_ulong(threading.get_ident())

    def watch() -> None:
        wait = seconds
        while not ended.wait(wait):
            with lock:
                if not ended.is_set():
                    _set_exception(body, ctypes.py_object(OutOfTimeError))
            wait = _AGAIN_SECONDS

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        ended.set()
        with lock:
            # One that was set and not yet raised belongs to a body that has ended.
            _set_exception(body, None)


def _set_exception(thread: ctypes.c_ulong, exception: object) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(thread, exception)
