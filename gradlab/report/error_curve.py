"""The error curve of a numerical derivative, drawn as one line of text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradlab.records import ErrorCurve

_BLOCKS = "▁▂▃▄▅▆▇█"


def sparkline(curve: ErrorCurve) -> str:
    """Return the curve in one line of text.

    Each block is one step, from the coarsest to the finest; its height is the
    logarithm of the error.  A dot marks a step at which the function has no value.

    Parameters
    ----------
    curve
        Steps and errors.

    Returns
    -------
    str
        The range of the steps, the blocks, and the range of the errors; empty
        where no error is positive.

    Examples
    --------
    >>> from gradlab.records import ErrorCurve
    >>> sparkline(ErrorCurve((1e-1, 1e-2, 1e-3), (None, 1e-4, 1e-6)))
    'error of plain differences, steps 1e-01 to 1e-03: ·█▁ (errors 1e-04 to 1e-06)'
    """
    errors = [error for error in curve.errors if error]
    if not errors:
        return ""
    return (
        f"error of plain differences, steps {curve.steps[0]:.0e} to {curve.steps[-1]:.0e}: "
        f"{_blocks(curve.errors, min(errors), max(errors))} "
        f"(errors {max(errors):.0e} to {min(errors):.0e})"
    )


def _blocks(errors: Iterable[float | None], least: float, largest: float) -> str:
    """Return one character for each error; an error of 0 is drawn like the least one."""
    low, high = math.log(least), math.log(largest)
    scale = (high - low) or 1.0

    def block(error: float) -> str:
        height = (math.log(max(error, least)) - low) / scale
        return _BLOCKS[round(height * (len(_BLOCKS) - 1))]

    return "".join("·" if error is None else block(error) for error in errors)
