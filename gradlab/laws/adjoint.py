"""Where the forward is linear in a tensor, the backward is its adjoint."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content
from gradlab.errors import GradlabError
from gradlab.laws.case import AT_ONE_SIZE, Case, Law, copies
from gradlab.laws.comparison import failure, numbered, rounding
from gradlab.roundoff import mismatch, unit_roundoff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch

    Array = NDArray[Any]
    Named = Mapping[str, Array]

# Contents of which every mean of two is one more of the kind.
_CONVEX = (Content.REAL, Content.PROBABILITY, Content.DISTRIBUTION)
# Weights of three points under which a forward that is linear gives the mean of its values.
_MEANS = ((0.5, 0.5, 0.0), (0.25, 0.25, 0.5), (0.0, 0.75, 0.25))


def _check(case: Case) -> list[Finding]:
    probes = {}
    for position, name in enumerate(case.subject.checked):
        claimed = case.gradients.get(name)
        content = case.subject.domain[name].content
        if claimed is None or claimed.shape != case.values[name].shape or content not in _CONVEX:
            continue
        if not np.isfinite(claimed).all():
            continue  # the law 'gradient' reports what is not finite
        probe = _probe(case, name, case.rng(43, position))
        if probe is not None:
            probes[name] = probe
    if not probes:
        return []
    slack = _backward_rounding(case)
    return [_finding(case, name, probe, slack[name]) for name, probe in probes.items()]


class _Probe:
    """Three points of a tensor and the forward's results there, with what may be rounding.

    The points are drawn from the domain and the means of them lie in it, so that
    no forward is run where it was not meant to work.
    """

    def __init__(self, case: Case, name: str, rng: np.random.Generator) -> None:
        self._case, self._name = case, name
        self.points = [
            case.values[name],
            case.second_point.values[name],
            case.subject.domain.sample(case.sizes, rng)[name],
        ]
        self.results = [case.results.outputs, *(self._forward(p) for p in self.points[1:])]
        bounds = [self._rounding(p, rng) for p in self.points[:2]]
        self.bound = tuple(np.max(each, axis=0) for each in zip(*bounds, strict=True))

    def _forward(self, point: Array) -> tuple[Array, ...]:
        values = copies({**self._case.values, self._name: point})
        return tuple(np.array(out) for out in self._case.subject.forward(values))

    def _rounding(self, point: Array, rng: np.random.Generator) -> list[Array]:
        def outputs(moved: Named) -> Named:
            return numbered(self._forward(moved[self._name]))

        return list(rounding(outputs, {self._name: point}, rng).values())

    @property
    def is_linear(self) -> bool:
        """Whether the forward's value at means is the mean of its values, within rounding."""
        for weights in _MEANS:
            got = self._forward(self._mean(weights, self.points))
            if not all(np.isfinite(out).all() for out in (*got, *self.results[0])):
                return False
            for position, bound in enumerate(self.bound):
                expected = self._mean(weights, [result[position] for result in self.results])
                if mismatch(got[position], expected, 2 * bound):
                    return False
        return self._is_odd()

    def _is_odd(self) -> bool:
        """Whether the forward changes by as much one way as the other.

        All points of a single rectifier can lie on one side of its kink.
        """
        tensor = self._case.subject.domain[self._name]
        if tensor.content is not Content.REAL or np.isfinite(tensor.low) or tensor.high != np.inf:
            return True  # the other way leads out of the domain
        here, there = self.points[:2]
        got = self._forward(2 * here - there)
        for position, bound in enumerate(self.bound):
            expected = 2 * self.results[0][position] - self.results[1][position]
            if mismatch(got[position], expected, 4 * bound):
                return False
        return True

    @staticmethod
    def _mean(weights: tuple[float, ...], of: list[Array]) -> Array:
        return np.asarray(sum(w * each for w, each in zip(weights, of, strict=True)))


def _probe(case: Case, name: str, rng: np.random.Generator) -> _Probe | None:
    """Probe the forward; None where it is not linear in the tensor or raises."""
    try:
        probe = _Probe(case, name, rng)
        return probe if probe.is_linear else None
    except GradlabError:
        return None  # the law 'gradient' reports what the code raises


def _finding(case: Case, name: str, probe: _Probe, backward: Array) -> Finding:
    scale = case.subject.scaling(case.values).get(name, 1.0)
    claimed = np.asarray(case.gradients[name], dtype=float) / scale
    slack = backward / scale
    for point, results in zip(probe.points[1:], probe.results[1:], strict=True):
        way = point - probe.points[0]
        outputs = zip(case.cotangents, results, probe.results[0], strict=True)
        there = [np.ravel(c * (out - here)) for c, out, here in outputs]
        back = np.ravel(claimed * way)
        rounded = sum(
            float(np.sum(np.abs(c) * 4 * bound))
            for c, bound in zip(case.cotangents, probe.bound, strict=True)
        )
        room = rounded + float(np.sum(slack * np.abs(way)))
        room += (
            4
            * unit_roundoff(float)
            * float(np.sum(np.abs(back)) + sum(np.sum(np.abs(t)) for t in there))
        )
        expected = math.fsum(number for terms in there for number in terms)
        found = mismatch(np.asarray(math.fsum(back)), np.asarray(expected), room)
        if found:
            return failure(case, LAW.name, name, _message(name, found), found)
    return case.passed(LAW.name, name, f"the gradient of {name} is the forward's adjoint")


def _backward_rounding(case: Case) -> dict[str, Array]:
    """Measure the rounding in each gradient, by running at neighbouring upstream gradients."""

    def gradients(moved: Named) -> Named:
        return case.run(cotangents=tuple(moved.values())).gradients

    return rounding(gradients, numbered(case.cotangents), case.rng(44))


def _message(name: str, found: Mismatch) -> str:
    return (
        f"the forward is linear in {name}, A·{name}, so that ⟨u, Aᵀc⟩ is ⟨A·u, c⟩ for every u: "
        f"with the gradient of {name} as Aᵀc it is {found.got_text}, from the forward it should be "
        f"{found.expected_text} ± {found.bound:.0e}"
    )


LAW = Law(
    "adjoint identity",
    "where the forward is linear in a tensor, ⟨A·u, c⟩ = ⟨u, Aᵀc⟩ with its gradient as Aᵀc",
    _check,
    source="the definition of a transposed linear map",
    applies_to="every tensor in which the forward is found to be linear",
    patterns=AT_ONE_SIZE,
)
