"""The report as JSON, in the schema that docs/report.md describes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradlab.report.report import Report


def render(report: Report) -> str:
    """Return the report as indented JSON with a newline at its end.

    The same report gives the same bytes; ``allow_nan=False`` because NaN is no JSON.
    """
    return json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
