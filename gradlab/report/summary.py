"""The parts of a report that its renderings share: rows, headings, details, totals."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from gradlab.records import EXECUTION, Status
from gradlab.report.error_curve import sparkline

if TYPE_CHECKING:
    from gradlab.records import Finding, SubjectReport
    from gradlab.report.report import Report


class Detail(enum.IntEnum):
    """How much of a report is rendered.

    `QUIET` is what did not pass; `NORMAL` adds the table and notes about the run;
    `VERBOSE` adds the sensitivity of each pass, error curves, and notes about subjects.
    """

    QUIET = 0
    NORMAL = 1
    VERBOSE = 2


#: A word for each status, in capitals for mistakes and errors.
WORDS = {
    Status.PASS: "pass",
    Status.FAIL: "FAIL",
    Status.INCONCLUSIVE: "inconclusive",
    Status.ERROR: "ERROR",
}

#: The columns of the table.
COLUMNS = ("subject", "convention", "verdict", "about")

# Laws that a mistake breaks together with another law, which describes it more precisely.
_IMPLIED_BY = {
    "reference": ("gradient", "shape"),
    "adjoint identity": ("gradient",),
    "backward twice": ("repeat",),
    "sum over examples": ("gradient", "shape"),
}

# What the line of an error curve shows.
_KEY_TO_CURVE = (
    "(a block for each step, its height the logarithm of the error: truncation error on the",
    "left, roundoff error on the right; a derivative exists where the curve dips between them)",
)

# A passing subject's laws are named up to this number and counted beyond; JSON lists them all.
_MOST_LAWS = 4

# The order in which findings and totals are listed.
_ORDER = (Status.FAIL, Status.ERROR, Status.INCONCLUSIVE, Status.PASS)


def rows(report: Report) -> list[tuple[str, str, str, str]]:
    """Return a row for each subject: name, convention, verdict, and why."""
    return [
        (subject.name, subject.convention, verdict(subject), why(subject))
        for subject in report.subjects
    ]


def verdict(subject: SubjectReport) -> str:
    """Return a subject's status, and the number of its exemptions: ``pass, 2 exempt``."""
    word = WORDS[subject.status]
    return f"{word}, {len(subject.exempt)} exempt" if subject.exempt else word


def why(subject: SubjectReport) -> str:
    """Name the laws and tensors behind a verdict; for a pass, the laws that were checked."""
    if not subject.findings:
        return "nothing was checked"
    if subject.status is Status.PASS:
        tensors = [f.tensor for f in subject.findings if f.law == "gradient"]
        names = list(dict.fromkeys(f.law for f in subject.findings))
        named = ", ".join(names)
        if len(names) > _MOST_LAWS:
            named = f"{names[0]} and {len(names) - 1} more laws"
        of = f" of {', '.join(tensors)}" if tensors else ""
        return f"{named}{of}"
    counted = [
        f for f in subject.findings if f.status is subject.status and not _is_implied(subject, f)
    ]
    return "; ".join(dict.fromkeys(label(f) for f in counted))


def label(finding: Finding) -> str:
    """Name a finding by its law, and the tensor if it is about one."""
    return f"{finding.law} of {finding.tensor}" if finding.tensor else finding.law


def laws(report: Report) -> list[str]:
    """Return the names of the laws that were checked, sorted."""
    return sorted({finding.law for finding in report.findings} - {EXECUTION})


def sensitivities(report: Report) -> list[str]:
    """Return, for each passing gradient, the smallest error that would have been detected."""
    return [
        f"{subject.name}, {finding.tensor}: {finding.message}"
        for subject in report.subjects
        if subject.status is Status.PASS
        for finding in subject.findings
        if finding.law == "gradient"
    ]


def heading(subject: SubjectReport, finding: Finding) -> str:
    """Return the heading of a finding that did not pass."""
    return f"{WORDS[finding.status]}  {subject.name}: {label(finding)}"


def details(finding: Finding, detail: Detail = Detail.NORMAL) -> list[str]:
    """Return the lines below a heading: message, notes, error curve, how to run it again."""
    lines = [finding.message, *finding.notes]
    curve = finding.error_curve
    if detail is Detail.VERBOSE and curve is not None and (drawn := sparkline(curve)):
        lines += [drawn, *_KEY_TO_CURVE]
    if finding.rerun:
        lines.append(f"run again: {finding.rerun}")
    return lines


def unresolved(report: Report) -> list[tuple[SubjectReport, Finding]]:
    """Return the findings that did not pass, worst first.

    A finding is left out if another law describes the same mistake more precisely.
    """
    return [
        (subject, finding)
        for status in _ORDER
        if status is not Status.PASS
        for subject in report.subjects
        for finding in subject.findings
        if finding.status is status and not _is_implied(subject, finding)
    ]


def _is_implied(subject: SubjectReport, finding: Finding) -> bool:
    """Whether a failure of another law implies this one, for the same tensor."""
    return any(
        other.law in _IMPLIED_BY.get(finding.law, ())
        and other.tensor == finding.tensor
        and other.status is Status.FAIL
        for other in subject.findings
    )


def notes(report: Report, detail: Detail = Detail.VERBOSE) -> list[str]:
    """Return notes about the run, what was not checked or never run, and all if verbose."""
    about = [
        f"{subject.name}: {note}"
        for subject in report.subjects
        for note in (*(subject.notes if detail is Detail.VERBOSE else ()), *_uncovered(subject))
    ]
    skipped = [f"not checked: {each.name}: {each.reason}" for each in report.skipped]
    return [*report.notes, *skipped, *about]


def _uncovered(subject: SubjectReport) -> tuple[str, ...]:
    """Return the lines and conditions that a pass does not cover."""
    coverage = subject.coverage
    covered = coverage is None or not (coverage.not_run or coverage.one_sided)
    return () if covered or coverage is None else (coverage.describe(),)


def totals(report: Report) -> str:
    """Count the subjects by status: ``1 fail, 2 pass``."""
    counts = {s: sum(subject.status is s for subject in report.subjects) for s in _ORDER}
    listed = ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)
    exempt = sum(len(subject.exempt) for subject in report.subjects)
    left = (f", {exempt} exempt" if exempt else "") + (
        f", {len(report.skipped)} not checked" if report.skipped else ""
    )
    return (listed or "nothing checked") + left
