"""The truth: a function's one-sided directional derivatives at 100 digits.

`MP` has the names of NumPy that the population uses, for object arrays of
mpmath numbers, so that one definition ``f(m, x)`` serves as code under test
(``m`` is NumPy) and as the ideal function (``m`` is `MP`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import mpmath
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

CONTEXT = mpmath.mp.clone()
CONTEXT.dps = 100
#: Step of the truth: one-sided differences are then good to about 45 digits, and hold 55
#: (at the end of a domain, where x^1.5 has a derivative but no second one, to 22).
_STEP = CONTEXT.mpf(2) ** -150


def lift(x: Any) -> Any:
    """Return `x` as an object array of mpmath numbers, exactly."""
    return np.frompyfunc(lambda t: CONTEXT.mpf(float(t)), 1, 1)(np.asarray(x, dtype=float))


def _unary(function: Callable[[Any], Any]) -> Any:
    return np.frompyfunc(function, 1, 1)


class _MP:
    """NumPy's names over mpmath numbers."""

    exp = _unary(CONTEXT.exp)
    log = _unary(CONTEXT.log)
    log1p = _unary(CONTEXT.log1p)
    expm1 = _unary(CONTEXT.expm1)
    sqrt = _unary(CONTEXT.sqrt)
    sin = _unary(CONTEXT.sin)
    cos = _unary(CONTEXT.cos)
    tanh = _unary(CONTEXT.tanh)
    cosh = _unary(CONTEXT.cosh)
    arctan = _unary(CONTEXT.atan)
    arcsin = _unary(CONTEXT.asin)
    arctanh = _unary(CONTEXT.atanh)
    absolute = _unary(abs)
    abs = absolute
    floor = _unary(CONTEXT.floor)
    cbrt = _unary(lambda t: CONTEXT.sign(t) * CONTEXT.cbrt(abs(t)))
    maximum = np.maximum
    minimum = np.minimum
    where = staticmethod(np.where)
    sum = staticmethod(np.sum)
    prod = staticmethod(np.prod)
    max = staticmethod(np.max)
    sort = staticmethod(np.sort)

    @staticmethod
    def power(x: Any, p: float) -> Any:
        return np.frompyfunc(lambda t: CONTEXT.power(t, CONTEXT.mpf(p)), 1, 1)(x)


MP = _MP()


def one_sided(ideal: Callable[[Any, Any], Any], x: Any, v: Any) -> tuple[Any, Any]:
    """Return the left and right derivative of `ideal` at `x` along `v`, as mpmath numbers.

    A side on which the ideal function leaves its domain (an error, or a complex
    number) comes back as NaN.
    """
    point, direction = lift(x), lift(v)
    here = np.atleast_1d(np.asarray(ideal(MP, point), dtype=object)).ravel()

    def side(sign: int) -> Any:
        try:
            there = np.asarray(ideal(MP, point + sign * _STEP * direction), dtype=object).ravel()
        except (ValueError, ZeroDivisionError):
            return np.full(here.shape, CONTEXT.nan, dtype=object)
        slope = sign * (there - here) / _STEP
        real = [CONTEXT.nan if isinstance(t, CONTEXT.mpc) else t for t in slope]
        return np.array(real, dtype=object)

    return side(-1), side(+1)
