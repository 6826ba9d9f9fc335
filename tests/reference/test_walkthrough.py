from __future__ import annotations

from dataclasses import fields
from itertools import pairwise

import numpy as np
import pytest

from gradlab.reference.datasets import or_gate, with_crosses, xor_gate
from gradlab.reference.graph import backward
from gradlab.reference.walkthrough import (
    descend_bowl,
    expand_network,
    step_by_layers,
    step_by_nodes,
    step_vectorized,
)

WAYS = [step_by_nodes, step_by_layers, step_vectorized]
OR = (*or_gate(), [[0.1, 0.6]], [[0.0]])
CROSS = (with_crosses(xor_gate()[0], (0, 1)), xor_gate()[1], [[0.1, 0.6, 0.2]], [[0.0]])


def assert_same(one, other):
    for field in fields(one):
        left, right = getattr(one, field.name), getattr(other, field.name)
        assert np.shape(left) == np.shape(right), field.name
        np.testing.assert_allclose(left, right, rtol=1e-14, atol=1e-17, err_msg=field.name)


@pytest.mark.parametrize("data", [OR, CROSS], ids=["or", "xor with a cross"])
@pytest.mark.parametrize("learning_rate", [1.0, 0.3])
def test_the_three_ways_agree(data, learning_rate):
    steps = [way(*data, learning_rate) for way in WAYS]
    assert_same(steps[0], steps[1])
    assert_same(steps[1], steps[2])


def test_they_agree_on_random_data(rng):
    for n, m in [(1, 1), (3, 1), (1, 5), (4, 3)]:
        data = [rng.normal(size=shape) for shape in [(n, m), (1, m), (1, n), (1, 1)]]
        steps = [way(*data) for way in WAYS]
        assert_same(steps[0], steps[1])
        assert_same(steps[1], steps[2])


@pytest.mark.parametrize("way", WAYS)
def test_the_printed_values_of_the_or_example(way):
    X, Y, W, b = OR
    first = way(X, Y, W, b)
    second = way(X, Y, first.W, first.b)
    assert f"{first.cost:.3f} {second.cost:.3f}" == "0.089 0.084"
    np.testing.assert_array_equal(second.dW.round(3), [[-0.044, -0.035]])
    np.testing.assert_array_equal(second.db.round(3), [[-0.031]])


@pytest.mark.parametrize("way", WAYS)
def test_the_first_example_alone_moves_only_the_bias(way):
    step = way([[0.0], [0.0]], [[0.0]], [[0.1, 0.6]], [[0.0]])
    assert (step.cost, step.db[0, 0], step.b[0, 0]) == (0.125, 0.125, -0.125)
    np.testing.assert_array_equal(step.dW, [[0.0, 0.0]])
    after = way([[0.0], [0.0]], [[0.0]], step.W, step.b)
    assert round(float(after.Y_hat[0, 0]), 3) == 0.469
    assert int(after.cost * 1000) == 109


def test_the_bias_receives_one_gradient_from_each_example():
    network = expand_network(*OR)
    gradients = backward(network.cost)
    flows = gradients.incoming(network.bias)
    assert len(flows) == 4
    dZ = step_vectorized(*OR).dZ
    np.testing.assert_allclose([flow.gradient for flow in flows], dZ[0], rtol=1e-15)
    assert [len(gradients.incoming(weight)) for weight in network.weights] == [4, 4]
    assert [node.name for node in network.weights] == ["w1", "w2"]


@pytest.mark.parametrize("way", WAYS)
def test_shapes_that_do_not_fit(way):
    X, Y, W, b = OR
    with pytest.raises(ValueError, match=r"one neuron needs .* got \(2, 4\), \(1, 4\), \(2, 1\)"):
        way(X, Y, np.transpose(W), b)
    with pytest.raises(ValueError, match="with m ≥ 1"):
        way(np.zeros((2, 0)), np.zeros((1, 0)), W, b)


def test_the_four_learning_rates_on_a_bowl():
    slow, quick, tiny, extreme = (np.abs(descend_bowl(rate, 20)) for rate in (0.5, 5, 5e-10, 50))
    assert (np.diff(slow) < 0).all()
    assert 0.3 < slow[-1] < 0.4  # 0.95²⁰
    assert quick[-1] == 0.5**20
    assert 1 - 2e-9 < tiny[-1] < 1
    assert (np.diff(extreme) > 0).all()
    # The steps shrink towards the bottom though the rate stays the same.
    assert (np.diff(np.abs(np.diff(slow))) < 0).all()


def test_the_descent_on_a_bowl_follows_its_gradient():
    positions = descend_bowl(0.3, 4, start=-2.0, curvature=0.7)
    assert positions[0] == -2.0
    for before, after in pairwise(positions):
        h = 1e-6
        slope = (0.35 * (before + h) ** 2 - 0.35 * (before - h) ** 2) / (2 * h)
        assert after == pytest.approx(before - 0.3 * slope, rel=1e-9)
