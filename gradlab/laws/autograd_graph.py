"""Laws of computational graphs: a node's gradient is the sum over all paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.errors import CodeUnderTestError
from gradlab.laws.case import Law
from gradlab.laws.routine_case import (
    RoutineCase,
    failed,
    generic,
    mismatched,
    passed,
    shape_problem,
)
from gradlab.numdiff import derivative
from gradlab.numdiff.records import Quality
from gradlab.records import Finding, Status
from gradlab.roundoff import unit_roundoff, worst_mismatch

if TYPE_CHECKING:
    from typing import Any

    from gradlab.interfaces import GraphInterface
    from gradlab.laws.routine_case import Array

    GraphCase = RoutineCase[GraphInterface]

# Each operation errs by u relative to its result; the expressions here have at most
# eight of them on a path, and their sums have at most four terms.
_OPERATIONS = 64 * unit_roundoff(float)
# Of x and y: the same, one that is broadcast, and both of them.
_SHAPES: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = (
    ((3, 4), (3, 4)),
    ((3, 4), (4,)),
    ((3, 1), (1, 4)),
)
_UNDO = "a gradient has its tensor's shape: sum over the axes along which the tensor was broadcast"


def _shared(case: GraphCase) -> list[Finding]:
    """Hold each use of b against a copy of b of its own: the parts must add up."""
    a, b = (float(value) for value in generic(case.rng("graph"), (2,)))
    node, gradients = case.interface.node, case.interface.gradients
    nodes = [node(a), node(b)]
    product = nodes[0] * nodes[1]
    together = gradients(product * (product + nodes[1]), nodes)
    single = [node(v) for v in (a, b, a, b, b)]
    first, second = single[0] * single[1], single[2] * single[3]
    alone = gradients(first * (second + single[4]), single)
    got = {"a": np.array(together[0]), "b": np.array(together[1])}
    right = {"a": np.array(alone[0] + alone[2]), "b": np.array(alone[1] + alone[3] + alone[4])}
    sizes = {
        "a": abs(alone[0]) + abs(alone[2]),
        "b": abs(alone[1]) + abs(alone[3]) + abs(alone[4]),
    }
    found = worst_mismatch(
        got, right, {name: _OPERATIONS * size for name, size in sizes.items()}, equal_nan=False
    )
    if found is None:
        return passed(SHARED.name, "", "a node's gradient is the sum over all paths")
    before = "in p·(p + b) with p = a·b, against the sum over separate copies, the gradient of "
    notes = ("a gradient that arrives has to be added to those before it (+=, not =)",)
    return mismatched(SHARED.name, before, found, notes=notes)


def _deep(x: Any, y: Any) -> Any:
    """An expression whose nodes are finished in another order than they are used in."""
    s = x * y
    t = s + x
    return (t * s + t) * (s + y)


def _gradient(case: GraphCase) -> list[Finding]:
    start = generic(case.rng("deep"), (2,))
    nodes = [case.interface.node(float(value)) for value in start]
    gradients = case.interface.gradients(_deep(*nodes), nodes)
    findings = []
    for number, name in enumerate("xy"):
        direction = np.eye(2)[number]
        estimate = derivative(_plain, start, direction, seed=case.seed)
        if estimate.status is not Quality.OK:
            findings.append(Finding("gradient", name, Status.INCONCLUSIVE, estimate.reason))
            continue
        got, expected = {name: np.array(gradients[number])}, {name: np.array(float(estimate.value))}
        size = float(np.abs(_plain(np.abs(start)))) / float(np.min(np.abs(start)))
        bound = float(estimate.bound) + _OPERATIONS * size
        found = worst_mismatch(got, expected, {name: bound}, equal_nan=False)
        before = "in (t·s + t)·(s + y) with s = x·y and t = s + x, the gradient of "
        if found is None:
            message = f"the gradient of {name} is the numerical one"
            findings += passed(GRADIENT.name, name, message)
        else:
            findings += mismatched(GRADIENT.name, before, found)
    return findings + _arrays(case)


def _arrays(case: GraphCase) -> list[Finding]:
    """Hold the gradients of Σ(x·y + y) against sums over the axes that were broadcast."""
    broadcast = case.interface.broadcast
    if broadcast is None:
        return []
    findings: list[Finding] = []
    for shapes in _SHAPES:
        x, y = (generic(case.rng("arrays"), shape) for shape in shapes)
        where = f"in Σ(x·y + y) with x of shape {shapes[0]} and y of shape {shapes[1]}"
        try:
            found = broadcast(x, y)
        except CodeUnderTestError as error:
            findings += failed(GRADIENT.name, "arrays", f"{where}: {error}", notes=(_UNDO,))
            continue
        if found is None:  # nodes of different shapes do not go together
            continue
        got = dict(zip(("x", "y"), found, strict=True))
        right = {"x": _summed(y + 0 * x, x.shape), "y": _summed(x + 0 * y + 1, y.shape)}
        problem = shape_problem(got, right)
        if problem:
            message = f"{where}: the gradient of {problem}"
            findings += failed(GRADIENT.name, "arrays", message, notes=(_UNDO,))
            continue
        bounds = {name: _OPERATIONS * float(np.sum(np.abs(g)) + 1) for name, g in right.items()}
        wrong = worst_mismatch(got, right, bounds, equal_nan=False)
        if wrong is None:
            findings += passed(GRADIENT.name, "arrays", "gradients of arrays are right")
        else:
            findings += mismatched(GRADIENT.name, f"{where}, the gradient of ", wrong)
    return findings


def _summed(gradient: Array, shape: tuple[int, ...]) -> Array:
    """Sum a gradient over the axes along which a tensor of that shape was broadcast."""
    extra = gradient.ndim - len(shape)
    gradient = gradient.sum(axis=tuple(range(extra)))
    axes = tuple(a for a, size in enumerate(shape) if size == 1 and gradient.shape[a] != 1)
    return np.asarray(gradient.sum(axis=axes, keepdims=True))


def _plain(values: Array) -> Array:
    return np.asarray(_deep(values[0], values[1]))


SHARED: Law[GraphCase] = Law(
    "shared parameters",
    "a node that several others use has the sum of the gradients that arrive at it",
    _shared,
    source="the article, figures 15 and 51 to 61: the sum over all paths",
    applies_to="every graph",
)
GRADIENT: Law[GraphCase] = Law(
    "gradient",
    "the gradients of an expression are its numerical derivatives",
    _gradient,
    source="the definition of a derivative",
    applies_to="every graph",
)
LAWS: tuple[Law[GraphCase], ...] = (SHARED, GRADIENT)
