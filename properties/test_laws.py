"""Every law holds, wherever a subject's domain reaches.

Law × strategy × subject: values are drawn from the subject's domain, at kinks,
ties, zeros and extremes too.  There a law may find that it cannot tell; it may
not find fault.
"""

import numpy as np
import pytest
from hypothesis import given, settings

from gradlab import strategies
from gradlab.checks import Point, ask
from gradlab.laws import LAWS, selection
from gradlab.records import Status, SubjectReport
from gradlab.report import assertion
from gradlab.report.report import Report
from gradlab.settings import active

EXAMPLES = active().examples or max(4, settings().max_examples // 20)


def less_what_the_project_exempts(code):
    """Return a subject that is exempt from what the project leaves out."""
    fitting = selection.fitting(LAWS, code, active().exempt)
    return selection.with_exemptions(code, selection.exemptions(LAWS, fitting))


def faults_among(code, findings):
    """Return the findings that speak against the code under test."""
    return tuple(
        finding
        for finding in findings
        if finding.status in (Status.FAIL, Status.ERROR)
        and not selection.is_left_out(code, finding)
    )


def skip_what_does_not_apply(code, laws):
    """Say to what they apply, or why they are left out."""
    said = selection.notes(code, laws) or [
        f"{law.name} applies to {law.applies_to}" for law in laws
    ]
    pytest.skip("; ".join(said))


def test_no_law_finds_fault(subject, laws):
    """At any point of its domain a law passes, or finds that it cannot tell."""
    __tracebackhide__ = True  # the report says it all
    seed, heard = active().seed, []
    first = less_what_the_project_exempts(subject())
    named = tuple(law for law in LAWS if law.name in laws)
    asked = selection.asked_of(first, named)

    @settings(max_examples=EXAMPLES)
    @given(strategies.values(first.domain))
    def holds(values):
        __tracebackhide__ = True
        code = less_what_the_project_exempts(subject())
        point = Point(code, values, "the values drawn", seed)
        findings, _ = ask(point, np.random.default_rng([seed, 0]), asked)
        heard.extend(findings)
        if faults := faults_among(code, findings):
            told = Report((SubjectReport(code.name, code.convention, faults),), seed=seed)
            raise AssertionError(assertion.render(told))

    if asked:
        holds()
    if not heard:
        skip_what_does_not_apply(first, named)
