"""Axes along which a function is independent, and the Jacobian's columns grouped by them.

Columns of a Jacobian that share no row can be differentiated along one
direction (Curtis, Powell, Reid 1974, *On the estimation of sparse Jacobian
matrices*, IMA J. Appl. Math. 13, 117-119).  An elementwise function then takes
one directional derivative, a layer that treats examples independently takes one
for each feature.

The pattern is found by evaluating the function at perturbed points, never from
a claimed gradient.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.numdiff.restriction import Restriction

    Array = NDArray[Any]
    Flat = NDArray[np.float64]
    Indices = NDArray[np.int64]

#: How far entries are perturbed, relative to the largest entry of the point.
_PERTURBATIONS = (0.37, -1.9, 1e-3)
#: The smallest of them: a component is at least half as large.
LEAST_PERTURBATION = 0.5e-3


@dataclass(frozen=True)
class ColumnGroups:
    """Columns of a Jacobian that can share a directional derivative.

    Attributes
    ----------
    members
        (examples, groups): the flat indices of the input entries in each group.
    columns
        (outputs, groups): the input entry of the group on which an output may depend.
    """

    members: Indices
    columns: Indices


def group_columns(
    shape: tuple[int, ...], output_shape: tuple[int, ...], axes: tuple[int, ...]
) -> ColumnGroups:
    """Group the entries of an input by their index on the axes that are not in `axes`.

    Parameters
    ----------
    shape, output_shape
        Shapes of the input and of the output, of equal lengths along `axes`.
    axes
        The axes along which the function is independent.

    Examples
    --------
    >>> group_columns((2, 3), (1, 3), (1,)).columns.tolist()
    [[0, 3], [1, 4], [2, 5]]
    """
    entries = np.moveaxis(np.arange(np.prod(shape)).reshape(shape), axes, range(len(axes)))
    entries = entries.reshape(*(shape[axis] for axis in axes), -1)
    groups = entries.shape[-1]
    examples = tuple(np.indices(output_shape)[axis] for axis in axes)
    return ColumnGroups(entries.reshape(-1, groups), entries[examples].reshape(-1, groups))


def independent_axes(line: Restriction, name: str, seed: int) -> tuple[int, ...]:
    """Return the axes, of input and output alike, whose slices are independent of each other.

    The slices along an axis get numbers in random order.  For each bit of the
    number, the slices whose bit is 1 are perturbed, and then those whose bit is
    0; every other slice of the output must stay the same to the last bit.  Any
    two slices differ in some bit, so a dependence between two of them shows at
    each of three points, unless it vanishes or cancels at all of them.

    Parameters
    ----------
    line
        The function; its calls are counted there.
    name
        The name of the array that is perturbed; empty for a single array.
    seed
        Of the numbering, of the points and of the perturbations.

    Returns
    -------
    tuple of int
        The axes, ascending; empty where there is none.
    """
    point = line.values[name]
    start = line.evaluate({}).reshape(line.shape or ())
    candidates = [
        axis
        for axis in range(min(point.ndim, start.ndim))
        if point.shape[axis] == start.shape[axis] > 1
    ]
    if not candidates:
        return ()
    rng = np.random.default_rng(seed)
    probe = _Probe(line, name, start.shape)
    points = _points(probe, point, start, rng)
    return tuple(axis for axis in candidates if _independent(probe, points, axis, rng))


@dataclass(frozen=True)
class _Probe:
    """Evaluates the function with one array replaced; None where that fails."""

    line: Restriction
    name: str
    shape: tuple[int, ...]

    def __call__(self, x: Array) -> Flat | None:
        try:
            return self.line.evaluate({self.name: x}).reshape(self.shape)
        except Exception:  # noqa: BLE001 - f may raise anything away from the point
            return None


def _points(
    probe: _Probe, point: Array, start: Flat, rng: np.random.Generator
) -> list[tuple[Array, Flat]]:
    """Return the point and two others, near and far, each with the function's values."""
    size = _size(point)
    found = [(point, start)]
    for spread in (0.1, 1.0):
        other = point + spread * size * rng.uniform(-1, 1, point.shape)
        value = probe(other)
        if value is not None:
            found.append((other, value))
    return found


def _size(point: Array) -> float:
    return float(np.max(np.abs(point), initial=0.0)) or 1.0


def _independent(
    probe: _Probe, points: list[tuple[Array, Flat]], axis: int, rng: np.random.Generator
) -> bool:
    """Return whether no slice of the output depends on another slice of the input."""
    count = points[0][0].shape[axis]
    number = rng.permutation(count)
    size = _size(points[0][0])
    evaluated = 0
    for place, (point, start) in enumerate(points):
        for bit in range((count - 1).bit_length()):
            for half in (0, 1):
                chosen = (number >> bit & 1) == half
                amount = size * _PERTURBATIONS[(place + bit) % len(_PERTURBATIONS)]
                step = amount * rng.uniform(0.5, 1.0, point.shape)
                along = [-1 if i == axis else 1 for i in range(point.ndim)]
                value = probe(np.where(chosen.reshape(along), point + step, point))
                if value is None:
                    continue
                evaluated += 1
                before = start.compress(~chosen, axis=axis)
                after = value.compress(~chosen, axis=axis)
                if not np.array_equal(before, after, equal_nan=True):
                    return False
    return evaluated > 0
