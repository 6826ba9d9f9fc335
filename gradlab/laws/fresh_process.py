"""A new process computes the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.laws.case import AT_ONE_SIZE, Case, Law, entry_name, result_name
from gradlab.laws.comparison import Difference, same_results

if TYPE_CHECKING:
    from gradlab.laws.case import Results
    from gradlab.records import Finding

# Seconds for running the file, and for the forward and backward in it.
_SECONDS = 30.0


def _check(case: Case) -> list[Finding]:
    if not case.subject.origin:
        return []
    try:
        got = _elsewhere(case).named()
    except GradlabError as error:
        msg = f"the code could not be run in a new process: {error}"
        raise CodeUnderTestError(msg) from error

    def say(name: str, found: Difference) -> str:
        return (
            f"in a new process {result_name(name)}, {entry_name(found.index)}, is {found.got:.6g}, "
            f"and here it is {found.expected:.6g}: it depends on what this process did before"
        )

    return same_results(case, LAW.name, got, say=say)


def _elsewhere(case: Case) -> Results:
    """Run forward and backward in a process that has done nothing else."""
    from gradlab.worker import parent, proxy  # noqa: PLC0415 - the runner is built on the laws

    file, name = case.subject.origin.split("::")
    with parent.Worker() as worker:
        connection = proxy.Connection(worker, file)
        connection.call(file, {"op": "start"}, str)
        worker.set_budget(_SECONDS)
        message = {"op": "load", "path": file, "seed": case.seed, "definitions_only": False}
        loaded = connection.call(name, message, dict)
        if "failed" in loaded:
            raise GradlabError(loaded["failed"])
        subject = proxy.remote_subject(connection, name, case.subject.convention, None)
        return case.run_on(subject)


LAW = Law(
    "fresh process",
    "a process that has done nothing else computes the same",
    _check,
    source="a gradient depends on the values and the upstream gradient alone",
    applies_to="every class and function at the top of a file; asked on request, since starting a "
    "process takes longer than all other laws together",
    patterns=AT_ONE_SIZE,
    on_request=True,
)
