"""Every law holds, wherever a subject's domain reaches.

Law × strategy × subject: values are drawn from the subject's domain, at kinks,
ties, zeros and extremes too.  There a law may find that it cannot tell; it may
not find fault.
"""

import numpy as np
import pytest
from hypothesis import given, settings

from gradlab import strategies
from gradlab.engine import Point, ask
from gradlab.laws import LAWS
from gradlab.pytesting.asking import exemptions, left_out
from gradlab.records import Report, Status, SubjectReport
from gradlab.report import assertion
from gradlab.settings import active

EXAMPLES = active().examples or max(4, settings().max_examples // 20)


def faults_among(findings):
    """Return the findings that speak against the code under test; the project's exemptions hold."""
    reasons = exemptions(None)
    return tuple(
        finding
        for finding in findings
        if finding.status in (Status.FAIL, Status.ERROR)
        and left_out(finding.law, finding.tensor, reasons) is None
    )


def skip_what_does_not_apply(laws):
    """Say to what they apply."""
    pytest.skip("; ".join(f"{law.name} applies to {law.applies_to}" for law in laws))


def test_no_law_finds_fault(subject, laws):
    """At any point of its domain a law passes, or finds that it cannot tell."""
    __tracebackhide__ = True  # the report says it all
    asked = tuple(law for law in LAWS if law.name in laws)
    seed, heard = active().seed, []

    @settings(max_examples=EXAMPLES)
    @given(strategies.values(subject().domain))
    def holds(values):
        __tracebackhide__ = True
        code = subject()
        point = Point(code, values, "the values drawn", seed)
        findings, _ = ask(point, np.random.default_rng([seed, 0]), asked)
        heard.extend(findings)
        if faults := faults_among(findings):
            told = Report((SubjectReport(code.name, code.convention, faults),), seed=seed)
            raise AssertionError(assertion.render(told))

    holds()
    if not heard:
        skip_what_does_not_apply(asked)
