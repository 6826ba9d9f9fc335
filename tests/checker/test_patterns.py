"""Sentences on what wrong entries have in common: exact ratios, zeros, single entries."""

import numpy as np
import pytest

from gradlab.checker.patterns import common_factor, describe_factor, describe_pattern


def sentence(claim, truth, **values):
    claim, truth = np.asarray(claim, float), np.asarray(truth, float)
    x = np.linspace(-1.0, 1.0, truth.size).reshape(truth.shape)
    return describe_pattern("x", {"x": x, **values}, claim, truth, claim != truth)


@pytest.mark.parametrize("ratio", [1 + 2e-6, 1 - 3e-6, 0.9999999, 1.0000001, 12.0, 0.1, -1.0])
def test_a_ratio_is_never_written_as_1(ratio):
    assert not describe_factor(ratio).startswith("1 times")


def test_a_ratio_of_1_to_six_digits_is_no_factor():
    truth = np.array([0.5, -2.0, 3.0])
    assert common_factor(truth * (1 + 1e-7), truth) is None
    assert sentence(truth.astype(np.float32) * (1 + 1e-7), truth) == "all 3 entries are wrong"


@pytest.mark.parametrize("zeros", [0, 1, 3])
def test_zeros_hide_no_factor(zeros):
    truth = np.array([1.0, -2.0, 0.5, 4.0, *[0.0] * zeros])
    assert sentence(12 * truth, truth) == "every entry is 12 times what it should be"


def test_a_zero_that_is_wrong_is_no_factor():
    assert sentence([12.0, 24.0, 1.0], [1.0, 2.0, 0.0]) == "all 3 entries are wrong"


def test_the_ratio_of_a_single_entry_is_stated():
    said = sentence([1.0, 2.0, 9.0, 4.0], [1.0, 2.0, 3.0, 4.0])
    assert said == "1 of 4 entries is wrong: [2], 3 times what it should be"
    assert sentence(3.0, 2.0) == "its only entry is wrong, 1.5 times what it should be"
    assert sentence([3.0], [0.0]) == "its only entry is wrong"
