from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import (
    FlattenLayer,
    LinearLayer,
    Network,
    SigmoidLayer,
    SoftmaxLayer,
    TanhLayer,
    binary_cross_entropy,
    binary_cross_entropy_from_logits,
    one_hot,
    softmax_cross_entropy,
)
from gradlab.reference.datasets import or_gate, xor_gate


def two_layers(rng, **options):
    layers = [
        LinearLayer((2, 4), 3, "xavier", rng=rng),
        TanhLayer((3, 4)),
        LinearLayer((3, 4), 1, "xavier", rng=rng),
        SigmoidLayer((1, 4)),
    ]
    for layer in (layers[0], layers[2]):
        layer.params["b"] = rng.normal(size=layer.params["b"].shape)
    return Network(layers, **options)


def or_network():
    layer = LinearLayer((2, 4), 1)
    layer.params = {"W": np.array([[20.0, 20.0]]), "b": np.array([[-10.0]])}
    return Network([layer, SigmoidLayer((1, 4))])


def test_layers_are_counted_as_the_article_does(rng):
    assert two_layers(rng).n_layers == 2
    assert or_network().n_layers == 1
    assert Network([FlattenLayer((1, 2, 2)), SigmoidLayer((4, 1))]).n_layers == 0


def test_the_forward_is_that_of_the_layers_in_order(rng):
    network, X = two_layers(rng), xor_gate()[0]
    p = network.parameters
    hidden = np.tanh(p["W1"] @ X + p["b1"])
    expected = 1 / (1 + np.exp(-(p["W2"] @ hidden + p["b2"])))
    np.testing.assert_allclose(network.forward(X), expected, rtol=1e-14)


@pytest.mark.parametrize("l2", [0.0, 0.9])
@pytest.mark.parametrize("method", ["cost_and_gradients", "accumulated_gradients"])
def test_the_gradients_of_all_parameters(method, l2, rng, gradient_of):
    network, (X, Y) = two_layers(rng, cost=binary_cross_entropy, l2=l2), xor_gate()
    X = np.hstack([X, rng.normal(size=(2, 3))])
    Y = np.hstack([Y, [[1.0, 0.0, 1.0]]])
    start = network.parameters
    cost, gradients = getattr(network, method)(X, Y)
    for name, value in start.items():

        def moved(point, name=name):
            network.parameters = {**start, name: point}
            return network.cost_and_gradients(X, Y)[0]

        expected = gradient_of(moved, value)
        np.testing.assert_allclose(gradients[name], expected, rtol=1e-12, atol=1e-15)
    assert gradients.keys() == start.keys()
    plain = two_layers(np.random.default_rng(0), cost=binary_cross_entropy)
    plain.parameters = start
    squares = sum(np.sum(start[name] ** 2) for name in ("W1", "W2"))
    data_cost, _ = plain.cost_and_gradients(X, Y)
    np.testing.assert_allclose(cost, data_cost + l2 / 14 * squares, rtol=1e-14)


@pytest.mark.parametrize("l2", [0.0, 0.9])
def test_slow_accumulation_and_the_vectorized_pass_agree(l2, rng):
    network, (X, Y) = two_layers(rng, l2=l2), xor_gate()
    cost, gradients = network.cost_and_gradients(X, Y)
    slow_cost, slow = network.accumulated_gradients(X, Y)
    np.testing.assert_allclose(slow_cost, cost, rtol=1e-14)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(slow[name], gradient, rtol=1e-13, atol=1e-17)


def test_images_classes_and_logits_go_through(rng, gradient_of):
    images, Y = rng.normal(size=(5, 2, 3)), one_hot(rng.integers(4, size=5), 4)
    network = Network(
        [FlattenLayer((5, 2, 3)), LinearLayer((6, 5), 4, "he", rng=rng)],
        cost=softmax_cross_entropy,
    )
    start = network.parameters

    def moved(W):
        network.parameters = {"W1": W, "b1": start["b1"]}
        return network.cost_and_gradients(images, Y)[0]

    expected = gradient_of(moved, start["W1"])
    network.parameters = start
    np.testing.assert_allclose(
        network.cost_and_gradients(images, Y)[1]["W1"], expected, rtol=1e-12, atol=1e-15
    )


def test_predictions_at_a_threshold():
    network, (X, Y) = or_network(), or_gate()
    np.testing.assert_array_equal(network.predict(X), Y)
    assert network.accuracy(X, Y) == 1.0
    assert network.accuracy(X, 1 - Y) == 0.0
    # The outputs are σ(-10), σ(10), σ(10), σ(30).
    np.testing.assert_array_equal(network.predict(X, threshold=1e-6), np.ones((1, 4)))
    np.testing.assert_array_equal(network.predict(X, threshold=1 - 1e-6), [[0, 0, 0, 1]])
    assert network.accuracy(X, Y, threshold=1 - 1e-6) == 0.5


def test_an_output_at_the_threshold_is_predicted_as_one():
    layer = SigmoidLayer((1, 1))
    np.testing.assert_array_equal(Network([layer]).predict([[0.0]]), [[1.0]])


def test_logits_are_predicted_at_zero():
    logits = or_network().layers[0]
    network = Network([logits], cost=binary_cross_entropy_from_logits)
    X, Y = or_gate()
    assert network.accuracy(X, Y, threshold=0.0) == 1.0


def test_an_example_is_right_only_with_all_its_outputs():
    network = Network([SoftmaxLayer((3, 2))])
    Z, Y = np.array([[5.0, 0.0], [0.0, 5.0], [0.0, 0.0]]), one_hot([0, 2], 3)
    assert network.accuracy(Z, Y) == 0.5


def test_saved_parameters_come_back_to_the_bit(rng, tmp_path):
    network, path = two_layers(rng), tmp_path / "without-an-ending"
    network.save(path)
    other = two_layers(np.random.default_rng(99))
    other.load(path)
    assert [file.name for file in tmp_path.iterdir()] == ["without-an-ending"]
    for name, value in network.parameters.items():
        np.testing.assert_array_equal(other.parameters[name], value)
    X = xor_gate()[0]
    np.testing.assert_array_equal(other.forward(X), network.forward(X))


def test_a_file_of_another_network(rng, tmp_path):
    or_network().save(tmp_path / "one.npz")
    with pytest.raises(ValueError, match=r"parameters are \['W1', 'W2', 'b1', 'b2'\]; got \['W1'"):
        two_layers(rng).load(tmp_path / "one.npz")
    wider = Network([LinearLayer((3, 4), 1), SigmoidLayer((1, 4))])
    with pytest.raises(
        ValueError, match=r"W1 must have the shape of .* W1, \(1, 3\); got \(1, 2\)"
    ):
        wider.load(tmp_path / "one.npz")


def test_a_file_that_is_no_npz(tmp_path):
    np.save(tmp_path / "array.npy", np.ones(2))
    with pytest.raises(ValueError, match=r"is not an npz file; give one that Network\.save wrote"):
        or_network().load(tmp_path / "array.npy")


def test_pickled_objects_are_refused(tmp_path):
    np.savez(tmp_path / "p.npz", W1=np.array([{}], dtype=object), b1=np.zeros((1, 1)))
    with pytest.raises(ValueError, match="allow_pickle=False"):
        or_network().load(tmp_path / "p.npz")


def test_refused_parameters_change_nothing(rng):
    network = two_layers(rng)
    before = network.parameters
    wrong = {**before, "b2": np.zeros((7, 1))}
    with pytest.raises(ValueError, match="b2 must have the shape"):
        network.parameters = wrong
    for name, value in before.items():
        assert network.parameters[name] is value


def test_errors():
    with pytest.raises(ValueError, match="at least one layer; got none"):
        Network([])
    with pytest.raises(ValueError, match="l2 must not be negative; got -1"):
        Network([SigmoidLayer((1, 1))], l2=-1)
    with pytest.raises(ValueError, match=r"Y must have the shape of the predictions, \(1, 4\)"):
        or_network().accuracy(or_gate()[0], [0, 1, 1, 1])
    with pytest.raises(ValueError, match="accuracy needs at least one example"):
        or_network().accuracy(np.ones((2, 0)), np.ones((1, 0)))
