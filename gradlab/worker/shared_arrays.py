"""Arrays held in both processes, parent and worker, and kept equal.

Each side has a `Registry` of the arrays that both hold, by number.  A request
carries what the parent has changed in them since the last one, the answer what
the code under test has changed, and each side writes the other's changes into
its own array in place.  So a law in the parent observes what the code in the
worker did to its arguments and to the arrays that it had returned before.
"""

from __future__ import annotations

import weakref
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import CodeUnderTestError
from gradlab.worker.protocol import Frame, ProtocolError, number_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass
class _Entry:
    """One array as it was when both sides last agreed; `find` gives None once it is gone."""

    find: Callable[[], Array | None]
    identity: int
    shape: tuple[int, ...]
    content: bytes


class Registry:
    """The arrays that this side shares with the other.

    Parameters
    ----------
    first
        The first number given out here: 0 in the parent, 1 in the worker, so
        that the two never give out the same.
    weak
        Whether an array leaves the registry when nothing else holds it (the
        parent); otherwise it stays until the other side lets go (the worker).
    """

    def __init__(self, first: int, *, weak: bool) -> None:
        self._next = first
        self._weak = weak
        self._entries: dict[int, _Entry] = {}
        self._numbers: dict[int, int] = {}
        self._added: list[int] = []
        self._views: dict[int, dict[str, Any]] = {}
        self._released: list[int] = []
        self._held: list[Array] = []

    def number(self, array: Array) -> int:
        """Return the array's number; a new one is sent along with the next frame."""
        known = self._numbers.get(id(array))
        if known is not None:
            return known
        number, self._next = self._next, self._next + 2
        view = self._view_of_known(array)
        # Entered first: what cannot be entered must not be left waiting to be sent.
        self._enter(number, array)
        if view is None:
            self._added.append(number)
        else:
            self._views[number] = view
        return number

    def array(self, number: int) -> Array:
        """Return the array of this number."""
        entry = self._entries.get(number)
        array = None if entry is None else entry.find()
        if array is None:
            msg = f"no array {number!r} is shared"
            raise ProtocolError(msg)
        return array

    def send(self, message: dict[str, Any]) -> Frame:
        """Make a frame of `message`, the new arrays, and what has changed in the others."""
        # Nothing may leave the registry between a frame and its answer, which speaks of it.
        found = [entry.find() for entry in list(self._entries.values())]
        self._held = [array for array in found if array is not None]
        added, self._added = self._added, []
        views, self._views = self._views, {}
        released, self._released = self._released, []
        changed = [n for n in self._entries if n not in added and self._changed(n)]
        shared = {
            "added": added,
            "views": list(views.items()),
            "changed": changed,
            "released": released,
        }
        arrays = tuple(self.array(number) for number in (*added, *changed))
        return Frame({**message, "shared": shared}, arrays)

    def receive(self, frame: Frame) -> list[Array]:
        """Take in what the other side added, changed and let go.

        Returns the arrays that the frame may speak of: where the registry is weak,
        the caller keeps them alive for as long as it reads the frame.
        """
        shared = frame.message["shared"]
        added, changed = shared["added"], shared["changed"]
        for number in shared["released"]:
            self._drop(number)
        arrays = dict(zip((*added, *changed), frame.arrays, strict=True))
        new = [arrays[number] for number in added]
        for number in changed:
            self._overwrite(number, arrays[number])
        for number, view in shared["views"]:
            arrays[number] = _view(self.array(view["of"]), view)
            new.append(arrays[number])
        for number in (*added, *(number for number, _ in shared["views"])):
            self._enter(number, arrays[number])
        kept, self._held = self._held, []
        return [*kept, *new]

    def _enter(self, number: int, array: Array) -> None:
        find: Callable[[], Array | None] = (
            weakref.ref(array, lambda _: self._let_go(number)) if self._weak else lambda: array
        )
        self._entries[number] = _Entry(find, id(array), array.shape, array.tobytes())
        self._numbers[id(array)] = number

    def _let_go(self, number: int) -> None:
        self._drop(number)
        self._released.append(number)

    def _drop(self, number: int) -> None:
        entry = self._entries.pop(number, None)
        if entry is not None:
            self._numbers.pop(entry.identity, None)

    def _changed(self, number: int) -> bool:
        """Whether this side has changed the array since both agreed; from now on they agree."""
        entry, array = self._entries[number], self.array(number)
        if array.shape != entry.shape:
            msg = f"the shape of an array that was handed over is changed in place to {array.shape}"
            raise CodeUnderTestError(msg)
        content = array.tobytes()
        changed = content != entry.content
        entry.content = content
        return changed

    def _overwrite(self, number: int, new: Array) -> None:
        array, entry = self.array(number), self._entries[number]
        if (array.shape, array.dtype) != (new.shape, new.dtype):
            msg = f"an array of shape {array.shape} cannot become one of shape {new.shape}"
            raise ProtocolError(msg)
        if not array.flags.writeable:
            msg = "an array that may not be written to was changed"
            raise ProtocolError(msg)
        array[...] = new
        entry.content = array.tobytes()

    def _view_of_known(self, array: Array) -> dict[str, Any] | None:
        """Describe `array` as a window on memory that both sides know, where it is one."""
        if not array.size or array.dtype.kind not in "biufc":
            return None
        low, high = _bounds(array)
        for number, entry in self._entries.items():
            known = entry.find()
            if known is None or number in self._views or not known.flags.forc:
                continue
            start, end = _bounds(known)
            if start <= low and high <= end:
                return {
                    "of": number,
                    "offset": _address(array) - start,
                    "dtype": array.dtype.str,
                    "shape": array.shape,
                    "strides": array.strides,
                    "writeable": array.flags.writeable,
                }
        return None


def _address(array: Array) -> int:
    return int(array.__array_interface__["data"][0])


def _bounds(array: Array) -> tuple[int, int]:
    """Return where the array's memory starts and ends, negative strides included."""
    reaches = [(size - 1) * step for size, step in zip(array.shape, array.strides, strict=True)]
    start = _address(array) + sum(reach for reach in reaches if reach < 0)
    return start, start + sum(map(abs, reaches)) + array.itemsize


def _view(known: Array, view: dict[str, Any]) -> Array:
    """Open the window that the other side described on this side's own memory."""
    memory = known if known.flags.c_contiguous else known.T
    try:
        made: Array = np.ndarray(
            tuple(view["shape"]),
            number_type(view["dtype"]),
            memory,
            view["offset"],
            tuple(view["strides"]),
        )
    except (TypeError, ValueError, KeyError) as error:
        msg = "what came describes no part of a shared array"
        raise ProtocolError(msg) from error
    if not view["writeable"]:
        made.flags.writeable = False
    return made
