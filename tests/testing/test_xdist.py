import json

import pytest

from gradlab.records import ErrorCurve, Finding, Status, SubjectReport
from gradlab.testing import xdist


@pytest.mark.parametrize("curve", [None, ErrorCurve((0.5, 0.25), (None, 1e-3))])
def test_a_finding_survives_the_way_from_a_worker(curve):
    finding = Finding(
        "gradient",
        "W",
        Status.FAIL,
        "wrong",
        bound=float("inf"),
        index=(0, 2),
        notes=("a note",),
        error_curve=curve,
    )
    subject = SubjectReport(
        "layer", "article", (finding,), ("about the layer",), (("shape", "why"),)
    )
    plain = json.loads(json.dumps(subject.to_dict()))
    assert xdist.merge_reports([plain, plain], seed=3).subjects == (subject,)
