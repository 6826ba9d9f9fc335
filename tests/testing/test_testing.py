"""gradlab.testing, without pytest's help."""

import traceback
import unittest

import numpy as np
import pytest

from gradlab import GradlabError, Status
from gradlab.reference import LinearLayer
from gradlab.settings import Settings, activate, active
from gradlab.testing import Conformance, assert_gradients, conforms_to, marked_in

POINT = {"x": np.array([1.0, -2.0])}


def square(values):
    return values["x"] ** 2


def right(values, cotangent):
    return {"x": 2 * values["x"] * cotangent}


def wrong(values, cotangent):
    return {"x": values["x"] * cotangent}


def nothing(values, cotangent):
    return {}


def raised(*code, **options):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - the tests below look at what it is
        assert_gradients(*code, **options)
    return caught.value


def test_a_pass_is_returned():
    assert assert_gradients(square, right, POINT, seed=3).seed == 3
    report = assert_gradients(LinearLayer, like="linear", laws=("shape", "purity"))
    assert {finding.law for finding in report.findings} == {"shape", "purity"}


def test_derivatives_of_the_gradient_are_asked_on_request():
    report = assert_gradients(square, right, POINT, order=2)
    laws = {finding.law for finding in report.findings}
    assert laws - {finding.law for finding in assert_gradients(square, right, POINT).findings}
    assert report.findings[0].rerun == "gradlab.check_gradients(..., order=2, seed=0)"


def test_a_failure_raises_the_report_and_nothing_else():
    error = raised(square, wrong, POINT)
    assert type(error) is AssertionError
    lines = str(error).splitlines()
    assert lines[0] == "square: gradient of x: FAIL  (seed 0)"
    assert lines[2] == "FAIL  square: gradient of x"
    assert lines[3].startswith("    gradient of x, entry [1]: got 1.53957, should be 3.07915 ± ")
    assert lines[-1] == "    run again: gradlab.check_gradients(..., seed=0)"
    assert error.__suppress_context__
    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
    assert frames == ["raised", "assert_gradients"]


def test_only_what_is_wrong_is_told():
    def raises(values, cotangent):
        raise ZeroDivisionError

    lines = str(raised(square, raises, POINT)).splitlines()
    assert lines[0] == "function pair: execution: ERROR  (seed 0)"
    assert "note:" not in lines[-1]


def test_what_cannot_be_told_fails_or_skips():
    said = "backward gave no gradient of x, so nothing is known about it"
    failed = raised(square, nothing, POINT)
    skipped = raised(square, nothing, POINT, inconclusive="skip")
    assert type(failed) is AssertionError
    assert said in str(failed)
    assert type(skipped) is unittest.SkipTest
    assert str(skipped) == f"square: gradient of x: inconclusive  (seed 0); {said}"


def test_the_projects_settings_stand_in_for_what_is_left_out():
    before = active()
    activate(Settings(seed=4, inconclusive="skip", exempt={"shape": "why not"}))
    try:
        assert isinstance(raised(square, nothing, POINT), unittest.SkipTest)
        report = assert_gradients(LinearLayer, exempt={"repeat": "it counts"})
    finally:
        activate(before)
    assert report.seed == 4
    assert not {finding.law for finding in report.findings} & {"shape", "repeat"}
    assert report.subjects[0].notes[-2:] == (
        "law 'shape' left out: why not",
        "law 'repeat' left out: it counts",
    )


@pytest.mark.parametrize(
    ("code", "options", "said"),
    [
        (
            (square, right),
            {},
            (
                "got 2 positional arguments; expected one object, or three: forward, backward, "
                "values"
            ),
        ),
        (
            (LinearLayer,),
            {"laws": ()},
            "laws=[] selects no law; name a law, or leave laws out to select all of them",
        ),
        (
            (LinearLayer,),
            {"order": 2},
            (
                "unexpected argument 'order' for one object; valid: like, convention, layout, "
                "laws, exempt, seed, inconclusive"
            ),
        ),
        (
            (square, right, POINT),
            {"laws": ["shape"]},
            (
                "unexpected argument 'laws' for forward, backward and values; valid: wrt, order, "
                "seed, inconclusive"
            ),
        ),
        (
            (square, right, POINT),
            {"order": 3},
            "order is 3; it has to be 1 (gradients) or 2 (their derivatives too)",
        ),
        (
            (square, right, POINT),
            {"inconclusive": "pass"},
            "inconclusive is 'pass'; expected 'fail' or 'skip'",
        ),
        (
            (LinearLayer,),
            {"exempt": {"purity": ""}},
            (
                "exempt={'purity': …} needs the reason why the law does not apply, in a sentence, "
                "and got ''"
            ),
        ),
    ],
)
def test_misuse_is_a_clear_error(code, options, said):
    error = raised(*code, **options)
    assert type(error) is GradlabError
    assert str(error) == said


def test_a_mark_belongs_to_the_module_that_makes_it():
    class Layer:
        pass

    assert conforms_to("linear", exempt={"repeat": "why"})(Layer) is Layer
    assert marked_in(__name__, Layer) == Conformance("linear", None, {"repeat": "why"})
    assert marked_in("another_module", Layer) is None


def test_a_report_that_asked_nothing_is_no_pass():
    error = raised(LinearLayer, laws=["shape"], exempt={"shape": "nobody asks"})
    assert str(error).splitlines()[0] == (
        "LinearLayer: nothing was checked: inconclusive, 1 exempt  (seed 0)"
    )
    assert Status.INCONCLUSIVE.exit_code == 3
