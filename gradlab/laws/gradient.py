"""The gradient is the derivative."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker import JOINT_DETECTION_FACTOR, Problem, Verdict, compare_gradients
from gradlab.laws.case import Case, Law, entry_name
from gradlab.records import Finding, Status
from gradlab.roundoff import distinct

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
    """Whether the gradient has its tensor's shape; if not, the shape law reports it."""
    gradient = case.gradients.get(name)
    return gradient is None or gradient.shape == case.values[name].shape


def problem_of(case: Case) -> Problem:
    """Return the checker's problem: without sessions and without the convention's scaling."""
    forward_session = case.subject.open(case.values)

    def forward(values: Values) -> Outputs:
        # Copied by their own method: arrays of the complex step keep their extended numbers.
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
        spent, limit = verdict.evaluations, verdict.detection_limit
        return case.passed(LAW.name, name, _sensitivity(verdict), bound=limit, evaluations=spent)
    message = f"{verdict.reason}; at {case.where}"
    return Finding(LAW.name, name, verdict.status, message, evaluations=verdict.evaluations)


def _sensitivity(verdict: Verdict) -> str:
    """State the smallest errors that the comparison would detect."""
    if not verdict.detection_limit:
        return verdict.reason or "the gradient is exactly 0, and so is the derivative"
    where = f"; {verdict.reason}" if verdict.reason else ""
    if verdict.relative_limit > 0.1:
        return (
            f"would detect {verdict.detection_limit:.0e} in any one entry; the gradient is "
            f"negligible compared with the outputs{where}"
        )
    joint = JOINT_DETECTION_FACTOR * verdict.relative_limit
    several = f", {joint:.0e} in several" if joint <= 0.1 else ""
    limit = f"{verdict.relative_limit:.0e}·rms(gradient)"
    return f"would detect {limit} in any one entry{several}{where}"


def _failure(case: Case, name: str, verdict: Verdict, scale: float, curve: ErrorCurve) -> Finding:
    worst = verdict.entries[0]
    got, expected, bound = worst.got * scale, worst.expected * scale, worst.bound * scale
    got_text, expected_text = distinct(got, expected)
    message = (
        f"gradient of {name}, {entry_name(worst.index)}: got {got_text}, "
        f"should be {expected_text} ± {bound:.0e}"
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
    """Return what the wrong entries have in common, or that only one was located."""
    if verdict.pattern:
        return (verdict.pattern,)
    if not verdict.complete:
        return ("one wrong entry; others were not searched for",)
    return ()


LAW = Law(
    "gradient",
    "the backward returns the derivative of ⟨upstream gradient, forward⟩",
    _check,
    source="the definition of a vector-Jacobian product",
    applies_to="every layer and cost",
)
