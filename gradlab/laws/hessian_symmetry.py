"""The claimed gradient is the gradient of something: its derivative is symmetric."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.checker import check_hessian_symmetry
from gradlab.laws.case import Case, Law
from gradlab.laws.gradient import comparable, problem_of
from gradlab.records import Finding, Status

if TYPE_CHECKING:
    from gradlab.checker import Verdict


def _check(case: Case) -> list[Finding]:
    names = tuple(
        name for name in case.subject.checked if name in case.gradients and comparable(case, name)
    )
    if not names:
        return []
    verdicts = check_hessian_symmetry(problem_of(case), names)
    return [_finding(case, name, verdicts[name]) for name in names]


def _finding(case: Case, name: str, verdict: Verdict) -> Finding:
    spent = verdict.evaluations
    if verdict.status is Status.FAIL:
        return case.failed(LAW.name, name, verdict.pattern, evaluations=spent)
    if verdict.status is Status.PASS:
        message = f"u·Hv = v·Hu to {verdict.relative_limit:.0e} of its terms"
        return case.passed(
            LAW.name, name, message, bound=verdict.detection_limit, evaluations=spent
        )
    message = f"{verdict.reason}; at {case.where}"
    return Finding(LAW.name, name, verdict.status, message, evaluations=spent)


LAW = Law(
    "second derivatives",
    "u·Hv = v·Hu: the derivative of the gradient is symmetric",
    _check,
    source="Schwarz's theorem on mixed second derivatives",
    applies_to="a backward that can be run at any values, where second order is requested",
)
