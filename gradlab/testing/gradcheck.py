"""The fixture ``gradcheck``: `assert_gradients` for one test, recorded under its name."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gradlab.errors import GradlabError
from gradlab.testing.outcome import check_any, chosen, outcome_of
from gradlab.testing.xdist import record_parts

if TYPE_CHECKING:
    import pytest

    from gradlab.report.report import Report


@dataclass(frozen=True)
class GradCheck:
    """The value of the fixture; called as `gradlab.testing.assert_gradients`."""

    item: pytest.Item

    def __call__(
        self,
        *code: Any,
        inconclusive: str | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> Report:
        """Check, record the report, and raise unless it passes."""
        __tracebackhide__ = True
        try:
            choice = chosen(inconclusive)
            report = with_rerun(check_any(*code, seed=seed, **options), self.item)
        except GradlabError as error:
            raise error.with_traceback(None) from None
        record_parts(self.item, report)
        if (outcome := outcome_of(report, choice)) is not None:
            raise outcome from None
        return report


def with_rerun(report: Report, item: pytest.Item) -> Report:
    """Return the report with the command that runs `item` as each finding's `rerun`."""
    again = f"pytest {shlex.quote(item.nodeid)}"
    subjects = tuple(
        replace(part, findings=tuple(replace(f, rerun=again) for f in part.findings))
        for part in report.subjects
    )
    return replace(report, subjects=subjects)
