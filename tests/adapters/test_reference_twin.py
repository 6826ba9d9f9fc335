"""`like`: a layer whose backward fits its forward, but whose forward is wrong."""

import numpy as np
import pytest

from gradlab import GradlabError, Status, check
from gradlab.adapters.recognition import NAMES as ROUTINES
from gradlab.adapters.reference_twin import NAMES, infer_reference
from gradlab.faults import plant_class
from gradlab.reference import binary_cross_entropy_from_logits, softmax_cross_entropy


def failed(report):
    return {(f.law, f.tensor) for f in report.failures}


DENSE = """
class Dense:
    def __init__(self, n_in, n_out):
        self.W = np.random.randn({shape})
        self.b = np.random.randn({bias})

    def forward(self, x):
        self.x = x
        return {product} + self.b

    def backward(self, dout):
        self.dW = {dW}
        self.db = np.sum(dout, axis={axis}).reshape(self.b.shape)
        return {dx}
"""
ROWS_OUT_IN = {"shape": "n_out, n_in", "product": "x @ self.W.T", "dW": "dout.T @ self.x",
               "dx": "dout @ self.W"}  # fmt: skip
ROWS_IN_OUT = {"shape": "n_in, n_out", "product": "x @ self.W", "dW": "self.x.T @ dout",
               "dx": "dout @ self.W.T"}  # fmt: skip
COLUMNS_OUT_IN = {"shape": "n_out, n_in", "product": "self.W @ x", "dW": "dout @ self.x.T",
                  "dx": "self.W.T @ dout"}  # fmt: skip
COLUMNS_IN_OUT = {"shape": "n_in, n_out", "product": "self.W.T @ x", "dW": "self.x @ dout.T",
                  "dx": "self.W @ dout"}  # fmt: skip
ORIENTATIONS = [
    *((form, 0, bias) for form in (ROWS_OUT_IN, ROWS_IN_OUT) for bias in ("n_out", "1, n_out")),
    *((form, 1, "n_out, 1") for form in (COLUMNS_OUT_IN, COLUMNS_IN_OUT)),
]


def dense(form, axis, bias, **changes):
    names = {"__name__": "layers", "np": np}
    exec(DENSE.format(**{**form, "axis": axis, "bias": bias, **changes}), names)  # noqa: S102 - the text above
    return names["Dense"]


@pytest.mark.parametrize("make", [lambda cls: cls, lambda cls: cls(3, 3), lambda cls: cls(4, 3)])
@pytest.mark.parametrize(("form", "axis", "bias"), ORIENTATIONS)
def test_a_dense_layer_is_compared_in_every_orientation(form, axis, bias, make):
    report = check(make(dense(form, axis, bias)), laws=["reference"])
    assert report.status is Status.PASS, str(report)
    assert {finding.tensor for finding in report.findings} == {"output", "x", "W", "b"}


@pytest.mark.parametrize(("form", "axis", "bias"), ORIENTATIONS)
def test_a_wrong_forward_is_found_in_every_orientation(form, axis, bias):
    twice = dense(form, axis, bias, product=f"2 * ({form['product']})")
    report = check(twice, laws=["reference"])
    assert ("reference", "output") in failed(report)


class Flatten:
    def forward(self, x):
        self.shape = x.shape
        return x.reshape(len(x), -1)

    def backward(self, dout):
        return dout.reshape(self.shape)


class Sigmoid:
    """A sigmoid over images, of which the reference takes none."""

    def forward(self, x):
        n, c, h, w = x.shape
        self.A = 1 / (1 + np.exp(-x.reshape(n, c, h, w)))
        return self.A

    def backward(self, dout):
        return dout * self.A * (1 - self.A)


@pytest.mark.parametrize("cls", [Flatten, Sigmoid])
def test_what_the_reference_does_not_take_is_not_compared(cls):
    (subject,) = check(cls, laws=["gradient", "reference"]).subjects
    assert subject.status is Status.PASS
    assert any("not compared" in note for note in subject.notes)


def test_the_exact_derivative_of_a_wrong_forward_is_told_that_its_forward_is_wrong(student):
    # z = W·x − b, and db with the sign that goes with it.
    module = student(
        "linear.py",
        ('@ A_prev + self.params["b"]', '@ A_prev - self.params["b"]'),
        ("self.db = np.sum(", "self.db = -np.sum("),
    )
    report = check(module.LinearLayer)
    assert failed(report) == {("reference", "output"), ("reference", "b")}
    (forward,) = [f for f in report.failures if f.tensor == "output"]
    assert forward.message.startswith("the forward is wrong: the forward's output, entry [")


@pytest.mark.parametrize(
    ("example", "pair", "replacements"),
    [
        (
            "coursera.py",
            ("sigmoid", "sigmoid_backward"),
            [
                ("1 / (1 + np.exp(-Z)), Z", "2 / (1 + np.exp(-Z)), Z"),
                ("return dA * A", "return dA * 2 * A"),
            ],
        ),
        (
            "cs231n.py",
            ("affine_forward", "affine_backward"),
            [("@ w + b", "@ w + 2 * b"), ("db = dout.sum(axis=0)", "db = 2 * dout.sum(axis=0)")],
        ),
        (
            "cs231n.py",
            ("relu_forward", "relu_backward"),
            [
                ("np.maximum(0, x), x", "np.maximum(0, -x), x"),
                ("(cache > 0)", "-1.0 * (cache < 0)"),
            ],
        ),
    ],
)
def test_in_every_convention(student, example, pair, replacements):
    module = student(example, *replacements)
    report = check(tuple(getattr(module, name) for name in pair))
    assert ("reference", "output") in failed(report)
    assert not [f for f in report.failures if f.law == "gradient"]


def test_a_cost_with_another_scaling_fails_on_request(student):
    module = student("activations.py", ("/ (2 * m), error / m", "/ m, 2 * error / m"))
    assert check(module.compute_cost).status is Status.PASS
    report = check(module.compute_cost, like="squared_error")
    assert failed(report) == {("reference", "output"), ("reference", "Y_hat")}


def test_the_means_of_a_softmax_loss(student):
    right = student("cs231n.py").softmax_loss
    assert "reference" in {f.law for f in check(right).findings}
    module = student("cs231n.py", (".mean()", ".sum()"), ("return loss, dx / n", "return loss, dx"))
    assert ("reference", "output") in failed(check(module.softmax_loss))


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("layer", ["SigmoidLayer", "TanhLayer", "ReLULayer"])
def test_near_misses_of_rounding_pass(student, layer, seed):
    report = check(getattr(student("activations.py"), layer), seed=seed, laws=["reference"])
    assert report.status is Status.PASS
    assert "reference" in {f.law for f in report.findings}


def test_a_wrong_layer_is_not_said_twice(student):
    report = check(student("linear_bias_mean.py").LinearLayer)
    assert ("reference", "b") in failed(report)
    assert str(report).count("gradient of b, entry") == 1


def test_an_unknown_reference_lists_the_known_ones(student):
    with pytest.raises(GradlabError) as caught:
        check(student("linear.py").LinearLayer, like="lstm")
    known = ", ".join((*NAMES, *ROUTINES))
    assert str(caught.value) == f"like='lstm' is no reference layer; known are {known}"


def test_a_reference_with_other_tensors_is_refused(student):
    with pytest.raises(GradlabError) as caught:
        check(student("linear.py").LinearLayer, like="sigmoid")
    assert str(caught.value) == (
        "LinearLayer has the tensors A_prev, W, b, the reference's sigmoid has one input"
    )


@pytest.mark.parametrize(
    ("name", "like"),
    [
        ("LinearLayer", "linear"),
        ("linear_forward", "linear"),
        ("affine_forward", "linear"),
        ("MyLinear", None),
        ("linear_activation_forward", None),
        ("compute_cost", None),
        ("LeakyReLULayer", None),
        ("relu", "relu"),
        ("ReLU", "relu"),
        ("softmax_loss", "softmax_cross_entropy"),
        ("Linear2", "linear"),
    ],
)
def test_names_that_leave_no_doubt(name, like):
    assert infer_reference(name) == like


@pytest.mark.parametrize(
    "cost", [binary_cross_entropy_from_logits, softmax_cross_entropy], ids=lambda f: f.__name__
)
def test_a_cost_that_is_named_is_checked_at_scores(cost):
    broken = plant_class("log-of-zero", cost)
    assert not check(broken).failures
    assert {law for law, _ in failed(check(broken, like=cost.__name__))} == {"extremes"}
    assert check(cost, like=cost.__name__).status is Status.PASS
