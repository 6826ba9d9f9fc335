import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.numdiff import explain


def test_the_picture_is_a_valley():
    picture = explain(np.exp, np.array([1.0]), np.array([1.0]), method="differences")
    lowest = int(np.nanargmin(picture.errors))
    assert 5 < lowest < 35
    assert picture.errors[0] > 1e4 * picture.errors[lowest] < picture.errors[-1]
    assert picture.steps[0] > picture.chosen > picture.steps[-1]
    assert abs(picture.value - np.e) <= picture.bound


def test_one_entry_and_one_output_can_be_chosen():
    w = np.array([[1.0, 2.0], [3.0, 4.0]])
    picture = explain(lambda x: w @ x**2, np.array([1.0, 1.0]), np.array([0.0, 1.0]), output=(1,))
    assert picture.output == (1,)
    assert abs(picture.value - 8.0) <= picture.bound
    assert np.isnan(picture.chosen) == (picture.method == "complex step")


def test_steps_out_of_the_domain_are_gaps():
    picture = explain(np.log, np.array([1.0, 1e-3]), np.array([1.0, 1.0]))
    assert np.isnan(picture.errors[0])
    assert np.isfinite(picture.errors[-1])


def test_steps_are_in_units_of_the_direction():
    one = explain(np.exp, np.array([1.0]), np.array([1.0]))
    thousand = explain(np.exp, np.array([1.0]), np.array([1000.0]))
    assert 0.5e-3 <= thousand.steps[0] / one.steps[0] <= 2e-3


def test_no_direction_is_refused():
    with pytest.raises(GradlabError, match="zero everywhere"):
        explain(np.exp, np.ones(1), np.zeros(1))


def test_an_index_that_is_not_one_output_is_refused():
    with pytest.raises(GradlabError, match="is not one number"):
        explain(np.exp, np.ones((2, 2)), np.ones((2, 2)), output=(0,))
