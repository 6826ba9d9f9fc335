"""The units of rounding: unit roundoff, moves by an ulp, and the scale of a gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import DTypeLike, NDArray

    Array = NDArray[Any]


def unit_roundoff(of: Array | DTypeLike) -> float:
    """Return u, the largest relative error of rounding once to nearest: half of epsilon.

    Parameters
    ----------
    of
        An array or a dtype; one that is not floating counts as float64.

    Examples
    --------
    >>> unit_roundoff(np.ones(3)) == 2**-53, unit_roundoff("float32") == 2**-24
    (True, True)
    """
    return machine_epsilon(of) / 2


def machine_epsilon(of: Array | DTypeLike) -> float:
    """Return ε, the distance from 1 to the next larger number: twice the unit roundoff.

    Examples
    --------
    >>> machine_epsilon(np.ones(3)) == 2**-52, machine_epsilon(np.arange(3)) == 2**-52
    (True, True)
    """
    dtype = of.dtype if isinstance(of, np.ndarray | np.generic) else np.dtype(of)
    return float(np.finfo(dtype if dtype.kind == "f" else np.float64).eps)


def perturb_by_ulp(
    value: Array, rng: np.random.Generator, *, ulps: int = 1, precision: str | None = None
) -> Array:
    """Move each entry by a unit in the last place, up or down at random.

    Parameters
    ----------
    value
        An array; one that is not floating is returned as it is.
    ulps
        The largest move: each entry moves by 1 to `ulps` units.
    precision
        The format whose last place is meant; that of `value` by default.

    Returns
    -------
    ndarray
        Of the shape and dtype of `value`.

    Examples
    --------
    >>> moved = perturb_by_ulp(np.ones(100), np.random.default_rng(0))
    >>> sorted({float(x) for x in (moved - 1) / 2.0**-53})
    [-1.0, 2.0]
    """
    if value.dtype.kind != "f":
        return value
    held = value.astype(precision or value.dtype)
    if ulps > 1:
        places = rng.integers(1, ulps, value.shape, endpoint=True)
        moved = held + np.spacing(held) * places * rng.choice([-1.0, 1.0], value.shape)
    else:
        moved = np.nextafter(held, rng.choice([-np.inf, np.inf], value.shape).astype(held.dtype))
    return np.asarray(moved).astype(value.dtype)


def ulp_or_least(value: Array) -> Array:
    """Return the unit in the last place of each entry; for zeros ε² of the largest entry.

    The unit in the last place of 0 is a subnormal number, with which code cannot compute.

    Examples
    --------
    >>> ulp_or_least(np.array([1.0, 0.0])) == [2.0**-52, 2.0**-104]
    array([ True,  True])
    """
    least = machine_epsilon(value) ** 2 * (largest(value) or 1.0)
    return np.asarray(np.where(value == 0, least, np.spacing(np.abs(value))))


def relative_step(value: Array, step: float, rng: np.random.Generator) -> Array:
    """Draw a displacement: each entry of `value` times a random number in [−`step`, `step`]."""
    if value.dtype.kind != "f":
        return np.zeros_like(value)
    return np.asarray(value * (step * rng.uniform(-1.0, 1.0, value.shape))).astype(value.dtype)


def largest(array: Array) -> float:
    """Return the magnitude of the largest finite entry; 0 if there is none.

    Examples
    --------
    >>> largest(np.array([1.0, -3.0, np.inf, np.nan]))
    3.0
    """
    return float(np.max(np.abs(array[np.isfinite(array)]), initial=0.0))


def gradient_scale(weighted_outputs: Iterable[Array], value: Array) -> float:
    """Return |c||F|/|x|: how large a gradient with respect to x is before anything cancels.

    1 − a² of a saturated tanh is 0 where 4e-26 is exact: the error is that of rounding
    1, and is no fault of the formula.  No entry of the gradient shows how large its
    terms were; the outputs do.

    Parameters
    ----------
    weighted_outputs
        The outputs F, each times its upstream gradient c.
    value
        The tensor x; if all its entries are 0, |x| counts as 1.
    """
    return max(map(largest, weighted_outputs), default=0.0) / (largest(value) or 1.0)
