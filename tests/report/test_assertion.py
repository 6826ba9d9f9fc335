"""The report as the message of a failed assertion."""

from gradlab.records import Finding, Status, SubjectReport
from gradlab.report import assertion
from gradlab.report.report import Report

WRONG = SubjectReport(
    "Layer",
    "article",
    (
        Finding("shape", "W", Status.PASS, "fine"),
        Finding("purity", "b", Status.INCONCLUSIVE, "cannot tell"),
        Finding("gradient", "b", Status.FAIL, "got 1, should be 2", rerun="again", notes=("half",)),
    ),
    ("layout (features, examples)",),
)
RIGHT = SubjectReport("Right", "article", (Finding("shape", "W", Status.PASS, "fine"),))
TEXT = """\
Layer: gradient of b: FAIL  (seed 3)

FAIL  Layer: gradient of b
    got 1, should be 2
    half
    run again: again

inconclusive  Layer: purity of b
    cannot tell

note: about the file"""


def test_findings_that_did_not_pass_come_worst_first():
    assert assertion.render(Report((RIGHT, WRONG), seed=3, notes=("about the file",))) == TEXT


def test_nothing_was_checked():
    assert assertion.render(Report(())) == "nothing was checked  (seed 0)"


def test_the_first_line_names_every_law_that_is_broken_and_counts_exemptions():
    failures = tuple(Finding(law, "x", Status.FAIL, "wrong") for law in ("gradient", "purity"))
    subject = SubjectReport("Layer", "article", failures, exempt=(("shape", "why"),))
    line = "Layer: gradient of x; purity of x: FAIL, 1 exempt  (seed 0)"
    assert assertion.render(Report((subject,))).splitlines()[0] == line
    assert assertion.first_line(Report((subject, RIGHT))) == line
