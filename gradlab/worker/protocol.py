"""Frames on a pipe: a JSON header and raw array bytes; nothing in them is ever executed.

A frame is two lengths (big-endian, 4 and 8 bytes), the header, and the entries
of the arrays one after the other in C order.  The header holds for each array
its dtype, shape and strides, so that it arrives laid out in memory as it left.
"""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

_LENGTHS = struct.Struct(">IQ")
_KINDS = "biufc"  # booleans, integers, floating and complex numbers

#: More than this in one frame is refused: a header of 16 MiB, arrays of 512 MiB together.
MOST_HEADER, MOST_DATA = 1 << 24, 1 << 29


class ProtocolError(GradlabError):
    """A frame that cannot be sent, or that arrived broken."""


@dataclass(frozen=True)
class Frame:
    """One message: plain data, and the arrays that go with it."""

    message: dict[str, Any]
    arrays: tuple[Array, ...] = field(default=())


def pack(frame: Frame) -> bytes:
    """Write a frame as bytes.

    Raises
    ------
    ProtocolError
        For an array that holds anything but numbers, and for a frame that is too large.

    Examples
    --------
    >>> unpacker = Unpacker()
    >>> unpacker.feed(pack(Frame({"op": "echo"}, (np.eye(2),))))
    >>> unpacker.take().arrays[0]
    array([[1., 0.],
           [0., 1.]])
    """
    specs = [_spec(array) for array in frame.arrays]
    header = json.dumps({"message": frame.message, "arrays": specs}).encode()
    data = b"".join(array.tobytes() for array in frame.arrays)
    _check_lengths(len(header), len(data))
    return _LENGTHS.pack(len(header), len(data)) + header + data


class Unpacker:
    """Puts frames together from bytes that arrive in pieces."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> None:
        """Add what has arrived."""
        self._buffer += data

    def take(self) -> Frame | None:
        """Return the next whole frame; None while there is none.

        Raises
        ------
        ProtocolError
            When what has arrived is no frame.
        """
        start = _LENGTHS.size
        if len(self._buffer) < start:
            return None
        header_size, data_size = _LENGTHS.unpack_from(self._buffer)
        _check_lengths(header_size, data_size)
        end = start + header_size + data_size
        if len(self._buffer) < end:
            return None
        header = bytes(self._buffer[start : start + header_size])
        data = bytes(self._buffer[start + header_size : end])
        del self._buffer[:end]
        return _frame(header, data)


def _check_lengths(header: int, data: int) -> None:
    if header > MOST_HEADER or data > MOST_DATA:
        msg = f"a message of {header + data:,} bytes; at most {MOST_DATA:,} pass at a time"
        raise ProtocolError(msg)


def _spec(array: Array) -> dict[str, Any]:
    if array.dtype.kind not in _KINDS:
        msg = f"an array of dtype {array.dtype} came, where numbers were expected"
        raise ProtocolError(msg)
    return {
        "dtype": array.dtype.str,
        "shape": array.shape,
        "strides": array.strides,
        "writeable": array.flags.writeable,
    }


def _frame(header: bytes, data: bytes) -> Frame:
    try:
        parsed = json.loads(header)
        message, specs = parsed["message"], parsed["arrays"]
        arrays, at = [], 0
        for spec in specs:
            dtype, shape = number_type(spec["dtype"]), tuple(map(int, spec["shape"]))
            count = math.prod(shape)
            if min(shape, default=0) < 0:
                msg = "a size below 0"
                raise ValueError(msg)
            entries = np.frombuffer(data, dtype, count, at).reshape(shape)
            at += entries.nbytes
            arrays.append(_laid_out(entries, tuple(map(int, spec["strides"])), spec["writeable"]))
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        msg = f"what came is no message: {type(error).__name__}"
        raise ProtocolError(msg) from error
    if at != len(data) or not isinstance(message, dict):
        msg = "what came is no message: its parts do not add up"
        raise ProtocolError(msg)
    return Frame(message, tuple(arrays))


def number_type(name: str) -> np.dtype[Any]:
    """Read a dtype's short name (``"<f8"``); only numbers are let through."""
    dtype = np.dtype(name)
    if dtype.kind not in _KINDS:
        msg = f"dtype {name} is none of numbers"
        raise ProtocolError(msg)
    return dtype


def _laid_out(entries: Array, strides: tuple[int, ...], writeable: object) -> Array:
    """Copy `entries` into memory of its own, with these strides where they are sane."""
    for order in ("C", "F"):
        array: Array = np.empty(entries.shape, entries.dtype, order=order)
        if array.strides == strides:
            break
    else:
        array = _strided(entries, strides)
    array[...] = entries
    array.flags.writeable = bool(writeable)
    return array


def _strided(entries: Array, strides: tuple[int, ...]) -> Array:
    """Make an array whose entries lie apart, backwards, or on top of each other."""
    if len(strides) != entries.ndim:
        msg = "as many strides as axes were expected"
        raise ValueError(msg)
    reaches = [(size - 1) * step for size, step in zip(entries.shape, strides, strict=True)]
    below = -sum(reach for reach in reaches if reach < 0)
    span = below + sum(reach for reach in reaches if reach > 0) + entries.itemsize
    # A few entries of a huge array must not make the receiver allocate all of it.
    if not entries.size or span > 64 * (entries.nbytes + 64):
        return np.empty(entries.shape, entries.dtype)
    memory = np.zeros(span, np.uint8)
    return np.ndarray(entries.shape, entries.dtype, memory, below, strides)
