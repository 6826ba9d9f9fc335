"""After a second forward the backward is that of the second."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws.case import AT_ONE_SIZE, Case, Law, entry_name, result_name, run
from gradlab.laws.comparison import Difference, same_results

if TYPE_CHECKING:
    from gradlab.records import Finding


def _check(case: Case) -> list[Finding]:
    later = case.elsewhere
    session = case.subject.open(case.copy_values())
    session.forward(case.copy_values())
    got = run(session, later.values, later.cotangents).named()
    of_first = case.results.named()

    def say(name: str, found: Difference) -> str:
        message = (
            f"after a forward at one point and then at another, {result_name(name)}, "
            f"{entry_name(found.index)}: got {found.got:.6g}, should be {found.expected:.6g}, "
            "as a new instance has it at the second point"
        )
        kept = name in of_first and np.array_equal(got[name], of_first[name])
        return f"{message}; it is still that of the first point" if kept else message

    return same_results(later, LAW.name, got, say=say)


LAW = Law(
    "second forward",
    "after a forward at another point, the backward is the one for that point",
    _check,
    source="a backward differentiates at the values that its forward was given last",
    applies_to="every layer and cost",
    patterns=AT_ONE_SIZE,
)
