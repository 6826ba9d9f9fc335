from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import initialize_parameters

SCALES = {"plain": lambda _n: 0.01, "xavier": lambda n: n**-0.5, "he": lambda n: (2 / n) ** 0.5}


@pytest.mark.parametrize("ini_type", SCALES)
def test_the_spread_of_the_weights(ini_type, rng):
    n_in, n_out = 50, 4000
    W = initialize_parameters(n_in, n_out, ini_type, rng=rng)["W"] / SCALES[ini_type](n_in)
    # Standard normal now: the mean strays by 1/√N, the mean square by √(2/N); five of each.
    assert W.shape == (n_out, n_in)
    assert abs(W.mean()) <= 5 / W.size**0.5
    assert abs((W**2).mean() - 1) <= 5 * (2 / W.size) ** 0.5
    assert abs((np.abs(W) < 1).mean() - 0.6827) <= 5 * 0.5 / W.size**0.5


@pytest.mark.parametrize("ini_type", SCALES)
@pytest.mark.usefixtures("legacy_stream")
def test_the_legacy_stream_is_numpys_global_one(ini_type):
    np.random.seed(48)
    W = initialize_parameters(2, 3, ini_type)["W"]
    np.random.seed(48)
    np.testing.assert_allclose(W, np.random.randn(3, 2) * SCALES[ini_type](2), rtol=4e-16)
    same = initialize_parameters(2, 3, ini_type, rng=np.random.RandomState(48))["W"]
    np.testing.assert_array_equal(W, same)


@pytest.mark.usefixtures("legacy_stream")
def test_a_generator_leaves_the_legacy_stream_alone():
    np.random.seed(48)
    initialize_parameters(2, 3, rng=np.random.default_rng(0))
    after = np.random.randn()
    np.random.seed(48)
    assert after == np.random.randn()


def test_biases_are_zero_or_small_and_random():
    zero = initialize_parameters(2, 1000, rng=np.random.default_rng(1))
    drawn = initialize_parameters(2, 1000, rng=np.random.default_rng(1), random_bias=True)
    np.testing.assert_array_equal(zero["b"], np.zeros((1000, 1)))
    np.testing.assert_array_equal(zero["W"], drawn["W"])
    assert drawn["b"].shape == (1000, 1)
    assert abs((drawn["b"] ** 2).mean() - 1e-4) <= 5e-4 * (2 / 1000) ** 0.5


def test_no_two_weights_are_equal(rng):
    assert np.unique(initialize_parameters(20, 30, rng=rng)["W"]).size == 600


def test_errors():
    with pytest.raises(ValueError, match="must be one of plain, xavier, he; got 'glorot'"):
        initialize_parameters(2, 3, "glorot")
    with pytest.raises(ValueError, match="got n_in=0, n_out=3"):
        initialize_parameters(0, 3)
    with pytest.raises(ValueError, match="got n_in=2, n_out=0"):
        initialize_parameters(2, 0)
