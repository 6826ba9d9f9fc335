"""Faults around the layers: optimizers, batches, weights, training, network and graph."""

import numpy as np
import pytest

from gradlab import registry
from gradlab.faults import Evidence, Kind
from gradlab.reference import LinearLayer, Network, SigmoidLayer
from gradlab.reference.graph import Node
from gradlab.registry import Standing

RATE = 0.1


def of_kind(kind, evidence=None):
    """Mutants with this evidence; without one, what is correct."""
    return [
        entry
        for entry in registry.entries(kind)
        if (entry.evidence is evidence if evidence else entry.standing is not Standing.MUTANT)
    ]


def right_trace(name, start, gradients):
    """The closed forms, written out for a constant learning rate of 0.1."""
    theta, v, s, trace = start, 0 * start, 0 * start, []
    for t, g in enumerate(gradients, start=1):
        if name == "gradient-descent":
            step = g
        elif name == "momentum":
            step = v = 0.9 * v + g
        elif name == "rmsprop":
            s = 0.99 * s + 0.01 * g**2
            step = g / (np.sqrt(s) + 1e-8)
        else:
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
            step = (v / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        theta = theta - RATE * step
        trace.append(theta)
    return np.array(trace)


def uncorrected_adam(start, gradients):
    theta, v, s, trace = start, 0 * start, 0 * start, []
    for g in gradients:
        v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
        theta = theta - RATE * v / (np.sqrt(s) + 1e-8)
        trace.append(theta)
    return np.array(trace)


START = np.array([1.0, -2.0, 0.5])
GRADIENTS = np.random.default_rng(0).normal(size=(5, 3))


def trace(entry):
    """The parameters after each of five steps, and the gradients as they were left."""
    optimizer = registry.build(entry.name)(RATE)
    theta, seen = {"w": START.copy()}, []
    left = GRADIENTS.copy()
    for g in left:
        theta = optimizer.step(theta, {"w": g})
        seen.append(theta["w"])
    return np.array(seen), left


@pytest.mark.parametrize("mutant", of_kind(Kind.OPTIMIZER, Evidence.OPTIMIZER), ids=str)
def test_the_steps_are_those_of_the_fault(mutant):
    right = right_trace(mutant.target.name, START, GRADIENTS)
    wrong = {
        "optimizer-ascends": 2 * START - right,
        "adam-uncorrected": uncorrected_adam(START, GRADIENTS),
    }[mutant.variant]
    got, left = trace(mutant)
    assert np.allclose(got, wrong, rtol=1e-12)
    assert not np.allclose(got, right, rtol=1e-2)
    assert np.array_equal(left, GRADIENTS)


def test_the_first_step_without_correction_is_too_large_by_the_factor_explained():
    factor = uncorrected_adam(START, GRADIENTS)[0] - START
    factor /= right_trace("adam", START, GRADIENTS)[0] - START
    assert factor == pytest.approx(0.1 / np.sqrt(0.001), rel=1e-5)


@pytest.mark.parametrize("mutant", of_kind(Kind.OPTIMIZER, Evidence.MUTATION), ids=str)
def test_the_gradients_hold_the_steps_afterwards(mutant):
    right = right_trace(mutant.target.name, START, GRADIENTS)
    got, left = trace(mutant)
    assert np.allclose(got, right, rtol=1e-12)
    assert np.allclose(left, -np.diff([START, *right], axis=0), rtol=1e-12)


@pytest.mark.parametrize("entry", of_kind(Kind.OPTIMIZER), ids=str)
def test_correct_optimizers_follow_their_closed_forms(entry):
    got, left = trace(entry)
    assert np.allclose(got, right_trace(entry.target.name, START, GRADIENTS), rtol=1e-12)
    assert np.array_equal(left, GRADIENTS)


def updated(entry, truth):
    """W and b after one step with rate 0.5, and the right ones."""
    values, cotangent = truth.sample(entry.target)
    start = np.hstack([values["W"], values["b"]])
    _, slopes = truth.right(entry.target, values, cotangent)
    run = truth.Run(entry.target, registry.build(entry.name), values)
    run.both(values, cotangent)
    run.layer.update_params(0.5)
    got = np.hstack([run.layer.params["W"], run.layer.params["b"]])
    return got, start, np.hstack([slopes["W"], slopes["b"]])


def biases_after_step_of_other(entry, truth):
    """A layer's own bias before and after another instance took a step."""
    values, cotangent = truth.sample(entry.target)
    build = registry.build(entry.name)
    shape, n_out = values["A_prev"].shape, values["b"].shape[0]
    mine, other = build(shape, n_out), build(shape, n_out)
    before = mine.params["b"].copy()
    other.forward(values["A_prev"])
    other.backward(cotangent)
    other.update_params(0.5)
    assert np.allclose(abs(other.params["b"]), abs(0.5 * cotangent.sum(axis=1, keepdims=True)))
    return before, mine.params["b"]


@pytest.mark.parametrize("mutant", of_kind(Kind.LAYER, Evidence.UPDATE), ids=str)
def test_an_update_climbs_or_moves_another_layer(mutant, truth):
    got, start, slopes = updated(mutant, truth)
    climbs = mutant.variant == "update-ascends"
    assert np.allclose(got, start + (0.5 if climbs else -0.5) * slopes, rtol=1e-12)
    before, after = biases_after_step_of_other(mutant, truth)
    assert np.array_equal(before, after) == climbs


@pytest.mark.parametrize(
    "entry", [e for e in of_kind(Kind.LAYER) if e.target.name == "linear"], ids=str
)
def test_the_update_of_a_correct_layer_descends_and_moves_no_other(entry, truth):
    got, start, slopes = updated(entry, truth)
    assert np.allclose(got, start - 0.5 * slopes, rtol=1e-12)
    assert np.array_equal(*biases_after_step_of_other(entry, truth))


X, Y = np.arange(10.0)[None, :], 100 + np.arange(10.0)[None, :]


def dealt(entry, size, *, shuffled=True):
    rng = np.random.default_rng(1) if shuffled else None
    return [(x.ravel(), y.ravel()) for x, y in registry.build(entry.name)(X, Y, size, rng)]


def count_and_pairs(pairs):
    """How often each example was used, and whether each had its own label."""
    x, y = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return np.bincount(x.astype(int), minlength=10), bool(np.all(y - x == 100))


@pytest.mark.parametrize("mutant", of_kind(Kind.BATCHES, Evidence.BATCHES), ids=str)
def test_the_batches_do_not_hold_every_pair_once(mutant):
    counts, paired = count_and_pairs(dealt(mutant, 4))
    if mutant.variant == "tail-dropped":
        assert paired
        assert sorted(counts) == [0, 0, *[1] * 8]
        assert not dealt(mutant, 11)
    elif mutant.variant == "tail-unshuffled":
        assert paired
        assert (counts.min(), counts.max()) == (0, 2)
        assert np.array_equal(dealt(mutant, 4)[-1][0], [8, 9])
    else:
        assert not paired
        assert np.array_equal(counts, np.ones(10))
        assert np.array_equal(np.concatenate([y for _, y in dealt(mutant, 4)]), Y.ravel())


@pytest.mark.parametrize("size", [None, 1, 3, 4, 5, 10, 11])
@pytest.mark.parametrize("shuffled", [True, False])
@pytest.mark.parametrize("entry", of_kind(Kind.BATCHES), ids=str)
def test_correct_batches_hold_every_pair_once(entry, shuffled, size):
    pairs = dealt(entry, size, shuffled=shuffled)
    counts, paired = count_and_pairs(pairs)
    assert paired
    assert np.array_equal(counts, np.ones(10))
    assert {len(x) for x, _ in pairs[:-1]} <= {size}


N_IN, N_OUT = 200, 300


def deviation(name):
    return {"plain": 0.01, "xavier": N_IN**-0.5, "he": (2 / N_IN) ** 0.5}[name]


def drawn(entry):
    parameters = registry.build(entry.name)(N_IN, N_OUT, rng=np.random.default_rng(0))
    assert not parameters["b"].any()
    assert parameters["b"].shape == (N_OUT, 1)
    assert parameters["W"].shape == (N_OUT, N_IN)
    return parameters["W"]


@pytest.mark.parametrize("mutant", of_kind(Kind.INITIALIZER, Evidence.DISTRIBUTION), ids=str)
def test_the_weights_do_not_have_the_distribution(mutant):
    W, s = drawn(mutant), deviation(mutant.target.name)
    wrong = {"plain": 1.0, "xavier": 1 / N_IN, "he": 2 / N_IN}[mutant.target.name]
    if mutant.variant == "weights-zero":
        assert not W.any()
    elif mutant.variant == "units-identical":
        assert np.all(W[0] == W)
        assert W[0].std() == pytest.approx(s, rel=0.25)  # of 200 numbers: 5 standard errors
    elif mutant.variant == "weights-wrong-scale":
        assert W.std() == pytest.approx(wrong, rel=0.02)
    else:
        assert W.std() == pytest.approx(s * (N_IN / N_OUT) ** 0.5, rel=0.02)


@pytest.mark.parametrize("entry", of_kind(Kind.INITIALIZER), ids=str)
def test_correct_weights_have_the_distribution(entry):
    W, s = drawn(entry), deviation(entry.target.name)
    # Of 60,000 numbers: 7 standard errors of the deviation, 5 of the mean.
    assert W.std() == pytest.approx(s, rel=0.02)
    assert abs(W.mean()) < 5 * s / np.sqrt(W.size)
    assert len(np.unique(W, axis=0)) == N_OUT


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


def test_a_network_without_decay_in_the_gradient(truth):
    network = small_network(registry.build("mutant:decay-missing-from-gradient/network"), l2=0.7)
    cost, gradients = network.cost_and_gradients(*DATA)
    assert cost == pytest.approx(network_cost(network.parameters, l2=0.7), rel=1e-12)
    expected = slopes_of(network_cost, network.parameters, truth)
    assert all(truth.same(gradients[name], expected[name]) for name in expected)
    right = slopes_of(lambda p: network_cost(p, 0.7), network.parameters, truth)
    assert not truth.same(gradients["W1"], right["W1"])


def test_a_network_with_decay_on_the_biases(truth):
    network = small_network(registry.build("mutant:decay-on-biases/network"), l2=0.7)
    cost, gradients = network.cost_and_gradients(*DATA)

    def wrong(p):
        return network_cost(p, 0.7, 0.7)

    assert cost == pytest.approx(wrong(network.parameters), rel=1e-12)
    expected = slopes_of(wrong, network.parameters, truth)
    assert all(truth.same(gradients[name], expected[name]) for name in expected)
    assert cost != pytest.approx(network_cost(network.parameters, l2=0.7), rel=1e-3)


@pytest.mark.parametrize("l2", [0.0, 0.7])
@pytest.mark.parametrize("entry", of_kind(Kind.NETWORK), ids=str)
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


@pytest.mark.parametrize("mutant", of_kind(Kind.TRAINING, Evidence.TRAINING), ids=str)
def test_training_leaves_the_path_of_gradient_descent(mutant, truth):
    clearing = mutant.variant == "gradients-not-cleared"
    got = trained(mutant, 3)
    wrong = descended(truth, 3, summed=clearing, on_the_way=not clearing)
    assert all(truth.same(got[name], wrong[name]) for name in got)
    right = descended(truth, 3)
    assert not truth.same(got["W1"], right["W1"], 1e-5)
    first = trained(mutant, 1)
    agrees = truth.same(first["W1"], descended(truth, 1)["W1"])
    assert agrees == clearing  # not clearing shows from the second step on


@pytest.mark.parametrize("entry", of_kind(Kind.TRAINING), ids=str)
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


@pytest.mark.parametrize("mutant", of_kind(Kind.GRAPH, Evidence.GRADIENT), ids=str)
def test_a_shared_node_keeps_one_path(mutant):
    of_a, of_b, of_product = diamond(registry.build(mutant.name))
    assert of_product in {9.0, 6.0}
    assert of_a == 3 * of_product
    assert of_b in {2 * of_product, 6.0}


@pytest.mark.parametrize("entry", of_kind(Kind.GRAPH), ids=str)
def test_correct_graphs_add_all_paths(entry):
    assert diamond(registry.build(entry.name)) == RIGHT
