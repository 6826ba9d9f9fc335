"""float32 inside: steps as large as the noise permits, where the output is linear over them."""

import numpy as np
import pytest

from gradlab.numdiff import derivative, random_direction
from gradlab.numdiff.records import COARSE

SEEDS = range(40)


def dense(seed):
    rng = np.random.default_rng(seed)
    examples, features, units = rng.integers(1, 30, 3)
    data = rng.standard_normal((examples, features)).astype(np.float32)
    values = {
        "W": rng.standard_normal((features, units)) * 10.0 ** rng.uniform(-3, 3),
        "b": rng.standard_normal(units) * 10.0 ** rng.uniform(-3, 3),
    }
    return data, values, {name: random_direction(x, rng) for name, x in values.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_derivative_of_a_dense_layer_lies_within_a_bound_of_single_precision(seed):
    data, values, direction = dense(seed)

    def forward(v):
        return data @ v["W"].astype(np.float32) + v["b"].astype(np.float32)

    found = derivative(forward, values, direction, method="differences", seed=seed)
    exact = data.astype(float) @ direction["W"] + direction["b"]
    known = np.isfinite(found.value)
    assert np.all((np.abs(found.value - exact) <= found.bound)[known])
    if found.method == COARSE:
        size = np.abs(data) @ np.abs(values["W"]) + np.abs(values["b"])
        assert np.median(found.bound) <= 200 * 2.0**-24 * np.median(size)


def test_nearly_all_of_them_are_linear_over_such_steps():
    methods = []
    for seed in SEEDS:
        data, values, direction = dense(seed)

        def forward(v, data=data):
            return data @ v["W"].astype(np.float32) + v["b"].astype(np.float32)

        methods.append(derivative(forward, values, direction, method="differences").method)
    assert methods.count(COARSE) >= 36


CURVED = {
    "tanh": np.tanh,
    "a cube": lambda x: x + 0.01 * x**3,
    "a kink": lambda x: np.maximum(x, 0) + x,
    "a wiggle": lambda x: x + 0.01 * np.sin(30 * x),
    "steps": lambda x: np.round(x * 8) / 8,
    "fine steps": lambda x: np.round(x * 1000) / 1000,
}


@pytest.mark.parametrize("name", CURVED)
def test_what_is_curved_or_quantised_is_left_to_the_usual_steps(name):
    x = np.array([0.4, -1.3, 2.2, 0.7])

    def forward(x):
        return CURVED[name](x.astype(np.float32)).astype(np.float32)

    assert derivative(forward, x, np.ones(4), method="differences").method != COARSE


def test_double_precision_takes_no_coarse_steps():
    found = derivative(lambda x: 3 * x, np.array([0.4, -1.3]), np.ones(2), method="differences")
    assert found.method == "differences"


def test_the_end_of_a_domain_beside_the_point_leaves_the_usual_steps():
    def forward(x):
        if np.any(x < 0):
            raise ValueError
        return (2 * x).astype(np.float32)

    found = derivative(forward, np.array([0.4, 1.3]), np.ones(2), method="differences")
    assert found.method == "differences"
    assert np.all(np.abs(found.value - 2) <= found.bound)
