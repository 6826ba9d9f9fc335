"""Nothing that is handed in is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.laws.case import Case, Law, entry_name, most_different

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.records import Finding

    Array = NDArray[Any]


def _check(case: Case) -> list[Finding]:
    values, cotangents = case.copy_values(), case.copy_cotangents()
    session = case.subject.open(values)
    session.forward(values)
    findings = [
        _unchanged(case, name, "forward", case.values[name], after)
        for name, after in values.items()
    ]
    # What the forward changed is put back: one mistake, one finding.
    values = case.copy_values()
    session = case.subject.open(values)
    session.forward(values)
    before = {name: value.copy() for name, value in values.items()}
    session.backward(values, cotangents)
    findings += [
        _unchanged(case, name, "backward", before[name], after) for name, after in values.items()
    ]
    pairs = zip(case.cotangents, cotangents, strict=True)
    if case.subject.upstream:
        findings += [_unchanged(case, "upstream gradient", "backward", *pair) for pair in pairs]
    return findings


def _unchanged(case: Case, name: str, call: str, before: Array, after: Array) -> Finding:
    if np.array_equal(before, after, equal_nan=before.dtype.kind in "fc"):
        return case.passed(LAW.name, name, "left as it was")
    index = most_different(after, before)
    was, is_ = float(before[index]), float(after[index])
    message = f"{call} changes {name} in place: {entry_name(index)} was {was:.6g} and is {is_:.6g}"
    return case.failed(LAW.name, name, message, got=is_, expected=was, index=index)


LAW = Law(
    "purity",
    "forward and backward change nothing that they are handed",
    _check,
    source="who hands an array over goes on using it: the input is another layer's output, too",
    applies_to="every layer and cost",
)
