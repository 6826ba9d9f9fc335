"""The entry at which two arrays differ most beyond a bound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]


@dataclass(frozen=True)
class Mismatch:
    """The entry at which two arrays differ most beyond the bound.

    Attributes
    ----------
    index
        The index of the entry; of a scalar, ().
    got, expected
        The two values there; of complex numbers the real parts.
    bound
        The largest difference there that counts as rounding.
    tensor
        The name of the array, where several were compared.
    """

    index: tuple[int, ...]
    got: float
    expected: float
    bound: float = 0.0
    tensor: str = ""

    @property
    def excess(self) -> float:
        """How far the difference lies beyond the bound; infinite where there is none."""
        excess = abs(self.got - self.expected) - self.bound
        return np.inf if np.isnan(excess) else excess

    def written(self) -> tuple[str, str]:
        """Return `got` and `expected` with as many digits as distinguish them.

        Examples
        --------
        >>> Mismatch((0,), 1.5, 1.25).written(), Mismatch((0,), 1.0, 1 + 2**-40).written()
        (('1.5', '1.25'), ('1', '1.000000000001'))
        """
        return distinct(self.got, self.expected)

    @property
    def got_text(self) -> str:
        """`got`, with enough digits to distinguish it from `expected`."""
        return self.written()[0]

    @property
    def expected_text(self) -> str:
        """`expected`, with enough digits to distinguish it from `got`."""
        return self.written()[1]


def distinct(first: float, second: float) -> tuple[str, str]:
    """Return two numbers with the fewest digits, but at least six, that distinguish them.

    Examples
    --------
    >>> distinct(1 / 3, 2 / 3), distinct(-0.301854, -0.30185402), distinct(1.0, 1.0)
    (('0.333333', '0.666667'), ('-0.301854', '-0.30185402'), ('1', '1'))
    """
    for digits in range(6, 18):
        shown = f"{first:.{digits}g}", f"{second:.{digits}g}"
        if shown[0] != shown[1]:
            return shown
    return f"{first:.6g}", f"{second:.6g}"


def distance(got: Array, expected: Array) -> Array:
    """Return |got − expected|, whatever the dtypes of the two; NaN where one is NaN."""
    wide = np.result_type(got, expected, float)
    with np.errstate(all="ignore"):
        return np.asarray(np.abs(np.subtract(got, expected, dtype=wide)))


def mismatch(
    got: Array,
    expected: Array,
    bound: Array | float = 0.0,
    *,
    tensor: str = "",
    equal_nan: bool = True,
    relative: bool = False,
) -> Mismatch | None:
    """Return the entry at which two arrays of one shape differ most beyond `bound`, or None.

    Parameters
    ----------
    got, expected
        Arrays of one shape.  A NaN on one side only is beyond every bound.
    bound
        A number, or an array of that shape.
    tensor
        A name for the record.
    equal_nan
        Whether a NaN on both sides counts as equal.
    relative
        Whether "most" means the largest multiple of the bound, which compares numbers of
        different scales, and not the largest difference beyond it.

    Examples
    --------
    >>> mismatch(np.array([1.0, 2.0]), np.array([1.0, 2.5]), 0.1)
    Mismatch(index=(1,), got=2.0, expected=2.5, bound=0.1, tensor='')
    >>> mismatch(np.array([np.nan]), np.array([np.nan])) is None
    True
    """
    got, expected = np.asarray(got), np.asarray(expected)
    bounds = np.broadcast_to(np.asarray(bound, dtype=float), expected.shape)
    apart = distance(got, expected)
    # Written so that a NaN on one side only is a mismatch.
    same = (apart <= bounds) | (got == expected)
    if equal_nan:
        same |= np.isnan(got) & np.isnan(expected)
    if same.all():
        return None
    with np.errstate(all="ignore"):
        excess = apart / bounds if relative else apart - bounds
    excess = np.where(same, -np.inf, np.where(np.isnan(excess), np.inf, excess))
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), excess.shape))
    # Plus 0, so that a negative zero prints as 0.
    value, right = (float(np.real(side[index])) + 0.0 for side in (got, expected))
    return Mismatch(index, value, right, float(bounds[index]), tensor)


def worst_mismatch(
    got: Mapping[str, Array],
    expected: Mapping[str, Array],
    bounds: Mapping[str, Array | float],
    *,
    equal_nan: bool = True,
) -> Mismatch | None:
    """Return the entry of several arrays that differs most beyond its bound; None if none does.

    Parameters
    ----------
    got, expected, bounds
        Arrays by name; `got` has all those of `expected`, in the same shapes.
    """
    found = [
        mismatch(got[tensor], right, bounds[tensor], tensor=tensor, equal_nan=equal_nan)
        for tensor, right in expected.items()
    ]
    return max((each for each in found if each), key=lambda each: each.excess, default=None)
