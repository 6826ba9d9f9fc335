"""At exact kinks: every valid subgradient passes, and no other."""

import numpy as np
import pytest

from gradlab.records import Status

RNG = np.random.default_rng(8)
MIXED = np.array([[0.0, 1.3, -0.7, 0.0], [2.0, -1.5, 0.0, 0.4]])
POINTS = {
    "one": np.zeros(1),
    "some of eight": MIXED,
    "two": np.array([0.0, 0.0, 1.0]),
    "64": np.zeros(64),
}


def relu(v):
    return np.maximum(v["x"], 0)


def relu_gradient(at_zero):
    return lambda v, c: {"x": c * ((v["x"] > 0) + at_zero * (v["x"] == 0))}


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("at_zero", [0.0, 1.0, 0.5, 0.3])
def test_a_value_between_the_sides_passes(ask, point, at_zero):
    said = ask(relu, relu_gradient(at_zero), {"x": POINTS[point]})["x"]
    assert said.status is Status.PASS
    assert "at a kink, their gradients between the one-sided derivatives" in said.reason


@pytest.mark.parametrize(("at_zero", "status"), [(0.5, Status.PASS), (1.01, Status.FAIL)])
def test_a_few_kinks_among_many_units(ask, at_zero, status):
    x = RNG.standard_normal(20_000)
    x[::999] = 0.0
    assert ask(relu, relu_gradient(at_zero), {"x": x})["x"].status is status


def test_each_unit_may_choose_its_own(ask):
    own = RNG.random(MIXED.shape)
    assert ask(relu, relu_gradient(own), {"x": MIXED})["x"].status is Status.PASS


@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("at_zero", [1.01, 1.5, -0.2])
def test_a_value_outside_them_fails_and_the_entry_is_named(ask, point, at_zero):
    x = POINTS[point]
    said = ask(relu, relu_gradient(at_zero), {"x": x})["x"]
    assert said.status is Status.FAIL
    worst = said.entries[0]
    assert x[worst.index] == 0
    assert min(abs(worst.got - at_zero * c) for c in (worst.expected, worst.expected or 1)) < 1.6
    assert abs(worst.got - worst.expected) > worst.bound


def test_one_bad_unit_among_many_is_found(ask):
    def gradient(v, c):
        at_zero = np.zeros(20)
        at_zero[7] = 2.0
        return relu_gradient(at_zero)(v, c)

    said = ask(relu, gradient, {"x": np.zeros(20)})["x"]
    assert said.status is Status.FAIL
    assert said.entries[0].index == (7,)


TIES = np.array([1.0, 1, 0, -1, 2, 0, 1, 0.5, 3, 3, 3, 3])


def pooled(v):
    return v["x"].reshape(-1, 4).max(1)


def pool_gradient(share):
    def backward(v, c):
        x = v["x"].reshape(-1, 4)
        top = x == x.max(1, keepdims=True)
        return {"x": (share(top) * c[:, None]).reshape(v["x"].shape)}

    return backward


def first_of(top):
    return top * (np.cumsum(top, axis=1) == 1)


def divided(top):
    return top / top.sum(1, keepdims=True)


@pytest.mark.parametrize("share", [first_of, divided])
def test_a_tie_may_be_given_to_one_or_shared(ask, share):
    assert ask(pooled, pool_gradient(share), {"x": TIES})["x"].status is Status.PASS


def test_a_tie_given_to_all_in_full_fails(ask):
    said = ask(pooled, pool_gradient(lambda top: 1.0 * top), {"x": TIES})["x"]
    assert said.status is Status.FAIL
    assert "tie of" in said.pattern


WEIGHTS = RNG.standard_normal((5, 3))
OUT = np.array([[1.0], [-0.1], [0.5], [-2.0], [1.0]])


def network(v):
    return np.sum(OUT * np.maximum(v["W"] @ v["x"] + v["b"], 0))


def network_gradient(v, c):
    z = v["W"] @ v["x"] + v["b"]
    dz = OUT * (z > 0) * c
    return {"W": dz @ v["x"].T, "b": dz.sum(1, keepdims=True), "x": v["W"].T @ dz}


ORIGIN = {"W": WEIGHTS, "b": np.zeros((5, 1)), "x": np.zeros((3, 1))}


@pytest.mark.parametrize("seed", range(5))
def test_several_units_in_one_output_are_checked_beside_the_kink(ask, seed):
    said = ask(network, network_gradient, ORIGIN, seed)
    assert {verdict.status for verdict in said.values()} == {Status.PASS}
    assert "checked next to it" in said["b"].reason + said["x"].reason


@pytest.mark.parametrize("seed", range(8))
def test_units_that_nearly_oppose_each_other_are_told_apart(ask, seed):
    """They flip together along most ways off the kink, and look like one leaky unit."""
    rng = np.random.default_rng(seed)
    w = rng.standard_normal(4)
    rows = np.array([w, -w + 0.3 * rng.standard_normal(4)])
    out = np.array([1.0, -0.2])

    def pair(v):
        return np.maximum(rows @ v["x"], 0) @ out

    said = ask(
        pair, lambda v, c: {"x": c * (rows.T @ (out * (rows @ v["x"] > 0)))}, {"x": np.zeros(4)}
    )
    assert said["x"].status is Status.PASS


@pytest.mark.parametrize("name", ["b", "x"])
def test_and_a_mistake_is_found_there(ask, name):
    def wrong(v, c):
        gradients = network_gradient(v, c)
        gradients[name] = 1.01 * gradients[name]
        return gradients

    assert ask(network, wrong, ORIGIN)[name].status is Status.FAIL


def test_units_whose_kinks_cancel_are_inconclusive(ask):
    """relu(x) − relu(−x) is x, and with relu′(0) = 0 its gradient at 0 comes out as 0."""
    x = np.array([0.0, 1.0, -2.0, 0.0])

    def odd(v):
        return np.maximum(v["x"], 0) - np.maximum(-v["x"], 0)

    said = ask(odd, lambda v, c: {"x": c * (v["x"] != 0)}, {"x": x})["x"]
    assert said.status is Status.INCONCLUSIVE
    assert "right beside the point; at the point itself the derivative by entry" in said.reason
    assert "backward gives 0" in said.reason
    assert ask(odd, lambda v, c: {"x": c}, {"x": x})["x"].status is Status.PASS


@pytest.mark.parametrize("distance", [2.0**-e for e in range(3, 40, 4)])
def test_units_near_their_kinks_pass_and_mistakes_in_them_fail(ask, distance):
    x = RNG.standard_normal(40) + 3
    x[:20] = distance * RNG.uniform(-2, 2, 20)
    assert ask(relu, relu_gradient(0.0), {"x": x})["x"].status is Status.PASS
    wrong = ask(relu, lambda v, c: {"x": 1.01 * c * (v["x"] > 0)}, {"x": x})["x"]
    assert wrong.status is Status.FAIL


def test_the_second_of_three_equal_numbers_is_checked_beside_the_tie(ask):
    """Along each entry it is flat; correct code gives one of them the gradient."""
    x = np.array([[0.0, 0.0, -0.5, 0.0], [1.0, 0.25, -2.0, 0.5]])

    def second(v):
        return np.sort(v["x"], axis=1)[:, -2]

    def gradient(factor):
        def backward(v, c):
            found = np.zeros_like(v["x"])
            order = np.argsort(v["x"], axis=1, kind="stable")[:, -2:-1]
            np.put_along_axis(found, order, factor * c[:, None], axis=1)
            return {"x": found}

        return backward

    assert ask(second, gradient(1.0), {"x": x})["x"].status is Status.PASS
    assert ask(second, gradient(1.01), {"x": x})["x"].status is Status.FAIL
