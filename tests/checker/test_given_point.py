"""P2: a gradient that is right beside the given point and wrong at it."""

import numpy as np
import pytest

from gradlab.records import Status

POINT = {"x": np.array([1.0, 0.0, -2.0])}


def product(v):
    return np.prod(v["x"], keepdims=True)


def product_gradient(v, c):
    x = v["x"]
    others = [np.prod(np.delete(x, i)) for i in range(x.size)]
    return {"x": c * np.array(others)}


def product_by_division(v, c):
    return {"x": c * np.prod(v["x"]) / np.where(v["x"] == 0, 1, v["x"])}


def triple(v):
    return 3 * v["x"]


ANALYTIC = {
    "a product divided by a factor of 0": (product, product_by_division, -2.0),
    "0 where x is 0": (triple, lambda v, c: {"x": 3 * c * (v["x"] != 0)}, 3.0),
    "0 on one side": (triple, lambda v, c: {"x": 3 * c * (v["x"] > 0)}, 3.0),
    "twice at the point": (triple, lambda v, c: {"x": 3 * c * (1 + (v["x"] == 0))}, 3.0),
}


@pytest.mark.parametrize("case", ANALYTIC)
def test_where_the_forward_met_no_tie_the_derivative_at_the_point_decides(ask, case):
    forward, backward, derivative = ANALYTIC[case]
    verdict = ask(forward, backward, POINT)["x"]
    assert verdict.status is Status.FAIL
    wrong = {entry.index: entry for entry in verdict.entries}
    cotangent = np.random.default_rng(9).uniform(0.5, 1.5, np.shape(forward(POINT)))
    expected = np.broadcast_to(cotangent, (3,))[1] * derivative
    assert wrong[(1,)].expected == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("forward", "backward"),
    [(product, product_gradient), (triple, lambda _v, c: {"x": 3 * c})],
)
def test_the_right_gradient_passes_there(ask, forward, backward):
    verdict = ask(forward, backward, POINT)["x"]
    assert verdict.status is Status.PASS
    assert verdict.relative_limit < 1e-9


def test_division_passes_where_no_factor_is_0(ask):
    verdict = ask(product, product_by_division, {"x": np.array([1.0, 0.5, -2.0])})["x"]
    assert verdict.status is Status.PASS


def sinc(v):
    x = np.where(v["x"] == 0, 1, v["x"])
    return np.where(v["x"] == 0, 1.0, np.sin(x) / x)


def sinc_gradient(at_zero):
    def backward(v, c):
        x = np.where(v["x"] == 0, 1, v["x"])
        return {"x": c * np.where(v["x"] == 0, at_zero, (np.cos(x) * x - np.sin(x)) / x**2)}

    return backward


def untraceable(v):
    return np.array([3 * float(x.item()) for x in v["x"]])


TIED = {
    "sinc": (sinc, sinc_gradient(0.0), sinc_gradient(1.0)),
    "nothing is traced": (
        untraceable,
        lambda _v, c: {"x": 3 * c},
        lambda v, c: {"x": 3 * c * (v["x"] != 0)},
    ),
}


@pytest.mark.parametrize("case", TIED)
def test_where_it_met_one_or_nothing_is_traced_a_contradiction_is_inconclusive(ask, case):
    forward, right, wrong = TIED[case]
    assert ask(forward, right, POINT)["x"].status is Status.PASS
    verdict = ask(forward, wrong, POINT)["x"]
    assert verdict.status is Status.INCONCLUSIVE
    assert "at the point itself the derivative by entry [1] is" in verdict.reason
    assert "backward gives" in verdict.reason


def test_beside_a_tie_a_mistake_fails(ask):
    def wrong(v, c):
        return {"x": 1.01 * sinc_gradient(0.0)(v, c)["x"]}

    assert ask(sinc, wrong, POINT)["x"].status is Status.FAIL


def test_a_network_at_exact_kinks_passes_where_its_gradient_lies_between_those_around(ask):
    weights = np.array([[1.0, -0.5], [0.3, 2.0], [-1.5, 0.7]])
    out = np.array([0.4, 1.1, -0.9])

    def network(v):
        return out * np.maximum(weights @ v["x"] + v["b"], 0)

    def backward(v, c):
        dz = c * out * (weights @ v["x"] + v["b"] > 0)
        return {"x": weights.T @ dz, "b": dz}

    said = ask(network, backward, {"x": np.zeros(2), "b": np.zeros(3)})
    assert {verdict.status for verdict in said.values()} == {Status.PASS}


PUT_TOGETHER = {
    "a total": lambda v: np.array([np.prod(v["x"])]),
    "two totals": lambda v: np.array([np.prod(v["x"]), np.sum(v["x"])]),
}


@pytest.mark.parametrize("case", PUT_TOGETHER)
def test_numbers_put_into_an_array_are_traced(ask, case):
    forward = PUT_TOGETHER[case]

    def right(v, c):
        return {"x": product_gradient(v, c[0])["x"] + (c[1] if c.size > 1 else 0)}

    def wrong(v, c):
        return {"x": product_by_division(v, c[0])["x"] + (c[1] if c.size > 1 else 0)}

    assert ask(forward, right, POINT)["x"].status is Status.PASS
    assert ask(forward, wrong, POINT)["x"].status is Status.FAIL
