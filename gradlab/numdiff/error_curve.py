"""The error of a plain central difference as a function of its step."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff.derivative import derivative
from gradlab.numdiff.restriction import Restriction
from gradlab.numdiff.steps import EXPONENTS, mantissas

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    FloatArray = NDArray[np.float64]

#: Each step of the curve is half the one before.
_EXPONENTS = np.arange(1.0, 45.0, 1.0)


def error_curve(
    f: Callable[..., Any],
    x: Any,
    direction: Any,
    *,
    output: tuple[int, ...] | None = None,
    method: str = "auto",
    seed: int = 0,
) -> tuple[FloatArray, FloatArray]:
    """Return how the error of a plain central difference depends on its step.

    Truncation error dominates at coarse steps and falls with the square of the
    step; roundoff error dominates at fine steps and grows with its inverse.

    Parameters
    ----------
    f, x, direction
        As for `gradlab.numdiff.derivative`; a unit vector as direction selects
        one entry of `x`.
    output
        Index of the output whose curve is computed, ``()`` for a scalar output;
        by default the output with the widest bound.
    method, seed
        As for `gradlab.numdiff.derivative`, which computes the value that the
        errors are measured against.

    Returns
    -------
    steps : ndarray of float64, shape (44,)
        Steps t of (f(x + t v) - f(x - t v)) / 2t, coarse to fine.
    errors : ndarray of float64, shape (44,)
        Absolute distance of each difference quotient from `derivative`'s value,
        in the units of the derivative; NaN where f has no value.

    Raises
    ------
    GradlabError
        If the direction is zero, if `output` is not the index of one number, or
        for the reasons that `gradlab.numdiff.derivative` gives.

    Notes
    -----
    Errors below `derivative`'s own bound are not resolved.

    Examples
    --------
    >>> import numpy as np
    >>> steps, errors = error_curve(np.exp, np.array([1.0]), np.array([1.0]))
    >>> steps.shape
    (44,)
    >>> bool(np.nanmin(errors) < 1e-9 < errors[0])
    True
    """
    estimate = derivative(f, x, direction, method=method, seed=seed)
    line = Restriction(f, x, direction)
    if not line.scale:
        msg = "the direction is zero in every entry; an error curve needs one that is not"
        raise GradlabError(msg)
    if output is None:
        width = np.where(np.isfinite(estimate.value), estimate.bound, -np.inf)
        output = tuple(int(i) for i in np.unravel_index(np.argmax(width), estimate.value.shape))
    if np.shape(estimate.value[output]) != ():
        msg = f"output {output} is not one number; the outputs have shape {estimate.value.shape}"
        raise GradlabError(msg)
    flat = int(np.ravel_multi_index(output, estimate.value.shape)) if output else 0
    steps = mantissas(seed)[EXPONENTS[0]] * 2.0**-_EXPONENTS
    slopes = np.array([_central_difference(line, float(h), flat) for h in steps]) * line.scale
    return steps / line.scale, np.abs(slopes - float(estimate.value[output]))


def _central_difference(line: Restriction, h: float, output: int) -> float:
    try:
        with np.errstate(all="ignore"):
            return float((line.at(h)[output] - line.at(-h)[output]) / (2 * h))
    except Exception:  # noqa: BLE001 - f may raise anything outside its domain
        return float("nan")
