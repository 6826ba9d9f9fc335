"""Elementwise functions, each with its derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .base import (
    Pair,
    add,
    at,
    between,
    empty,
    many,
    near,
    one_example,
    ordinary,
    saturated,
    spread,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from .base import Array, Rng

    Function = Callable[[Any], Any]


def pair(
    f: Function, slope: Function, x: Array, ideal: Function | None = None, terms: float = 0.0
) -> Pair:
    """Return the pair of one function of one tensor."""
    return Pair(
        lambda v: f(v["x"]),
        lambda v, c: {"x": c * slope(v["x"])},
        {"x": x},
        None if ideal is None else lambda v: ideal(v["x"]),
        {"x": terms},
    )


def _enter(
    name: str,
    f: Function,
    slope: Function,
    places: dict[str, Callable[[Rng], Array]],
    ideal: Function | None = None,
    *,
    terms: float = 0.0,
    doubles: bool = False,
) -> None:
    for condition, point in places.items():
        large = point is many
        add(
            name, condition, lambda rng, point=point: pair(f, slope, point(rng), ideal, terms),
            large=large, doubles=doubles, entrywise=True,
        )  # fmt: skip


def _split(x: Any, above: Any, below: Any, on: Any) -> Any:
    """Return the branch by the sign of the real part: what complex numbers have no order for."""
    real = np.real(x)
    return np.where(real > 0, above, np.where(real < 0, below, on))


def _sides(*corners: float, **more: Callable[[Rng], Array]) -> dict[str, Callable[[Rng], Array]]:
    return {"ordinary": ordinary, "kink, at": at(*corners), "kink, near": near(*corners), **more}


WIDE = spread(-12, 12, signs=True)
SHAPES = {"empty": empty, "batch of 1": one_example}

_enter(
    "relu", lambda x: np.maximum(x, 0), lambda x: x > 0,
    _sides(0.0, **{"10^5 entries": many, "many scales": WIDE}, **SHAPES),
    lambda x: _split(x, x, 0 * x, 0 * x),
)  # fmt: skip
_enter(
    "relu as a product", lambda x: x * (x > 0), lambda x: np.where(x > 0, 1.0, 0.0).astype(x.dtype),
    _sides(0.0, **{"10^5 entries": many}, **SHAPES), lambda x: x * (np.real(x) > 0),
)  # fmt: skip
_enter(
    "relu by absolute value", lambda x: (x + np.abs(x)) / 2, lambda x: (1 + np.sign(x)) / 2,
    _sides(0.0, **{"10^5 entries": many}), lambda x: _split(x, x, 0 * x, x / 2),
)  # fmt: skip
_enter(
    "leaky relu", lambda x: np.where(x > 0, x, 0.125 * x),
    lambda x: np.where(x > 0, 1.0, 0.125).astype(x.dtype),
    _sides(0.0, **{"10^5 entries": many}, **SHAPES),
    lambda x: np.where(np.real(x) > 0, x, 0.125 * x),
)  # fmt: skip
_enter(
    "absolute value", np.abs, np.sign, _sides(0.0, **{"many scales": WIDE}, **SHAPES),
    lambda x: _split(x, x, -x, 0 * x),
)  # fmt: skip
_enter(
    "clip", lambda x: np.clip(x, -1, 1), lambda x: np.abs(x) < 1, _sides(-1.0, 1.0, **SHAPES),
    lambda x: np.where(np.abs(np.real(x)) < 1, x, np.sign(np.real(x)) + 0 * x),
)  # fmt: skip
_enter(
    "relu6", lambda x: np.minimum(np.maximum(x, 0), 6), lambda x: (x > 0) & (x < 6),
    _sides(0.0, 6.0), lambda x: np.where((np.real(x) > 0) & (np.real(x) < 6), x, 0 * x),
)  # fmt: skip
_enter(
    "huber", lambda x: np.where(np.abs(x) <= 1, x * x / 2, np.abs(x) - 0.5),
    lambda x: np.clip(x, -1, 1), _sides(-1.0, 1.0, **SHAPES),
    lambda x: np.where(np.abs(np.real(x)) <= 1, x * x / 2, np.sign(np.real(x)) * x - 0.5),
)  # fmt: skip
_enter(
    "soft threshold", lambda x: np.sign(x) * np.maximum(np.abs(x) - 1, 0), lambda x: np.abs(x) > 1,
    _sides(-1.0, 1.0),
    lambda x: np.where(np.abs(np.real(x)) > 1, x - np.sign(np.real(x)), 0 * x),
)  # fmt: skip
_enter(
    "hard sigmoid", lambda x: np.clip(0.25 * x + 0.5, 0, 1),
    lambda x: np.where(np.abs(x) < 2, 0.25, 0.0).astype(x.dtype), _sides(-2.0, 2.0),
    lambda x: np.where(np.abs(np.real(x)) < 2, 0.25 * x + 0.5, 0 * x),
)  # fmt: skip
_enter(
    "elu", lambda x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
    lambda x: np.exp(np.minimum(x, 0)), _sides(0.0, saturation=saturated, **SHAPES),
    lambda x: np.where(np.real(x) > 0, x, np.expm1(np.where(np.real(x) > 0, 0 * x, x))),
)  # fmt: skip
_enter(
    "relu squared", lambda x: np.maximum(x, 0) ** 2, lambda x: 2 * np.maximum(x, 0), _sides(0.0),
    lambda x: np.where(np.real(x) > 0, x, 0 * x) ** 2,
)  # fmt: skip


def _sigmoid(x: Any) -> Any:
    return 1 / (1 + np.exp(-x))


def _stable(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return np.where(x >= 0, 1 / (1 + small), small / (1 + small))


def _stable_slope(x: Any) -> Any:
    small = np.exp(-np.abs(x))
    return small / (1 + small) ** 2


def _gelu(x: Any) -> Any:
    return 0.5 * x * (1 + np.tanh(0.7978845608028654 * (x + 0.044715 * x**3)))


def _gelu_slope(x: Any) -> Any:
    t = np.tanh(0.7978845608028654 * (x + 0.044715 * x**3))
    inner = 0.7978845608028654 * (1 + 3 * 0.044715 * x**2)
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * inner


SOFT = {"ordinary": ordinary, "saturation": saturated}
_enter(
    "sigmoid, a(1 - a)", _sigmoid, lambda x: _sigmoid(x) * (1 - _sigmoid(x)),
    {**SOFT, "10^5 entries": many, **SHAPES}, terms=1.0,
)  # fmt: skip
_enter("sigmoid, by the smaller power", _stable, _stable_slope, {**SOFT, **SHAPES}, _sigmoid)
_enter("tanh, 1 - a^2", np.tanh, lambda x: 1 - np.tanh(x) ** 2, {**SOFT, **SHAPES}, terms=1.0)
_enter("tanh, by cosh", np.tanh, lambda x: np.cosh(x) ** -2, {**SOFT, "10^5 entries": many})
_enter(
    "softplus", lambda x: np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), _stable,
    {**SOFT, "at 0": at(0.0)}, lambda x: np.log(1 + np.exp(x)),
)  # fmt: skip
_enter(
    "softplus by logaddexp", lambda x: np.logaddexp(np.zeros_like(x), x), _stable, SOFT,
    lambda x: np.log(1 + np.exp(x)),
)  # fmt: skip
_enter(
    "swish", lambda x: x * _sigmoid(x),
    lambda x: _sigmoid(x) * (1 + x * (1 - _sigmoid(x))), SOFT, terms=40.0,
)  # fmt: skip
_enter("gelu", _gelu, _gelu_slope, SOFT, terms=4e3)
_enter("softsign", lambda x: x / (1 + np.abs(x)), lambda x: (1 + np.abs(x)) ** -2,
       {"ordinary": ordinary, "many scales": WIDE},
       lambda x: np.sign(np.real(x)) * (1 - 1 / (1 + _split(x, x, -x, 0 * x)))
       + np.where(np.real(x) == 0, x, 0 * x))  # fmt: skip

EDGE = spread(-12, -3)
_enter("log", np.log, lambda x: 1 / x,
       {"ordinary": between(0.5, 3), "edge": EDGE, "many scales": spread(-12, 12)})  # fmt: skip
_enter("square root", np.sqrt, lambda x: 0.5 / np.sqrt(x),
       {"ordinary": between(0.5, 3), "edge": EDGE, "many scales": spread(-12, 12)})  # fmt: skip
_enter("log of 1 + x", np.log1p, lambda x: 1 / (1 + x),
       {"ordinary": between(-0.5, 3), "edge": lambda rng: EDGE(rng) - 1},
       doubles=True)  # fmt: skip
_enter("reciprocal", lambda x: 1 / x, lambda x: -1 / (x * x),
       {"ordinary": between(0.5, 3), "edge": spread(-6, -3, signs=True)})  # fmt: skip
_enter("reciprocal root", lambda x: 1 / np.sqrt(x), lambda x: -0.5 / (x * np.sqrt(x)),
       {"ordinary": between(0.5, 3), "edge": spread(-6, -3)})  # fmt: skip
_enter("logit", lambda x: np.log(x) - np.log1p(-x), lambda x: 1 / (x * (1 - x)),
       {"ordinary": between(0.1, 0.9), "edge": EDGE}, lambda x: np.log(x) - np.log(1 - x),
       )  # fmt: skip
_enter("cube root", np.cbrt, lambda x: 1 / (3 * np.cbrt(x) ** 2),
       {"ordinary": between(0.5, 3), "many scales": WIDE},
       lambda x: np.sign(np.real(x)) * (np.sign(np.real(x)) * x) ** (np.longdouble(1) / 3),
       )  # fmt: skip
_enter("exponential", np.exp, np.exp,
       {"ordinary": ordinary, "saturation": between(-40, -20)})  # fmt: skip
_enter("sine", np.sin, np.cos, {"ordinary": ordinary, "fast": between(-300, 300), **SHAPES},
       terms=1.0)  # fmt: skip
_enter("cube", lambda x: x**3, lambda x: 3 * x**2,
       {"ordinary": ordinary, "at 0": at(0.0)}, lambda x: x * x * x)  # fmt: skip
_enter("arc tangent", np.arctan, lambda x: 1 / (1 + x * x),
       {"ordinary": ordinary, "saturation": spread(3, 6, signs=True)})  # fmt: skip
_enter("entropy", lambda x: -x * np.log(x), lambda x: -1 - np.log(x),
       {"ordinary": between(0.5, 3), "edge": EDGE}, terms=2.0)  # fmt: skip
