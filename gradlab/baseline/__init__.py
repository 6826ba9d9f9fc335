"""Baselines: record what code does, and say later whether anything has moved.

The names below load when they are first used, and NumPy with them.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gradlab.baseline.api import compare, record
    from gradlab.baseline.model import Baseline
    from gradlab.baseline.store import load

_HOME = {
    "Baseline": "gradlab.baseline.model",
    "compare": "gradlab.baseline.api",
    "load": "gradlab.baseline.store",
    "record": "gradlab.baseline.api",
}

__all__ = ["Baseline", "compare", "load", "record"]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
