"""check_gradients and check, from outside."""

import json

import numpy as np
import pytest

from gradlab import GradlabError, Status, check, check_gradients


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def only(report):
    (finding,) = [f for f in report.findings if f.law == "gradient"]
    return finding


def linear(v):
    return v["W"] @ v["x"]


def linear_backward(v, c):
    return {"W": np.outer(c, v["x"]), "x": v["W"].T @ c}


VALUES = {"W": np.array([[1.0, -2.0, 0.5], [0.3, 4.0, -1.0]]), "x": np.array([0.5, 1.0, -2.0])}


def test_a_right_pair_passes():
    assert check_gradients(linear, linear_backward, VALUES).status is Status.PASS


@pytest.mark.parametrize("seed", range(20))
def test_one_wrong_entry_is_named_with_what_it_should_be(seed):
    def backward(v, c):
        gradients = linear_backward(v, c)
        gradients["W"][1, 2] *= 1.01
        return gradients

    report = check_gradients(linear, backward, VALUES, seed=seed)
    (failure,) = report.failures
    assert (failure.tensor, failure.index) == ("W", (1, 2))
    assert failure.got == pytest.approx(1.01 * failure.expected, rel=1e-9)
    assert abs(failure.got - failure.expected) > failure.bound
    assert failure.notes[0] == "1 of 6 entries is wrong: [1, 2], 1.01 times what it should be"


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("z", [[40.0], [-40.0], [40.0, -40.0], [30.0, 1.0], [0.0, 40.0, -40.0]])
def test_the_articles_sigmoid_passes_in_saturation(z, seed):
    def backward(v, c):
        a = sigmoid(v["z"])
        return {"z": c * a * (1 - a)}

    report = check_gradients(lambda v: sigmoid(v["z"]), backward, {"z": np.array(z)}, seed=seed)
    assert report.status is Status.PASS, str(report)


def test_a_factor_missing_shows_beside_saturated_entries():
    def backward(v, c):
        return {"z": c * sigmoid(v["z"])}

    report = check_gradients(
        lambda v: sigmoid(v["z"]), backward, {"z": np.array([40.0, 0.5, -40.0])}
    )
    assert only(report).status is Status.FAIL


def test_a_number_may_leave_the_cotangent_out():
    report = check_gradients(
        lambda v: float(v["x"] @ v["x"]), lambda v: {"x": 2 * v["x"]}, {"x": VALUES["x"]}
    )
    assert report.status is Status.PASS


def test_a_number_with_a_cotangent_gets_a_number():
    seen = []

    def backward(v, c):
        seen.append(type(c))
        return {"x": 2 * c * v["x"]}

    report = check_gradients(lambda v: float(v["x"] @ v["x"]), backward, {"x": VALUES["x"]})
    assert report.status is Status.PASS
    assert set(seen) == {float}


def test_a_tuple_of_outputs_gets_a_tuple_of_cotangents():
    def backward(v, c):
        first, second = c
        return {"x": np.cos(v["x"]) * first + second}

    report = check_gradients(lambda v: (np.sin(v["x"]), v["x"].sum()), backward, {"x": VALUES["x"]})
    assert report.status is Status.PASS


def test_a_stateful_pair_is_called_forward_then_backward():
    kept = {}

    def forward(v):
        kept["a"] = np.tanh(v["x"])
        return kept["a"]

    report = check_gradients(
        forward, lambda v, c: {"x": c * (1 - kept["a"] ** 2)}, {"x": VALUES["x"]}
    )
    assert report.status is Status.PASS


def test_a_floating_tensor_without_gradient_is_inconclusive_unless_left_out():
    def backward(v, c):
        return {"x": linear_backward(v, c)["x"]}

    report = check_gradients(linear, backward, VALUES)
    assert report.status is Status.INCONCLUSIVE
    (finding,) = [f for f in report.findings if f.status is Status.INCONCLUSIVE]
    assert finding.message == (
        "backward gave no gradient of W, so nothing is known about it; if W is data that is not "
        "differentiated, name the tensors that are: check_gradients(forward, backward, values, "
        "wrt=['x'])"
    )
    assert check_gradients(linear, backward, VALUES, wrt=["x"]).status is Status.PASS


def test_integers_are_passed_through():
    def forward(v):
        assert v["i"].dtype.kind == "i"
        return v["x"][v["i"]]

    def backward(v, c):
        gradient = np.zeros_like(v["x"])
        np.add.at(gradient, v["i"], c)
        return {"x": gradient}

    values = {"x": VALUES["x"], "i": np.array([0, 2, 2, 1])}
    report = check_gradients(forward, backward, values)
    assert report.status is Status.PASS
    assert report.subjects[0].notes == ()


def test_an_integer_array_with_a_gradient_is_promoted_and_the_report_says_so():
    report = check_gradients(
        lambda v: v["x"] ** 2.0, lambda v, c: {"x": 2 * c * v["x"]}, {"x": np.array([1, 2, 3])}
    )
    assert report.status is Status.PASS
    assert report.subjects[0].notes == (
        "x came as integers and backward has a gradient for it: promoted to float",
    )


def test_the_cotangent_is_never_all_ones():
    # Under all ones the elementwise a(1 − a) cannot be told from the right backward here.
    def softmax(v):
        e = np.exp(v["z"] - v["z"].max())
        return e / e.sum()

    def backward(v, c):
        p = softmax(v)
        return {"z": 0 * c * p}

    assert check_gradients(softmax, backward, {"z": VALUES["x"]}).status is Status.FAIL


def test_nan_in_a_gradient_is_a_failure_where_the_derivative_exists():
    def backward(v, c):
        gradients = linear_backward(v, c)
        gradients["x"][1] = np.nan
        return gradients

    (failure,) = check_gradients(linear, backward, VALUES).failures
    assert (failure.tensor, failure.index) == ("x", (1,))
    data = json.loads(check_gradients(linear, backward, VALUES).to_json())
    (entry,) = [f for f in data["subjects"][0]["findings"] if f["status"] == "fail"]
    assert entry["got"] == "nan"


def test_a_wrong_shape_is_named_and_not_compared():
    def backward(v, c):
        gradients = linear_backward(v, c)
        return {"W": gradients["W"].T, "x": gradients["x"]}

    (failure,) = check_gradients(linear, backward, VALUES).failures
    assert failure.law == "shape"
    assert failure.message == (
        "the gradient of W has shape (3, 2), W has shape (2, 3); at the values given"
    )


def test_what_backward_raises_is_an_error_with_the_line():
    def backward(v, c):
        return {"x": c @ np.ones((7, 7))}

    report = check_gradients(lambda v: v["x"], backward, {"x": VALUES["x"]})
    assert report.status is Status.ERROR
    message = report.findings[0].message
    assert message.startswith("backward raised ValueError: matmul")
    assert "test_checks.py, line " in message
    assert 'return {"x": c @ np.ones((7, 7))}' in message


def test_an_unknown_gradient_is_an_error():
    report = check_gradients(lambda v: v["x"], lambda v, c: {"y": c}, {"x": VALUES["x"]})
    assert report.status is Status.ERROR
    assert report.findings[0].message == (
        "backward returned a gradient of 'y'; the values are x; at the values given"
    )


@pytest.mark.parametrize(
    ("values", "wrt", "message"),
    [
        ({}, None, "values is empty; give at least one named array, as in {'x': np.ones(3)}"),
        (
            {"x": "three"},
            None,
            "values['x'] is a str of dtype <U5; arrays of real numbers are expected",
        ),
        ({"x": np.ones(2)}, ["y"], "wrt names 'y'; the values are x"),
    ],
)
def test_bad_arguments_are_refused(values, wrt, message):
    with pytest.raises(GradlabError) as caught:
        check_gradients(lambda v: v["x"], lambda v, c: {"x": c}, values, wrt=wrt)
    assert str(caught.value) == message


def test_an_empty_tensor_passes():
    report = check_gradients(lambda v: v["x"], lambda v, c: {"x": c}, {"x": np.ones((0, 3))})
    assert report.status is Status.PASS


def test_one_seed_one_report_to_the_byte(student):
    layer = student("linear_bias_mean.py").LinearLayer
    assert check(layer, seed=3).to_json() == check(layer, seed=3).to_json()
    assert str(check(layer, seed=3)) == str(check(layer, seed=3))
    assert check(layer, seed=3).to_json() != check(layer, seed=4).to_json()


def test_an_overflow_with_a_right_value_is_a_note():
    values = {"z": np.array([-800.0, 1.0])}

    def backward(v, c):
        a = sigmoid(v["z"])
        return {"z": c * a * (1 - a)}

    report = check_gradients(lambda v: sigmoid(v["z"]), backward, values)
    assert report.status is Status.PASS, str(report)
    assert report.subjects[0].notes == (
        "RuntimeWarning from the code: overflow encountered in exp; at the values given",
    )


def test_the_values_given_are_left_alone():
    values = {name: value.copy() for name, value in VALUES.items()}

    def backward(v, c):
        gradients = linear_backward(v, c)
        v["W"][:] = 0
        return gradients

    check_gradients(linear, backward, values)
    assert all(np.array_equal(values[name], VALUES[name]) for name in VALUES)


def test_a_large_tensor_with_one_wrong_entry():
    rng = np.random.default_rng(5)
    values = {"W": rng.standard_normal((40, 60)), "x": rng.standard_normal(60)}

    def backward(v, c):
        gradients = linear_backward(v, c)
        gradients["W"][17, 33] += 1.0
        return gradients

    (failure,) = check_gradients(linear, backward, values).failures
    assert (failure.tensor, failure.index) == ("W", (17, 33))


class Dropped:
    """Function pairs with a random mask, seeded by nobody."""

    def __init__(self):
        self.rng = np.random.default_rng()
        self.mask = None

    def forward(self, values):
        self.mask = self.rng.random(values["x"].shape) < np.random.uniform(0.5, 0.7)
        return values["x"] * self.mask

    def backward(self, values, cotangent):
        return {"x": cotangent * self.mask}

    def forgetful(self, values, cotangent):
        return {"x": cotangent * (self.rng.random(values["x"].shape) < 0.6)}


def test_random_numbers_are_held_while_a_pair_is_checked():
    pair, values = Dropped(), {"x": np.linspace(-2.0, 3.0, 12)}
    np.random.seed(3)
    expected = np.random.RandomState(3).rand()
    assert check_gradients(pair.forward, pair.backward, values).status is Status.PASS
    assert np.random.rand() == expected
    assert check_gradients(pair.forward, pair.forgetful, values).status is Status.FAIL
