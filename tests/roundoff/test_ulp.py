"""Unit roundoff, moves by an ulp, and the scale of a gradient."""

import numpy as np
import pytest

from gradlab import roundoff


@pytest.fixture
def rng():
    return np.random.default_rng(3)


@pytest.mark.parametrize(
    ("dtype", "epsilon"), [("float64", 2.0**-52), ("float32", 2.0**-23), ("int64", 2.0**-52)]
)
def test_unit_roundoff_is_half_of_machine_epsilon(dtype, epsilon):
    for of in (dtype, np.ones(2, dtype), np.ones((), dtype)[()]):
        assert roundoff.machine_epsilon(of) == epsilon
        assert roundoff.unit_roundoff(of) == epsilon / 2


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_entry_moves_to_a_neighbouring_number_up_and_down(dtype, rng):
    value = rng.normal(size=200).astype(dtype)
    moved = roundoff.perturb_by_ulp(value, rng)
    assert moved.dtype == value.dtype
    up, down = np.nextafter(value, np.inf), np.nextafter(value, -np.inf)
    assert np.all((moved == up.astype(dtype)) | (moved == down.astype(dtype)))
    assert 50 < np.sum(moved > value) < 150


def test_several_ulps_are_bounded_and_reached(rng):
    moved = roundoff.perturb_by_ulp(np.full(400, 1.5), rng, ulps=8)
    assert set(np.abs(moved - 1.5) / np.spacing(1.5)) == set(range(1, 9))


def test_the_last_place_may_be_that_of_a_coarser_format(rng):
    moved = roundoff.perturb_by_ulp(np.ones(50), rng, precision="float32")
    assert moved.dtype == np.float64
    assert set(moved - 1) == {2.0**-23, -(2.0**-24)}


def test_labels_and_counts_stay(rng):
    labels = np.arange(4)
    assert roundoff.perturb_by_ulp(labels, rng) is labels
    assert not roundoff.relative_step(labels, 0.5, rng).any()


def test_a_relative_step_is_no_longer_than_stated(rng):
    value = np.array([1e-8, -3.0, 0.0, 1e8])
    step = roundoff.relative_step(value, 2.0**-20, rng)
    assert np.all(np.abs(step) <= 2.0**-20 * np.abs(value))
    assert step[0] != 0.0
    assert step[2] == 0.0


def test_the_scale_of_a_gradient_is_that_of_the_outputs_over_the_tensor():
    outputs = [np.array([1.0, -6.0]), np.array([np.inf, 2.0])]
    assert roundoff.gradient_scale(outputs, np.array([0.5, -2.0])) == 3.0
    assert roundoff.gradient_scale(outputs, np.zeros(2)) == 6.0
    assert roundoff.gradient_scale([], np.ones(2)) == 0.0
