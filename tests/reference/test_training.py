from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from gradlab.reference import (
    Adam,
    GradientDescent,
    LinearLayer,
    Momentum,
    Network,
    RMSprop,
    SigmoidLayer,
    TanhLayer,
    binary_cross_entropy,
    train,
)
from gradlab.reference.annealing import inverse_annealing
from gradlab.reference.datasets import and_gate, or_gate, with_crosses, xor_gate, xor_quadrants


def one_layer(weights, **options):
    layer = LinearLayer((len(weights), 4), 1)
    layer.params = {"W": np.array([weights]), "b": np.zeros((1, 1))}
    return Network([layer, SigmoidLayer((1, 4))], **options)


def hidden_layer(seed, **options):
    rng = np.random.default_rng(seed)
    layers = [
        LinearLayer((2, 4), 3, "xavier", rng=rng),
        SigmoidLayer((3, 4)),
        LinearLayer((3, 4), 1, "xavier", rng=rng),
        SigmoidLayer((1, 4)),
    ]
    return Network(layers, **options)


def test_one_epoch_of_full_batch_is_one_step_of_the_optimizer():
    network, (X, Y) = one_layer([0.1, 0.6]), or_gate()
    cost, gradients = network.cost_and_gradients(X, Y)
    expected = GradientDescent(2.0).step(network.parameters, gradients)
    assert train(network, X, Y, 1, optimizer=GradientDescent(2.0)) == [cost]
    for name, value in network.parameters.items():
        np.testing.assert_array_equal(value, expected[name])


def test_gradient_descent_with_rate_a_tenth_is_the_default():
    one, other = one_layer([0.1, 0.6]), one_layer([0.1, 0.6])
    X, Y = or_gate()
    assert train(one, X, Y, 3) == train(other, X, Y, 3, optimizer=GradientDescent(0.1))


def test_every_epoch_is_reported():
    seen = []
    costs = train(
        one_layer([0.1, 0.6]),
        *or_gate(),
        5,
        on_epoch=lambda epoch, cost: seen.append((epoch, cost)),
    )
    assert seen == list(enumerate(costs))
    assert train(one_layer([0.1, 0.6]), *or_gate(), 0) == []


def test_the_cost_of_an_epoch_weighs_the_smaller_last_batch_by_its_examples():
    X, Y = or_gate()
    still = train(one_layer([0.1, 0.6]), X, Y, 1, optimizer=GradientDescent(0.0), batch_size=3)
    full = train(one_layer([0.1, 0.6]), X, Y, 1)
    np.testing.assert_allclose(still, full, rtol=1e-15)


def test_the_or_example_reaches_the_articles_cost():
    network, (X, Y) = one_layer([0.1, 0.6]), or_gate()
    costs = train(network, X, Y, 5000, optimizer=GradientDescent(1.0))
    assert f"{costs[-1]:.4f}" == "0.0005"
    assert costs == sorted(costs, reverse=True)
    # 'Flattens after about 3000' is a remark about a picture: 43% are still to come.
    assert round(1 - costs[-1] / costs[3000], 2) == 0.43
    assert network.accuracy(X, Y) == 1.0


def test_what_the_articles_learning_rates_do_on_its_or_example():
    def costs(rate, epochs=2000):
        return train(one_layer([0.1, 0.6]), *or_gate(), epochs, optimizer=GradientDescent(rate))

    tiny, low, high, extreme = costs(5e-10), costs(0.5), costs(5.0), costs(50.0, epochs=5000)
    assert tiny[0] > tiny[-1] > tiny[0] * (1 - 1e-6)
    assert low == sorted(low, reverse=True)
    assert high == sorted(high, reverse=True)
    assert high[-1] < low[-1] / 5
    # It does not diverge: one rise, at the first step, and then further down than the others.
    assert np.flatnonzero(np.diff(extreme) > 0).tolist() == [0]
    assert extreme[-1] < 1e-5


def test_xor_needs_the_cross_or_a_hidden_layer():
    X, Y = xor_gate()
    straight, crossed = one_layer([0.1, 0.6]), one_layer([0.1, 0.6, 0.2])
    train(straight, X, Y, 3000, optimizer=GradientDescent(1.0))
    train(crossed, with_crosses(X, (0, 1)), Y, 3000, optimizer=GradientDescent(1.0))
    assert straight.accuracy(X, Y) < 1.0
    assert crossed.accuracy(with_crosses(X, (0, 1)), Y) == 1.0


def test_the_quadrants_are_learned_from_the_cross_alone():
    X, Y = xor_quadrants()
    network = one_layer([0.1, 0.6, 0.2])
    train(network, with_crosses(X, (0, 1)), Y, 500, optimizer=GradientDescent(1.0))
    W = network.parameters["W1"][0]
    assert network.accuracy(with_crosses(X, (0, 1)), Y) == 1.0
    assert W[2] < -10 * max(abs(W[0]), abs(W[1]))


@pytest.mark.parametrize(
    ("optimizer", "batch_size"),
    [
        (lambda: GradientDescent(2.0), None),
        (lambda: GradientDescent(1.0), 3),
        (lambda: GradientDescent(1.0), 1),
        (lambda: GradientDescent(inverse_annealing(4.0, 1e-4)), 2),
        (lambda: Momentum(0.5), None),
        (lambda: RMSprop(0.02, beta=0.9), None),
        (lambda: Adam(0.05), 3),
    ],
)
def test_xor_is_learned_with_every_optimizer_and_batching(optimizer, batch_size):
    network, (X, Y) = hidden_layer(5, cost=binary_cross_entropy), xor_gate()
    rng = np.random.default_rng(0)
    costs = train(network, X, Y, 1500, optimizer=optimizer(), batch_size=batch_size, rng=rng)
    assert network.accuracy(X, Y) == 1.0
    assert costs[-1] < 0.05


def test_the_penalty_keeps_the_weights_small():
    free, held = one_layer([0.1, 0.6]), one_layer([0.1, 0.6], l2=0.2)
    for network in (free, held):
        train(network, *and_gate(), 1000, optimizer=GradientDescent(1.0))
    assert np.abs(held.parameters["W1"]).max() < np.abs(free.parameters["W1"]).max() / 2


def test_neurons_that_start_equal_stay_equal():
    network = hidden_layer(0)
    start = network.parameters
    equal = {name: np.full_like(value, 0.5) for name, value in start.items()}
    network.parameters = equal
    train(network, *or_gate(), 50, optimizer=GradientDescent(1.0))
    W1, W2 = network.parameters["W1"], network.parameters["W2"]
    np.testing.assert_array_equal(W1, np.tile(W1[0], (3, 1)))
    np.testing.assert_array_equal(W2, np.full((1, 3), W2[0, 0]))
    assert not np.allclose(W1, 0.5)


def test_a_deeper_network_learns_the_quadrants():
    rng = np.random.default_rng(2)
    sizes, layers = [2, 4, 3, 1], []
    for n_in, n_out in pairwise(sizes):
        layers += [LinearLayer((n_in, 4), n_out, "xavier", rng=rng), TanhLayer((n_out, 4))]
    layers[-1] = SigmoidLayer((1, 4))
    network = Network(layers, cost=binary_cross_entropy)
    X, Y = xor_quadrants()
    train(network, X, Y, 500, optimizer=Adam(0.05))
    assert network.n_layers == 3
    assert network.accuracy(X, Y) == 1.0


def test_the_same_seed_trains_the_same_network():
    def trained():
        network, rng = hidden_layer(1), np.random.default_rng(3)
        return train(network, *xor_gate(), 20, batch_size=3, rng=rng)

    assert trained() == trained()


def test_errors():
    network = one_layer([0.1, 0.6])
    with pytest.raises(ValueError, match="epochs ≥ 0 and at least one example; got -1 and 4"):
        train(network, *or_gate(), -1)
    with pytest.raises(ValueError, match="at least one example; got 1 and 0"):
        train(network, np.ones((2, 0)), np.ones((1, 0)), 1)
