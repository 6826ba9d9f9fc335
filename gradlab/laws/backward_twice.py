"""A second backward after one forward gives what the first gave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.errors import GradlabError
from gradlab.laws.case import AT_ONE_SIZE, Case, Law, backward, entry_name
from gradlab.laws.comparison import Difference, same_results
from gradlab.laws.state import after_another, how_it_grows

if TYPE_CHECKING:
    from gradlab.records import Finding


def _check(case: Case) -> list[Finding]:
    # What is used up may happen to be what it was at one point.
    return [*_at(case), *_at(case.elsewhere)]


def _at(case: Case) -> list[Finding]:
    values = case.copy_values()
    session = case.subject.open(values)
    session.forward(values)
    first = backward(session, values, case.cotangents)
    try:
        second = backward(session, values, case.cotangents)
    except GradlabError:
        return [case.passed(LAW.name, "", "a second backward after one forward is refused")]
    expected = {name: after_another(case, gradient) for name, gradient in first.items()}

    def say(name: str, found: Difference) -> str:
        times = "twice what the first gave" if case.subject.accumulates else "as the first gave it"
        message = (
            f"in a second backward after one forward the gradient of {name}, "
            f"{entry_name(found.index)}: got {found.got:.6g}, should be {found.expected:.6g}, "
            f"{times}"
        )
        said = how_it_grows(case, first[name], second[name])
        return f"{message}; {said}" if said else message

    return same_results(case, LAW.name, second, expected=expected, say=say)


LAW = Law(
    "backward twice",
    "a second backward after one forward gives what the first gave, or is refused",
    _check,
    source="a backward reads what its forward kept, and does not use it up",
    applies_to="every layer and cost; where gradients are declared to add up, the second is twice "
    "the first",
    patterns=AT_ONE_SIZE,
)
