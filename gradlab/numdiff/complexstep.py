"""The complex step, behind a guard that shows the code analytic.

One evaluation at x + i h v gives the derivative to rounding, if every operation
on the way is analytic.  Whether it is, a traced evaluation tells; that one runs
in extended precision, so that it also tells how large the rounding of the other
one is.
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.numdiff.ladder import mantissas
from gradlab.numdiff.outcome import Outcome, smooth
from gradlab.numdiff.tracer import Log, trace, untrace

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.numdiff.line import Line

    Flat = NDArray[np.float64]

#: h² is nothing even against a curvature of 1e12, and h survives complex64's exponents.
_H = 2.0**-66
#: Whether long double is wider than double.  Repeating the complex step in double precision at
#: a point moved by an ulp does not measure its rounding: sin((x + 1e6) - 1e6) swallows the move.
EXTENDED = np.finfo(np.longdouble).nmant > 60
#: Real differences at the step with this exponent have to agree with the complex step to _AGREE.
_CHECK = 24
_AGREE = 1e-4


def complex_step(line: Line, seed: int) -> tuple[Outcome | None, str]:
    """Return the derivative by the complex step, or None and the reason why it is not available."""
    if not EXTENDED:
        return None, "this platform has no extended precision to measure its rounding in"
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
        return None, "its values change when the same numbers come as plain arrays"
    with np.errstate(all="ignore"):
        real, reason = _real_parts(line, seed)
        if real is None:
            return None, reason
        return _compare(traced, plain, real, seed)


def _traced(line: Line) -> tuple[Any, str]:
    """Return the values at x + i h v in extended precision, if nothing forbidden is met."""
    log = Log(np.clongdouble)
    moved = {}
    for name, step in line.steps.items():
        value = line.values[name]
        start: Any = value.astype(np.clongdouble)
        moved[name] = trace(start + 1j * _H * step.astype(np.longdouble), log)
    try:
        output = untrace(line.call(moved))
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
        return None, "it takes the numbers out of NumPy's hands, or is not finite"
    line.shape = output.shape if line.shape is None else line.shape
    return output.ravel(), ""


def _plain(line: Line) -> Any:
    """Return the values at x + i h v in double precision, as plain arrays; None if that fails."""
    moved = {name: line.values[name] + 1j * _H * step for name, step in line.steps.items()}
    try:
        output = np.asarray(line.call(moved))
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return None
    return output.ravel() if output.dtype == np.complex128 else None


def _real_parts(line: Line, seed: int) -> tuple[Any, str]:
    h = mantissas(seed)[_CHECK] * 2.0**-_CHECK
    try:
        return (line.at(-h), line.at(h)), ""
    except Exception as error:  # noqa: BLE001 - code under test may raise whatever it likes
        return None, f"it raises {type(error).__name__} near the point"


def _compare(
    traced: Any, plain: Any, real: tuple[Flat, Flat], seed: int
) -> tuple[Outcome | None, str]:
    """Hold the two complex evaluations against each other and against real differences."""
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
    slack = slack + 1000 * 2.0**-53 * magnitude.astype(np.float64) / h
    if not np.all(np.isfinite(value)) or not np.all(np.abs(value - difference) <= slack):
        return None, "real differences do not agree with it"
    if not np.all(rounding <= 1e-6 * (np.abs(value) + size)):
        return None, "rounding inside the function leaves less than six digits"
    return smooth(value, noise, np.zeros_like(value), "complex step"), ""
