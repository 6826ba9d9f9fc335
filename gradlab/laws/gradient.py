"""The gradient is the derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker import JOINT_DETECTION_FACTOR, Problem, Verdict, compare_gradients
from gradlab.laws.case import Case, Law, entry_name
from gradlab.records import Finding, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.records import ErrorCurve
    from gradlab.subject import Outputs, Values

    Array = NDArray[Any]


def _check(case: Case) -> list[Finding]:
    problem = problem_of(case)
    names = [name for name in case.subject.checked if comparable(case, name)]
    scaling = case.subject.scaling(case.values)
    claims = {
        name: np.asarray(case.gradients[name], dtype=float) / scaling.get(name, 1.0)
        for name in names
        if name in case.gradients
    }
    verdicts = compare_gradients(problem, claims)
    return [
        _finding(case, problem, name, verdicts[name], scaling.get(name, 1.0))
        if name in verdicts
        else _missing(name)
        for name in names
    ]


def comparable(case: Case, name: str) -> bool:
    """Whether the gradient has its tensor's shape; if not, the shape law speaks."""
    gradient = case.gradients.get(name)
    return gradient is None or gradient.shape == case.values[name].shape


def problem_of(case: Case) -> Problem:
    """Hide sessions and the convention's scaling from the checker."""
    forward_session = case.subject.open(case.values)

    def forward(values: Values) -> Outputs:
        # Copied in their own way: arrays that the complex step follows keep their numbers.
        return tuple(out.copy() for out in forward_session.forward(_copies(values)))

    def gradients(values: Values, cotangents: Outputs) -> dict[str, Array]:
        scaling = case.subject.scaling(values)
        claimed = case.subject.vjp(_copies(values), tuple(c.copy() for c in cotangents))
        return {
            name: gradient / scaling.get(name, 1.0)
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


def _missing(name: str) -> Finding:
    message = f"backward gave no gradient of {name}, so nothing is known about it"
    return Finding(LAW.name, name, Status.INCONCLUSIVE, message)


def _finding(case: Case, problem: Problem, name: str, verdict: Verdict, scale: float) -> Finding:
    if verdict.status is Status.FAIL:
        curve = problem.error_curve(name, verdict.entries[0].index)
        return _failure(case, name, verdict, scale, curve)
    if verdict.status is Status.PASS:
        spent, blind = verdict.evaluations, verdict.detection_limit
        return case.passed(LAW.name, name, _seen(verdict), bound=blind, evaluations=spent)
    message = f"{verdict.reason}; at {case.where}"
    return Finding(LAW.name, name, verdict.status, message, evaluations=verdict.evaluations)


def _seen(verdict: Verdict) -> str:
    """Say what a pass would have seen."""
    if not verdict.detection_limit:
        return verdict.reason or "the gradient is exactly 0, and so is the derivative"
    where = f"; {verdict.reason}" if verdict.reason else ""
    if verdict.relative_limit > 0.1:
        return (
            "the gradient is negligible beside the outputs; an error of "
            f"{verdict.detection_limit:.0e} in any one entry would have been seen{where}"
        )
    together = JOINT_DETECTION_FACTOR * verdict.relative_limit
    several = (
        f", and errors of {together:.0e} in several with a chance of a miss below 1e-9"
        if together <= 0.1
        else ""
    )
    return (
        f"a relative error of {verdict.relative_limit:.0e} (to rms g) in any one entry "
        f"would have been seen{several}{where}"
    )


def _failure(case: Case, name: str, verdict: Verdict, scale: float, curve: ErrorCurve) -> Finding:
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
        notes=_pattern(verdict),
        error_curve=curve,
    )


def _pattern(verdict: Verdict) -> tuple[str, ...]:
    """Say what the wrong entries have in common, and whether they were all looked for."""
    if verdict.pattern:
        return (verdict.pattern,)
    if not verdict.complete:
        return ("this is one wrong entry; others were not looked for",)
    return ()


LAW = Law(
    "gradient",
    "the backward returns the derivative of ⟨upstream gradient, forward⟩",
    _check,
    source="the definition of a vector-Jacobian product",
    applies_to="every layer and cost",
)
