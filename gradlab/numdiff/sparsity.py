"""Which outputs depend on which inputs, found by probing the function.

The pattern comes from the function itself, never from a gradient somebody
claims: entries are moved, and what changes is looked at.  A structure is
reported only if nothing contradicts it, at three points and in both directions.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff.derivative import derivative
from gradlab.numdiff.jacobians import stack_estimates
from gradlab.numdiff.restriction import entry_scales

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.numdiff.records import Estimate

    Array = NDArray[Any]
    Function = Callable[[Array], Any]

#: How far entries are moved, relative to the spread of the point.
_MOVES = (0.37, -1.9, 1e-3)
_SLOPES = (
    "value", "bound", "left", "right", "left_bound", "right_bound", "noise", "truncation",
)  # fmt: skip


@dataclass(frozen=True)
class Structure:
    """What probing found.

    Attributes
    ----------
    elementwise
        Each output depends on the input entry at the same place alone.
    example_axes
        The axes (of input and output alike) along which slices are independent
        of each other: examples.  Empty where there is none.
    evaluations
        Calls of the function that this took.
    """

    elementwise: bool
    example_axes: tuple[int, ...]
    evaluations: int


class _Probe:
    """Calls the function and counts."""

    def __init__(self, f: Function) -> None:
        self.f = f
        self.calls = 0

    def __call__(self, x: Array) -> Array | None:
        self.calls += 1
        try:
            with np.errstate(all="ignore"):
                return np.array(self.f(x.copy()), dtype=np.float64)
        except Exception:  # noqa: BLE001 - a point that the code does not take shows nothing
            return None


def probe_structure(f: Function, x: Any, *, seed: int = 0) -> Structure:
    """Find out whether `f` works entry by entry, or example by example.

    Two halves of the entries (or of the slices along an axis) are told apart
    by the bits of a shuffled numbering: moving the entries whose bit is 1 must
    leave every output whose bit is 0 exactly as it was, for each bit and its
    complement.  Any two entries differ in some bit, so a dependence between two
    of them shows, at each of several points and moves; only a dependence that
    is switched off at all of them, or that cancels, could stay unseen.

    Parameters
    ----------
    f
        Takes one array and returns one.
    x
        The point.
    seed
        Of the shuffle and of the points.

    Examples
    --------
    >>> import numpy as np
    >>> probe_structure(np.tanh, np.ones((3, 2))).elementwise
    True
    >>> softmax = lambda x: np.exp(x) / np.exp(x).sum(axis=0)
    >>> probe_structure(softmax, np.arange(6.0).reshape(3, 2)).example_axes
    (1,)
    """
    point = np.asarray(x, dtype=np.float64)
    probe, rng = _Probe(f), np.random.default_rng(seed)
    start = probe(point)
    if start is None:
        msg = f"the function raises at the point itself (shape {point.shape})"
        raise GradlabError(msg)
    if point.size == 0:
        return Structure(elementwise=False, example_axes=(), evaluations=probe.calls)
    points = _points(probe, point, start, rng)
    axes = tuple(
        axis
        for axis in range(min(point.ndim, start.ndim))
        if point.shape[axis] == start.shape[axis]
        and point.shape[axis] > 1
        and _independent(probe, points, _along(point.shape, axis), _along(start.shape, axis), rng)
    )
    entries = np.arange(point.size).reshape(point.shape)
    elementwise = start.shape == point.shape and (
        point.size == 1 or _independent(probe, points, entries, entries, rng)
    )
    return Structure(elementwise, axes, probe.calls)


def _points(
    probe: _Probe, point: Array, start: Array, rng: np.random.Generator
) -> list[tuple[Array, Array]]:
    """Return the point and two others near and far, each with the function's values."""
    size = float(np.max(np.abs(point), initial=0.0)) or 1.0
    found = [(point, start)]
    for spread in (0.1, 1.0):
        other = point + spread * size * rng.uniform(-1, 1, point.shape)
        value = probe(other)
        if value is not None and value.shape == start.shape:
            found.append((other, value))
    return found


def _along(shape: tuple[int, ...], axis: int) -> NDArray[np.int64]:
    """Return each entry's place along the axis."""
    return np.broadcast_to(np.arange(shape[axis]).reshape(
        [-1 if i == axis else 1 for i in range(len(shape))]), shape)  # fmt: skip


def _independent(
    probe: _Probe,
    points: list[tuple[Array, Array]],
    groups: NDArray[np.int64],
    output_groups: NDArray[np.int64],
    rng: np.random.Generator,
) -> bool:
    """Return whether no group of outputs depends on another group's inputs."""
    count = int(groups.max()) + 1
    number = rng.permutation(count)
    size = float(np.max(np.abs(points[0][0]), initial=0.0)) or 1.0
    tried = 0
    for place, (point, start) in enumerate(points):
        for bit in range(max(1, (count - 1).bit_length())):
            for half in (0, 1):
                chosen = (number >> bit & 1) == half
                move = size * _MOVES[(place + bit) % len(_MOVES)]
                step = move * rng.uniform(0.5, 1.0, point.shape)
                there = probe(np.where(chosen[groups], point + step, point))
                if there is None or there.shape != start.shape:
                    continue
                tried += 1
                still = ~chosen[output_groups]
                if not np.array_equal(there[still], start[still], equal_nan=True):
                    return False
    return tried > 0


def elementwise_jacobian(
    f: Function, x: Any, *, method: str = "auto", seed: int = 0
) -> Estimate | None:
    """Return the diagonal of an elementwise function's Jacobian, at one directional derivative.

    All other entries are zero.  The value has the shape of `x`.  None where
    probing shows that the function is not elementwise.

    Examples
    --------
    >>> import numpy as np
    >>> elementwise_jacobian(np.square, np.array([1.0, 2.0])).value.round(6)
    array([2., 4.])
    """
    point = np.asarray(x, dtype=np.float64)
    found = probe_structure(f, point, seed=seed)
    if not found.elementwise:
        return None
    scales = entry_scales(point)
    one = derivative(f, point, scales, method=method, seed=seed)
    per_unit: dict[str, Any] = {name: np.asarray(getattr(one, name) / scales) for name in _SLOPES}
    return replace(one, evaluations=one.evaluations + found.evaluations, **per_unit)


def per_example_jacobian(
    f: Function, x: Any, axis: int, *, method: str = "auto", seed: int = 0
) -> Estimate | None:
    """Return every example's own Jacobian, at one directional derivative for each feature.

    Examples lie along `axis` of input and output, and entries of different
    examples have derivative zero.  The value's shape is that of the output
    followed by that of one example of the input: ``value[..., i, ...][k]`` is
    the derivative of an output of example i by feature k of the same example.
    None where probing shows that examples influence each other.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([[1.0, 2.0], [3.0, 4.0]])
    >>> per_example_jacobian(lambda x: x[:1] * x[1:], x, axis=1).value[0].round(6)
    array([[3., 1.],
           [4., 2.]])
    """
    point = np.asarray(x, dtype=np.float64)
    found = probe_structure(f, point, seed=seed)
    if axis % max(point.ndim, 1) not in found.example_axes:
        return None
    features = np.moveaxis(point, axis, 0).shape[1:]
    estimates = []
    for index in np.ndindex(features):
        direction = np.zeros(point.shape)
        np.moveaxis(direction, axis, 0)[(slice(None), *index)] = 1.0
        estimates.append(derivative(f, point, direction, method=method, seed=seed))
    calls = sum(each.evaluations for each in estimates) + found.evaluations
    return stack_estimates(estimates, features, calls)
