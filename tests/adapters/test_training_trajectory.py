import numpy as np
import pytest

from gradlab.adapters import adapt
from gradlab.adapters.training_trajectory import adapt_training, trains
from gradlab.errors import GradlabError
from gradlab.reference import LinearLayer, SigmoidLayer


class Linear:
    """Learns W X = Y; what a test adds to it is how."""

    def __init__(self):
        self.params = {"W": np.zeros((1, 2))}

    def forward(self, X):
        self.X = X
        return self.params["W"] @ X

    def backward(self, upstream_grad):
        self.dW = upstream_grad @ self.X.T


def with_methods(**methods):
    return type("Net", (Linear,), methods)


def one_step(self, X, Y):
    error = self.forward(X) - Y
    self.backward(error / X.shape[1])
    self.params["W"] = self.params["W"] - 0.5 * self.dW
    return np.sum(error**2) / (2 * X.shape[1])


def trajectory(obj, m=4):
    subject = adapt_training(obj)
    values = subject.domain.sample({"m": m, "n_in": 2, "n_out": 1}, np.random.default_rng(0))
    return values, subject.forward({name: value.copy() for name, value in values.items()})


def by_hand(values, rate, steps=5):
    W, X, Y = values["W"], values["X"], values["labels"]
    costs, after = [], []
    for _ in range(steps):
        error = W @ X - Y
        costs.append(np.sum(error**2) / (2 * X.shape[1]))
        W = W - rate * error @ X.T / X.shape[1]
        after.append(W)
    return np.array(costs), np.array(after)


def test_a_step_of_its_own_is_taken_five_times():
    values, (costs, after) = trajectory(with_methods(train_step=one_step))
    expected = by_hand(values, 0.5)
    np.testing.assert_allclose(costs, expected[0], rtol=1e-13)
    np.testing.assert_allclose(after, expected[1], rtol=1e-12)


def test_labels_may_come_first():
    net = with_methods(train_step=lambda self, Y, X: one_step(self, X, Y))
    _, (costs, _) = trajectory(net)
    _, (expected, _) = trajectory(with_methods(train_step=one_step))
    assert np.array_equal(costs, expected)


def test_a_layer_with_an_update_is_trained_by_the_squared_error():
    def update(self, learning_rate):
        self.params["W"] -= learning_rate * self.dW

    values, (costs, after) = trajectory(with_methods(update_params=update))
    expected = by_hand(values, 0.1)
    np.testing.assert_allclose(costs, expected[0], rtol=1e-13)
    np.testing.assert_allclose(after, expected[1], rtol=1e-12)


def test_the_loop_of_an_object_is_its_own():
    def fit(self, X, y, epochs=1000):
        self.epochs = epochs
        return [one_step(self, X, y) for _ in range(epochs)]

    values, (costs, after) = trajectory(with_methods(fit=fit))
    expected = by_hand(values, 0.5)
    np.testing.assert_allclose(costs, expected[0], rtol=1e-13)
    np.testing.assert_allclose(after, expected[1][-1:], rtol=1e-12)


def test_a_default_learning_rate_is_kept_and_one_without_default_is_given():
    def kept(self, X, Y, lr=7.0):
        return lr

    def given(self, X, Y, lr):
        return lr

    _, (costs, _) = trajectory(with_methods(train_step=kept))
    assert costs.tolist() == [7] * 5
    _, (costs, _) = trajectory(with_methods(train_step=given))
    assert costs.tolist() == [0.1] * 5


def test_the_articles_layers():
    subject = adapt_training(LinearLayer)
    assert [tensor.name for tensor in subject.domain] == ["A_prev", "labels", "W", "b"]
    assert subject.checked == ("A_prev", "W", "b")
    assert subject.notes == ("forward, squared error /(2m), backward, LinearLayer.update_params",)


def test_a_function_that_trains():
    def train(X, Y, epochs=100):
        W, costs = np.zeros((1, X.shape[0])), []
        for _ in range(epochs):
            error = W @ X - Y
            costs.append(float(np.sum(error**2)))
            W = W - 0.1 * error @ X.T
        return {"W": W}, costs

    subject = adapt_training(train)
    values = subject.domain.sample({"n_in": 3, "m": 4}, np.random.default_rng(0))
    (costs,) = subject.forward(values)
    assert costs.shape == (5,)
    assert costs[0] == np.sum(values["labels"] ** 2)
    with pytest.raises(GradlabError, match=r"^train trains: it has no forward and backward, but"):
        adapt(train)


def test_a_cost_is_none_of_those():
    def train_loss(Y, Y_hat):
        return 0.0, Y_hat

    assert not trains(train_loss)
    assert not trains(LinearLayer)


def test_targets_are_classes_where_there_are_several_outputs():
    (spec,) = [t for t in adapt_training(LinearLayer).domain if t.name == "labels"]
    drawn = adapt_training(LinearLayer).domain.sample(
        {"n_in": 2, "n_out": 3, "m": 5}, np.random.default_rng(1)
    )["labels"]
    assert (spec.shape, spec.content.value) == (("n_out", "m"), "one-hot")
    assert drawn.sum(axis=0).tolist() == [1] * 5


@pytest.mark.parametrize(
    ("obj", "message"),
    [
        (SigmoidLayer, "has no train_step(X, Y), train(X, Y) or update_params(learning_rate)"),
        (
            with_methods(train_step=lambda self, X, Y, model: 0.0),
            "takes X, Y, model, where (X, Y) and at most a learning rate were expected",
        ),
        ((np.sin, np.cos), "keeps no parameters that training could change"),
        (3, "keeps no parameters that training could change"),
    ],
    ids=["no method", "an argument more", "a pair", "a number"],
)
def test_what_cannot_be_trained_says_why(obj, message):
    with pytest.raises(GradlabError) as caught:
        adapt_training(obj)
    assert str(caught.value).endswith(message)


def shapeless(self, X, Y):
    self.params["W"] = np.zeros((1, 2 + int(self.params["W"].shape[1])))
    return 0.0


def without_w(self, X, Y):
    self.params = {}
    return 0.0


@pytest.mark.parametrize(
    ("methods", "message"),
    [
        ({"train_step": lambda self, X, Y: None}, "the cost from Net.train_step is None"),
        ({"train_step": lambda self, X, Y: X}, "where the step's cost was expected"),
        ({"train_step": without_w}, "Net.train_step leaves no parameter 'W' behind"),
        ({"train_step": shapeless}, "Net's W changes its shape in training: (1, 4), (1, 6)"),
        ({"train": lambda self, X, Y: 0.5}, "return the list of costs, a cost for each step"),
        ({"train": lambda self, X, Y: [[0.5, 1.0]]}, "where a number for each was expected"),
        ({"fit": lambda self, X, Y: 1 / 0}, "Net.fit raised ZeroDivisionError"),
    ],
    ids=["none", "an array", "no parameters", "shapes", "one number", "a table", "raises"],
)
def test_a_training_that_goes_wrong_says_how(methods, message):
    with pytest.raises(GradlabError) as caught:
        trajectory(with_methods(**methods))
    assert message in str(caught.value)


def test_a_training_is_not_differentiated():
    subject = adapt_training(LinearLayer)
    with pytest.raises(GradlabError, match=r"^training has no backward"):
        subject.open({t.name: np.ones((2, 2)) for t in subject.domain}).backward({}, ())


def test_a_network_that_is_made_without_arguments_is_adapted_as_it_is():
    subject = adapt(Linear)
    assert {t.name: t.shape for t in subject.domain} == {"X": (2, "m"), "W": (1, 2)}


def test_the_examples_are_not_mistaken_for_a_hidden_layer():
    class Net:
        def __init__(self):
            self.params = {"W1": np.zeros((4, 2)), "W2": np.zeros((1, 4))}

        def forward(self, X):
            self.X, self.A1 = X, self.params["W1"] @ X
            return self.params["W2"] @ self.A1

        def backward(self, upstream_grad):
            self.dW2 = upstream_grad @ self.A1.T
            self.dW1 = (self.params["W2"].T @ upstream_grad) @ self.X.T

    assert {t.name: t.shape for t in adapt(Net()).domain}["X"] == (2, "m")
