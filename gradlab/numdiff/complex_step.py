"""The complex step, used only where the function is shown to be analytic.

One evaluation at x + i h v gives the derivative to roundoff error if every
operation is analytic.  A traced evaluation in extended precision shows whether
it is; the difference from an evaluation in double precision measures the
roundoff error of the latter.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff.analyticity import trace, untrace
from gradlab.numdiff.outcome import Outcome, differentiable, to_estimate
from gradlab.numdiff.restriction import Restriction
from gradlab.numdiff.steps import mantissas
from gradlab.numdiff.trace_log import Log

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.numdiff.records import Estimate

    Flat = NDArray[np.float64]

#: h² is below roundoff even for a curvature of 1e12, and h is within complex64's range.
_H = 2.0**-66
#: Whether long double is wider than double.  Repeating the complex step in double precision at
#: a point moved by an ulp does not measure its rounding: sin((x + 1e6) - 1e6) absorbs the move.
EXTENDED = np.finfo(np.longdouble).nmant > 60
#: Real differences at the step with this exponent have to agree with the complex step to _AGREE.
_CHECK = 24
_AGREE = 1e-4


@dataclass(frozen=True)
class Analytic:
    """A function that was shown to be analytic at one point: one call for each derivative.

    Made by `analytic`.

    Attributes
    ----------
    f, x
        The function and the point.
    first : Estimate
        The derivative along the direction for which analyticity was shown; two
        complex and two real evaluations.
    rounding : float
        The measured roundoff error, relative to the derivative; it bounds the error of
        later directions, whose roundoff error is not measured again.
    """

    f: Callable[..., Any]
    x: Any
    first: Estimate
    rounding: float

    def along(self, direction: Any) -> Estimate | None:
        """Return the derivative along another direction, from one evaluation.

        Parameters
        ----------
        direction
            As for `gradlab.numdiff.derivative`.

        Returns
        -------
        Estimate or None
            None where `f` is not analytic along this direction, or raises.

        Raises
        ------
        GradlabError
            If the direction differs from the point in shape or names, or is not finite.
        """
        line = Restriction(self.f, self.x, direction)
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error", np.exceptions.ComplexWarning)
            try:
                # The roundoff error has been measured, and double precision is much faster.
                traced, _ = _traced(line, np.complex128)
            except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
                return None
        if traced is None:
            return None
        value = np.imag(traced) / _H
        if not np.all(np.isfinite(value)):
            return None
        size = float(np.sqrt(np.mean(value**2))) if value.size else 0.0
        noise = self.rounding * (np.abs(value) + 0.25 * size)
        return to_estimate(differentiable(value, noise, np.zeros_like(value), "complex step"), line)


def analytic(
    f: Callable[..., Any], x: Any, direction: Any, *, seed: int = 0
) -> tuple[Analytic | None, str]:
    """Return `f` at `x` as an analytic function, or None and the reason why it is not one.

    Parameters
    ----------
    f, x, direction, seed
        As for `gradlab.numdiff.derivative`.

    Returns
    -------
    function : Analytic or None
        None where analyticity is not shown.
    reason : str
        Why not; empty otherwise.

    Raises
    ------
    GradlabError
        If `x` is not real or not finite, or `direction` differs from it in shape or names.

    Notes
    -----
    The guard is one-sided: an operation that is not on a list of analytic ones, a tie
    in a comparison, a disagreement with real differences or with another precision
    reject the function.  On platforms without extended precision every function is
    rejected.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.5, -1.0])
    >>> code, _ = analytic(np.tanh, x, np.array([1.0, 1.0]))
    >>> code is None or code.along(np.array([1.0, 0.0])).value.round(3).tolist()
    [0.786, 0.0]
    >>> analytic(np.abs, x, np.array([1.0, 1.0]))[0] is None
    True
    """
    line = Restriction(f, x, direction)
    if not line.scale:
        return None, "the direction is zero everywhere"
    outcome, reason = complex_step(line, seed)
    if outcome is None:
        return None, reason
    estimate = to_estimate(outcome, line)
    size = float(np.linalg.norm(outcome.value))
    relative = float(np.linalg.norm(outcome.noise)) / size if size else 0.0
    return Analytic(f, x, estimate, max(relative, 2.0**-49)), ""


def complex_step(line: Restriction, seed: int) -> tuple[Outcome | None, str]:
    """Return the derivative by the complex step, or None and the reason why it is not available."""
    if not EXTENDED:
        return None, "this platform has no extended precision, which measures the rounding"
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("error", np.exceptions.ComplexWarning)
        try:
            traced, reason = _traced(line)
        except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
            return None, f"it raises {type(error).__name__} for complex numbers"
        if traced is None:
            return None, reason
        plain = _plain(line)
    if plain is None or plain.shape != traced.shape:
        return None, "its values change when the same numbers are passed as plain arrays"
    with np.errstate(all="ignore"):
        real, reason = _real_parts(line, seed)
        if real is None:
            return None, reason
        return _compare(traced, plain, real, seed)


def _traced(line: Restriction, dtype: Any = np.clongdouble) -> tuple[Any, str]:
    """Return the values at x + i h v in the precision of `dtype`; None and why if not analytic."""
    log = Log(dtype)
    output, reason = _evaluated(line, log)
    if output is not None and log.recovered:
        opposite, _ = _evaluated(line, Log(dtype, sign=-1.0))
        if not np.array_equal(output, opposite):
            return None, "it converts the numbers outside of NumPy"
    return output, reason


def _evaluated(line: Restriction, log: Log) -> tuple[Any, str]:
    """Return the values at x + i h v of one traced evaluation; None and why if not analytic."""
    real = np.finfo(log.dtype).dtype
    moved = {}
    for name, step in line.direction.items():
        value = line.values[name]
        start: Any = value.astype(log.dtype)
        moved[name] = trace(start + 1j * _H * step.astype(real), log)
    try:
        output = untrace(line.call(moved), log)
    except Exception:
        if log.reason:
            return None, log.reason
        raise
    if log.reason:
        return None, log.reason
    if output.dtype.kind != "c":
        return None, "its result is not complex"
    if output.dtype != log.dtype:
        return None, f"it computes in {output.dtype}"
    if not np.all(np.isfinite(output)):
        return None, "it converts the numbers outside of NumPy, or its result is not finite"
    line.shape = output.shape if line.shape is None else line.shape
    return output.ravel(), ""


def _plain(line: Restriction) -> Any:
    """Return the values at x + i h v in double precision, as plain arrays; None if that fails."""
    moved = {name: line.values[name] + 1j * _H * step for name, step in line.direction.items()}
    try:
        output = np.asarray(line.call(moved))
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return None
    return output.ravel() if output.dtype == np.complex128 else None


def _real_parts(line: Restriction, seed: int) -> tuple[Any, str]:
    h = mantissas(seed)[_CHECK] * 2.0**-_CHECK
    try:
        return (line.at(-h), line.at(h)), ""
    except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
        return None, f"it raises {type(error).__name__} near the point"


def _compare(
    traced: Any, plain: Any, real: tuple[Flat, Flat], seed: int
) -> tuple[Outcome | None, str]:
    """Compare the two complex evaluations with each other and with real differences."""
    h = mantissas(seed)[_CHECK] * 2.0**-_CHECK
    fine = np.imag(traced) / np.longdouble(_H)
    coarse = np.imag(plain) / _H
    value = fine.astype(np.float64)
    rounding = np.abs(fine - coarse).astype(np.float64)
    relative = np.divide(rounding, np.abs(value), out=np.zeros_like(value), where=value != 0)
    common = 16 * 2.0**-53 + 2.0**-6 * np.max(relative, initial=0.0)
    noise = common * np.abs(value) + rounding
    size = float(np.sqrt(np.mean(value**2))) if value.size else 0.0
    minus, plus = real
    difference = (plus - minus) / (2 * h)
    magnitude = np.maximum(np.maximum(np.abs(plus), np.abs(minus)), np.abs(traced.real))
    slack = _AGREE * (np.abs(value) + np.abs(difference)) + 0.1 * _AGREE * size
    moved = np.abs(traced.real - plain.real).astype(np.float64)
    slack = slack + (30 * moved + 1000 * 2.0**-53 * magnitude.astype(np.float64)) / h
    if not np.all(moved <= 1e-9 * np.max(magnitude, initial=0.0)):
        return None, "its values differ from call to call, or are rounding alone"
    if not np.all(np.isfinite(value)) or not np.all(np.abs(value - difference) <= slack):
        return None, "finite differences disagree with the complex step"
    if not np.all(rounding <= 1e-6 * (np.abs(value) + size)):
        return None, "rounding inside the function leaves less than six digits"
    return differentiable(value, noise, np.zeros_like(value), "complex step"), ""
