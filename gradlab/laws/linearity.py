"""A backward is linear in the upstream gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.case import AT_ONE_SIZE, Case, Law, entry_name
from gradlab.laws.comparison import failure, numbered, rounding
from gradlab.roundoff import mismatch
from gradlab.subject import draw_cotangents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch
    from gradlab.subject import Outputs

    Array = NDArray[Any]
    Gradients = Mapping[str, Array]

# The weights of the two upstream gradients are multiples of this, so that they print briefly.
_PART = 0.25


def _check(case: Case) -> list[Finding]:
    if not case.subject.upstream:
        return []
    rng = case.rng(41)
    if not all(gradient.any() for gradient in case.gradients.values()):
        case = case.second_point  # a gradient of zeros is linear whatever it should be
    other = draw_cotangents(case.outputs, rng)
    a, b = (_PART * float(rng.choice([-1, 1]) * rng.integers(2, 9)) for _ in range(2))
    pairs = zip(case.cotangents, other, strict=True)
    mixed = tuple(np.asarray(a * c + b * d) for c, d in pairs)
    zero = tuple(np.zeros_like(c) for c in case.cotangents)
    first = case.gradients
    second, of_mix, of_zero = (case.run(cotangents=c).gradients for c in (other, mixed, zero))
    bounds = [_rounding(case, c, rng) for c in (case.cotangents, other, mixed)]
    findings = []
    for name in _comparable(case, first, second, of_mix, of_zero):
        of_first, of_second, of_both = (bound[name] for bound in bounds)
        room = abs(a) * of_first + abs(b) * of_second + of_both
        still = mismatch(of_zero[name], np.zeros(of_zero[name].shape), room)
        expected = a * first[name] + b * second[name]
        apart = mismatch(of_mix[name], expected, room)
        if still:
            ignored = np.array_equal(first[name], of_zero[name])
            findings.append(failure(case, LAW.name, name, _at_zero(name, still, ignored), still))
        elif apart:
            message = _at_mixture(name, apart, a, b)
            findings.append(failure(case, LAW.name, name, message, apart))
        else:
            findings.append(case.passed(LAW.name, name, "linear in the upstream gradient"))
    return findings


def _comparable(case: Case, *gradients: Gradients) -> list[str]:
    """Return the tensors whose gradient came back each time, in the same shape."""
    return [
        name
        for name in case.subject.checked
        if all(name in each for each in gradients)
        and len({each[name].shape for each in gradients}) == 1
    ]


def _rounding(case: Case, cotangents: Outputs, rng: np.random.Generator) -> dict[str, Array]:
    """Measure the backward's own rounding, by running it at neighbouring upstream gradients."""

    def gradients(moved: Gradients) -> Gradients:
        return case.run(cotangents=tuple(moved.values())).gradients

    return rounding(gradients, numbered(cotangents), rng)


def _at_zero(name: str, found: Mismatch, ignored: bool) -> str:
    where = f"{entry_name(found.index)}: got {found.got:.6g}, should be 0"
    message = f"for an upstream gradient of zeros the gradient of {name}, {where}"
    return f"{message}; the upstream gradient is not used at all" if ignored else message


def _at_mixture(name: str, found: Mismatch, a: float, b: float) -> str:
    return (
        f"the gradient of {name} is not linear in the upstream gradient: for ({a:g})·c₁ + "
        f"({b:g})·c₂, {entry_name(found.index)}: got {found.got_text}, should be "
        f"{found.expected_text} ± {found.bound:.0e}, which is {a:g} times the gradient for c₁ "
        f"plus {b:g} times the gradient for c₂"
    )


LAW = Law(
    "cotangent linearity",
    "the backward is linear in the upstream gradient, and gives 0 for 0",
    _check,
    source="the chain rule: a vector-Jacobian product is linear in the vector",
    applies_to="every layer whose backward takes an upstream gradient",
    patterns=AT_ONE_SIZE,
)
