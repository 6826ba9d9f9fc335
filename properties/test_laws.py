"""Every law holds for everything that is right, wherever its domain reaches.

Law × strategy × subject: values are drawn from each subject's domain, at kinks,
ties, zeros and extremes too.  There a law may find that it cannot tell; it may
not find fault.
"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradlab import registry, strategies
from gradlab.engine import Point, ask
from gradlab.records import Status

RIGHT = [entry.name for entry in registry.right() if entry.has_subject]


@pytest.mark.parametrize("name", RIGHT)
@settings(max_examples=max(4, settings().max_examples // 20))
@given(data=st.data())
def test_no_law_finds_fault_with_what_is_right(name, data):
    subject = registry.subject(name)
    values = data.draw(strategies.values(subject.domain))
    findings, _ = ask(Point(subject, values, "the values drawn"), np.random.default_rng(0))
    assert findings
    faults = [f for f in findings if f.status in (Status.FAIL, Status.ERROR)]
    assert not faults
