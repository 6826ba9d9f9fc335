from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference.graph import Node, backward, elementwise, sigmoid, square, total


def three_equations(a=2.0, b=1.0):
    """c = a + b, d = b + 1, e = c·d, after the article's figures 51 to 53.

    Of its three equations the text says only that two other nodes use b.
    """
    nodes = {"a": Node(a, "a"), "b": Node(b, "b")}
    nodes["c"] = (nodes["a"] + nodes["b"]).named("c")
    nodes["d"] = (nodes["b"] + 1.0).named("d")
    nodes["e"] = (nodes["c"] * nodes["d"]).named("e")
    return nodes


def test_the_gradients_of_all_paths_add_up():
    nodes = three_equations()
    gradients = backward(nodes["e"])
    assert nodes["e"].value == 6
    assert {name: float(gradients[node]) for name, node in nodes.items()} == {
        "a": 2,
        "b": 5,
        "c": 2,
        "d": 3,
        "e": 1,
    }


def test_each_incoming_gradient_is_told_apart():
    nodes = three_equations()
    flows = backward(nodes["e"]).incoming(nodes["b"])
    assert [(flow.user.name, float(flow.gradient)) for flow in flows] == [("c", 2.0), ("d", 3.0)]
    assert backward(nodes["e"]).incoming(nodes["e"]) == ()


def test_a_second_backward_gives_the_same_and_keeps_nothing():
    nodes = three_equations()
    assert backward(nodes["e"])[nodes["b"]] == backward(nodes["e"])[nodes["b"]]
    assert backward(nodes["c"])[nodes["b"]] == 1


def test_local_gradients_are_those_with_an_upstream_of_one():
    nodes = three_equations()
    assert [float(edge.local_gradient) for edge in nodes["e"].edges] == [2.0, 3.0]
    (edge,) = sigmoid(Node(0.0)).edges
    assert edge.local_gradient == 0.25


def test_a_node_used_twice_by_the_same_node():
    x = Node(3.0)
    gradients = backward(x * x)
    assert gradients[x] == 6
    assert [float(flow.gradient) for flow in gradients.incoming(x)] == [3, 3]


def test_a_shared_node_waits_for_all_its_users():
    # x → y → z and x → z, with y itself shared: a wrong order loses a path.
    x = Node(2.0)
    y = square(x)
    z = (y * x + y) * y  # x⁵ + x⁴
    assert backward(z)[x] == 5 * 16 + 4 * 8


def test_a_chain_longer_than_the_recursion_limit():
    x = Node(1.0)
    end = x
    for _ in range(5000):
        end = end + x
    assert backward(end)[x] == 5001


def test_every_operation_against_a_complex_step(rng, gradient_of):
    W, X, b, y = (rng.normal(size=shape) for shape in [(2, 3), (3, 4), (2, 1), (2, 4)])

    def build(w, x, bias):
        value = sigmoid(w @ x + bias) - y
        return total(square(value) * 0.5 + (1.0 - value) * 2.0 - value * bias)

    nodes = Node(W), Node(X), Node(b)
    gradients = backward(build(*nodes))
    for i, node in enumerate(nodes):

        def moved(point, i=i):
            return build(*[Node(point) if i == k else nodes[k] for k in range(3)]).value

        expected = gradient_of(moved, node.value)
        np.testing.assert_allclose(gradients[node], expected, rtol=1e-12, atol=1e-14)
        assert gradients[node].shape == node.value.shape


@pytest.mark.parametrize("shape", [(), (1,), (1, 1), (2, 1), (1, 3), (3,), (2, 3)])
def test_the_gradients_of_broadcast_copies_add_up(shape):
    small = Node(np.zeros(shape))
    result = total(small + np.ones((2, 3)))
    gradient = backward(result)[small]
    assert gradient.shape == shape
    np.testing.assert_array_equal(gradient, np.full(shape, 6 / small.value.size))


def test_an_array_on_the_left_leaves_the_operation_to_the_node():
    ones, node = np.ones((2, 2)), Node(np.eye(2))
    for result in (ones + node, ones - node, ones * node, ones @ node):
        assert isinstance(result, Node)
        assert result.value.shape == (2, 2)


def test_any_function_and_its_derivative():
    x = Node(2.0)
    cube = elementwise(x, lambda v: v**3, lambda v: 3 * v**2, "cube")
    assert (cube.value, backward(cube)[x]) == (8, 12)
    assert cube.name == "cube"


def test_a_node_that_the_result_does_not_depend_on():
    nodes, other = three_equations(), Node(1.0)
    gradients = backward(nodes["e"])
    assert other not in gradients
    assert nodes["a"] in gradients
    with pytest.raises(KeyError):
        gradients[other]


def test_printing():
    assert repr(Node(2.0, "a")) == "Node(a: 2.0)"
    assert repr(Node(2.0)) == "Node(?: 2.0)"


def test_errors():
    with pytest.raises(ValueError, match=r"only a single number has a gradient.*\(2,\)"):
        backward(Node([1.0, 2.0]))
    with pytest.raises(ValueError, match=r"needs matrices \(n, k\) and \(k, m\); got \(2,\) and"):
        Node([1.0, 2.0]) @ Node([1.0, 2.0])
    with pytest.raises(ValueError, match="x must hold numbers"):
        Node("text", "x")
