"""`derivative`: the directional derivative of any callable, with a bound on its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff.complex_step import complex_step
from gradlab.numdiff.finite_differences import differences
from gradlab.numdiff.outcome import pack, smooth
from gradlab.numdiff.restriction import Line

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradlab.numdiff.records import Estimate

METHODS = ("auto", "differences")


def derivative(
    f: Callable[..., Any], x: Any, direction: Any, *, method: str = "auto", seed: int = 0
) -> Estimate:
    """Return the derivative of `f` at `x` along `direction`, with a bound on its error.

    Parameters
    ----------
    f
        Takes what `x` is and returns a number or an array of real numbers.
    x
        An array, or a dict of named arrays. Floats reach `f` in float64;
        integer arrays of a dict reach it as they are.
    direction
        Of the shape of `x`; a dict may leave names out, which then stay put.
    method
        ``"auto"``: the complex step where a guard shows the code analytic, else
        extrapolated differences. ``"differences"``: real evaluations only.
    seed
        Another seed moves the steps: an independent confirmation.

    Examples
    --------
    >>> import numpy as np
    >>> estimate = derivative(np.tanh, np.array([0.5, -1.0]), np.array([1.0, 1.0]))
    >>> bool(np.all(abs(estimate.value - (1 - np.tanh([0.5, -1.0]) ** 2)) <= estimate.bound))
    True
    """
    if method not in METHODS:
        msg = f"method is {method!r}; it has to be one of {', '.join(METHODS)}"
        raise GradlabError(msg)
    line = Line(f, x, direction)
    if not line.stretch:
        zero = np.zeros(line.at(0.0).size)
        return pack(smooth(zero, zero, zero, "no direction"), line)
    if method == "auto":
        outcome, _ = complex_step(line, seed)
        if outcome is not None:
            return pack(outcome, line)
    return pack(differences(line, seed), line)
