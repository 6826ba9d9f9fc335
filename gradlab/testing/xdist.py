"""Subject reports as plain data on pytest's test reports.

With pytest-xdist the tests run in worker processes, and pytest's reports are what
crosses from there to the process that ends the run.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gradlab.records import Coverage, ErrorCurve, Finding, Status, SubjectReport
from gradlab.report.report import Report
from gradlab.testing.session import CARRIED, running

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

#: The serialized subject reports of an item, until its next test report carries them.
_PENDING: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()

# Reports of calls that do not know which item is running.
_UNASSIGNED: list[Report] = []


class Recorder:
    """Attaches an item's subject reports to pytest's report of the current phase."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Attach each subject report once."""
        report = yield
        for unassigned in _UNASSIGNED:
            record_parts(item, unassigned)
        _UNASSIGNED.clear()
        if pending := item.stash.get(_PENDING, []):
            setattr(report, CARRIED, list(pending))
            pending.clear()
        return report


def record(item: pytest.Item, subject: str, report: Report) -> None:
    """Record a report as one about `subject`, checked by `item`."""
    _register_recorder(item.config)
    pending = item.stash.setdefault(_PENDING, [])
    pending += [{**part.to_dict(), "name": subject} for part in report.subjects]


def record_parts(item: pytest.Item, report: Report) -> None:
    """Record each subject of a report under the item's name and its own."""
    for part in report.subjects:
        record(item, f"{item.nodeid}: {part.name}", replace(report, subjects=(part,)))


def attach_to_running_test(report: Report) -> None:
    """Record a report for the test that is running, if one is."""
    config = running()
    # pytest sets the variable between the start and the end of a test only.
    if config is not None and "PYTEST_CURRENT_TEST" in os.environ:
        _register_recorder(config)
        _UNASSIGNED.append(report)


def _register_recorder(config: pytest.Config) -> None:
    plugins = config.pluginmanager
    if not plugins.has_plugin(__name__):
        plugins.register(Recorder(), __name__)


def serialized(report: Any) -> list[dict[str, Any]]:
    """Return the serialized subject reports on one of pytest's reports; empty if it has none."""
    subjects: list[dict[str, Any]] = getattr(report, CARRIED, [])
    return subjects


def merge_reports(subjects: Iterable[dict[str, Any]], seed: int) -> Report:
    """Return one report of serialized subjects, in an order that does not depend on workers."""
    by_name: dict[str, list[SubjectReport]] = {}
    for plain in subjects:
        by_name.setdefault(plain["name"], []).append(_subject(plain))
    return Report(tuple(_merged(by_name[name]) for name in sorted(by_name)), seed=seed)


def _merged(parts: list[SubjectReport]) -> SubjectReport:
    found = {finding for part in parts for finding in part.findings}
    findings = sorted(found, key=lambda f: (f.law, f.tensor, f.message))
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    exempt = dict.fromkeys(each for part in parts for each in part.exempt)
    return replace(parts[0], findings=tuple(findings), notes=tuple(notes), exempt=tuple(exempt))


def _subject(plain: dict[str, Any]) -> SubjectReport:
    coverage = plain["coverage"]
    return SubjectReport(
        plain["name"],
        plain["convention"],
        tuple(map(_finding, plain["findings"])),
        notes=tuple(plain["notes"]),
        exempt=tuple(plain["exempt"].items()),
        coverage=None if coverage is None else Coverage(**_with_tuples(coverage)),
    )


def _with_tuples(plain: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(v) if isinstance(v, list) else v for key, v in plain.items()}


def _finding(plain: dict[str, Any]) -> Finding:
    made = _with_tuples(plain)
    made["status"] = Status(plain["status"])
    for key in ("got", "expected", "bound"):
        if isinstance(plain[key], str):  # JSON has no NaN and no infinity
            made[key] = float(plain[key])
    if plain["error_curve"] is not None:
        curve = plain["error_curve"]
        made["error_curve"] = ErrorCurve(tuple(curve["steps"]), tuple(curve["errors"]))
    return Finding(**made)
