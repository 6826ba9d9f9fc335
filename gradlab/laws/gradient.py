"""The gradient is the derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker import Problem, Verdict, judge
from gradlab.laws.case import Case, Law, entry_name
from gradlab.records import Finding, Status
from gradlab.report.explain import one_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.subject import Outputs, Values

    Array = NDArray[Any]


def _check(case: Case) -> list[Finding]:
    problem = _problem(case)
    return [
        _finding(case, problem, name) for name in case.subject.checked if _comparable(case, name)
    ]


def _comparable(case: Case, name: str) -> bool:
    """Whether the gradient has its tensor's shape; if not, the shape law speaks."""
    gradient = case.gradients.get(name)
    return gradient is None or gradient.shape == case.values[name].shape


def _problem(case: Case) -> Problem:
    """Hide sessions and the convention's scaling from the checker."""
    forward_session = case.subject.open(case.values)

    def forward(values: Values) -> Outputs:
        return tuple(np.array(out) for out in forward_session.forward(_copies(values)))

    def gradients(values: Values, cotangents: Outputs) -> dict[str, Array]:
        scaling = case.subject.scaling(values)
        claimed = case.subject.vjp(_copies(values), tuple(c.copy() for c in cotangents))
        return {
            name: np.asarray(gradient) / scaling.get(name, 1.0)
            for name, gradient in claimed.items()
            if gradient is not None
        }

    return Problem(
        forward,
        gradients,
        case.copy_values(),
        case.copy_cotangents(),
        frozenset(case.subject.checked),
        case.seed,
    )


def _copies(values: Values) -> dict[str, Array]:
    """Copy values for code that may overwrite them: the next call must not see it."""
    return {name: value.copy() for name, value in values.items()}


def _finding(case: Case, problem: Problem, name: str) -> Finding:
    claimed = case.gradients.get(name)
    if claimed is None:
        message = f"backward gave no gradient of {name}, so nothing is known about it"
        return Finding(LAW.name, name, Status.INCONCLUSIVE, message)
    scale = case.subject.scaling(case.values).get(name, 1.0)
    verdict = judge(problem, name, np.asarray(claimed, dtype=float) / scale)
    if verdict.status is Status.FAIL:
        drawn = one_line(problem.picture(name, verdict.entries[0].index))
        return _failure(case, name, verdict, scale, drawn)
    if verdict.status is Status.PASS:
        spent, blind = verdict.evaluations, verdict.absolute
        return case.passed(LAW.name, name, _seen(verdict), bound=blind, evaluations=spent)
    message = f"{verdict.reason}; at {case.where}"
    return Finding(LAW.name, name, verdict.status, message, evaluations=verdict.evaluations)


def _seen(verdict: Verdict) -> str:
    """Say what a pass would have seen."""
    if verdict.reason:
        return verdict.reason
    if verdict.relative <= 0.1:
        return (
            f"a relative error of {verdict.relative:.0e} (to rms g) in any one entry "
            "would have been seen"
        )
    return (
        f"the gradient is negligible beside the outputs; an error of {verdict.absolute:.0e} "
        "in any one entry would have been seen"
    )


def _failure(case: Case, name: str, verdict: Verdict, scale: float, drawn: str) -> Finding:
    worst = verdict.entries[0]
    got, expected, bound = worst.got * scale, worst.expected * scale, worst.bound * scale
    message = (
        f"gradient of {name}, {entry_name(worst.index)}: got {got:.6g}, "
        f"should be {expected:.6g} ± {bound:.0e}"
    )
    return case.failed(
        LAW.name,
        name,
        message,
        got=got,
        expected=expected,
        bound=bound,
        index=worst.index,
        evaluations=verdict.evaluations,
        notes=_pattern(case, name, verdict) + ((drawn,) if drawn else ()),
    )


def _pattern(case: Case, name: str, verdict: Verdict) -> tuple[str, ...]:
    """Say how many entries are wrong, and whether one factor explains them all."""
    size = case.values[name].size
    if not verdict.complete:
        return ("this is one wrong entry; others were not looked for",)
    if len(verdict.entries) < size:
        places = ", ".join(str(list(entry.index)) for entry in verdict.entries[:8])
        more = ", …" if len(verdict.entries) > 8 else ""
        return (f"{len(verdict.entries)} of {size} entries are wrong: {places}{more}",)
    ratios = [entry.got / entry.expected for entry in verdict.entries if entry.expected]
    if len(ratios) == size and np.ptp(ratios) <= 1e-6 * abs(ratios[0]):
        return (f"every entry is {ratios[0]:.6g} times what it should be",)
    return (f"all {size} entries are wrong",)


LAW = Law(
    "gradient",
    "the backward returns the derivative of ⟨upstream gradient, forward⟩",
    _check,
    source="the definition of a vector-Jacobian product",
    applies_to="every layer and cost",
)
