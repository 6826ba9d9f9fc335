"""Faults of what is made of layers: networks, training and graphs."""

import numpy as np
import pytest

from gradlab.faults import Evidence, Kind, registry
from gradlab.reference import LinearLayer, Network, SigmoidLayer
from gradlab.reference.graph import Node

RATE = 0.1


def small_network(build=Network, l2=0.0):
    rng = np.random.default_rng(2)
    layers = [LinearLayer((2, 4), 3), SigmoidLayer((3, 4)), LinearLayer((3, 4), 1)]
    for layer in layers[::2]:
        layer.params = {name: rng.normal(size=p.shape) for name, p in layer.params.items()}
    return build(layers, l2=l2)


DATA = np.random.default_rng(3).normal(size=(2, 4)), np.random.default_rng(4).normal(size=(1, 4))


def network_cost(p, l2=0.0, on_biases=0.0):
    """½·Σ(Y - Ŷ)²/m and the penalty, of the network's parameters."""
    inputs, labels = DATA
    hidden = 1 / (1 + np.exp(-(p["W1"] @ inputs + p["b1"])))
    cost = np.sum((p["W2"] @ hidden + p["b2"] - labels) ** 2) / 8
    weights = np.sum(p["W1"] ** 2) + np.sum(p["W2"] ** 2)
    return cost + (l2 * weights + on_biases * (np.sum(p["b1"] ** 2) + np.sum(p["b2"] ** 2))) / 8


def slopes_of(cost, parameters, truth):
    return truth.vjp(cost, parameters, 1.0, list(parameters))


def without_unit(p):
    """Of the first layer: unit 0 hears nothing of its inputs."""
    kept = np.array([[0.0], [1.0], [1.0]])
    return network_cost({**p, "W1": kept * p["W1"], "b1": kept * p["b1"]}, 0.7)


def without_hidden_biases(p):
    return network_cost({**p, "b1": 0 * p["b1"]}, 0.7)


#: For each fault of a network: the cost that it computes, and the one that it differentiates.
WRONG = {
    "decay-missing-from-gradient": (lambda p: network_cost(p, 0.7), network_cost),
    "decay-on-biases": (lambda p: network_cost(p, 0.7, 0.7),) * 2,
    "first-unit-skipped": (without_unit,) * 2,
    "hidden-biases-skipped": (without_hidden_biases,) * 2,
}


@pytest.mark.parametrize(
    "mutant",
    [
        *registry.variants(Kind.NETWORK, evidence=Evidence.GRADIENT),
        *registry.variants(Kind.NETWORK, evidence=Evidence.FUNCTION),
    ],
    ids=str,
)
def test_a_network_is_wrong_in_the_way_explained(mutant, truth):
    network = small_network(registry.build(mutant.name), l2=0.7)
    cost, gradients = network.cost_and_gradients(*DATA)
    computed, differentiated = WRONG[mutant.made_by]
    assert cost == pytest.approx(computed(network.parameters), rel=1e-12)
    claimed = slopes_of(differentiated, network.parameters, truth)
    assert all(truth.same(gradients[name], claimed[name]) for name in claimed)
    right_cost = network_cost(network.parameters, l2=0.7)
    right = slopes_of(lambda p: network_cost(p, 0.7), network.parameters, truth)
    same_cost = cost == pytest.approx(right_cost, rel=1e-3)
    assert same_cost == (mutant.evidence is Evidence.GRADIENT)
    assert not all(truth.same(gradients[name], right[name], 1e-3) for name in right)


@pytest.mark.parametrize("l2", [0.0, 0.7])
@pytest.mark.parametrize("entry", registry.correct(Kind.NETWORK), ids=str)
def test_correct_networks_have_the_right_gradients(entry, l2, truth):
    network = small_network(registry.build(entry.name), l2)
    cost, gradients = network.cost_and_gradients(*DATA)
    assert cost == pytest.approx(network_cost(network.parameters, l2), rel=1e-12)
    right = slopes_of(lambda p: network_cost(p, l2), network.parameters, truth)
    assert all(truth.same(gradients[name], right[name]) for name in right)


def descended(truth, steps, *, summed=False, on_the_way=False):
    """The parameters after full-batch gradient descent with rate 0.1, by complex steps."""
    p, total = small_network().parameters, {}
    for _ in range(steps):
        g = slopes_of(network_cost, p, truth)
        total = {name: total.get(name, 0.0) + g[name] for name in g} if summed else g
        if on_the_way:
            upper = {**p, "W2": p["W2"] - RATE * g["W2"], "b2": p["b2"] - RATE * g["b2"]}
            total = {**total, **through(p, upper["W2"])}
        p = {name: p[name] - RATE * total[name] for name in p}
    return p


def through(p, W2):
    """The lower layer's gradients if the error flows back through other upper weights."""
    inputs, labels = DATA
    hidden = 1 / (1 + np.exp(-(p["W1"] @ inputs + p["b1"])))
    error = (p["W2"] @ hidden + p["b2"] - labels) / 4
    dZ = (W2.T @ error) * hidden * (1 - hidden)
    return {"W1": dZ @ inputs.T, "b1": dZ.sum(axis=1, keepdims=True)}


def trained(entry, steps):
    network = small_network()
    costs = registry.build(entry.name)(network, *DATA, steps)
    assert costs[0] == pytest.approx(network_cost(small_network().parameters), rel=1e-12)
    return network.parameters


@pytest.mark.parametrize(
    "mutant", registry.variants(Kind.TRAINING, evidence=Evidence.TRAINING), ids=str
)
def test_training_leaves_the_path_of_gradient_descent(mutant, truth):
    clearing = mutant.made_by == "gradients-not-cleared"
    got = trained(mutant, 3)
    wrong = descended(truth, 3, summed=clearing, on_the_way=not clearing)
    assert all(truth.same(got[name], wrong[name]) for name in got)
    right = descended(truth, 3)
    assert not truth.same(got["W1"], right["W1"], 1e-5)
    first = trained(mutant, 1)
    agrees = truth.same(first["W1"], descended(truth, 1)["W1"])
    assert agrees == clearing  # not clearing shows from the second step on


@pytest.mark.parametrize("entry", registry.correct(Kind.TRAINING), ids=str)
def test_correct_training_is_gradient_descent(entry, truth):
    got, right = trained(entry, 3), descended(truth, 3)
    assert all(truth.same(got[name], right[name]) for name in right)


def diamond(backward):
    """e = (a·b)·(a·b + b), in which a·b is shared, and its gradients by a, b and a·b."""
    a, b = Node(2.0, "a"), Node(3.0, "b")
    product = a * b
    gradients = backward(product * (product + b))
    return [float(gradients[node]) for node in (a, b, product)]


#: With p = ab: de/dp = 2p + b = 15 by two paths, 9 and 6; de/da = 15b, de/db = 15a + p.
RIGHT = [45.0, 36.0, 15.0]


@pytest.mark.parametrize(
    "mutant", registry.variants(Kind.GRAPH, evidence=Evidence.GRADIENT), ids=str
)
def test_a_shared_node_keeps_one_path(mutant):
    of_a, of_b, of_product = diamond(registry.build(mutant.name))
    assert of_product in {9.0, 6.0}
    assert of_a == 3 * of_product
    assert of_b in {2 * of_product, 6.0}


@pytest.mark.parametrize("entry", registry.correct(Kind.GRAPH), ids=str)
def test_correct_graphs_add_all_paths(entry):
    assert diamond(registry.build(entry.name)) == RIGHT
