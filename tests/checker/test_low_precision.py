"""Single precision: judged in double, then held against that."""

import numpy as np
import pytest

from gradlab.records import Status

RNG = np.random.default_rng(2)
W = RNG.standard_normal((30, 30)).astype(np.float32)
X = RNG.standard_normal((30, 50)).astype(np.float32)


def dense(v):
    return np.tanh(v["W"] @ v["x"])


def gradient(v, c):
    d = c.astype(v["W"].dtype) * (1 - dense(v) ** 2)
    return {"W": d @ v["x"].T, "x": v["W"].T @ d}


def test_a_layer_in_single_precision_passes_as_sharply_as_in_double(ask):
    for verdict in ask(dense, gradient, {"W": W, "x": X}).values():
        assert verdict.status is Status.PASS
        assert verdict.relative_limit < 1e-6


def test_one_percent_in_one_entry_is_named(ask):
    def wrong(v, c):
        found = gradient(v, c)
        found["W"][7, 21] *= 1.01
        return found

    said = ask(dense, wrong, {"W": W, "x": X})
    assert said["W"].status is Status.FAIL
    assert said["W"].entries[0].index == (7, 21)
    assert said["x"].status is Status.PASS


def test_a_mistake_made_in_single_precision_alone_fails(ask):
    def wrong(v, c):
        found = gradient(v, c)
        if v["W"].dtype == np.float32:
            found["W"][0, 0] *= 1.01
        return found

    said = ask(dense, wrong, {"W": W, "x": X})["W"]
    assert said.status is Status.FAIL
    assert said.entries[0].index == (0, 0)
    assert "right in float64" in said.pattern


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_rounding_of_single_precision_is_no_mistake(ask, scale):
    x = (scale * RNG.standard_normal(20_000)).astype(np.float32)

    def sigmoid(v):
        return 1 / (1 + np.exp(-v["x"] / scale))

    def backward(v, c):
        a = sigmoid(v)
        return {"x": (c * a * (1 - a) / scale).astype(v["x"].dtype)}

    with np.errstate(over="ignore"):
        assert ask(sigmoid, backward, {"x": x})["x"].status is Status.PASS


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
@pytest.mark.parametrize("seed", range(5))
def test_a_saturated_softmax_is_no_mistake(ask, scale, seed):
    """s (c − s·c) of a column that one entry fills has the rounding of s·c, and little else."""
    z = np.random.default_rng(seed).uniform(-8, 8, (4, 3)).astype(np.float32)
    z[0] += np.float32(12)

    def softmax(v):
        e = np.exp(v["z"] - v["z"].max(axis=0))
        return (np.asarray(scale, dtype=e.dtype) * e / e.sum(axis=0)).astype(e.dtype)

    def backward(v, c):
        s, c = softmax(v), c.astype(v["z"].dtype)
        inner = (s * c).sum(axis=0) / np.asarray(scale, dtype=s.dtype)
        return {"z": (s * (c - inner)).astype(s.dtype)}

    assert ask(softmax, backward, {"z": z})["z"].status is Status.PASS


def test_half_precision_inside_is_no_verdict(ask):
    def halved(v):
        return np.sin(np.asarray(v["x"], dtype=np.float16)).astype(float)

    x = RNG.standard_normal(50)
    said = ask(halved, lambda v, c: {"x": c * np.cos(v["x"])}, {"x": x})["x"]
    assert said.status is Status.INCONCLUSIVE
