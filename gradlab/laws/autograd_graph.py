"""Laws of computational graphs: a node's gradient is the sum over all paths."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws.case import Law
from gradlab.laws.routine_case import RoutineCase, generic, mismatched, passed
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
    return findings


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
