import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.numdiff.restriction import Restriction, entry_scales


def test_scales_are_powers_of_two_with_a_floor():
    scales = entry_scales(np.array([3.0, -1.0, 1e-9]))
    assert scales.tolist() == [2.0, 1.0, 2.0**-5]


def test_scales_of_a_zero_array_are_one():
    assert entry_scales(np.zeros(3)).tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("factor", [1e-12, 1.0, 1e12])
def test_the_direction_is_brought_to_the_scale_of_the_point(factor):
    line = Restriction(np.sum, np.array([1.0, -2.0]), factor * np.array([1.0, 1.0]))
    largest = np.max(np.abs(line.direction[""]) / entry_scales(np.array([1.0, -2.0])))
    assert 1 <= largest < 2
    assert np.array_equal(line.direction[""] * line.scale, factor * np.array([1.0, 1.0]))


def test_integer_arrays_reach_the_function_unchanged():
    labels = np.array([1, 0])
    seen = []
    point = {"x": np.ones(2), "y": labels}
    line = Restriction(lambda d: seen.append(d["y"]) or d["x"].sum(), point, {"x": np.ones(2)})
    line.at(0.1)
    assert seen[0] is labels


def test_float32_is_promoted_and_the_caller_keeps_its_array():
    x = np.ones(2, dtype=np.float32)
    seen = []

    def f(y):
        seen.append(y.dtype)
        y *= 3
        return y

    Restriction(f, x, np.ones(2)).at(0.0)
    assert seen == [np.float64]
    assert x.tolist() == [1.0, 1.0]


def test_calls_are_counted():
    line = Restriction(np.sum, np.ones(2), np.ones(2))
    line.at(0.0)
    line.distant()
    assert line.calls == 5


@pytest.mark.parametrize(
    ("x", "direction", "message"),
    [
        (np.ones(2), np.ones(3), r"shape \(3,\); expected \(2,\), the shape of x"),
        (np.ones(2), {"x": np.ones(2)}, "direction is a dict; expected an array"),
        ({"x": np.ones(2)}, {"z": np.ones(2)}, "names z; expected names of x: x"),
        (np.array([1.0, np.nan]), np.ones(2), "holds NaN or infinity"),
        (np.ones(2), np.array([1.0, np.inf]), "direction holds NaN"),
        (np.ones(2) * 1j, np.ones(2), "complex128; expected real numbers"),
        ({"x": np.array([1, 2])}, {"x": np.ones(2)}, "holds integers"),
    ],
)
def test_bad_input_raises_with_what_was_expected(x, direction, message):
    with pytest.raises(GradlabError, match=message):
        Restriction(np.sum, x, direction)


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda _x: "no number", "returned str"),
        (lambda _x: None, "returned NoneType"),
        (lambda x: x * 1j, "dtype complex128"),
    ],
)
def test_bad_output_raises_with_what_was_returned(f, message):
    with pytest.raises(GradlabError, match=message):
        Restriction(f, np.ones(2), np.ones(2)).at(0.0)


def test_an_output_that_changes_shape_raises():
    line = Restriction(lambda x: x[x > 1.0], np.array([1.5, 0.5]), np.ones(2))
    line.at(0.0)
    with pytest.raises(GradlabError, match=r"shape \(1,\) and then shape \(2,\)"):
        line.at(4.0)
