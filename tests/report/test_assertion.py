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

note: about the file
note: Layer: layout (features, examples)"""


def test_what_is_no_pass_is_told_worst_first():
    assert assertion.render(Report((RIGHT, WRONG), seed=3, notes=("about the file",))) == TEXT


def test_nothing_checked_is_said():
    assert assertion.render(Report(())) == "nothing was checked  (seed 0)"
