"""Points, and the short ways in which the families are written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from . import Array, Case, Family, add

if TYPE_CHECKING:
    from collections.abc import Callable

    Rng = np.random.Generator
    Function = Callable[[Any, Any], Any]
    Point = Callable[[Rng], Array]


def normal(scale: float = 1.0, most: int = 6) -> Point:
    """Return Gaussian points of 1 to `most` entries, each draw with its own scale."""

    def point(rng: Rng) -> Array:
        size = scale * 10.0 ** rng.uniform(-1, 0.5)
        return np.asarray(size * rng.standard_normal(int(rng.integers(1, most + 1))))

    return point


def uniform(low: float, high: float, most: int = 6) -> Point:
    """Return uniform points of 1 to `most` entries."""
    return lambda rng: np.asarray(rng.uniform(low, high, int(rng.integers(1, most + 1))))


def decades(low: float, high: float, most: int = 6, *, signed: bool = False) -> Point:
    """Return points whose entries are spread evenly over the decades from 10^low to 10^high."""

    def point(rng: Rng) -> Array:
        n = int(rng.integers(1, most + 1))
        signs = rng.choice([-1.0, 1.0], n) if signed else 1.0
        return np.asarray(signs * 10.0 ** rng.uniform(low, high, n))

    return point


def fixed(n: int, scale: float = 1.0) -> Point:
    """Return Gaussian points of exactly `n` entries."""
    return lambda rng: np.asarray(scale * rng.standard_normal(n))


def plain(
    name: str,
    kind: str,
    f: Function,
    point: Point,
    *,
    held_out: bool = False,
    expect: str = "value",
    code: Callable[[Array], Any] | None = None,
) -> None:
    """Enter a function without weights; `code` replaces the NumPy reading of `f`."""

    def make(rng: Rng) -> Case:
        return Case(code or (lambda x: f(np, x)), f, point(rng))

    add(Family(name, kind, make, held_out, expect))


def made(
    name: str,
    kind: str,
    make: Callable[[Rng], Case],
    *,
    held_out: bool = False,
    expect: str = "value",
) -> None:
    """Enter a function whose weights are drawn with the point."""
    add(Family(name, kind, make, held_out, expect))


def weighted(
    name: str,
    kind: str,
    f: Callable[..., Any],
    point: Point,
    weights: Callable[[Rng, Array], tuple[Any, ...]],
    *,
    held_out: bool = False,
    expect: str = "value",
    code: Callable[..., Any] | None = None,
) -> None:
    """Enter ``f(m, x, *weights)``; `code(x, *weights)` replaces the NumPy reading of `f`."""
    from .ideal import lift  # noqa: PLC0415 - only the ideal reading needs mpmath

    def make(rng: Rng) -> Case:
        x = point(rng)
        w = weights(rng, x)

        def run(x: Array) -> Any:
            return f(np, x, *w) if code is None else code(x, *w)

        return Case(run, lambda m, x: f(m, x, *map(lift, w)), x)

    add(Family(name, kind, make, held_out, expect))
