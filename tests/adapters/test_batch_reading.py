"""The axis of the examples is declared, or confirmed by the forward (A1, A3, A9)."""

import numpy as np
import pytest
from click.testing import CliRunner

from gradlab import adapt, check
from gradlab.cli import cli
from gradlab.domain import Layout
from gradlab.errors import GradlabError
from gradlab.records import Status


def softmax_along(axis):
    class Attn:
        def forward(self, x):
            powers = np.exp(x - x.max(axis=axis, keepdims=True))
            self.out = powers / powers.sum(axis=axis, keepdims=True)
            return self.out

        def backward(self, dout):
            return self.out * (dout - (dout * self.out).sum(axis=axis, keepdims=True))

    return Attn


class Everything:
    """Subtracts the mean of all entries: no axis holds examples."""

    def forward(self, x):
        return x - x.mean()

    def backward(self, dout):
        return dout - dout.mean()


class RowNorm:
    """A right batch norm with (1, D) parameters: rows are examples, and are coupled."""

    def __init__(self, n_in):
        self.gamma, self.beta = np.ones((1, n_in)), np.zeros((1, n_in))

    def forward(self, x):
        self.s = np.sqrt(x.var(axis=0, keepdims=True) + 1e-3)
        self.n = (x - x.mean(axis=0, keepdims=True)) / self.s
        return self.gamma * self.n + self.beta

    def backward(self, dout):
        self.dgamma = (dout * self.n).sum(axis=0, keepdims=True)
        self.dbeta = dout.sum(axis=0, keepdims=True)
        d = dout * self.gamma
        mean = d.mean(axis=0, keepdims=True)
        return (d - mean - self.n * (d * self.n).mean(axis=0, keepdims=True)) / self.s


class WrongRowNorm(RowNorm):
    def backward(self, dout):
        super().backward(dout)
        d = dout * self.gamma
        return (d - d.mean(axis=0, keepdims=True)) / self.s


class Leak:
    """Adds the first row to every row."""

    def forward(self, x):
        return x + x[:1]

    def backward(self, dout):
        grad = dout.copy()
        grad[0] += dout.sum(axis=0)
        return grad


class Linear(Leak):
    """Its name declares that examples are independent."""

    def __init__(self, n_in, n_out):
        self.W, self.b = np.ones((n_in, n_out)), np.zeros((1, n_out))

    def forward(self, x):
        self.x = x + x[:1]
        return self.x @ self.W + self.b

    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout, dout.sum(axis=0, keepdims=True)
        return super().backward(dout @ self.W.T)


def notes(report):
    return " ".join(report.subjects[0].notes)


@pytest.mark.parametrize(
    ("axis", "layout"), [(1, Layout.EXAMPLES_FEATURES), (0, Layout.FEATURES_EXAMPLES)]
)
def test_a_softmax_passes_along_either_axis(axis, layout):
    cls = softmax_along(axis)
    assert adapt(cls).layout is layout
    assert check(cls).status is Status.PASS


@pytest.mark.parametrize("cls", [RowNorm, Everything])
def test_examples_that_are_coupled_are_a_note(cls):
    report = check(cls)
    assert not report.failures
    assert "examples are coupled" in notes(report)


def test_a_wrong_batch_norm_fails():
    assert {("gradient", "x")} <= {(f.law, f.tensor) for f in check(WrongRowNorm).failures}


def test_a_declared_layout_is_one_under_which_laws_fail():
    assert not check(Leak).failures
    declared = check(Leak, layout="rows")
    assert "independent examples" in {f.law for f in declared.failures}
    assert "layout rows, as declared" in notes(declared)
    assert not check(Leak, layout="none").failures


def test_a_name_declares_independent_examples():
    assert "independent examples" in {f.law for f in check(Linear).failures}


def sum_squared_loss(y_true, y_pred):
    return 0.5 * np.sum((y_pred - y_true) ** 2), y_pred - y_true


def wrong_sum_squared_loss(y_true, y_pred):
    return np.sum((y_pred - y_true) ** 2), y_pred - y_true


def poisson_loss(y_true, y_pred):
    m = y_true.shape[1]
    return np.sum(y_pred - y_true * np.log(y_pred)) / m, (1 - y_true / y_pred) / m


def hinge_loss(y_true, y_pred):
    m = y_true.shape[1]
    margin = y_true * y_pred
    return np.sum(np.maximum(0, 1 - margin)) / m, -y_true * (margin < 1) / m


def dice_loss(y_true, y_pred):
    both, total = np.sum(y_true * y_pred), np.sum(y_true + y_pred)
    return 1 - 2 * both / total, -2 * (y_true * total - both) / total**2


def softmax_cross_entropy_loss(y_pred, y_true):
    m = y_pred.shape[1]
    shifted = y_pred - y_pred.max(axis=0)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=0))
    return -np.sum(y_true * log_p) / m, (np.exp(log_p) - y_true) / m


@pytest.mark.parametrize(
    "cost", [sum_squared_loss, poisson_loss, hinge_loss, dice_loss, softmax_cross_entropy_loss]
)
def test_a_right_cost_of_any_family_passes(cost):
    assert check(cost).status is Status.PASS


def test_a_cost_that_is_a_sum_is_said_to_be_one():
    assert "the cost is the sum over the examples" in notes(check(sum_squared_loss))
    assert "gradient" in {f.law for f in check(wrong_sum_squared_loss).failures}


def test_a_cost_with_columns_needs_no_like():
    assert check(softmax_cross_entropy_loss, like="softmax_cross_entropy").status is Status.PASS


@pytest.mark.parametrize(
    ("layout", "words"), [("diagonal", "rows, columns, none"), ("columns", "axis of free size")]
)
def test_a_layout_that_cannot_be_is_refused(layout, words):
    with pytest.raises(GradlabError, match=words):
        adapt(RowNorm(4) if layout == "columns" else RowNorm, layout=layout)


def test_the_command_declares_a_layout(tmp_path):
    file = tmp_path / "leak.py"
    file.write_text(
        "class Leak:\n"
        "    def forward(self, x):\n"
        "        return x + x[:1]\n"
        "    def backward(self, dout):\n"
        "        grad = dout.copy()\n"
        "        grad[0] += dout.sum(axis=0)\n"
        "        return grad\n"
    )
    run = CliRunner().invoke
    assert run(cli, ["check", str(file)]).exit_code == 0
    declared = run(cli, ["check", str(file), "--layout", "rows"])
    assert declared.exit_code == 1
    assert "--layout rows" in declared.output
    refused = run(cli, ["check", str(file), "--layout", "diagonal"])
    assert refused.exit_code == 2
    assert "--layout diagonal is not known; known are rows, columns, none" in refused.output
