"""Every law holds, wherever a subject's domain reaches.

Law × strategy × subject: values are drawn from the subject's domain, at kinks,
ties, zeros and extremes too.  There a law may be inconclusive; it may
not find fault.
"""

import numpy as np
import pytest
from hypothesis import given, settings

from gradlab import strategies
from gradlab.kinds import Kind
from gradlab.laws import ALL, LAWS, selection
from gradlab.laws.case import Case
from gradlab.records import Status, SubjectReport
from gradlab.report import assertion
from gradlab.report.report import Report
from gradlab.run_laws import evaluate
from gradlab.settings import active

EXAMPLES = active().examples or max(4, settings().max_examples // 20)


def selected(code, laws):
    """Select the laws of these names, less what the project and the subject's domain exempt."""
    request = selection.parse(ALL, laws, where_present=active().exempt)
    return selection.select(LAWS[code.kind], request, code)


def faults_among(selection, findings):
    """Return the findings that speak against the code under test."""
    return tuple(
        finding
        for finding in findings
        if finding.status in (Status.FAIL, Status.ERROR) and not selection.exempts(finding)
    )


def skip_what_does_not_apply(chosen, laws):
    """Say to what they apply, or why they are left out."""
    known = [law for law in LAWS[Kind.LAYER] if law.name in laws]
    reasons = selection.notes(chosen.applied([])) or [
        f"{law.name} applies to {law.applies_to}" for law in known
    ]
    pytest.skip("; ".join(reasons))


def test_no_law_finds_fault(subject, laws):
    """At any point of its domain a law passes, or is inconclusive."""
    __tracebackhide__ = True  # the report says it all
    seed, heard = active().seed, []
    first = subject()
    chosen = selected(first, laws)

    @settings(max_examples=EXAMPLES)
    @given(strategies.values(first.domain))
    def holds(values):
        __tracebackhide__ = True
        code, where = subject(), "the values drawn"
        rng = np.random.default_rng([seed, 0])
        findings, _ = evaluate(
            chosen.laws, lambda: Case.at(code, values, rng, where=where, seed=seed), where
        )
        heard.extend(findings)
        if faults := faults_among(chosen, findings):
            report = Report((SubjectReport(code.name, code.convention, faults),), seed=seed)
            raise AssertionError(assertion.render(report))

    if chosen.laws:
        holds()
    if not heard:
        skip_what_does_not_apply(chosen, laws)
