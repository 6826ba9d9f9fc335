"""Functions with kinks: at the point exactly, near it (1e-12 to 1e-3), and away from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .layers import gaussian
from .shapes import Array, Case, fixed, made, plain, weighted

if TYPE_CHECKING:
    from .shapes import Function, Rng


def at(corner: float) -> Any:
    """Return points exactly at the corner, among ordinary entries."""

    def point(rng: Rng) -> Array:
        x = rng.standard_normal(int(rng.integers(1, 5)))
        x[rng.integers(0, len(x))] = corner
        return np.asarray(x)

    return point


def near(corner: float) -> Any:
    """Return points 1e-12 to 1e-3 beside the corner, among ordinary entries."""

    def point(rng: Rng) -> Array:
        x = rng.standard_normal(int(rng.integers(1, 5)))
        away = rng.choice([-1.0, 1.0]) * 10.0 ** rng.uniform(-12, -3)
        x[rng.integers(0, len(x))] = corner + away
        return np.asarray(x)

    return point


def _leaky(m: Any, x: Any) -> Any:
    return m.where(x > 0, x, 0.125 * x)


def _huber(m: Any, x: Any) -> Any:
    a = m.abs(x)
    return m.where(a <= 1, x * x / 2, a - 0.5)


def _soft_threshold(m: Any, x: Any) -> Any:
    return m.where(x > 1, x - 1, m.where(x < -1, x + 1, 0 * x))


def _elu(m: Any, x: Any) -> Any:
    return m.where(x > 0, x, 0.5 * (m.exp(m.minimum(x, 0 * x)) - 1))


def _clip(m: Any, x: Any) -> Any:
    return m.minimum(m.maximum(x, -1 + 0 * x), 1 + 0 * x)


def _hard_sigmoid(m: Any, x: Any) -> Any:
    return m.minimum(m.maximum(0.25 * x + 0.25, 0 * x), 1 + 0 * x)


def _everywhere(name: str, f: Function, corner: float, *, held_out: bool = False) -> None:
    """Enter one function three times: at its corner, near it, and anywhere."""
    plain(f"{name}, at", "kink, at", f, at(corner), held_out=held_out, expect="kink")
    plain(f"{name}, near", "kink, near", f, near(corner), held_out=held_out, expect="kink")
    plain(f"{name}, away", "kink, away", f, fixed(4), held_out=held_out)


_everywhere("relu", lambda m, x: m.maximum(x, 0 * x), 0.0)
_everywhere("relu as a product", lambda _m, x: x * (x > 0), 0.0)
_everywhere("leaky relu", _leaky, 0.0)
_everywhere("absolute value", lambda m, x: m.abs(x), 0.0)
_everywhere("hinge", lambda m, x: m.maximum(1 - x, 0 * x), 1.0)
_everywhere("clip", _clip, 1.0)
_everywhere("huber", _huber, 1.0)
_everywhere("relu squared", lambda m, x: m.maximum(x, 0 * x) ** 2, 0.0)
_everywhere("soft threshold", _soft_threshold, 1.0, held_out=True)
_everywhere("elu 0.5", _elu, 0.0, held_out=True)
_everywhere("hard sigmoid", _hard_sigmoid, -1.0, held_out=True)
_everywhere("tanh of relu", lambda m, x: m.tanh(m.maximum(x, 0 * x)), 0.0, held_out=True)


def _tied(f: Function, n: int) -> Any:
    """Return a maker whose largest entries tie exactly."""

    def make(rng: Rng) -> Case:
        x = rng.standard_normal(n)
        i, j = rng.permutation(n)[:2]
        x[i] = x[j] = np.max(x) + rng.choice([0.0, 0.25])
        return Case(lambda x: f(np, x), f, x)

    return make


def _relu_net(m: Any, x: Any, w: Any, u: Any) -> Any:
    z = w @ x
    return u @ m.maximum(z, 0 * z)


def _relu_net_at(rng: Rng) -> Case:
    """One hidden unit of eight is exactly at its kink."""
    w, u = rng.standard_normal((8, 5)), rng.standard_normal((2, 8))
    x = rng.standard_normal(5)
    w[3] = [x[1], -x[0], 0.0, 0.0, 0.0]
    return Case(lambda x: _relu_net(np, x, w, u), _lifted(_relu_net, w, u), x)


def _lifted(f: Any, *weights: Array) -> Any:
    from .ideal import lift  # noqa: PLC0415 - only the ideal reading needs mpmath

    return lambda m, x: f(m, x, *map(lift, weights))


def _l1(m: Any, x: Any) -> Any:
    return m.sum(m.abs(x))


def _top_two(m: Any, x: Any) -> Any:
    return m.sum(m.sort(x)[-2:])


made("max, tied", "kink, at", _tied(lambda m, x: m.max(x), 5), expect="kink")
made("relu net, one unit at", "kink, at", _relu_net_at, expect="kink")
plain("l1 norm, at", "kink, at", _l1, at(0.0), expect="kink")
made("top two, tied", "kink, at", _tied(_top_two, 4), held_out=True, expect="kink")
weighted("relu net", "kink, away", _relu_net, fixed(5), gaussian((8, 5), (2, 8)))
weighted("relu net, wide", "kink, away", _relu_net, fixed(5), gaussian((60, 5), (2, 60)),
         held_out=True)  # fmt: skip
plain("max of five", "kink, away", lambda m, x: m.max(x), fixed(5))
plain("l1 norm", "kink, away", _l1, fixed(6), held_out=True)
