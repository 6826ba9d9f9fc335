"""Second order: a gradient's derivative is symmetric."""

import numpy as np
import pytest

from gradlab import GradlabError, Status, check_gradients

RNG = np.random.default_rng(4)
VALUES = {"W": RNG.standard_normal((3, 3)), "x": RNG.standard_normal((3, 4))}


def dense(v):
    return np.tanh(v["W"] @ v["x"])


def gradient(v, c):
    d = c * (1 - dense(v) ** 2)
    return {"W": d @ v["x"].T, "x": v["W"].T @ d}


def second(report):
    return {f.tensor: f for f in report.findings if f.law == "second derivatives"}


@pytest.mark.parametrize("seed", range(5))
def test_a_gradient_has_a_symmetric_derivative(seed):
    report = check_gradients(dense, gradient, VALUES, order=2, seed=seed)
    assert report.passed
    assert set(second(report)) == {"W", "x"}


@pytest.mark.parametrize("seed", range(5))
def test_what_is_no_gradient_of_anything_fails(seed):
    def wrong(v, c):
        found = gradient(v, c)
        return {**found, "W": found["W"] * (1 + 0.001 * v["x"].sum())}

    said = second(check_gradients(dense, wrong, VALUES, order=2, seed=seed))
    assert said["W"].status is Status.FAIL
    assert "by W and x depends on the order" in said["W"].message


def test_a_multiple_of_a_gradient_is_one_too():
    def doubled(v, c):
        return {name: 2 * g for name, g in gradient(v, c).items()}

    report = check_gradients(dense, doubled, VALUES, order=2)
    assert {f.status for f in second(report).values()} == {Status.PASS}
    assert report.status is Status.FAIL


def test_a_gradient_that_jumps_has_no_derivative_to_tell_by():
    values = {"x": np.array([0.0, 1.0])}
    report = check_gradients(
        lambda v: np.maximum(v["x"], 0), lambda v, c: {"x": c * (v["x"] > 0)}, values, order=2
    )
    assert second(report)["x"].status is Status.INCONCLUSIVE


def test_single_precision_is_asked_in_double():
    values = {name: value.astype(np.float32) for name, value in VALUES.items()}
    report = check_gradients(dense, gradient, values, order=2)
    assert {f.status for f in second(report).values()} == {Status.PASS}


def test_there_is_no_third_order():
    with pytest.raises(GradlabError, match="order is 3; it has to be 1"):
        check_gradients(dense, gradient, VALUES, order=3)
