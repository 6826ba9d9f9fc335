"""A failure stands unless the gradient is seen to be right beside the point."""

import importlib

import numpy as np
import pytest

from gradlab.checker.located import Entry
from gradlab.checker.verdict import Verdict
from gradlab.records import Status

# The package's own `judge` is the function of that name.
judge = importlib.import_module("gradlab.checker.compare")
FAILED = Verdict(Status.FAIL, entries=(Entry((0,), 1.1, 1.0, 1e-9),))


@pytest.mark.parametrize(
    ("beside", "status"),
    [
        (Verdict(Status.PASS, absolute=0.01, relative=0.01), Status.PASS),
        (Verdict(Status.PASS, absolute=0.2, relative=0.2), Status.FAIL),
        (Verdict(Status.PASS, absolute=np.nan, relative=np.nan), Status.FAIL),
        (Verdict(Status.INCONCLUSIVE, absolute=0.01), Status.FAIL),
        (Verdict(Status.FAIL, absolute=0.01), Status.FAIL),
    ],
)
def test_only_a_comparison_that_would_see_the_mistake_speaks_against_it(
    make, monkeypatch, beside, status
):
    problem = make(lambda v: v["x"], lambda v, c: {"x": c}, {"x": np.ones(1)})
    monkeypatch.setattr(judge, "judge_beside", lambda *_: beside)
    assert judge._unless_right_beside(problem, "x", FAILED).status is status
