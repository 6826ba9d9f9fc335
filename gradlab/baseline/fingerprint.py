"""The numbers of an array that a baseline keeps, and the distance of two numbers in ulps.

A small array is kept entry by entry.  Of a large one, sixteen entries are kept
and thirty-two sums over stretches of it, each entry with a weight ±(1 + u), u
uniform on [0, 1): with such weights no single entry can be lost, and two changes
hardly cancel.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

#: More entries than this make an array large.
LARGE = 128
#: The number of entries and of sums that are kept of a large array.
ENTRIES, STRETCHES = 16, 32


@dataclass(frozen=True)
class Fingerprint:
    """Selects the numbers that are kept of an array; determined by its shape and the seed."""

    shape: tuple[int, ...]
    seed: int

    @property
    def size(self) -> int:
        """The number of entries."""
        return math.prod(self.shape)

    @property
    def large(self) -> bool:
        """Whether entries are left out."""
        return self.size > LARGE

    def kept(self, array: Array) -> Array:
        """Return what is kept of an array, as float64."""
        flat = np.ascontiguousarray(array).reshape(-1).astype(np.float64)
        if not self.large:
            return flat
        weighted = flat * self._weights()
        # The exactly rounded sum: the same on every machine, in whatever order it adds.
        sums = [_sum(part) for part in np.array_split(weighted, STRETCHES)]
        return np.concatenate([flat[self._chosen()], sums])

    def rounding(self, unit: float) -> Array:
        """Return how much rounding every entry by `unit` may move each number that is kept.

        A sum over a stretch holds as many roundings as it has terms.
        """
        if not self.large:
            return np.full(self.size, unit)
        weights = np.abs(self._weights())
        sums = [unit * float(np.sum(part)) for part in np.array_split(weights, STRETCHES)]
        return np.concatenate([np.full(ENTRIES, unit), sums])

    def name(self, position: int) -> str:
        """Name what stands at a position of what `look` returns.

        Examples
        --------
        >>> Fingerprint((2, 3), 0).name(4)
        'entry [1, 1]'
        >>> Fingerprint((640, 2), 0).name(16)
        'entries [0, 0] to [19, 1]'
        """
        if not self.large:
            return self._entry(position)
        if position < ENTRIES:
            return self._entry(int(self._chosen()[position]))
        stretch = np.array_split(np.arange(self.size), STRETCHES)[position - ENTRIES]
        first, last = self.index(int(stretch[0])), self.index(int(stretch[-1]))
        return f"entries {_brackets(first)} to {_brackets(last)}"

    def entry(self, position: int) -> tuple[int, ...] | None:
        """Return the index of a kept entry; None for a sum over several."""
        if not self.large:
            return self.index(position)
        return self.index(int(self._chosen()[position])) if position < ENTRIES else None

    def index(self, flat: int) -> tuple[int, ...]:
        """Return the index of the entry with this number in C order."""
        return tuple(int(i) for i in np.unravel_index(flat, self.shape)) if self.shape else ()

    def _entry(self, flat: int) -> str:
        index = self.index(flat)
        return f"entry {_brackets(index)}" if index else "its value"

    def _weights(self) -> Array:
        return _weights(self.size, self.seed)

    def _chosen(self) -> Array:
        return _chosen(self.size, self.seed)


@lru_cache(maxsize=8)
def _weights(size: int, seed: int) -> Array:
    rng = np.random.default_rng([seed, size, 1])
    signs = np.where(rng.random(size) < 0.5, -1.0, 1.0)
    return np.asarray(signs * (1 + rng.random(size)))


@lru_cache(maxsize=8)
def _chosen(size: int, seed: int) -> Array:
    rng = np.random.default_rng([seed, size, 2])
    return np.sort(rng.permutation(size)[:ENTRIES])


def digest(array: Array) -> str:
    """Return the SHA-256 of an array's entries, in C order and little-endian."""
    plain = np.ascontiguousarray(array)
    return hashlib.sha256(plain.astype(plain.dtype.newbyteorder("<")).tobytes()).hexdigest()


def ulps(a: float, b: float, dtype: str) -> float:
    """Return how many floating-point numbers of a format lie from `a` to `b`; infinite from a NaN.

    Examples
    --------
    >>> ulps(1.0, 1.0 + 2**-51, "float64"), ulps(-5e-324, 5e-324, "float64")
    (2.0, 2.0)
    >>> ulps(1.0, 1.0 + 2**-22, "float32")
    2.0
    """
    if math.isnan(a) or math.isnan(b):
        return math.inf
    if np.dtype(dtype).kind != "f":
        return abs(a - b)
    return float(abs(_ordinal(a, dtype) - _ordinal(b, dtype)))


def _ordinal(number: float, dtype: str) -> int:
    """Count the floating-point numbers from 0 to `number`, with its sign."""
    held = np.array(number, dtype)
    bits = int(held.view(f"i{held.itemsize}"))
    return bits if bits >= 0 else -(bits & ~(-1 << (8 * held.itemsize - 1)))


def unit_of(largest: float, dtype: str, precision: str) -> float:
    """Return the last place of the largest entry of an array; whole numbers have none.

    Parameters
    ----------
    dtype, precision
        The array's format, and the one that its results are precise to; the
        coarser one counts.

    Examples
    --------
    >>> unit_of(1.5, "float64", "float64") == 2**-52
    True
    """
    if np.dtype(dtype).kind != "f":
        return 0.0
    format_ = min(np.dtype(precision), np.dtype(dtype), key=lambda each: each.itemsize)
    return float(np.spacing(np.array(largest, format_)))


def largest_of(array: Array) -> float:
    """Return the size of the largest finite entry; 0 where there is none."""
    sizes = np.abs(array[np.isfinite(array)].astype(np.float64))
    return float(np.max(sizes, initial=0.0))


def _sum(terms: Array) -> float:
    """Add up exactly, rounding once; what is not finite stays so."""
    if np.all(np.isfinite(terms)):
        return math.fsum(terms.tolist())
    with np.errstate(invalid="ignore"):
        return float(np.sum(terms))


def _brackets(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]"
