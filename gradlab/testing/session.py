"""The pytest runs of this process; the plugin keeps the list, so this imports nothing heavy."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

#: The attribute of pytest's test reports that carries serialized subject reports between processes.
CARRIED = "gradlab_reports"

# The runs of pytest in this process, each started by a test of the one before it.
_running: list[pytest.Config] = []


def enter(config: pytest.Config) -> None:
    """Register a run of pytest, until its configuration is cleaned up."""
    _running.append(config)
    config.add_cleanup(lambda: _running.remove(config))


def running() -> pytest.Config | None:
    """Return the configuration of the innermost run of pytest; None outside of pytest."""
    return _running[-1] if _running else None
