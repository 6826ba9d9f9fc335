import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.numdiff import error_curve


def test_truncation_falls_with_the_square_of_the_step_and_roundoff_grows():
    steps, errors = error_curve(np.exp, np.array([1.0]), np.array([1.0]), method="differences")
    lowest = int(np.nanargmin(errors))
    assert 5 < lowest < 35
    assert errors[-1] > 1e4 * errors[lowest]
    assert np.all(np.diff(steps) < 0)
    # The truncation error of exp at 1 is e t²/6 to leading order.
    assert errors[5] == pytest.approx(np.e * steps[5] ** 2 / 6, rel=1e-3)


def test_one_entry_and_one_output_can_be_chosen():
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    point, unit = np.array([1.0, 1.0]), np.array([0.0, 1.0])
    steps, errors = error_curve(lambda x: w @ x**3, point, unit, output=(1,))
    # (4 (1 + t)³ − 4 (1 − t)³) / 2t = 12 + 4 t².
    assert errors[:5] == pytest.approx(4 * steps[:5] ** 2, rel=1e-9)


def test_without_an_index_the_output_with_the_widest_bound_is_chosen():
    def f(x):
        return np.array([x[0], (x[0] ** 3 + 1e6) - 1e6])

    point, unit = np.array([1.0]), np.array([1.0])
    chosen = error_curve(f, point, unit, method="differences")[1]
    second = error_curve(f, point, unit, output=(1,), method="differences")[1]
    assert np.array_equal(chosen, second)


def test_steps_out_of_the_domain_are_gaps():
    _, errors = error_curve(np.log, np.array([1.0, 1e-3]), np.array([1.0, 1.0]))
    assert np.isnan(errors[0])
    assert np.isfinite(errors[-1])


def test_steps_are_in_units_of_the_direction():
    one, _ = error_curve(np.exp, np.array([1.0]), np.array([1.0]))
    thousand, _ = error_curve(np.exp, np.array([1.0]), np.array([1000.0]))
    assert 0.5e-3 <= thousand[0] / one[0] <= 2e-3


def test_no_direction_is_refused():
    with pytest.raises(GradlabError, match="direction is zero in every entry"):
        error_curve(np.exp, np.ones(1), np.zeros(1))


def test_an_index_that_is_not_one_output_is_refused():
    with pytest.raises(GradlabError, match="is not one number"):
        error_curve(np.exp, np.ones((2, 2)), np.ones((2, 2)), output=(0,))
