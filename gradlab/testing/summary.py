"""The end of a run: a section in the terminal, a report in a folder, properties for JUnit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from gradlab._version import __version__
from gradlab.records import Status
from gradlab.report import summary
from gradlab.settings import active
from gradlab.testing.xdist import merge_reports, serialized

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gradlab.report.report import Report

#: The file in the folder that ``--gradlab-report`` names.
REPORT = "gradlab.json"


def write_section(terminal: pytest.TerminalReporter, reports: Iterable[object]) -> None:
    """Write what gradlab has checked, according to all reports of the run."""
    subjects = [part for report in reports for part in serialized(report)]
    terminal.section("gradlab")
    verbose = terminal.config.get_verbosity() > 0
    for line in _section(merge_reports(subjects, active().seed), verbose=verbose):
        terminal.write_line(line)


def _section(report: Report, *, verbose: bool) -> list[str]:
    """Return the verdicts by number, the size of the check, and each inconclusive finding."""
    laws = summary.laws(report)
    named = f" ({', '.join(laws)})" if laws and verbose else ""
    evaluations = sum(finding.evaluations for finding in report.findings)
    inconclusive = [
        f"inconclusive: {subject.name}: {summary.label(finding)}: {finding.message}"
        for subject in report.subjects
        for finding in subject.findings
        if finding.status is Status.INCONCLUSIVE
    ]
    return [
        f"{_count(len(report.subjects), 'subject')}: {summary.totals(report)}",
        (
            f"{_count(len(laws), 'law')} checked{named}, {_count(evaluations, 'evaluation')}, "
            f"seed {report.seed}"
        ),
        *inconclusive,
    ]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'s' * (number != 1)}"


class Writer:
    """Collects the subject reports of all workers, and writes them at the end.

    Raises
    ------
    pytest.UsageError
        If the folder cannot be made: before the tests run, not after.
    """

    def __init__(self, shown: str, config: pytest.Config) -> None:
        self._folder = config.invocation_params.dir / shown
        self._config = config
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            msg = f"--gradlab-report {shown} cannot be written: {error.strerror}"
            raise pytest.UsageError(msg) from error
        self._subjects: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Collect the subject reports of one of pytest's reports."""
        self._subjects += serialized(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Write the report, and set the properties before the JUnit file is written."""
        report = merge_reports(self._subjects, active().seed)
        (self._folder / REPORT).write_text(report.to_json(), encoding="utf-8")
        _add_properties(self._config, _properties(report))


def _properties(report: Report) -> list[tuple[str, str]]:
    return [
        ("gradlab.version", __version__),
        ("gradlab.seed", str(report.seed)),
        ("gradlab.status", report.status.value),
        ("gradlab.laws", ", ".join(summary.laws(report))),
        ("gradlab.evaluations", str(sum(finding.evaluations for finding in report.findings))),
        *((f"gradlab.status.{s.name}", s.status.value) for s in report.subjects),
    ]


def _add_properties(config: pytest.Config, properties: Iterable[tuple[str, str]]) -> None:
    """Set properties on the suite: on a test they would break the schema of JUnit's readers."""
    # pytest offers this as a fixture only, which does not reach other workers.
    from _pytest.junitxml import xml_key  # noqa: PLC0415 - without --junitxml it is not needed

    if (xml := config.stash.get(xml_key, None)) is not None:
        for name, value in properties:
            xml.add_global_property(name, value)
