"""A8 and misuse of the Python API: what came, what was expected, and what to do."""

import numpy as np
import pytest

from gradlab import GradlabError, Status, check, check_gradients
from gradlab.reference import SigmoidLayer

X = {"x": np.array([0.5, -1.0, 2.0])}


def square(v):
    return v["x"] ** 2


def square_backward(v, c):
    return {"x": 2 * c * v["x"]}


PAIRS = {
    "a negative seed": ({"seed": -1}, "seed is -1; a non-negative integer is expected, as in"),
    "a fraction as a seed": ({"seed": 1.5}, "seed is 1.5; a non-negative integer"),
    "a number in wrt": ({"wrt": 3}, "wrt is 3; names are expected, as in wrt=['x']"),
    "numbers in wrt": ({"wrt": [3]}, "wrt is [3]; names are expected"),
    "nothing in wrt": ({"wrt": []}, "wrt=[] names no tensor; name one of x, or leave wrt out"),
    "another name in wrt": ({"wrt": "y"}, "wrt names 'y'; the values are x"),
    "order": ({"order": [2]}, "order is [2]; it has to be 1"),
    "values as an array": ({"values": np.ones(3)}, "values is a ndarray; a dict of named arrays"),
    "ragged rows": (
        {"values": {"x": [[1.0, 2.0], [3.0]]}},
        "values['x'] is a list of rows of different lengths; an array is expected",
    ),
    "values without names": ({"values": {1: np.ones(3)}}, "values names 1; a dict of named"),
    "no function": ({"backward": None}, "backward is None; a function is expected, called as"),
}


@pytest.mark.parametrize("case", PAIRS)
def test_a_mistake_in_a_call_of_check_gradients(case):
    given, message = PAIRS[case]
    call = {"forward": square, "backward": square_backward, "values": X, **given}
    with pytest.raises(GradlabError) as raised:
        check_gradients(call.pop("forward"), call.pop("backward"), call.pop("values"), **call)
    assert message in str(raised.value)


CHECKS = {
    "seed": ({"seed": -1}, "seed is -1; a non-negative integer is expected"),
    "laws": ({"laws": 3}, "laws is 3; names are expected, as in laws=['gradient', 'shape']"),
    "exempt": ({"exempt": ["gradient"]}, "exempt is ['gradient']; a dict from laws to reasons"),
    "key": ({"exempt": {3: "why"}}, "exempt is {3: 'why'}; a dict from laws to reasons"),
    "reason": ({"exempt": {"gradient": 3}}, "needs the reason why the law does not apply"),
    "like": ({"like": 3}, "like is 3; a name in quotes is expected"),
    "convention": ({"convention": 3}, "convention is 3; a name in quotes is expected"),
}


@pytest.mark.parametrize("case", CHECKS)
def test_a_mistake_in_a_call_of_check(case):
    given, message = CHECKS[case]
    with pytest.raises(GradlabError) as raised:
        check(SigmoidLayer, **given)
    assert message in str(raised.value)


@pytest.mark.parametrize("obj", [object, int, None, 3])
def test_what_holds_nothing_to_check(obj):
    with pytest.raises(GradlabError, match="give a class or an instance with forward and backward"):
        check(obj)


def test_numpy_integers_and_generators_of_names_are_arguments_too():
    report = check_gradients(square, square_backward, X, wrt=(n for n in "x"), seed=np.int64(2))
    assert report.status is Status.PASS


def test_float32_inside_a_forward_is_named():
    data = np.random.default_rng(0).standard_normal((6, 4)).astype(np.float32)
    values = {"W": np.random.default_rng(1).standard_normal((4, 3))}

    def forward(v):
        return (data @ v["W"].astype(np.float32)).astype(float)

    report = check_gradients(forward, lambda _v, c: {"W": data.T @ c}, values)
    assert report.status is Status.PASS
    assert "rounded to single precision (float32) inside forward" in report.findings[0].message
    assert report.findings[0].bound < 2e-5
    double = check_gradients(lambda v: data @ v["W"], lambda _v, c: {"W": data.T @ c}, values)
    assert "single precision" not in double.findings[0].message


def test_a_float32_gradient_of_float64_values_is_allowed_its_own_rounding():
    """A10."""

    def backward(factor):
        return lambda v, c: {"x": (factor * 2 * c * v["x"]).astype(np.float32)}

    report = check_gradients(square, backward(1), X)
    assert report.status is Status.PASS
    assert "the gradient is float32 for values in float64" in report.findings[0].message
    assert check_gradients(square, backward(1.01), X).status is Status.FAIL


def test_a_label_without_a_gradient_names_the_way_out():
    def backward(v, c):
        return {"x": 2 * c * (v["x"] - v["y"])}

    def forward(v):
        return (v["x"] - v["y"]) ** 2

    values = {**X, "y": np.ones(3)}
    findings = check_gradients(forward, backward, values).findings
    (finding,) = [f for f in findings if f.status is Status.INCONCLUSIVE]
    assert finding.message.endswith("check_gradients(forward, backward, values, wrt=['x'])")
    assert check_gradients(forward, backward, values, wrt=["x"]).status is Status.PASS


def test_wrt_names_what_backward_has_to_give():
    report = check_gradients(
        lambda v: v["x"] * v["b"],
        lambda v, c: {"x": c * v["b"]},
        {**X, "b": np.ones(3)},
        wrt=["x", "b"],
    )
    (finding,) = report.failures
    assert finding.tensor == "b"
    assert finding.message.startswith("backward gave no gradient of b, which wrt= names")


class ArrayLike:
    """As JAX and other libraries return."""

    def __init__(self, array):
        self.array = np.asarray(array)
        self.shape = self.array.shape

    def __array__(self, dtype=None, copy=None):
        return self.array if dtype is None else self.array.astype(dtype)


FORMS = {
    "a list of arrays": (
        lambda v: [v["x"] ** 2, np.sin(v["x"])],
        lambda v, c: {"x": 2 * c[0] * v["x"] + c[1] * np.cos(v["x"])},
    ),
    "a list of different shapes": (
        lambda v: [v["x"] ** 2, np.sum(v["x"])],
        lambda v, c: {"x": 2 * c[0] * v["x"] + c[1]},
    ),
    "a list of numbers": (
        lambda v: [v["x"][0] ** 2, v["x"][1]],
        lambda v, c: {"x": np.array([2 * c[0] * v["x"][0], c[1], 0])},
    ),
    "array-likes": (
        lambda v: ArrayLike(np.tanh(v["x"])),
        lambda v, c: {"x": ArrayLike(c * (1 - np.tanh(v["x"]) ** 2))},
    ),
    "an array-like number": (
        lambda v: ArrayLike(np.sum(np.tanh(v["x"]))),
        lambda v: {"x": ArrayLike(1 - np.tanh(v["x"]) ** 2)},
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_outputs_in_other_forms_are_taken(form):
    forward, backward = FORMS[form]
    assert check_gradients(forward, backward, X).status is Status.PASS

    if form == "an array-like number":
        wrong = check_gradients(forward, lambda v: {"x": 1.01 * backward(v)["x"].array}, X)
    else:
        wrong = check_gradients(
            forward, lambda v, c: {"x": 1.01 * np.asarray(backward(v, c)["x"])}, X
        )
    assert wrong.status is Status.FAIL
