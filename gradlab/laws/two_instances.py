"""What one instance does is nothing to another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws.case import (
    AT_ONE_SIZE,
    Case,
    Law,
    Results,
    backward,
    copies,
    entry_name,
    result_name,
)
from gradlab.laws.compare import Difference, same_results

if TYPE_CHECKING:
    from gradlab.records import Finding
    from gradlab.subject import Values


def _check(case: Case) -> list[Finding]:
    others = case.drawn_again(case.rng(59))
    points = (case.values, others)
    handed = [copies(values) for values in points]
    sessions = [case.subject.open(values) for values in handed]
    outputs = [
        tuple(np.array(out) for out in session.forward(values))
        for session, values in zip(sessions, handed, strict=True)
    ]
    gradients = [
        backward(session, values, case.cotangents)
        for session, values in zip(sessions, handed, strict=True)
    ]
    first, second = map(Results, outputs, gradients)
    alone = case.run(others)
    return [
        *_compare(case, first, case.results, alone, case.values),
        *_compare(case, second, alone, case.results, others),
    ]


def _compare(
    case: Case, got: Results, expected: Results, of_other: Results, at: Values
) -> list[Finding]:
    def say(name: str, found: Difference) -> str:
        message = (
            f"with another instance's calls in between, {result_name(name)}, "
            f"{entry_name(found.index)}: got {found.got:.6g}, should be {found.expected:.6g}, "
            "as the instance gives it alone"
        )
        taken = np.array_equal(got.named()[name], of_other.named().get(name, ()))
        return f"{message}; it is that of the other instance" if taken else message

    return same_results(case, LAW.name, got.named(), expected.named(), at=at, say=say)


LAW = Law(
    "two instances",
    "two instances whose calls take turns give what each gives alone",
    _check,
    source="an instance's cache and parameters are its own",
    patterns=AT_ONE_SIZE,
)
