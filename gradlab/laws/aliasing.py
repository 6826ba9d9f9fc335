"""What was handed out stays what it was, and shares no memory with a parameter."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Role
from gradlab.laws.case import (
    AT_ONE_SIZE,
    Case,
    Law,
    copies,
    entry_name,
    output_name,
    result_name,
)
from gradlab.laws.comparison import difference, failure

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.subject import Session, Values

    Array = NDArray[Any]
    Named = dict[str, Array]


def _check(case: Case) -> list[Finding]:
    values, others = case.copy_values(), case.elsewhere.copy_values()
    session, another = case.subject.open(values), case.subject.open(others)
    outputs = _forward(session, values)
    before = copies(outputs)
    gradients = _backward(case, session, values)
    findings = _overwritten(case, outputs, before, "the backward that followed")
    held = outputs | gradients
    before = copies(held)
    of_another = _forward(another, others)
    of_another |= _backward(case, another, others)
    findings += _overwritten(case, held, before, "a forward and backward of another instance")
    before = copies(held)
    _forward(session, others)
    # Another upstream gradient: what passes it on would else give the same once more.
    session.backward(others, tuple(np.asarray(2.0 * c) for c in case.cotangents))
    # Where gradients are declared to add up, they may do so in the arrays handed out.
    kept = outputs if case.subject.accumulates else held
    findings += _overwritten(case, kept, before, "a later forward and backward")
    findings += _shared(case, held, values, of_another)
    broken = {finding.tensor for finding in findings}
    return findings + [
        case.passed(LAW.name, name, f"{result_name(name)} stays as it was handed out")
        for name in held
        if name not in broken
    ]


def _forward(session: Session, values: Values) -> Named:
    """Run the forward; the very arrays that it hands out."""
    outputs = session.forward(values)
    return {output_name(i, len(outputs)): out for i, out in enumerate(outputs)}


def _backward(case: Case, session: Session, values: Values) -> Named:
    claimed = session.backward(values, case.copy_cotangents())
    return {
        name: gradient
        for name in case.subject.checked
        if (gradient := claimed.get(name)) is not None
    }


def _overwritten(case: Case, held: Named, before: Mapping[str, Array], by: str) -> list[Finding]:
    findings = []
    for name, result in held.items():
        found = difference(result, before[name])
        if found:
            message = (
                f"{result_name(name)} is overwritten by {by}, in the array that was handed out: "
                f"{entry_name(found.index)} was {found.expected:.6g} and is {found.got:.6g}"
            )
            findings.append(failure(case, LAW.name, name, message, found))
    return findings


def _shared(case: Case, held: Named, values: Values, of_another: Named) -> list[Finding]:
    """Look for memory that a result shares with a parameter, or with another instance's result."""
    parameters = [t.name for t in case.subject.domain if t.role is Role.PARAMETER]
    findings = []
    for name, result in held.items():
        with_parameters = [key for key in parameters if np.shares_memory(result, values[key])]
        if with_parameters:
            message = f"{result_name(name)} shares memory with the parameter {with_parameters[0]}"
        elif name in of_another and np.shares_memory(result, of_another[name]):
            message = f"{result_name(name)} shares memory with that of another instance"
        else:
            continue
        message += ": what is written into one is written into the other"
        findings.append(case.failed(LAW.name, name, message))
    return findings


LAW = Law(
    "aliasing",
    "a result that was handed out is changed by no later call, and shares no memory with a "
    "parameter or with another instance's result",
    _check,
    source="who keeps a gradient, to add it up or to compare it, keeps the array",
    applies_to="every layer and cost",
    patterns=AT_ONE_SIZE,
)
