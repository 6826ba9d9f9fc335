"""Laws on mutation: no argument is changed in place, and no returned array later."""

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
from gradlab.laws.comparison import failure
from gradlab.roundoff import mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.subject import Session, Values

    Array = NDArray[Any]
    Named = dict[str, Array]


# The arguments (purity)


def _check_arguments(case: Case) -> list[Finding]:
    values, cotangents = case.copy_values(), case.copy_cotangents()
    session = case.subject.open(values)
    session.forward(values)
    findings = [
        _unchanged(case, name, "forward", case.values[name], after)
        for name, after in values.items()
    ]
    # The backward gets fresh copies: one mistake, one finding.
    values = case.copy_values()
    session = case.subject.open(values)
    session.forward(values)
    before = copies(values)
    session.backward(values, cotangents)
    findings += [
        _unchanged(case, name, "backward", before[name], after) for name, after in values.items()
    ]
    pairs = zip(case.cotangents, cotangents, strict=True)
    if case.subject.upstream:
        findings += [_unchanged(case, "upstream gradient", "backward", *pair) for pair in pairs]
    return findings


def _unchanged(case: Case, name: str, call: str, before: Array, after: Array) -> Finding:
    if after.shape != before.shape:
        message = f"{call} changes the shape of {name} in place: {before.shape} is {after.shape}"
        return case.failed(PURITY.name, name, message)
    found = mismatch(after, before)
    if found is None:
        return case.passed(PURITY.name, name, "left as it was")
    message = (
        f"{call} changes {name} in place: {entry_name(found.index)} was {found.expected_text} and "
        f"is {found.got_text}"
    )
    return case.failed(
        PURITY.name, name, message, got=found.got, expected=found.expected, index=found.index
    )


# The returned arrays (aliasing)


def _check_returned(case: Case) -> list[Finding]:
    values, others = case.copy_values(), case.second_point.copy_values()
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
    # Another upstream gradient, since a layer that passes it on would return equal numbers.
    session.backward(others, tuple(np.asarray(2.0 * c) for c in case.cotangents))
    # Gradients that are declared to accumulate may do so in the returned arrays.
    kept = outputs if case.subject.accumulates else held
    findings += _overwritten(case, kept, before, "a later forward and backward")
    findings += _shared(case, held, values, of_another)
    violated = {finding.tensor for finding in findings}
    return findings + [
        case.passed(ALIASING.name, name, f"{result_name(name)} stays as it was returned")
        for name in held
        if name not in violated
    ]


def _forward(session: Session, values: Values) -> Named:
    """Run the forward; return the very arrays that it returns."""
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
        found = mismatch(result, before[name])
        if found:
            message = (
                f"{result_name(name)} is overwritten by {by}, in the array that was returned: "
                f"{entry_name(found.index)} was {found.expected_text} and is {found.got_text}"
            )
            findings.append(failure(case, ALIASING.name, name, message, found))
    return findings


def _shared(case: Case, held: Named, values: Values, of_another: Named) -> list[Finding]:
    """Find memory that a result shares with a parameter, or with another instance's result."""
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
        findings.append(case.failed(ALIASING.name, name, message))
    return findings


PURITY = Law(
    "purity",
    "forward and backward change none of their arguments in place",
    _check_arguments,
    source="the caller goes on using its arrays: a layer's input is another layer's output",
    applies_to="every layer and cost",
)
ALIASING = Law(
    "aliasing",
    "no later call changes a returned array, and it shares no memory with a parameter or with "
    "another instance's result",
    _check_returned,
    source="a caller that adds gradients up or compares them keeps the arrays",
    applies_to="every layer and cost",
    patterns=AT_ONE_SIZE,
)

LAWS = (PURITY, ALIASING)
