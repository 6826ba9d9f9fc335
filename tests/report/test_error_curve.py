import numpy as np
import pytest

from gradlab.numdiff import error_curve
from gradlab.records import ErrorCurve
from gradlab.report.error_curve import sparkline


def blocks(text):
    return text.split(": ")[1].split(" (")[0]


def test_the_line_of_a_smooth_function_falls_and_rises_again():
    steps, errors = error_curve(np.exp, np.array([1.0]), np.array([1.0]), method="differences")
    drawn = blocks(sparkline(ErrorCurve(tuple(steps), tuple(errors))))
    assert len(drawn) == 44
    assert drawn[0] == "█"
    assert "▁" in drawn[12:28]
    assert drawn[-1] in "▅▆▇█"


@pytest.mark.parametrize(
    ("errors", "drawn"),
    [
        ((1e-1, 1e-4, 1e-8), "█▅▁"),
        ((None, 1e-4, 1e-8), "·█▁"),
        ((1e-1, 0.0, 1e-8), "█▁▁"),
        ((1e-3, 1e-3, 1e-3), "▁▁▁"),
    ],
)
def test_heights_are_logarithms_of_the_errors(errors, drawn):
    assert blocks(sparkline(ErrorCurve((0.1, 0.01, 0.001), errors))) == drawn


def test_the_line_states_both_ranges():
    text = sparkline(ErrorCurve((0.5, 0.25), (2e-3, 4e-5)))
    assert text == ("error of plain differences, steps 5e-01 to 2e-01: █▁ (errors 2e-03 to 4e-05)")


@pytest.mark.parametrize("errors", [(0.0, 0.0), (None, None), (None, 0.0)])
def test_without_a_positive_error_there_is_no_line(errors):
    assert sparkline(ErrorCurve((0.5, 0.25), errors)) == ""
