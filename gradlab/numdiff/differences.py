"""Extrapolated central differences with the function's own, measured noise."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.records import Estimate, Quality

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

# A full mantissa: with powers of two x + h·v is exact and hides rounding noise.
_MANTISSA = 1.18034
_STEPS = _MANTISSA * 2.0 ** -np.arange(4.0, 28.0, 4.0)
_UNIT = 2.0**-53


def random_direction(x: Array, rng: np.random.Generator) -> Array:
    """Draw signs times (1 + u), scaled to each entry of `x`, with a floor under every one."""
    size = np.abs(np.asarray(x, dtype=float))
    largest = size.max(initial=0.0) or 1.0
    scale = 2.0 ** np.floor(np.log2(np.maximum(size, largest / 64)))
    signs = rng.choice([-1.0, 1.0], size.shape)
    return np.asarray(signs * scale * (1 + rng.random(size.shape)))


def derivative(
    f: Callable[[Array], Array],
    x: Array,
    direction: Array,
    *,
    method: str = "auto",  # noqa: ARG001 - one method so far
    seed: int = 0,
) -> Estimate:
    """Differentiate `f` at `x` along `direction`, output by output, with a bound for each."""
    steps = _STEPS * (1 + 0.1 * np.random.default_rng(seed).random())
    centre = np.asarray(f(x), dtype=float)
    plus = np.stack([np.asarray(f(x + h * direction), dtype=float) for h in steps])
    minus = np.stack([np.asarray(f(x - h * direction), dtype=float) for h in steps])
    h = steps.reshape((-1,) + (1,) * centre.ndim)
    noise = 4 * _UNIT * np.max(np.abs(plus) + np.abs(minus), axis=0) + _even_noise(
        plus + minus - 2 * centre
    )
    first = (plus - minus) / (2 * h)
    second = (256 * first[1:] - first[:-1]) / 255
    truncation = np.abs(np.diff(first, axis=0))
    rounding = 8 * noise / h[1:]
    best = np.argmin(truncation + rounding, axis=0)[None]
    value = np.take_along_axis(second, best, axis=0)[0]
    trunc = np.take_along_axis(truncation, best, axis=0)[0]
    round_ = np.take_along_axis(rounding, best, axis=0)[0]
    bound = trunc + round_
    ok = np.isfinite(value) & np.isfinite(bound)
    status = Quality.OK if bool(ok.all()) else Quality.NOT_FINITE
    quality = np.where(ok, Quality.OK, Quality.NOT_FINITE).astype(object)
    return Estimate(
        value=value,
        bound=bound,
        evaluations=1 + 2 * len(steps),
        method="differences",
        status=status,
        reason="" if status is Quality.OK else "the function is not finite near this point",
        quality=quality,
        left=value,
        right=value,
        left_bound=bound,
        right_bound=bound,
        noise=round_,
        truncation=trunc,
    )


def _even_noise(even: Array) -> Array:
    """Read the noise off what is left of the even differences once h² is eliminated."""
    left = np.abs(even[1:] - even[:-1] / 256) / np.sqrt(6)
    return np.asarray(np.max(left[-3:], axis=0))


def dot(estimate: Estimate, weights: Array) -> tuple[float, float]:
    """Weigh the outputs' derivatives: ⟨weights, value⟩ and its bound."""
    terms = weights * estimate.value
    bound = (
        np.sqrt(np.sum((weights * estimate.noise) ** 2))
        + np.sum(np.abs(weights) * estimate.truncation)
        + 4 * _UNIT * np.sum(np.abs(terms))
    )
    return float(np.sum(terms)), float(bound)
