"""`derivative`: the directional derivative of any callable, with a bound on its error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff.differences import Outcome, differences
from gradlab.numdiff.line import Line
from gradlab.records import Estimate, GradlabError, Quality

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_ORDER = (
    Quality.OK,
    Quality.KINK,
    Quality.UNRESOLVED,
    Quality.OUT_OF_DOMAIN,
    Quality.NOT_FINITE,
    Quality.NOISY,
)
METHODS = ("auto", "differences")


def worst(quality: NDArray[np.object_]) -> Quality:
    """Return the quality that outweighs the others; ok where there is no output."""
    return max(quality.ravel(), key=_ORDER.index, default=Quality.OK)


def pack(outcome: Outcome, line: Line) -> Estimate:
    """Return the outcome in the caller's units and shape."""
    shape, s = line.shape or (), line.stretch
    return Estimate(
        value=(outcome.value * s).reshape(shape),
        bound=((outcome.noise + outcome.truncation) * s).reshape(shape),
        evaluations=line.calls,
        method=outcome.method,
        status=worst(outcome.quality),
        reason=outcome.reason,
        quality=outcome.quality.reshape(shape),
        left=(outcome.left * s).reshape(shape),
        right=(outcome.right * s).reshape(shape),
        left_bound=(outcome.left_bound * s).reshape(shape),
        right_bound=(outcome.right_bound * s).reshape(shape),
        noise=(outcome.noise * s).reshape(shape),
        truncation=(outcome.truncation * s).reshape(shape),
    )


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
    >>> estimate = derivative(np.tanh, np.array([0.5, -1.0]), np.array([1.0, 1.0]))
    >>> bool(np.all(abs(estimate.value - (1 - np.tanh([0.5, -1.0]) ** 2)) <= estimate.bound))
    True
    """
    if method not in METHODS:
        msg = f"method is {method!r}; it has to be one of {', '.join(METHODS)}"
        raise GradlabError(msg)
    line = Line(f, x, direction)
    return pack(differences(line, seed), line)
