"""From the arguments of `assert_gradients` to a report, and from a report to a test's outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.errors import GradlabError
from gradlab.records import Status
from gradlab.report import assertion
from gradlab.settings import INCONCLUSIVE, active

if TYPE_CHECKING:
    from gradlab.report.report import Report

#: By the number of positional arguments: what they are, and the options that may go with them.
_OPTIONS = {
    1: ("one object", ("like", "convention", "layout", "laws", "exempt", "seed", "inconclusive")),
    3: ("forward, backward and values", ("wrt", "order", "seed", "inconclusive")),
}


def check_any(*code: Any, seed: int | None, **options: Any) -> Report:
    """Check one object, or a forward and backward at values, under the project's settings.

    Raises
    ------
    GradlabError
        For another number of arguments, an option that does not go with them, and
        whatever `gradlab.check` and `gradlab.check_gradients` refuse.
    """
    from gradlab.checks import check_gradients, check_in_project  # noqa: PLC0415 - slow to import

    if len(code) not in _OPTIONS:
        msg = (
            f"got {len(code)} positional arguments; expected one object, or three: "
            "forward, backward, values"
        )
        raise GradlabError(msg)
    what, valid = _OPTIONS[len(code)]
    for name in options:
        if name not in valid:
            msg = f"unexpected argument {name!r} for {what}; valid: {', '.join(valid)}"
            raise GradlabError(msg)
    seed = active().seed if seed is None else seed
    if len(code) == 3:
        return check_gradients(*code, seed=seed, **options)
    return check_in_project(code[0], active().exempt, seed=seed, **options)


def chosen(inconclusive: str | None) -> str:
    """Return ``"fail"`` or ``"skip"``: the argument, or the project's setting where it is None.

    Raises
    ------
    GradlabError
        For any other value.
    """
    choice = active().inconclusive if inconclusive is None else inconclusive
    if choice not in INCONCLUSIVE:
        msg = f"inconclusive is {choice!r}; expected {' or '.join(map(repr, INCONCLUSIVE))}"
        raise GradlabError(msg)
    return choice


def outcome_of(report: Report, inconclusive: str) -> Exception | None:
    """Return the exception that a test raises over a report; None if the report passed."""
    if report.passed:
        return None
    if report.status is Status.INCONCLUSIVE and inconclusive == "skip":
        import unittest  # noqa: PLC0415 - slow to import, and few tests are skipped

        return unittest.SkipTest(assertion.one_line(report))
    return AssertionError(assertion.render(report))
