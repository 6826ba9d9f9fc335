"""What text and HTML both say about a subject, in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.records import Status
from gradlab.report.error_curve import sparkline

if TYPE_CHECKING:
    from gradlab.records import Finding, SubjectReport
    from gradlab.report.report import Report

#: A word for each status, loud where something is wrong.
WORDS = {
    Status.PASS: "pass",
    Status.FAIL: "FAIL",
    Status.INCONCLUSIVE: "inconclusive",
    Status.ERROR: "ERROR",
}

# Laws whose findings say once more what one of these has said, more plainly.
_SAID_BY = {
    "reference": ("gradient", "shape"),
    "adjoint identity": ("gradient",),
    "backward twice": ("repeat",),
    "sum over examples": ("gradient", "shape"),
}

# More laws than this are counted and not named: a table is read, and JSON lists them all.
_MOST_LAWS = 4


def rows(report: Report) -> list[tuple[str, str, str, str]]:
    """Return a row for each subject: name, convention, verdict, and why."""
    return [
        (subject.name, subject.convention, WORDS[subject.status], _why(subject))
        for subject in report.subjects
    ]


def _why(subject: SubjectReport) -> str:
    """Name the tensors and laws behind a verdict; for a pass, what was checked."""
    if not subject.findings:
        return "nothing was checked"
    if subject.status is Status.PASS:
        tensors = [f.tensor for f in subject.findings if f.law == "gradient"]
        laws = list(dict.fromkeys(f.law for f in subject.findings))
        named = ", ".join(laws)
        if len(laws) > _MOST_LAWS:
            named = f"{laws[0]} and {len(laws) - 1} more laws"
        of = f" of {', '.join(tensors)}" if tensors else ""
        return f"{named}{of}"
    counted = [
        f for f in subject.findings if f.status is subject.status and not _said_already(subject, f)
    ]
    return "; ".join(dict.fromkeys(_label(f) for f in counted))


def _label(finding: Finding) -> str:
    return f"{finding.law} of {finding.tensor}" if finding.tensor else finding.law


def sensitivities(report: Report) -> list[str]:
    """Say, for each subject that passes, what each gradient check would have seen."""
    return [
        f"{subject.name}, {finding.tensor}: {finding.message}"
        for subject in report.subjects
        if subject.status is Status.PASS
        for finding in subject.findings
        if finding.law == "gradient"
    ]


def heading(subject: SubjectReport, finding: Finding) -> str:
    """Head a finding that is no pass."""
    return f"{WORDS[finding.status]}  {subject.name}: {_label(finding)}"


def details(finding: Finding) -> list[str]:
    """Return the lines below a heading: message, notes, how to run it again."""
    lines = [finding.message, *finding.notes]
    drawn = "" if finding.error_curve is None else sparkline(finding.error_curve)
    if drawn:
        lines.append(drawn)
    if finding.rerun:
        lines.append(f"run again: {finding.rerun}")
    return lines


def told(report: Report) -> list[tuple[SubjectReport, Finding]]:
    """Return the findings that are spelled out: all that are no pass, worst first."""
    order = (Status.FAIL, Status.ERROR, Status.INCONCLUSIVE)
    return [
        (subject, finding)
        for status in order
        for subject in report.subjects
        for finding in subject.findings
        if finding.status is status and not _said_already(subject, finding)
    ]


def _said_already(subject: SubjectReport, finding: Finding) -> bool:
    """Whether another law has shown the same mistake in the same tensor."""
    return any(
        other.law in _SAID_BY.get(finding.law, ())
        and other.tensor == finding.tensor
        and other.status is Status.FAIL
        for other in subject.findings
    )


def notes(report: Report) -> list[str]:
    """Return what is worth knowing about the run, then about each subject."""
    about = [f"{s.name}: {note}" for s in report.subjects for note in (*s.notes, *_uncovered(s))]
    return [*report.notes, *about]


def _uncovered(subject: SubjectReport) -> tuple[str, ...]:
    """Return the lines and conditions that a pass says nothing about."""
    coverage = subject.coverage
    covered = coverage is None or not (coverage.not_run or coverage.one_sided)
    return () if covered or coverage is None else (coverage.describe(),)


def totals(report: Report) -> str:
    """Count the subjects by verdict: ``1 fail, 2 pass``."""
    order = (Status.FAIL, Status.ERROR, Status.INCONCLUSIVE, Status.PASS)
    counts = {s: sum(subject.status is s for subject in report.subjects) for s in order}
    return (
        ", ".join(f"{n} {status.value}" for status, n in counts.items() if n) or "nothing checked"
    )
