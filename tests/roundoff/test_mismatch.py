"""The entry at which two arrays differ most beyond the bound."""

import numpy as np
import pytest

from gradlab.roundoff import Mismatch, mismatch, worst_mismatch


@pytest.mark.parametrize(
    ("got", "expected", "bound"),
    [
        ([1.0, 2.0], [1.0, 2.1], 0.2),
        ([np.inf, -np.inf], [np.inf, -np.inf], 0.0),
        ([np.nan], [np.nan], 0.0),
        ([], [], 0.0),
        ([True, False], [True, False], 0.0),
        ([1.0, 5.0], [1.0, 2.0], np.inf),
    ],
)
def test_within_the_bound_there_is_none(got, expected, bound):
    assert mismatch(np.array(got), np.array(expected), bound) is None


@pytest.mark.parametrize(
    ("got", "expected", "index"),
    [
        ([0.0, np.nan], [0.0, 1.0], (1,)),
        ([0.0, 1.0], [0.0, np.nan], (1,)),
        ([np.inf, 0.0], [-np.inf, 0.0], (0,)),
        ([1.0, 2.0, 2.0], [1.0, 2.5, 2.25], (1,)),
    ],
)
def test_beyond_the_bound_the_worst_entry_is_returned(got, expected, index):
    found = mismatch(np.array(got), np.array(expected), 0.1)
    assert found.index == index
    np.testing.assert_equal((found.got, found.expected), (got[index[0]], expected[index[0]]))
    assert found.excess > 0


def test_what_counts_is_the_difference_less_its_own_bound():
    bounds = np.array([0.9, 0.1])
    found = mismatch(np.array([1.0, 0.5]), np.zeros(2), bounds, tensor="W")
    assert found == Mismatch((1,), 0.5, 0.0, 0.1, "W")


def test_nan_on_both_sides_may_count_as_a_mismatch():
    nan = np.array([np.nan])
    assert mismatch(nan, nan, np.inf, equal_nan=False).index == (0,)


def test_a_bound_that_is_nan_covers_nothing():
    assert mismatch(np.ones(1), np.zeros(1), np.nan).index == (0,)


def test_unsigned_numbers_do_not_wrap_around_and_negative_zero_prints_as_zero():
    found = mismatch(np.array([0], np.uint8), np.array([1], np.uint8))
    assert (found.got, found.expected, found.excess) == (0.0, 1.0, 1.0)
    assert mismatch(np.array(-0.0), np.array(1.0)).written() == ("0", "1")


def test_of_several_arrays_the_worst_entry_is_named():
    got = {"W": np.array([1.0, 2.0]), "b": np.array([9.0])}
    expected = {"W": np.array([1.0, 1.0]), "b": np.array([4.0])}
    assert worst_mismatch(got, expected, {"W": 0.0, "b": 4.5}).tensor == "W"
    assert worst_mismatch(got, expected, {"W": 0.0, "b": 0.0}).tensor == "b"
    assert worst_mismatch(got, expected, {"W": 1.0, "b": 5.0}) is None
    assert worst_mismatch({"b": np.array([np.nan])}, {"b": np.ones(1)}, {"b": 1.0}).got != 1.0
