"""Functions without a derivative that can be seen: a status is the right answer.

Their ideal is what the code computes, or the smooth part of it; an estimate that
is `ok` must still contain it.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from .ideal import CONTEXT
from .shapes import Array, Case, made, normal, plain

if TYPE_CHECKING:
    from collections.abc import Callable

    from .shapes import Rng

HOSTILE = "hostile"


def _hostile(name: str, f: Any, point: Any, **options: Any) -> None:
    plain(name, HOSTILE, f, point, expect="status", **options)


def _nan(m: Any, x: Any) -> Any:
    return m.where(x == x[0], x * CONTEXT.nan if m is not np else np.nan, x)


def _stateful(name: str, wrap: Callable[[Rng], Callable[[Array], Array]], held_out: bool) -> None:
    """Enter sin(x) with something added that changes from call to call."""

    def make(rng: Rng) -> Case:
        x = rng.standard_normal(3)
        return Case(wrap(rng), lambda m, x: m.sin(x), x)

    made(name, HOSTILE, make, held_out=held_out, expect="status")


def _noise(rng: Rng) -> Callable[[Array], Array]:
    return lambda x: np.sin(x) + 1e-6 * rng.standard_normal(x.shape)


def _counter(_rng: Rng) -> Callable[[Array], Array]:
    calls = itertools.count()
    return lambda x: np.sin(x) + 1e-3 * next(calls)


def _dropout(rng: Rng) -> Callable[[Array], Array]:
    return lambda x: np.sin(x) * (rng.random(x.shape) < 0.8)


def _raises_when_perturbed(rng: Rng) -> Case:
    x = rng.standard_normal(3)
    kept = x.copy()

    def code(x: Array) -> Array:
        if not np.array_equal(x, kept):
            msg = "another point than I was made for"
            raise ValueError(msg)
        return np.sin(x)

    return Case(code, lambda m, x: m.sin(x), x)


def _raises_for_complex(rng: Rng) -> Case:
    def code(x: Array) -> Array:
        if np.iscomplexobj(x):
            msg = "real numbers only"
            raise TypeError(msg)
        return np.sin(x)

    return Case(code, lambda m, x: m.sin(x), rng.standard_normal(3))


def _jump_at(m: Any, x: Any) -> Any:
    return m.where(x >= 0.5, x + 1, x)


def _weierstrass(m: Any, x: Any) -> Any:
    return sum(0.5**k * m.cos(7**k * 3 * x) for k in range(18))


def _hidden_ripple(m: Any, x: Any) -> Any:
    return m.sin(x) + 1e-6 * m.sin(1e9 * x)


def _at_zero(rng: Rng) -> Array:
    return np.zeros(int(rng.integers(1, 3)))


def _at_half(_rng: Rng) -> Array:
    return np.full(1, 0.5)


_stateful("noise", _noise, held_out=False)
_stateful("counter", _counter, held_out=False)
_stateful("dropout", _dropout, held_out=True)
made("raises when perturbed", HOSTILE, _raises_when_perturbed, expect="status")
made("raises for complex", "not analytic", _raises_for_complex)
_hostile("nan in one output", _nan, lambda rng: rng.standard_normal(3))
_hostile("inf", lambda m, x: m.exp(x) * 1e300, lambda rng: rng.uniform(30, 60, 1))
_hostile("jump at the point", _jump_at, _at_half)
_hostile("jump beside the point", _jump_at,
         lambda rng: 0.5 + rng.choice([-1, 1], 1) * 10.0 ** rng.uniform(-12, -6))  # fmt: skip
_hostile("sqrt|x| at 0", lambda m, x: m.sqrt(m.abs(x)), _at_zero)
_hostile("cube root at 0", lambda m, x: m.cbrt(x), _at_zero)
_hostile("weierstrass", _weierstrass, normal())
_hostile("round", lambda m, x: m.floor(x + 0.5), normal())
_hostile("floor of 10 x", lambda m, x: m.floor(10 * x), normal(), held_out=True)
_hostile("staircase of 1e6 steps", lambda m, x: m.floor(1e6 * x) / 1e6, normal(), held_out=True)
_hostile("hidden ripple", _hidden_ripple, normal())
_hostile("sign at 0", lambda m, x: m.where(x > 0, 1 + 0 * x, m.where(x < 0, -1 + 0 * x, 0 * x)),
         _at_zero, held_out=True)  # fmt: skip
_hostile("sqrt at 0", lambda m, x: m.sqrt(x), _at_zero, held_out=True)
_hostile("log of a negative number", lambda m, x: m.log(x + 0 * m.abs(x)),
         lambda rng: -1 - rng.random(2), held_out=True)  # fmt: skip
