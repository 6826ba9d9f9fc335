"""The pytest item of one subject: it fails once, with a report that names the laws it breaks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from _pytest._code.code import (
    ExceptionChainRepr,
    ReprEntryNative,
    ReprFileLocation,
    ReprTraceback,
)

from gradlab.errors import GradlabError
from gradlab.report import assertion
from gradlab.testing.outcome import chosen, outcome_of
from gradlab.testing.xdist import record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from gradlab.report.report import Report


class SubjectItem(pytest.Item):
    """The test of one layer, cost or routine.

    Parameters
    ----------
    check
        Checks the subject, with the item as its argument; called when the test runs.
    line
        The line of the subject in `path`, counted from 0; a failure is located there.
    """

    def __init__(
        self, *, check: Callable[[pytest.Item], Report], line: int = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self._check, self._line = check, line

    def runtest(self) -> None:
        """Check the subject, and raise unless it passes."""
        report = self._check(self)
        record(self, self.nodeid, report)
        outcome = outcome_of(report, chosen(None))
        if isinstance(outcome, AssertionError):
            raise BrokenLawsError(str(outcome), assertion.first_line(report))
        if outcome is not None:
            # Without this pytest reports the line above as the place that skipped.
            raise pytest.skip.Exception(str(outcome), _use_item_location=True)

    def repr_failure(
        self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any, **kwargs: Any
    ) -> Any:
        """Show the report at the subject's line, and no traceback of gradlab's own."""
        error = excinfo.value
        if isinstance(error, BrokenLawsError):
            return self._located(error.text, error.summary)
        if isinstance(error, GradlabError):
            return self._located(str(error), f"{type(error).__name__}: {error}")
        return super().repr_failure(excinfo, *args, **kwargs)

    def _located(self, text: str, summary: str) -> ExceptionChainRepr:
        """Return a representation that pytest's summary, JUnit and pytest-xdist understand.

        A plain string would leave the location out of all three.
        """
        shown = _relative(self.path, self.config.rootpath)
        location = ReprFileLocation(shown, self._line + 1, summary)
        entry = ReprEntryNative([f"{text}\n\n{shown}:{self._line + 1}: {summary}\n"])
        return ExceptionChainRepr([(ReprTraceback([entry], None, style="native"), location, None)])

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the subject's location, and the item's name as the heading of a failure."""
        return self.path, self._line, self.name


class BrokenLawsError(AssertionError):
    """The report on a subject that did not pass, and the line that sums it up."""

    def __init__(self, text: str, summary: str) -> None:
        super().__init__(text)
        self.text, self.summary = text, summary


def _relative(path: Path, root: Path) -> str:
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
