"""Number formats: what comes out has that of what comes in, and integers lose no fractions."""

import numpy as np
import pytest

from gradlab.domain import Domain, TensorSpec
from gradlab.records import Status

LAW = "dtype"


def double(self, x):
    return 0.5 * x


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (np.float32, "the gradient of x is of float32, where all values are of float64"),
        (np.int64, "the gradient of x is of int64, where all values are of float64"),
        (complex, "the gradient of x is of complex128, where all values are of float64"),
    ],
)
def test_a_gradient_in_another_format_fails(ask, layer, kind, message):
    found = ask(layer(double, lambda s, c: (0.5 * c).astype(kind)), LAW)["x"]
    assert found.status is Status.FAIL
    assert found.message == f"{message}; at all sizes distinct (n=4, m=2)"


def test_half_precision_for_single_fails(ask, layer):
    def backward(self, c):
        return (0.5 * c).astype(np.float16 if c.dtype == np.float32 else c.dtype)

    found = ask(layer(double, backward), LAW)["x"]
    assert found.message.startswith("the gradient of x is of float16, where all values are of flo")


def test_a_wider_format_is_told_and_no_failure(broken, layer):
    assert broken(layer(double, lambda s, c: 0.5 * c.astype(float)), LAW) == set()


def test_formats_that_are_refused_are_left_out(broken, layer):
    def forward(self, x):
        if x.dtype != np.float64:
            raise TypeError(x.dtype)
        return 0.5 * x

    assert broken(layer(forward, lambda s, c: 0.5 * c), LAW) == set()


def test_fractions_that_are_cut_off_are_named(ask):
    finding = ask("mutant:integers-truncate/sigmoid", LAW)["output"]
    assert finding.status is Status.FAIL
    assert finding.message.startswith("with Z in integers the output, entry [")
    assert ": its fractions are cut off; at all sizes distinct" in finding.message
    assert finding.got == np.trunc(finding.expected)


@pytest.mark.parametrize("seed", range(30))
def test_truncation_on_one_side_of_zero_is_found(broken, seed):
    assert "output" in broken("mutant:integers-truncate/leaky_relu", LAW, seed)


def test_labels_in_integers_are_asked_for_too(ask, layer):
    def forward(self, x):
        return np.floor_divide(x, 2) if x.dtype.kind == "i" else x / 2

    spec = TensorSpec("x", ("n", "m"), low=2.0, high=9.0)
    found = ask(layer(forward, lambda s, c: 0.5 * c, domain=Domain((spec,))), LAW)["output"]
    assert found.status is Status.FAIL
    assert "cut off" in found.message


@pytest.mark.parametrize(
    "spec",
    [
        TensorSpec("x", ("n", "m"), low=0.2, high=0.8),
        TensorSpec("x", ("n", "m"), scale=1e-3),
    ],
)
def test_a_range_without_integers_of_its_size_is_left_alone(ask, layer, spec):
    assert set(ask(layer(double, lambda s, c: 0.5 * c, domain=Domain((spec,))), LAW)) == {"x"}
