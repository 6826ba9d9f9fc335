"""The report as JSON, in the schema that docs/report.md describes."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradlab.report.report import Report


# Characters that `json` leaves as they are: terminals interpret the first range, and the second
# cannot be encoded.
_UNSAFE = re.compile("[\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069]")


def render(report: Report) -> str:
    """Return the report as indented JSON with a newline at its end.

    The same report gives the same bytes.  ``allow_nan=False`` because JSON has no NaN.
    """
    text = json.dumps(report.to_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    return _UNSAFE.sub(lambda found: f"\\u{ord(found[0]):04x}", text) + "\n"
