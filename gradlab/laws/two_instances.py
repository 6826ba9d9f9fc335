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
    entry_name,
    result_name,
)
from gradlab.laws.comparison import Difference, same_results

if TYPE_CHECKING:
    from gradlab.records import Finding


def _check(case: Case) -> list[Finding]:
    cases = (case, case.elsewhere)
    handed = [each.copy_values() for each in cases]
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
    return [*_compare(first, *cases), *_compare(second, *reversed(cases))]


def _compare(results: Results, alone: Case, other: Case) -> list[Finding]:
    """Compare what an instance gave with what it gives alone."""
    got, of_other = results.named(), other.results.named()

    def say(name: str, found: Difference) -> str:
        message = (
            f"with another instance's calls in between, {result_name(name)}, "
            f"{entry_name(found.index)}: got {found.got:.6g}, should be {found.expected:.6g}, "
            "as the instance gives it alone"
        )
        taken = np.array_equal(got[name], of_other.get(name, ()))
        return f"{message}; it is that of the other instance" if taken else message

    return same_results(alone, LAW.name, got, say=say)


LAW = Law(
    "two instances",
    "two instances whose calls take turns give what each gives alone",
    _check,
    source="an instance's cache and parameters are its own",
    applies_to="every layer and cost",
    patterns=AT_ONE_SIZE,
)
