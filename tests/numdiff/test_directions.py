import numpy as np

from gradlab.numdiff import random_direction


def test_no_component_is_small():
    x = np.array([5.0, 1e-12, 0.0, -0.3])
    for seed in range(50):
        v = np.abs(random_direction(x, np.random.default_rng(seed)))
        assert np.all(v >= 5.0 / 128)
        assert np.all(v <= 8.0)


def test_signs_and_sizes_are_random():
    draws = np.array([random_direction(np.ones(3), np.random.default_rng(s)) for s in range(200)])
    assert np.all(np.abs(draws.mean(axis=0)) < 0.5)
    assert len(np.unique(np.abs(draws))) == draws.size


def test_zeros_get_a_direction_too():
    assert np.all(np.abs(random_direction(np.zeros(4), np.random.default_rng(0))) >= 1)


def test_named_arrays_leave_integers_out():
    x = {"W": np.ones((2, 2)), "y": np.array([0, 1])}
    v = random_direction(x, np.random.default_rng(0))
    assert list(v) == ["W"]
    assert v["W"].shape == (2, 2)
