"""Faults of what routines share, draw, shuffle and save, each shown by itself."""

import numpy as np
import pytest

from gradlab.faults import Evidence, Kind, registry
from gradlab.reference import LinearLayer, Network, SigmoidLayer

M = 10
X = np.stack([np.arange(M), np.arange(M) ** 2 / M]).astype(float)
Y = np.linspace(-1.0, 1.0, M)[None, :]


def network(build=Network):
    rng = np.random.default_rng(2)
    layers = [LinearLayer((2, M), 3), SigmoidLayer((3, M)), LinearLayer((3, M), 1)]
    for layer in layers[::2]:
        layer.params = {name: rng.normal(size=p.shape) for name, p in layer.params.items()}
    return build(layers)


def everything(kind, evidence):
    """Mutants of this evidence, and what is right, each with whether it is a mutant."""
    wrong = [(entry, True) for entry in registry.variants(kind, evidence=evidence)]
    assert wrong
    both = wrong + [(entry, False) for entry in registry.correct(kind)]
    return pytest.mark.parametrize(
        ("entry", "wrong"), [pytest.param(*pair, id=str(pair[0])) for pair in both]
    )


@everything(Kind.NETWORK, Evidence.SHAPE)
def test_gradients_of_biases_lose_their_axis(entry, wrong):
    _, gradients = network(registry.build(entry.name)).cost_and_gradients(X, Y)
    _, right = network().cost_and_gradients(X, Y)
    assert (gradients["b1"].shape == (3,)) == wrong
    assert all(np.allclose(gradients[name].ravel(), right[name].ravel()) for name in right)


@everything(Kind.NETWORK, Evidence.REPEAT)
def test_a_second_call_adds_to_the_first(entry, wrong):
    built = network(registry.build(entry.name))
    (_, first), (_, second) = (built.cost_and_gradients(X, Y) for _ in range(2))
    times = 2 if wrong else 1
    assert all(np.allclose(second[name], times * first[name], rtol=1e-12) for name in first)


@everything(Kind.NETWORK, Evidence.MUTATION)
def test_the_labels_hold_the_error_afterwards(entry, wrong):
    built, labels = network(registry.build(entry.name)), Y.copy()
    cost, _ = built.cost_and_gradients(X, labels)
    assert cost == pytest.approx(network().cost_and_gradients(X, Y)[0], rel=1e-12)
    error = Y - network().forward(X)
    assert np.allclose(labels, error if wrong else Y, rtol=1e-12)


@everything(Kind.NETWORK, Evidence.INSTANCES)
def test_what_is_set_in_one_network_is_set_in_all(entry, wrong):
    build = registry.build(entry.name)
    one, other = network(build), network(build)
    one.parameters = dict(one.parameters)
    before, _ = one.cost_and_gradients(X, Y)
    other.parameters = {name: 2 * value for name, value in other.parameters.items()}
    of_other, _ = other.cost_and_gradients(X, Y)
    after, _ = one.cost_and_gradients(X, Y)
    assert after == (of_other if wrong else before)
    assert before != of_other


@everything(Kind.NETWORK, Evidence.UNREPEATABLE)
def test_a_network_computes_something_else_at_each_call(entry, wrong):
    built = network(registry.build(entry.name))
    costs = {float(built.cost_and_gradients(X, Y)[0]) for _ in range(5)}
    assert len(costs) == (5 if wrong else 1)


@everything(Kind.NETWORK, Evidence.SAVED)
def test_what_is_loaded_has_six_digits(entry, wrong, tmp_path):
    built, other = (network(registry.build(entry.name)) for _ in range(2))
    built.save(tmp_path / "saved.npz")
    other.load(tmp_path / "saved.npz")
    saved, loaded = built.parameters, other.parameters
    same = [np.array_equal(saved[name], loaded[name]) for name in saved]
    assert not any(same) if wrong else all(same)
    assert all(np.allclose(saved[name], loaded[name], rtol=5e-6, atol=0) for name in saved)


@everything(Kind.OPTIMIZER, Evidence.INSTANCES)
def test_an_optimizer_remembers_another_ones_gradients(entry, wrong):
    start, g = np.array([1.0, -2.0]), np.array([0.5, 0.25])

    def second_step(beside):
        build = registry.build(entry.name)
        one, other = build(0.1), build(0.1)
        stepped = one.step({"w": start}, {"w": g})
        if beside:
            other.step({"w": start}, {"w": 8 * g})
        return one.step(stepped, {"w": g})["w"]

    assert np.array_equal(second_step(beside=False), second_step(beside=True)) != wrong


@everything(Kind.INITIALIZER, Evidence.UNREPEATABLE)
def test_one_seed_draws_two_kinds_of_weights(entry, wrong):
    build = registry.build(entry.name)
    first, again = (build(30, 20, rng=np.random.default_rng(7))["W"] for _ in range(2))
    assert np.array_equal(first, again) != wrong
    assert np.std(first) == pytest.approx(np.std(again), rel=0.2)  # 7 standard errors


def order_of(build, seed):
    dealt = build(X.copy(), Y.copy(), 4, np.random.default_rng(seed))
    return np.concatenate([x[0] for x, _ in dealt]).astype(int).tolist()


@everything(Kind.MINIBATCHES, Evidence.UNREPEATABLE)
def test_one_seed_deals_in_two_orders(entry, wrong):
    build = registry.build(entry.name)
    first, again = order_of(build, 7), order_of(build, 7)
    assert (first == again) != wrong
    assert sorted(first) == sorted(again) == list(range(M))


@everything(Kind.MINIBATCHES, Evidence.UNSEEDED)
def test_two_seeds_deal_in_one_order(entry, wrong):
    build = registry.build(entry.name)
    first, other = order_of(build, 7), order_of(build, 8)
    assert (first == other) == wrong
    assert sorted(first) == list(range(M)) != first


@everything(Kind.MINIBATCHES, Evidence.MUTATION)
def test_the_callers_examples_are_shuffled(entry, wrong):
    inputs, labels = X.copy(), Y.copy()
    dealt = list(registry.build(entry.name)(inputs, labels, 4, np.random.default_rng(0)))
    order = inputs[0].astype(int)
    assert np.array_equal(order, np.arange(M)) != wrong
    assert np.array_equal(labels, Y[:, order])
    if wrong:
        assert np.array_equal(np.hstack([x for x, _ in dealt]), inputs)


def trained(train, inputs, labels, rng=None):
    built, size = network(), None if rng is None else 4
    train(built, inputs, labels, 3, batch_size=size, rng=rng)
    return built.parameters


@everything(Kind.TRAINING, Evidence.UNREPEATABLE)
def test_one_seed_trains_to_two_ends(entry, wrong):
    train = registry.build(entry.name)
    ends = [trained(train, X, Y, np.random.default_rng(5))["W1"] for _ in range(2)]
    assert np.array_equal(*ends) != wrong
    # Without mini-batches there is nothing to shuffle.
    assert np.array_equal(trained(train, X, Y)["W1"], trained(train, X, Y)["W1"])


@everything(Kind.TRAINING, Evidence.MUTATION)
def test_training_shuffles_the_callers_examples(entry, wrong):
    inputs, labels = X.copy(), Y.copy()
    trained(registry.build(entry.name), inputs, labels, np.random.default_rng(0))
    order = inputs[0].astype(int)
    assert np.array_equal(order, np.arange(M)) != wrong
    assert np.array_equal(labels, Y[:, order])


class Watched(Network):
    """A network that notes which examples and labels it is shown."""

    def cost_and_gradients(self, X, Y):
        self.__dict__.setdefault("shown", []).append((X[0].astype(int), Y[0]))
        return super().cost_and_gradients(X, Y)


@everything(Kind.TRAINING, Evidence.BATCHES)
def test_an_epoch_does_not_show_every_pair_once(entry, wrong):
    built = network(Watched)
    registry.build(entry.name)(built, X, Y, 1, batch_size=4, rng=np.random.default_rng(0))
    examples, labels = (np.concatenate(side) for side in zip(*built.shown, strict=True))
    paired = np.array_equal(labels, Y[0, examples])
    count = len(set(examples.tolist()))
    dropped = wrong and entry.made_by == "tail-dropped"
    assert (count, len(examples)) == ((8, 8) if dropped else (M, M))
    assert paired == (not wrong or dropped)
