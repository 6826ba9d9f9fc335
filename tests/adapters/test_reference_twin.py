"""`like`: a layer whose backward fits its forward, but whose forward is wrong."""

import pytest

from gradlab import GradlabError, Status, check
from gradlab.adapters.recognition import NAMES as ROUTINES
from gradlab.adapters.reference_twin import NAMES, infer_reference
from gradlab.faults import plant_class
from gradlab.reference import binary_cross_entropy_from_logits, softmax_cross_entropy


def failed(report):
    return {(f.law, f.tensor) for f in report.failures}


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
    report = check(getattr(student("activations.py"), layer), seed=seed)
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
    assert {law for law, _ in failed(check(broken))} == {"extremes"}
    assert {law for law, _ in failed(check(broken, like=cost.__name__))} == {"extremes"}
    assert check(cost, like=cost.__name__).status is Status.PASS
