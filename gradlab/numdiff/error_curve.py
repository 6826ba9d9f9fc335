"""The classic picture, error against step size, for any function, output and direction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff.derivative import derivative
from gradlab.numdiff.one_sided import read
from gradlab.numdiff.records import Explanation
from gradlab.numdiff.restriction import Line
from gradlab.numdiff.steps import LADDER, Ladder, mantissas

if TYPE_CHECKING:
    from collections.abc import Callable

#: Exponents of the picture's steps, two to an octave of four.
_EXPONENTS = np.arange(1.0, 45.0, 1.0)


def explain(
    f: Callable[..., Any],
    x: Any,
    direction: Any,
    *,
    output: tuple[int, ...] | None = None,
    method: str = "auto",
    seed: int = 0,
) -> Explanation:
    """Return how the error of a plain central difference depends on the step.

    The error is measured against `derivative`'s own value, so that what lies
    below its bound is not known.

    Parameters
    ----------
    f, x, direction, method, seed
        As for `derivative`; a unit vector as direction shows one entry.
    output
        The index of the output to show; by default the one with the widest bound.

    Examples
    --------
    >>> import numpy as np
    >>> picture = explain(np.exp, np.array([1.0]), np.array([1.0]))
    >>> bool(np.nanmin(picture.errors) < 1e-9 < picture.errors[0])
    True
    """
    estimate = derivative(f, x, direction, method=method, seed=seed)
    line = Line(f, x, direction)
    if not line.stretch:
        msg = "the direction is zero everywhere: there is nothing to show"
        raise GradlabError(msg)
    if output is None:
        width = np.where(np.isfinite(estimate.value), estimate.bound, -np.inf)
        output = tuple(int(i) for i in np.unravel_index(np.argmax(width), estimate.value.shape))
    if np.shape(estimate.value[output]) != ():
        msg = f"output {output} is not one number; the outputs have shape {estimate.value.shape}"
        raise GradlabError(msg)
    flat = int(np.ravel_multi_index(output, estimate.value.shape)) if output else 0
    value = float(estimate.value[output])
    scale = mantissas(seed)[LADDER[0]]
    steps = scale * 2.0**-_EXPONENTS
    slopes = np.array([_slope(line, float(h), flat) for h in steps]) * line.stretch
    chosen = np.nan
    if estimate.method == "differences":
        chosen = _chosen(line, flat, seed) / line.stretch
    return Explanation(
        steps=steps / line.stretch,
        errors=np.abs(slopes - value),
        value=value,
        bound=float(estimate.bound[output]),
        chosen=float(chosen),
        output=output,
        method=estimate.method,
        status=estimate.quality[output],
        evaluations=estimate.evaluations + line.calls,
    )


def _slope(line: Line, h: float, output: int) -> float:
    try:
        with np.errstate(all="ignore"):
            return float((line.at(h)[output] - line.at(-h)[output]) / (2 * h))
    except Exception:  # noqa: BLE001 - beyond the function's domain there is nothing to draw
        return float("nan")


def _chosen(line: Line, output: int, seed: int) -> float:
    """Return the finest step of the cell that the usual ladder would choose."""
    ladder = Ladder(line, line.at(0.0), mantissas(seed))
    ladder.climb(LADDER)
    exponents = ladder.run(None)
    if len(exponents) < 3:
        return float("nan")
    with np.errstate(all="ignore"):
        reading = read(ladder, exponents, np.empty((0, ladder.centre.size)))
    return ladder.step(exponents[int(reading.central.step[output])])
