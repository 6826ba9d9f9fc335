"""A failure stands unless the gradient is correct next to the point."""

import numpy as np
import pytest

from gradlab.checker import compare_gradients, given_point
from gradlab.checker.residual import Differences
from gradlab.checker.rounding import Rounding
from gradlab.checker.search import ComparedEntry
from gradlab.checker.verdict import Verdict
from gradlab.records import Status

FAILED = Verdict(Status.FAIL, entries=(ComparedEntry((0,), 1.1, 1.0, 1e-9),))


@pytest.mark.parametrize(
    ("off_kink", "status"),
    [
        (Verdict(Status.PASS, detection_limit=0.01, relative_limit=0.01), Status.PASS),
        (Verdict(Status.PASS, detection_limit=0.2, relative_limit=0.2), Status.FAIL),
        (Verdict(Status.PASS, detection_limit=np.nan, relative_limit=np.nan), Status.FAIL),
        (Verdict(Status.INCONCLUSIVE, detection_limit=0.01), Status.FAIL),
        (Verdict(Status.FAIL, detection_limit=0.01), Status.FAIL),
    ],
)
def test_only_a_comparison_that_would_see_the_mistake_speaks_against_it(
    make, monkeypatch, off_kink, status
):
    problem = make(lambda v: v["x"], lambda v, c: {"x": c}, {"x": np.ones(1)})
    monkeypatch.setattr(given_point, "compare_off_kink", lambda *_, **__: off_kink)
    method = Differences(problem, problem.claimed_gradients(problem.values), Rounding(problem))
    verdict = given_point.unless_right_beside(method, "x", FAILED, compare_gradients)
    assert verdict.status is status
