"""P6 and P7: tensors that another one drowns, and outputs that depend on nothing."""

import numpy as np
import pytest

from gradlab import check_gradients
from gradlab.records import Status

VALUES = {"a": np.array([0.5, -1.0, 2.0]), "b": np.array([1.5, -0.7])}


def analytic(v):
    return np.sum(1e-12 * v["a"]) + 1e12 * np.sum(v["b"] ** 2)


def untraceable(v):
    return float(np.sum(1e-12 * v["a"]).item()) + 1e12 * float(np.sum(v["b"] ** 2).item())


def gradients(factor):
    def backward(v, c):
        return {"a": factor * c * 1e-12 * np.ones(3), "b": 2e12 * c * v["b"]}

    return backward


def test_a_drowned_tensor_is_resolved_by_the_complex_step(ask):
    assert ask(analytic, gradients(1), VALUES)["a"].status is Status.PASS
    assert ask(analytic, gradients(1), VALUES)["a"].relative_limit < 1e-9
    wrong = ask(analytic, gradients(2), VALUES)
    assert wrong["a"].status is Status.FAIL
    assert wrong["a"].pattern == "every entry is 2 times what it should be"
    assert wrong["b"].status is Status.PASS


@pytest.mark.parametrize("factor", [1, 2])
def test_where_only_differences_are_left_it_is_inconclusive(ask, factor):
    said = ask(untraceable, gradients(factor), VALUES)
    assert said["a"].status is Status.INCONCLUSIVE
    assert "too wide" in said["a"].reason
    assert said["b"].status is Status.PASS


def test_an_error_in_the_tensor_that_drowns_it_is_found(ask):
    def wrong(v, c):
        return {**gradients(1)(v, c), "b": 2.001e12 * c * v["b"]}

    assert ask(untraceable, wrong, VALUES)["b"].status is Status.FAIL


def test_a_saturated_unit_and_a_bias_before_normalisation_pass(ask):
    """What the output does not depend on has the derivative 0, beside a tensor that it does."""
    data = np.random.default_rng(0).standard_normal((4, 6))

    def normalised(v):
        z = data * v["w"] + v["b"]
        centred = z - z.mean(1, keepdims=True)
        return centred / np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)

    def backward(v, c):
        z = data * v["w"] + v["b"]
        centred = z - z.mean(1, keepdims=True)
        s = np.sqrt((centred**2).mean(1, keepdims=True) + 1e-5)
        dz = c - c.mean(1, keepdims=True)
        dz = (dz - centred / s**2 * (c * centred).mean(1, keepdims=True)) / s
        return {"w": (dz * data).sum(1, keepdims=True), "b": dz.sum(1, keepdims=True)}

    values = {"w": np.full((4, 1), 1.3), "b": np.random.default_rng(1).standard_normal((4, 1))}
    said = ask(normalised, backward, values)
    assert {verdict.status for verdict in said.values()} == {Status.PASS}

    def biased(v, c):
        found = backward(v, c)
        return {**found, "b": found["b"] + 1e-3}

    assert ask(normalised, biased, values)["b"].status is Status.FAIL

    def sigmoid(v):
        return 1 / (1 + np.exp(-v["x"]))

    saturated = ask(
        sigmoid, lambda v, c: {"x": c * sigmoid(v) * (1 - sigmoid(v))}, {"x": np.array([40.0, 45])}
    )
    assert saturated["x"].status is Status.PASS


def zeros(v):
    return np.zeros(3) * v["a"].shape[0]


def test_gradients_of_an_output_that_depends_on_nothing_show_nothing():
    report = check_gradients(zeros, lambda v, _c: {n: 0 * x for n, x in v.items()}, VALUES)
    found = [f for f in report.findings if f.law == "gradient"]
    assert {f.status for f in found} == {Status.INCONCLUSIVE}
    assert "depends on no tensor at any point" in found[0].message


def test_a_constant_with_a_gradient_fails():
    report = check_gradients(zeros, lambda v, _c: {n: 1 + 0 * x for n, x in v.items()}, VALUES)
    assert report.status is Status.FAIL


def test_a_dead_unit_passes_because_the_output_moves_elsewhere():
    report = check_gradients(
        lambda v: np.maximum(v["x"], 0), lambda v, c: {"x": c * (v["x"] > 0)}, {"x": -np.ones(3)}
    )
    assert report.status is Status.PASS


def test_one_tensor_without_influence_passes_beside_one_that_has_some():
    report = check_gradients(
        lambda v: 2 * v["b"] + 0 * v["a"].sum(),
        lambda v, c: {"a": 0 * v["a"], "b": 2 * c},
        VALUES,
    )
    assert report.status is Status.PASS
