import dataclasses
import json
import platform

import numpy as np
import pytest

import gradlab
from gradlab.records import ErrorCurve, Finding, Skipped, Status, SubjectReport
from gradlab.report.report import Report


def finding(status, **details):
    return Finding("gradient", "W", status, "said", **details)


def report(*statuses):
    subjects = (SubjectReport(f"s{i}", "article", (finding(s),)) for i, s in enumerate(statuses))
    return Report(tuple(subjects))


@pytest.mark.parametrize(
    ("statuses", "worst", "code"),
    [
        ([Status.PASS, Status.PASS], Status.PASS, 0),
        ([Status.PASS, Status.INCONCLUSIVE], Status.INCONCLUSIVE, 3),
        ([Status.INCONCLUSIVE, Status.ERROR, Status.PASS], Status.ERROR, 2),
        ([Status.ERROR, Status.FAIL, Status.INCONCLUSIVE], Status.FAIL, 1),
    ],
)
def test_when_mixed_fail_outweighs_error_outweighs_inconclusive(statuses, worst, code):
    assert report(*statuses).status is worst
    assert worst.exit_code == code


def test_nothing_checked_is_inconclusive():
    assert Report(()).status is Status.INCONCLUSIVE
    assert SubjectReport("s", "article", ()).status is Status.INCONCLUSIVE


def test_a_report_refuses_to_be_a_boolean():
    with pytest.raises(TypeError, match=r"use report\.passed"):
        bool(report(Status.PASS))


def test_records_are_frozen():
    with pytest.raises(dataclasses.FrozenInstanceError):
        finding(Status.PASS).status = Status.FAIL


def test_the_schema():
    data = Report(
        (
            SubjectReport(
                "layer",
                "article",
                (
                    finding(
                        Status.FAIL,
                        got=float("nan"),
                        expected=1.5,
                        bound=float("inf"),
                        index=(0, 2),
                        error_curve=ErrorCurve((0.5, 0.25), (None, 1e-3)),
                    ),
                ),
                ("a note",),
                (("purity", "why"),),
            ),
        ),
        seed=4,
        skipped=(Skipped("a.py::Half", "it has no backward"),),
    ).to_dict()
    assert data == {
        "schema": 1,
        "versions": {
            "gradlab": gradlab.__version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "status": "fail",
        "seed": 4,
        "notes": [],
        "skipped": [{"name": "a.py::Half", "reason": "it has no backward"}],
        "subjects": [
            {
                "name": "layer",
                "status": "fail",
                "convention": "article",
                "exempt": {"purity": "why"},
                "notes": ["a note"],
                "coverage": None,
                "findings": [
                    {
                        "law": "gradient",
                        "tensor": "W",
                        "status": "fail",
                        "message": "said",
                        "got": "nan",
                        "expected": 1.5,
                        "bound": "inf",
                        "index": [0, 2],
                        "evaluations": 0,
                        "rerun": "",
                        "notes": [],
                        "error_curve": {"steps": [0.5, 0.25], "errors": [None, 1e-3]},
                    }
                ],
            }
        ],
    }


def test_json_is_strict_and_carries_the_schema():
    text = report(Status.FAIL, Status.PASS).to_json()
    assert (
        json.loads(text, parse_constant=pytest.fail) == report(Status.FAIL, Status.PASS).to_dict()
    )
