"""A new process computes the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.laws.case import AT_ONE_SIZE, Case, Law, entry_name, result_name
from gradlab.laws.comparison import same_results

if TYPE_CHECKING:
    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch


def _check(case: Case) -> list[Finding]:
    if case.subject.fresh is None:
        return []
    try:
        with case.subject.fresh(case.seed) as subject:
            got = case.run_on(subject).named()
    except GradlabError as error:
        msg = f"the code could not be run in a new process: {error}"
        raise CodeUnderTestError(msg) from error

    def describe(name: str, found: Mismatch) -> str:
        return (
            f"in a new process {result_name(name)}, {entry_name(found.index)}, is "
            f"{found.got_text}, and here it is {found.expected_text}: it depends on "
            "what this process did before"
        )

    return same_results(case, LAW.name, got, describe=describe)


LAW = Law(
    "fresh process",
    "a process that has done nothing else computes the same",
    _check,
    source="a gradient depends on the values and the upstream gradient alone",
    applies_to="every class and function at the top of a file; checked on request, since "
    "starting a process takes longer than all other laws together",
    patterns=AT_ONE_SIZE,
    on_request=True,
)
