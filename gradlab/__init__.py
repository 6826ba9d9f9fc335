"""gradlab: is this hand-written gradient right, and if not, which entry is wrong?

The names below load when they are first used, so that `import gradlab` costs
next to nothing.
"""

from __future__ import annotations

import importlib

from gradlab._version import __version__

# With ``python -m gradlab`` the current folder is on the path still: not even typing
# is imported here, of which the folder under test may have a file of the same name.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gradlab.adapters import adapt
    from gradlab.baseline import Baseline, compare, record
    from gradlab.checks import check, check_gradients
    from gradlab.errors import GradlabError
    from gradlab.numdiff.records import Estimate
    from gradlab.records import Finding, Status
    from gradlab.report.report import Report
    from gradlab.subject import Subject

_HOME = {
    "adapt": "gradlab.adapters",
    "Baseline": "gradlab.baseline",
    "compare": "gradlab.baseline",
    "record": "gradlab.baseline",
    "check": "gradlab.checks",
    "check_gradients": "gradlab.checks",
    "Estimate": "gradlab.numdiff.records",
    "Finding": "gradlab.records",
    "GradlabError": "gradlab.errors",
    "Report": "gradlab.report.report",
    "Status": "gradlab.records",
    "Subject": "gradlab.subject",
}

__all__ = [
    "Baseline",
    "Estimate",
    "Finding",
    "GradlabError",
    "Report",
    "Status",
    "Subject",
    "__version__",
    "adapt",
    "check",
    "check_gradients",
    "compare",
    "record",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)


def __dir__() -> list[str]:
    return sorted(set(globals()) | set(_HOME))
