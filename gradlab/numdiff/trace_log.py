"""What a traced evaluation records: the first operation that is not analytic, and marks."""

from __future__ import annotations

from typing import Any

import numpy as np

#: Marks are ±(_BASE + k·_GAP) for k = 1, 2, …: no number of the code under test, and exact.
_BASE, _GAP = 2.0**500, 2.0**460


class NotAnalyticError(Exception):
    """The code applied an operation for which the complex step is not valid."""


class Log:
    """The first operation that is not analytic, and the precision that is expected.

    Parameters
    ----------
    dtype
        The complex dtype in which every result has to be.
    sign
        Sign of the marks.  Code that selects by comparing marks selects others if it is
        the opposite one.

    Attributes
    ----------
    reason
        Why the code is not analytic; empty as long as nothing was found.
    recovered
        Whether the result was put together from marks.
    """

    def __init__(self, dtype: Any, sign: float = 1.0) -> None:
        self.dtype = np.dtype(dtype)
        self.reason = ""
        self.recovered = False
        self._sign = sign
        self._numbers: list[Any] = []

    def reject(self, reason: str) -> None:
        """Record the reason unless there is one, and raise `NotAnalyticError`."""
        self.reason = self.reason or reason
        raise NotAnalyticError(reason)

    def mark(self, number: Any) -> float:
        """Return the mark of a single number."""
        self._numbers.append(number)
        return self._sign * (_BASE + _GAP * len(self._numbers))

    def marked(self, array: Any) -> Any:
        """Return the numbers whose marks an array holds; None if it holds anything else."""
        if array.dtype != self.dtype or not array.size or not self._numbers:
            return None
        place = (self._sign * array.real - _BASE) / _GAP
        known = (place == np.round(place)) & (place >= 1) & (place <= len(self._numbers))
        if not np.all(known & (array.imag == 0)):
            return None
        self.recovered = True
        found = [self._numbers[int(k) - 1] for k in place.ravel()]
        return np.array(found, dtype=self.dtype).reshape(array.shape)
