import json
import math

import numpy as np
import pytest

from gradlab.baseline.fingerprint import LARGE, Fingerprint, digest, largest_of, ulps, unit_of


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
@pytest.mark.parametrize("start", [1.0, -1.0, 0.0, -0.0, 1e-4, 1000.0])
def test_ulps_count_steps_to_the_next_number(dtype, start):
    stepped = np.array(start, dtype)
    for _ in range(5):
        stepped = np.nextafter(stepped, np.array(np.inf, dtype))
    assert ulps(float(np.array(start, dtype)), float(stepped), dtype) == 5


def test_ulps_of_what_is_no_number_are_infinite():
    assert ulps(math.nan, 1.0, "float64") == math.inf
    assert ulps(0.0, -0.0, "float64") == 0
    assert ulps(3, 7, "int64") == 4


def test_a_small_array_is_kept_whole():
    array = np.arange(6.0).reshape(2, 3).T
    fingerprint = Fingerprint(array.shape, 0)
    assert np.array_equal(fingerprint.kept(array), array.ravel())
    assert [fingerprint.name(i) for i in (0, 5)] == ["entry [0, 0]", "entry [2, 1]"]
    assert fingerprint.entry(5) == (2, 1)


@pytest.mark.parametrize("seed", range(20))
def test_a_change_of_one_entry_shows_in_the_stretch_that_holds_it(seed):
    rng = np.random.default_rng(seed)
    array = rng.standard_normal((100, 7))
    changed, index = array.copy(), (int(rng.integers(100)), int(rng.integers(7)))
    changed[index] *= 1 + 1e-12
    fingerprint = Fingerprint(array.shape, seed)
    (places,) = np.nonzero(fingerprint.kept(array) != fingerprint.kept(changed))
    stretch = int(places[-1])
    assert fingerprint.entry(stretch) is None
    first, last = fingerprint.name(stretch).removeprefix("entries ").split(" to ")
    assert json.loads(first) <= list(index) <= json.loads(last)
    assert all(fingerprint.entry(int(place)) == index for place in places[:-1])


def test_what_is_kept_of_a_large_array_does_not_grow():
    assert Fingerprint((LARGE + 1,), 0).kept(np.ones(LARGE + 1)).size == 48
    assert Fingerprint((10**5,), 0).kept(np.ones(10**5)).size == 48


def test_a_digest_is_of_the_numbers_and_not_of_how_they_lie_in_memory():
    array = np.arange(6.0).reshape(2, 3)
    assert digest(array) == digest(np.asfortranarray(array)) == digest(array.astype(">f8"))
    assert digest(array) != digest(-0.0 * array + array + np.spacing(1.0))


def test_the_unit_is_that_of_the_coarser_format():
    assert unit_of(1.0, "float64", "float32") == 2**-23
    assert unit_of(1.0, "float32", "float64") == 2**-23
    assert unit_of(1.0, "int64", "float64") == 0


def test_the_largest_entry_is_a_finite_one():
    assert largest_of(np.array([-3.0, np.inf, np.nan, 2.0])) == 3
    assert largest_of(np.array([np.nan])) == largest_of(np.zeros(0)) == 0
