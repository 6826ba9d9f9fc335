"""No single precision inside double precision."""

import numpy as np
import pytest

from gradlab.records import Status

LAW = "precision"


def keep(self, x):
    self.x = x
    return np.tanh(x)


def right(self, c):
    return c * (1 - np.tanh(self.x) ** 2)


def single(array):
    return array.astype(np.float32).astype(float)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize(
    ("forward", "backward", "tensors"),
    [
        (lambda s, x: single(keep(s, x)), right, {"output"}),
        (lambda s, x: keep(s, single(x)), right, {"output", "x"}),
        (keep, lambda s, c: right(s, single(c)), {"x"}),
        (keep, lambda s, c: single(right(s, c)), {"x"}),
        (keep, right, set()),
    ],
)
def test_where_it_is_rounded(broken, layer, forward, backward, tensors, seed):
    assert broken(layer(forward, backward), LAW, seed) == tensors


@pytest.mark.parametrize("seed", range(40))
def test_a_relu_is_asked_where_it_is_on(broken, seed):
    assert broken("mutant:float32-inside/relu", LAW, seed) == {"output"}


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize(
    "forward",
    [
        lambda s, x: np.exp(3 * x),
        lambda s, x: 1 / (1e-3 + x**2),
        lambda s, x: np.sin(50 * x),
        lambda s, x: (x + 1e3) - 1e3,
        lambda s, x: np.abs(x) + np.maximum(x, 0.3),
        lambda s, x: np.tanh(x.astype(np.longdouble)).astype(float),
    ],
)
def test_what_is_steep_or_loses_a_few_digits_is_no_single_precision(broken, layer, forward, seed):
    # The gradient is not this law's business.
    assert broken(layer(forward, lambda s, c: c), LAW, seed) == set()


def test_one_finding_says_what_and_where(ask):
    finding = ask("mutant:float32-inside/softmax_cross_entropy", LAW)["output"]
    assert finding.status is Status.FAIL
    assert finding.message.startswith("the output, its value, moves in jumps of ")
    assert "that is the rounding of single precision (float32), somewhere inside" in finding.message


def test_what_changes_from_call_to_call_has_its_own_law(ask, layer):
    rng = np.random.default_rng(0)
    assert ask(layer(lambda s, x: rng.normal(size=x.shape), lambda s, c: c), LAW) == {}


@pytest.mark.parametrize("seed", range(5))
def test_a_gradient_that_is_nearly_0_has_the_rounding_of_a_natural_one(broken, layer, seed):
    """A12: 1 − tanh² of a saturated unit is nothing but rounding, in double precision."""

    def saturated(self, x):
        self.x = x
        return np.tanh(18 + x / 8)

    def backward(self, c):
        return c * (1 - np.tanh(18 + self.x / 8) ** 2) / 8

    assert broken(layer(saturated, backward), LAW, seed) == set()
    rounded = layer(lambda s, x: single(saturated(s, 8 * x - 140)), backward)
    assert "output" in broken(rounded, LAW, seed)
