"""The seeded sampler: one array for one tensor, generic or adversarial."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain._tensor import Content, TensorSpec, Where
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

#: The distance that generic entries keep from kinks and ends, in units of the scale
#: or, where two edges are nearer to each other than that, of the space between them.
MARGIN = 0.05

#: Beyond this power of ten, the square of an entry leaves the range of float64.
LARGEST_POWER = 100


def draw(
    tensor: TensorSpec,
    sizes: Mapping[str, int],
    rng: np.random.Generator,
    where: Where = Where.GENERIC,
    power: int = 0,
) -> Array:
    """Draw one array for `tensor`.

    Parameters
    ----------
    sizes
        A size for each symbol of the shape.
    where
        Where in the domain the entries fall.  A kind that the tensor does not
        allow (kinks where there are none) gives a generic draw.
    power
        Real entries are 10**power times as large, as far as the range allows.

    Examples
    --------
    >>> from gradlab.domain import Content, Role, TensorSpec
    >>> spec = TensorSpec("Y", ("n", "m"), Role.LABEL, Content.ONE_HOT)
    >>> draw(spec, {"n": 3, "m": 2}, np.random.default_rng(0)).sum(axis=0)
    array([1., 1.])
    >>> relu = TensorSpec("Z", (4,), kinks=(0.0,))
    >>> bool((draw(relu, {}, np.random.default_rng(0), Where.KINKS) == 0).any())
    True
    """
    if abs(power) > LARGEST_POWER:
        msg = f"power is an exponent of ten from -{LARGEST_POWER} to {LARGEST_POWER}, got {power}"
        raise GradlabError(msg)
    shape = tensor.resolve(sizes)
    match tensor.content:
        case Content.BINARY:
            return _binary(shape, rng, where)
        case Content.SIGN:
            return 2 * _binary(shape, rng, where) - 1
        case Content.COUNT:
            return rng.integers(0, 6, shape).astype(float)
        case Content.ONE_HOT:
            return _one_hot(shape, tensor.axis, rng, where)
        case Content.DISTRIBUTION:
            return _distribution(shape, tensor.axis, rng, where)
    return _special(tensor, _generic(tensor, sizes, shape, rng, power), sizes, rng, where)


def _generic(
    tensor: TensorSpec,
    sizes: Mapping[str, int],
    shape: tuple[int, ...],
    rng: np.random.Generator,
    power: int,
) -> Array:
    low, high = tensor.limits(sizes)
    if tensor.content is Content.INTEGER:
        if not low < high:
            msg = f"tensor {tensor.name!r}: no integer lies in [{low}, {high}): high is excluded"
            raise GradlabError(msg)
        return rng.integers(int(low), int(high), shape)
    if tensor.content is Content.PROBABILITY:
        low, high = max(low, 0.0), min(high, 1.0)
        inset = MARGIN * (high - low)
        return rng.uniform(low + inset, high - inset, shape)
    return _real(tensor, (low, high), shape, rng, 10.0**power)


def _real(
    tensor: TensorSpec,
    limits: tuple[float, float],
    shape: tuple[int, ...],
    rng: np.random.Generator,
    factor: float,
) -> Array:
    """Normal entries of the tensor's scale, uniform ones in a range with two ends."""
    low, high = limits
    scale = tensor.scale * factor
    if np.isfinite(low) and np.isfinite(high):
        raw = rng.uniform(low, high, shape) if not tensor.ties else _spread(shape, rng, low, high)
        drawn = _fold(raw * factor, low, high) if factor != 1 else raw
    else:
        raw = _spread(shape, rng, -2.0, 2.0) if tensor.ties else rng.standard_normal(shape)
        drawn = scale * raw
        if np.isfinite(low):
            drawn = low + (drawn + 2 * scale if tensor.ties else np.abs(drawn))
        elif np.isfinite(high):
            drawn = high - (drawn + 2 * scale if tensor.ties else np.abs(drawn))
    return _clear(drawn, (low, *tensor.kinks, high), MARGIN * scale)


def _spread(shape: tuple[int, ...], rng: np.random.Generator, low: float, high: float) -> Array:
    """Entries of which no two are nearer than half of the mean spacing."""
    count = int(np.prod(shape))
    places = rng.permutation(count) + rng.uniform(0.25, 0.75, count)
    return np.asarray(low + (high - low) * places / max(count, 1)).reshape(shape)


def _fold(values: Array, low: float, high: float) -> Array:
    """Reflect what lies outside [low, high] at its ends, as often as needed."""
    width = high - low
    if width == 0:
        return np.full_like(values, low)
    phase = np.mod(values - low, 2 * width)
    inside = (values >= low) & (values <= high)
    return np.where(inside, values, low + np.minimum(phase, 2 * width - phase))


def _clear(values: Array, edges: tuple[float, ...], margin: float) -> Array:
    """Move entries away from kinks and ends, keeping their order.

    Between two edges the entries are contracted, beyond the outermost they are
    shifted; so two entries never become equal, and none crosses a kink.
    """
    moved = np.array(values, dtype=float)
    for left, right in pairwise(sorted(set(edges))):
        here = (values >= left) & (values <= right)
        if np.isfinite(left) and np.isfinite(right):
            inset = min(margin / (right - left), MARGIN)
            share = inset + (1 - 2 * inset) * (values[here] - left) / (right - left)
            moved[here] = left + share * (right - left)
        elif np.isfinite(left):
            moved[here] = values[here] + margin
        elif np.isfinite(right):
            moved[here] = values[here] - margin
    return moved


def _special(
    tensor: TensorSpec,
    drawn: Array,
    sizes: Mapping[str, int],
    rng: np.random.Generator,
    where: Where,
) -> Array:
    """Put the values of `where` in about half of the entries."""
    if where is Where.GENERIC or drawn.size == 0:
        return drawn
    flat = drawn.reshape(-1)
    chosen = np.flatnonzero(rng.random(flat.size) < 0.5)
    if where is Where.TIES:
        # the largest entry is the one whose ties a max, a pool or a sort sees
        top = int(flat.argmax())
        chosen = np.union1d(chosen, [top, (top + 1) % flat.size])
        flat[chosen] = flat[top]
        return drawn
    specials = tensor.specials(where, sizes)
    if specials:
        chosen = np.union1d(chosen, [rng.integers(flat.size)])
        flat[chosen] = rng.choice(np.asarray(specials, dtype=flat.dtype), chosen.size)
    return drawn


def _binary(shape: tuple[int, ...], rng: np.random.Generator, where: Where) -> Array:
    """Zeros and ones; adversarial: one class only."""
    if where is Where.GENERIC:
        return rng.integers(0, 2, shape).astype(float)
    return np.full(shape, float(rng.integers(0, 2)))


def _one_hot(shape: tuple[int, ...], axis: int, rng: np.random.Generator, where: Where) -> Array:
    """One 1 along `axis`; adversarial: every example of the same class."""
    if 0 in shape:
        return np.zeros(shape)
    others = np.delete(np.asarray(shape, dtype=int), axis)
    same = rng.integers(shape[axis])
    drawn = where is Where.GENERIC
    return hot(
        rng.integers(shape[axis], size=others) if drawn else np.full(others, same), shape, axis
    )


def hot(classes: Array, shape: tuple[int, ...], axis: int) -> Array:
    """Write class numbers as one-hot entries along `axis` of an array of that shape.

    Examples
    --------
    >>> hot(np.array([2, 0]), (3, 2), 0)
    array([[0., 1.],
           [0., 0.],
           [1., 0.]])
    """
    numbers = np.expand_dims(np.arange(shape[axis]), [*range(1, len(shape))])
    return np.asarray(np.moveaxis(numbers, 0, axis) == np.expand_dims(classes, axis), dtype=float)


def _distribution(
    shape: tuple[int, ...], axis: int, rng: np.random.Generator, where: Where
) -> Array:
    """Positive, sums to 1; adversarial: nearly one-hot (extremes), or uniform (ties)."""
    positive = rng.uniform(0.2, 1.0, shape)
    if where is Where.TIES:
        positive = np.ones(shape)
    elif where is Where.EXTREMES:
        positive = _one_hot(shape, axis, rng, Where.GENERIC) + 1e-12
    return np.asarray(positive / positive.sum(axis=axis, keepdims=True))
