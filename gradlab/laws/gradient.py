"""The gradient is the derivative."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker import (
    JOINT_DETECTION_FACTOR,
    CauseKind,
    Problem,
    Verdict,
    compare_gradients,
    recognise_cause,
)
from gradlab.checker.search import ComparedEntry
from gradlab.laws.case import Case, Law, entry_name
from gradlab.laws.precision import in_single_precision
from gradlab.records import Finding, Status
from gradlab.roundoff import distinct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.checker import Cause
    from gradlab.subject import Outputs, Values

    Array = NDArray[Any]


# Where double precision is all there is, errors of this share are detected, with few exceptions.
_IN_DOUBLE = 1e-7


@dataclass(frozen=True)
class _Tensor:
    """A tensor whose gradient was compared: its claim in the checker's units, and their scale."""

    case: Case
    problem: Problem
    name: str
    claim: Array
    scale: float


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
    # A softmax of one class and a batch norm of one example are constant, as they should be.
    degenerate = 1 in case.sizes.values()
    if not degenerate and _all_zero(problem, claims, verdicts):
        return [_independent(case, name) for name in names]
    return [
        _finding(_Tensor(case, problem, name, claims[name], scaling.get(name, 1.0)), verdicts[name])
        if name in verdicts
        else _missing(case, name)
        for name in names
    ]


def _all_zero(
    problem: Problem, claims: Mapping[str, Array], verdicts: Mapping[str, Verdict]
) -> bool:
    """Return whether every gradient is 0, and the outputs are the same at all points."""
    return (
        bool(claims)
        and all(verdict.status is Status.PASS for verdict in verdicts.values())
        and not any(np.any(claim) for claim in claims.values())
        and any(claim.size for claim in claims.values())
        and bool(problem.flat_cotangent.size)
        and problem.output_is_constant(claims)
    )


def _independent(case: Case, name: str) -> Finding:
    message = (
        "the output depends on no tensor at any point that was drawn, so that a gradient of 0 "
        f"shows nothing; at {case.where}"
    )
    return Finding(LAW.name, name, Status.INCONCLUSIVE, message)


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
    """Copy values for code that may overwrite them.

    Unlike `gradlab.laws.case.copies`, the copy of a traced array is traced: the complex
    step follows the forward through it.
    """
    return {name: value.copy() for name, value in values.items()}


def _missing(case: Case, name: str) -> Finding:
    if name in case.subject.required:
        message = f"backward gave no gradient of {name}, which wrt= names"
        return case.failed(LAW.name, name, message)
    message = f"backward gave no gradient of {name}, so nothing is known about it"
    given = [each for each in case.subject.checked if each in case.gradients]
    if given and case.subject.convention == "functions":
        message += (
            f"; if {name} is data that is not differentiated, name the tensors that are: "
            f"check_gradients(forward, backward, values, wrt={given!r})"
        )
    return Finding(LAW.name, name, Status.INCONCLUSIVE, message)


def _finding(tensor: _Tensor, verdict: Verdict) -> Finding:
    case, problem, name = tensor.case, tensor.problem, tensor.name
    if verdict.status is Status.PASS:
        spent, limit = verdict.evaluations, verdict.detection_limit
        message = _sensitivity(verdict) + _lower_precision(case, name) + _inside(case, verdict)
        return case.passed(LAW.name, name, message, bound=limit, evaluations=spent)
    cause = recognise_cause(problem, name, tensor.claim, upstream=case.subject.upstream)
    if cause is not None and cause.kind is CauseKind.STRAIGHT_THROUGH:
        verdict = _piecewise_constant(verdict, tensor.claim)
    if verdict.status is Status.FAIL:
        return _failure(
            tensor, verdict, _pattern(verdict) if cause is None else _cause(tensor, cause)
        )
    message = f"{verdict.reason}; at {case.where}"
    return Finding(LAW.name, name, verdict.status, message, evaluations=verdict.evaluations)


def _lower_precision(case: Case, name: str) -> str:
    """State that a gradient has a lower precision than its tensor, if it has."""
    got, given = case.gradients[name].dtype, case.values[name].dtype
    if got.kind != "f" or given.kind != "f" or got.itemsize >= given.itemsize:
        return ""
    return f"; the gradient is {got} for values in {given}, and is allowed the rounding of {got}"


def _inside(case: Case, verdict: Verdict) -> str:
    """State that the forward computes in single precision, if that limits what is detected.

    A check of a layer has a law for it; a pair of functions is checked by this one.
    """
    if case.subject.convention != "functions" or not verdict.relative_limit > _IN_DOUBLE:
        return ""
    rough = in_single_precision(case)
    if not rough:
        return ""
    return f"; {rough} is rounded to single precision (float32) inside forward, which limits this"


def _piecewise_constant(verdict: Verdict, claim: Array) -> Verdict:
    """Return the failure of a gradient that is not 0 where the output is piecewise constant."""
    index = tuple(int(i) for i in np.unravel_index(int(np.argmax(np.abs(claim))), claim.shape))
    entry = ComparedEntry(index, float(claim[index]), 0.0, 0.0)
    return replace(verdict, status=Status.FAIL, entries=(entry,), complete=False)


_CAUSES = {
    CauseKind.COTANGENT_IGNORED: (
        "backward ignores the upstream gradient: it returns the same for any"
    ),
    CauseKind.COTANGENT_AS_OUTPUT: (
        "backward takes the upstream gradient for the output: it returns the derivative of the "
        "sum of the outputs if it is given the output"
    ),
    CauseKind.STRAIGHT_THROUGH: (
        "looks like a straight-through estimator: the upstream gradient is passed on where the "
        "output is piecewise constant"
    ),
    CauseKind.STOPPED: (
        "looks like a stopped gradient: part of what depends on {name} is held constant"
    ),
}


def _cause(tensor: _Tensor, cause: Cause) -> tuple[str, ...]:
    """State what the gradient is instead of the derivative, and how to accept what is meant."""
    case, name = tensor.case, tensor.name
    if cause.kind is not CauseKind.WEIGHT_DECAY:
        meant = cause.kind in {CauseKind.STRAIGHT_THROUGH, CauseKind.STOPPED}
        sentence = _CAUSES[cause.kind].format(name=name)
        return (sentence + (f"; if meant, {_exemption(case, name, cause.kind)}" if meant else ""),)
    factor = f"{abs(cause.factor * tensor.scale):.6g}·{name} in every entry: weight decay"
    if cause.factor < 0:
        sign = f"d{name} is less than the derivative by {factor} inside the gradient"
        return (f"{sign}, with the wrong sign",)
    accept = f"if meant, {_exemption(case, name, cause.kind)}"
    return (f"d{name} exceeds the derivative by {factor} inside the gradient; {accept}",)


def _exemption(case: Case, name: str, kind: CauseKind) -> str:
    if case.subject.convention == "functions":
        return f"leave {name} out of wrt="
    return f"accept it with --exempt 'gradient[{name}]={kind.value}'"


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


def _failure(tensor: _Tensor, verdict: Verdict, notes: tuple[str, ...]) -> Finding:
    name, scale = tensor.name, tensor.scale
    worst = verdict.entries[0]
    got, expected, bound = worst.got * scale, worst.expected * scale, worst.bound * scale
    got_text, expected_text = distinct(got, expected)
    message = (
        f"gradient of {name}, {entry_name(worst.index)}: got {got_text}, "
        f"should be {expected_text} ± {bound:.0e}"
    )
    return tensor.case.failed(
        LAW.name,
        name,
        message,
        got=got,
        expected=expected,
        bound=bound,
        index=worst.index,
        evaluations=verdict.evaluations,
        notes=notes,
        error_curve=tensor.problem.error_curve(name, worst.index),
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
