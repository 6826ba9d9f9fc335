"""The end of a run: a section in the terminal, a report in a folder, properties for JUnit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradlab._version import __version__
from gradlab.records import Status
from gradlab.settings import active
from gradlab.testing.xdist import RUN, carried, merged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradlab.report.report import Report

#: The file in the folder that ``--gradlab-report`` names.
REPORT = "gradlab.json"


def write_section(terminal: pytest.TerminalReporter, reports: Iterable[object]) -> None:
    """Say what gradlab has checked, going by all reports of the run."""
    told = [part for report in reports for part in carried(report)]
    terminal.section("gradlab")
    for line in _section(merged(told, active().seed)):
        terminal.write_line(line)


def _section(report: Report) -> list[str]:
    laws = _laws(report)
    listed = ", ".join(laws)
    evaluations = sum(finding.evaluations for finding in report.findings)
    checked = f"{_count(len(laws), 'law')} checked{f' ({listed})' if laws else ''}"
    lines = [
        f"{_count(len(report.subjects), 'subject')}: {_verdicts(report)}",
        f"{checked}, {_count(evaluations, 'evaluation')}, seed {report.seed}",
    ]
    for subject in report.subjects:
        lines += [
            f"inconclusive: {subject.name}: {finding.law}"
            f"{f'[{finding.tensor}]' * bool(finding.tensor)}: {finding.message}"
            for finding in subject.findings
            if finding.status is Status.INCONCLUSIVE
        ]
    return lines


def _laws(report: Report) -> list[str]:
    return sorted({finding.law for finding in report.findings} - {RUN})


def _verdicts(report: Report) -> str:
    order = (Status.FAIL, Status.ERROR, Status.INCONCLUSIVE, Status.PASS)
    counts = {s: sum(subject.status is s for subject in report.subjects) for s in order}
    return ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


class Writer:
    """Collects what all workers found out, and writes it at the end.

    Raises
    ------
    pytest.UsageError
        When the folder cannot be had: before the tests run, not after.
    """

    def __init__(self, shown: str, config: pytest.Config) -> None:
        self._folder = config.invocation_params.dir / shown
        self._config = config
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"--gradlab-report {shown} cannot be written: {error.strerror}"
            raise pytest.UsageError(msg) from error
        self._told: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what came with a report."""
        self._told += carried(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write the report, and the properties before the JUnit file is written."""
        report = merged(self._told, active().seed)
        (self._folder / REPORT).write_text(report.to_json(), encoding="utf-8")
        _add_properties(self._config, _properties(report))


def _properties(report: Report) -> list[tuple[str, str]]:
    laws = _laws(report)
    return [
        ("gradlab.version", __version__),
        ("gradlab.seed", str(report.seed)),
        ("gradlab.status", report.status.value),
        ("gradlab.laws", ", ".join(laws)),
        ("gradlab.evaluations", str(sum(finding.evaluations for finding in report.findings))),
        *((f"gradlab.status.{s.name}", s.status.value) for s in report.subjects),
    ]


def _add_properties(config: pytest.Config, properties: Iterable[tuple[str, str]]) -> None:
    """Put properties on the suite: on a test they would break the schema of JUnit's readers."""
    # pytest offers this as a fixture only, which sees nothing of other workers.
    from _pytest.junitxml import xml_key  # noqa: PLC0415 - without --junitxml it is not needed

    if (xml := config.stash.get(xml_key, None)) is not None:
        for name, value in properties:
            xml.add_global_property(name, value)
