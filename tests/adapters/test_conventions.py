"""Layers in each convention pass; with a mistake they fail, and the right tensor is named."""

import numpy as np
import pytest

from gradlab import Status, adapt, check
from gradlab.errors import GradlabError
from gradlab.report.summary import unresolved


def failed(report):
    """What the report spells out, and so not what says the same mistake once more."""
    return {(f.law, f.tensor) for _, f in unresolved(report) if f.status is Status.FAIL}


def obj(module, name):
    if "/" not in name:
        return getattr(module, name)
    forward, backward = name.split("/")
    return getattr(module, forward), getattr(module, backward)


RIGHT = [
    ("linear.py", "LinearLayer", "article"),
    ("activations.py", "SigmoidLayer", "article"),
    ("activations.py", "TanhLayer", "article"),
    ("activations.py", "ReLULayer", "article"),
    ("activations.py", "compute_cost", "article"),
    ("coursera.py", "linear_forward/linear_backward", "coursera"),
    ("coursera.py", "sigmoid/sigmoid_backward", "coursera"),
    ("coursera.py", "relu/relu_backward", "coursera"),
    ("cs231n.py", "affine_forward/affine_backward", "cs231n"),
    ("cs231n.py", "relu_forward/relu_backward", "cs231n"),
    ("cs231n.py", "softmax_loss", "cs231n"),
]


def laws_at(seed):
    """Every law at the first seed; at the others those that depend on a convention's scaling."""
    return None if seed == 0 else ["gradient", "shape", "reference"]


@pytest.mark.parametrize(("example", "name", "convention"), RIGHT)
@pytest.mark.parametrize("seed", range(5))
def test_correct_layers_pass_in_their_convention(student, example, name, convention, seed):
    report = check(obj(student(example), name), seed=seed, laws=laws_at(seed))
    assert report.status is Status.PASS, str(report)
    assert report.subjects[0].convention == convention


MISTAKES = [
    ("linear.py", "LinearLayer", ("np.sum(upstream", "np.mean(upstream"), {("gradient", "b")}),
    (
        "linear.py",
        "LinearLayer",
        ("grad @ self.A_prev.T", "grad @ -self.A_prev.T"),
        {("gradient", "W")},
    ),
    (
        "linear.py",
        "LinearLayer",
        ("upstream_grad @ self.A_prev.T", "self.A_prev @ upstream_grad.T"),
        {("gradient", "W"), ("shape", "W")},
    ),
    (
        "linear.py",
        "LinearLayer",
        (", axis=1, keepdims=True)", ", axis=1)"),
        {("shape", "b")},
    ),
    (
        "activations.py",
        "SigmoidLayer",
        ("upstream_grad * self.A * (1 - self.A)", "upstream_grad * self.A"),
        {("gradient", "Z")},
    ),
    (
        "activations.py",
        "compute_cost",
        ("error / m", "-error / m"),
        {("gradient", "Y_hat")},
    ),
    (
        "coursera.py",
        "linear_forward/linear_backward",
        ("keepdims=True) / m", "keepdims=True)"),
        {("gradient", "b")},
    ),
    (
        "coursera.py",
        "linear_forward/linear_backward",
        ("dZ @ A_prev.T / m", "-dZ @ A_prev.T / m"),
        {("gradient", "W")},
    ),
    (
        "coursera.py",
        "linear_forward/linear_backward",
        ("dA_prev = W.T @ dZ", "dA_prev = W.T @ dZ / m"),
        {("gradient", "A_prev")},
    ),
    (
        "coursera.py",
        "sigmoid/sigmoid_backward",
        ("dA * A * (1 - A)", "dA * A"),
        {("gradient", "Z")},
    ),
    (
        "cs231n.py",
        "affine_forward/affine_backward",
        ("dout.sum(axis=0)", "dout.mean(axis=0)"),
        {("gradient", "b")},
    ),
    (
        "cs231n.py",
        "affine_forward/affine_backward",
        ("(dout @ w.T)", "(-dout @ w.T)"),
        {("gradient", "x")},
    ),
    (
        "cs231n.py",
        "affine_forward/affine_backward",
        ("reshape(x.shape[0], -1).T @ dout", "reshape(x.shape[0], -1).T @ dout / 2"),
        {("gradient", "w")},
    ),
    (
        "cs231n.py",
        "softmax_loss",
        ("return loss, dx / n", "return loss, dx"),
        {("gradient", "x")},
    ),
]


@pytest.mark.parametrize(("example", "name", "mistake", "expected"), MISTAKES)
@pytest.mark.parametrize("seed", range(3))
def test_a_mistake_fails_and_the_right_tensor_is_named(
    student, example, name, mistake, expected, seed
):
    report = check(obj(student(example, mistake), name), seed=seed, laws=laws_at(seed))
    assert failed(report) == expected, str(report)


def test_the_square_case_alone_cannot_hide_a_dropped_transpose(student):
    module = student("linear.py", ('self.params["W"].T @ upstream', 'self.params["W"] @ upstream'))
    report = check(module.LinearLayer)
    # Where W is not square, the product does not exist and the code raises.
    assert report.status is Status.FAIL
    assert failed(report) == {("gradient", "A_prev")}
    assert "all sizes equal" in report.failures[0].message


def test_an_instance_is_checked_at_the_sizes_that_it_has(student):
    layer = student("linear.py").LinearLayer((4, 2), 3, "xavier")
    report = check(layer)
    assert report.status is Status.PASS, str(report)
    domain = adapt(layer).domain
    assert domain["W"].shape == (3, 4)
    assert domain["A_prev"].shape == (4, "m")


def test_a_layer_with_rows_as_examples_is_recognised(student):
    module = student(
        "linear.py",
        ("n_in, self.m = input_shape", "self.m, n_in = input_shape"),
        ("np.random.randn(n_out, n_in)", "np.random.randn(n_in, n_out)"),
        ("np.zeros((n_out, 1))", "np.zeros((1, n_out))"),
        ('self.params["W"] @ A_prev', 'A_prev @ self.params["W"]'),
        ("upstream_grad @ self.A_prev.T", "self.A_prev.T @ upstream_grad"),
        ("axis=1", "axis=0"),
        ('self.params["W"].T @ upstream_grad', 'upstream_grad @ self.params["W"].T'),
    )
    report = check(module.LinearLayer)
    assert report.status is Status.PASS, str(report)
    assert "layout (examples, features)" in report.subjects[0].notes


def test_parameters_kept_in_attributes_are_found(student):
    module = student(
        "linear.py",
        ('self.params["W"]', "self.W"),
        ('self.params["b"]', "self.b"),
        ('self.params = {\n            "W": ', "self.W, self.b = (\n            "),
        ('"b": np.zeros((n_out, 1)),\n        }', "np.zeros((n_out, 1)),\n        )"),
    )
    report = check(module.LinearLayer)
    assert report.status is Status.PASS, str(report)
    assert set(adapt(module.LinearLayer).checked) == {"A_prev", "W", "b"}


def test_coursera_is_told_by_its_scaling_and_says_so(student):
    module = student("coursera.py")
    pair = (module.linear_forward, module.linear_backward)
    report = check(pair)
    assert "1/m is expected in dW and db, and only there" in report.subjects[0].notes


ACTIVATED = """

def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    A, activation_cache = sigmoid(Z) if activation == "sigmoid" else relu(Z)
    return A, (linear_cache, activation_cache)


def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    backward = sigmoid_backward if activation == "sigmoid" else relu_backward
    return linear_backward(backward(dA, activation_cache), linear_cache)
"""


@pytest.mark.parametrize("seed", range(5))
def test_an_argument_named_activation_is_checked_with_each(student, seed):
    module = student(
        "coursera.py",
        (
            "    dZ[cache <= 0] = 0\n    return dZ\n",
            "    dZ[cache <= 0] = 0\n    return dZ\n" + ACTIVATED,
        ),
    )
    pair = (module.linear_activation_forward, module.linear_activation_backward)
    report = check(pair, seed=seed, laws=laws_at(seed))
    assert report.status is Status.PASS, str(report)
    assert "checked with activation = 'sigmoid' and 'relu'" in report.subjects[0].notes


@pytest.mark.parametrize(
    "mistake", [("dZ[cache <= 0] = 0", "dZ[cache <= 1] = 0"), ("dA * A * (1 - A)", "dA * A")]
)
def test_a_mistake_in_either_activation_is_found(student, mistake):
    module = student("coursera.py", ("    return dZ\n", "    return dZ\n" + ACTIVATED), mistake)
    report = check((module.linear_activation_forward, module.linear_activation_backward))
    assert failed(report) == {("gradient", "A_prev"), ("gradient", "W"), ("gradient", "b")}


def test_names_that_say_nothing_are_read_by_trying():
    def forward(p, q):
        return p * q, (p, q)

    def backward(d, cache):
        return d * cache[1], d * cache[0]

    report = check((forward, backward))
    assert report.status is Status.PASS, str(report)
    assert {finding.tensor for finding in report.findings} >= {"p", "q"}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            3,
            (
                "a int is nothing that can be checked; give a class or an instance with "
                "forward and backward, a pair (forward, backward), or a cost function; say with "
                "like=… what it is meant to be where it is an optimizer, an initializer or the like"
            ),
        ),
        ((np.sin,), "a tuple is checked as (forward, backward), two functions; this one is not"),
    ],
)
def test_what_cannot_be_checked_is_refused_with_a_way_out(given, message):
    with pytest.raises(GradlabError) as caught:
        check(given)
    assert str(caught.value) == message


def test_an_unknown_convention_lists_the_known_ones():
    with pytest.raises(GradlabError) as caught:
        check(np.sin, convention="keras")
    assert str(caught.value) == (
        "no convention is called 'keras'; known are article, coursera, cs231n"
    )
