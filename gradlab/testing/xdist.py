"""What tests found out, as it travels from a worker of pytest-xdist to the end of the run.

It rides on pytest's own reports as plain data, since those cross processes.
"""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from gradlab.records import ErrorCurve, Finding, Status, SubjectReport
from gradlab.report.report import Report
from gradlab.testing.plugin import CARRIED, running

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable

#: What a finding about code that could not be run goes by; it is no law.
RUN = "run"

#: What an item's tests found out so far.
_KEY: pytest.StashKey[list[dict[str, Any]]] = pytest.StashKey()

# What was found out by those who do not know which item is running.
_UNNAMED: list[Report] = []


class Recorder:
    """Puts what an item found out on the report of the phase in which it did."""

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Hand over, once."""
        report = yield
        for found in _UNNAMED:
            record_parts(item, found)
        _UNNAMED.clear()
        if told := item.stash.get(_KEY, []):
            setattr(report, CARRIED, list(told))
            told.clear()
        return report


def record(item: pytest.Item, subject: str, report: Report) -> None:
    """Remember a report as part of what `item` found out about `subject`."""
    _carry_over(item.config)
    told = item.stash.setdefault(_KEY, [])
    told += [{**part.to_dict(), "name": subject} for part in report.subjects]


def record_parts(item: pytest.Item, report: Report) -> None:
    """Remember what a test has asked for, a subject at a time, under the test's name."""
    for part in report.subjects:
        record(item, f"{item.nodeid}: {part.name}", replace(report, subjects=(part,)))


def record_here(report: Report) -> None:
    """Remember a report as part of what the test that is running found out, if one is."""
    config = running()
    # pytest says so only between the start and the end of a test.
    if config is not None and "PYTEST_CURRENT_TEST" in os.environ:
        _carry_over(config)
        _UNNAMED.append(report)


def _carry_over(config: pytest.Config) -> None:
    plugins = config.pluginmanager
    if not plugins.has_plugin(__name__):
        plugins.register(Recorder(), __name__)


def carried(report: Any) -> list[dict[str, Any]]:
    """Return what a report of pytest's carries."""
    told: list[dict[str, Any]] = getattr(report, CARRIED, [])
    return told


def merged(told: Iterable[dict[str, Any]], seed: int) -> Report:
    """Put together what was found out, in an order that no worker decides."""
    subjects: dict[str, list[SubjectReport]] = {}
    for plain in told:
        subjects.setdefault(plain["name"], []).append(_subject(plain))
    return Report(tuple(_joined(subjects[name]) for name in sorted(subjects)), seed=seed)


def _joined(parts: list[SubjectReport]) -> SubjectReport:
    found = {finding for part in parts for finding in part.findings}
    findings = sorted(found, key=lambda f: (f.law, f.tensor, f.message))
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    return replace(parts[0], findings=tuple(findings), notes=tuple(notes))


def _subject(plain: dict[str, Any]) -> SubjectReport:
    return SubjectReport(
        plain["name"],
        plain["convention"],
        tuple(map(_finding, plain["findings"])),
        tuple(plain["notes"]),
    )


def _finding(plain: dict[str, Any]) -> Finding:
    made: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in plain.items()
    }
    made["status"] = Status(plain["status"])
    for key in ("got", "expected", "bound"):
        if isinstance(plain[key], str):  # JSON has no NaN and no infinity
            made[key] = float(plain[key])
    if plain["error_curve"] is not None:
        curve = plain["error_curve"]
        made["error_curve"] = ErrorCurve(tuple(curve["steps"]), tuple(curve["errors"]))
    return Finding(**made)
