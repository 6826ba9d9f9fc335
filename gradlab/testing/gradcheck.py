"""The fixture ``gradcheck``: `assert_gradients` that the end of the run knows about."""

from __future__ import annotations

import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gradlab.errors import GradlabError
from gradlab.testing import check_any, chosen, outcome_of
from gradlab.testing.xdist import record_parts

if TYPE_CHECKING:
    import pytest

    from gradlab.report.report import Report


@dataclass(frozen=True)
class GradCheck:
    """What the fixture gives a test; call it as `gradlab.testing.assert_gradients`."""

    item: pytest.Item

    def __call__(
        self,
        *code: Any,
        inconclusive: str | None = None,
        seed: int | None = None,
        **options: Any,
    ) -> Report:
        """Check, remember, and raise unless it passes."""
        __tracebackhide__ = True
        try:
            then = chosen(inconclusive)
            report = rerun_by(check_any(*code, seed=seed, **options), self.item)
        except GradlabError as error:
            raise error.with_traceback(None) from None
        record_parts(self.item, report)
        if (outcome := outcome_of(report, then)) is not None:
            raise outcome from None
        return report


def rerun_by(report: Report, item: pytest.Item) -> Report:
    """Let every finding say which test of pytest's runs it again."""
    again = f"pytest {shlex.quote(item.nodeid)}"
    subjects = tuple(
        replace(part, findings=tuple(replace(f, rerun=again) for f in part.findings))
        for part in report.subjects
    )
    return replace(report, subjects=subjects)
