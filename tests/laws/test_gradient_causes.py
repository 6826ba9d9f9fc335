"""A6, A7 and what is wrong by design: the note says what the gradient is instead."""

import numpy as np
import pytest

from gradlab import Status, check, check_gradients

RNG = np.random.default_rng(6)
X = RNG.standard_normal((6, 4))
VALUES = {"W": RNG.standard_normal((4, 3)), "b": RNG.standard_normal(3)}


def note(report, tensor):
    (finding,) = [f for f in report.failures if f.tensor == tensor and f.law == "gradient"]
    return " ".join(finding.notes)


def linear(v):
    return X @ v["W"] + v["b"]


def decayed(factor):
    return lambda v, c: {"W": X.T @ c + factor * v["W"], "b": c.sum(0)}


def test_weight_decay_is_recognised_with_its_factor():
    report = check_gradients(linear, decayed(0.3), VALUES)
    assert note(report, "W") == (
        "dW exceeds the derivative by 0.3·W in every entry: weight decay inside the gradient; "
        "if meant, leave W out of wrt="
    )


def test_the_wrong_sign_is_reported_as_such_and_offers_no_exemption():
    text = note(check_gradients(linear, decayed(-0.3), VALUES), "W")
    assert text.startswith("dW is less than the derivative by 0.3·W in every entry: weight decay")
    assert text.endswith("with the wrong sign")


def test_in_a_large_tensor_and_in_a_cost_without_an_upstream_gradient():
    data = RNG.standard_normal((6, 40))
    large = {"W": RNG.standard_normal((40, 30))}
    report = check_gradients(
        lambda v: np.tanh(data @ v["W"]),
        lambda v, c: {"W": data.T @ (c * (1 - np.tanh(data @ v["W"]) ** 2)) + 0.01 * v["W"]},
        large,
    )
    assert "exceeds the derivative by 0.01·W in every entry" in note(report, "W")
    report = check_gradients(
        lambda v: float(np.sum(linear(v) ** 2)),
        lambda v: {"W": 2 * X.T @ linear(v) + 0.2 * v["W"], "b": 2 * linear(v).sum(0)},
        VALUES,
    )
    assert "exceeds the derivative by 0.2·W in every entry" in note(report, "W")


@pytest.mark.parametrize(
    "backward",
    [
        lambda v, c: {"W": X.T @ c + 0.3 * np.abs(v["W"]), "b": c.sum(0)},
        lambda v, c: {"W": X.T @ c + 0.3, "b": c.sum(0)},
        lambda _v, c: {"W": 1.3 * X.T @ c, "b": c.sum(0)},
        lambda v, c: {"W": X.T @ c + 0.3 * np.where(v["W"] > 1, 0, v["W"]), "b": c.sum(0)},
    ],
)
def test_what_is_not_the_same_multiple_of_w_everywhere_is_no_weight_decay(backward):
    assert "decay" not in note(check_gradients(linear, backward, VALUES), "W")


def test_a_factor_is_not_taken_for_weight_decay():
    """x²/2 has the derivative x: 1.3 x is wrong by a factor, and by 0.3 x too."""
    report = check_gradients(
        lambda v: np.sum(v["x"] ** 2) / 2, lambda v, c: {"x": 1.3 * c * v["x"]}, {"x": X}
    )
    assert note(report, "x") == "every entry is 1.3 times what it should be"


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def test_an_upstream_gradient_that_is_ignored_or_taken_for_the_output():
    def forward(v):
        return sigmoid(v["x"])

    ignored = check_gradients(
        forward, lambda v, _c: {"x": sigmoid(v["x"]) * (1 - sigmoid(v["x"]))}, {"x": X}
    )
    assert note(ignored, "x").startswith("backward ignores the upstream gradient")
    taken = check_gradients(forward, lambda _v, c: {"x": c * (1 - c)}, {"x": X})
    assert note(taken, "x").startswith("backward takes the upstream gradient for the output")
    other = check_gradients(forward, lambda v, c: {"x": c * sigmoid(v["x"])}, {"x": X})
    assert "upstream" not in note(other, "x")


@pytest.mark.parametrize("size", [5, 300])
@pytest.mark.parametrize(
    ("forward", "backward"),
    [
        (lambda v: np.round(v["x"] * 8) / 8, lambda _v, c: {"x": c}),
        (lambda v: np.sign(v["x"]), lambda v, c: {"x": c * (np.abs(v["x"]) < 1)}),
    ],
)
def test_a_straight_through_estimator(size, forward, backward):
    x = np.random.default_rng(1).standard_normal(size)
    report = check_gradients(forward, backward, {"x": x})
    assert note(report, "x").startswith("looks like a straight-through estimator")
    assert report.failures[0].expected == 0


def test_the_identity_as_a_gradient_of_another_function_is_none():
    report = check_gradients(lambda v: np.sin(v["x"]), lambda _v, c: {"x": c}, {"x": X})
    assert "straight" not in note(report, "x")
    assert "stopped" not in note(report, "x")


STOPPED = {
    "all of it": (np.tanh, lambda x, _c: 0 * x),
    "the scale": (
        lambda x: x / np.max(np.abs(x), axis=0),
        lambda x, c: c / np.max(np.abs(x), axis=0),
    ),
    "the mean": (lambda x: x - x.mean(axis=1, keepdims=True), lambda _x, c: c),
}


@pytest.mark.parametrize("what", STOPPED)
def test_a_stopped_gradient(what):
    forward, backward = STOPPED[what]
    report = check_gradients(
        lambda v: forward(v["x"]), lambda v, c: {"x": backward(v["x"], c)}, {"x": X}
    )
    assert note(report, "x").startswith("looks like a stopped gradient: part of what depends on x")


class Quantize:
    """Straight-through, by design."""

    def forward(self, x):
        return np.round(x * 8) / 8

    def backward(self, dout):
        return dout


def test_an_exemption_accepts_what_is_meant():
    report = check(Quantize, laws=["gradient"])
    assert report.status is Status.FAIL
    text = " ".join(report.failures[0].notes)
    assert "if meant, accept it with --exempt 'gradient[x]=straight-through estimator'" in text
    exempt = {"gradient[x]": "straight-through estimator"}
    accepted = check(Quantize, laws=["gradient", "shape"], exempt=exempt)
    assert accepted.status is Status.PASS
