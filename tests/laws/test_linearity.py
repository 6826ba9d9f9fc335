"""A backward is linear in the upstream gradient."""

import numpy as np
import pytest

from gradlab.records import Status

LAW = "cotangent linearity"


def keep(self, x):
    self.x = x
    return np.sin(x)


def right(self, c):
    return c * np.cos(self.x)


def test_a_right_backward_is_linear(broken, layer):
    assert broken(layer(keep, right), LAW) == set()


def test_an_upstream_gradient_that_is_not_used_is_named(ask):
    finding = ask("mutant:upstream-ignored/identity", LAW)["Z"]
    assert finding.message == (
        "for an upstream gradient of zeros the gradient of Z, entry [0, 0]: got 1, should be 0; "
        "the upstream gradient is not used at all; at all sizes distinct (n=4, m=2)"
    )


@pytest.mark.parametrize(
    ("backward", "said"),
    [
        (lambda s, c: c * np.abs(c) * np.cos(s.x), "is not linear in the upstream gradient"),
        (lambda s, c: np.clip(c, -0.7, 0.7) * np.cos(s.x), "is not linear in the upstream"),
        (lambda s, c: (c + 1e-9) * np.cos(s.x), "for an upstream gradient of zeros"),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_what_is_not_linear_fails(ask, layer, backward, said, seed):
    finding = ask(layer(keep, backward), LAW, seed)["x"]
    assert finding.status is Status.FAIL
    assert said in finding.message
    assert abs(finding.got - finding.expected) > finding.bound


@pytest.mark.parametrize(
    "backward",
    [
        # rounding that a bound from the machine epsilon alone would not cover
        lambda s, c: (c * np.cos(s.x) + 1e6) - 1e6,
        lambda s, c: (c.astype(np.float32) * np.cos(s.x).astype(np.float32)).astype(float),
        lambda s, c: np.cos(s.x) * sum([c / 7] * 7),
    ],
)
@pytest.mark.parametrize("seed", range(5))
def test_rounding_is_measured_and_allowed_for(broken, layer, backward, seed):
    assert broken(layer(keep, backward), LAW, seed) == set()


@pytest.mark.parametrize("seed", range(20))
def test_a_unit_that_is_off_at_the_point_is_asked_at_another(broken, layer, seed):
    def forward(self, x):
        self.on = x > 0.5
        return x * self.on

    assert broken(layer(forward, lambda s, c: 1.0 * s.on), LAW, seed) == {"x"}


def test_a_cost_has_no_upstream_gradient_to_be_linear_in(ask):
    assert ask("squared_error", LAW) == {}


def test_a_gradient_of_another_shape_is_left_to_the_shape_law(ask, layer):
    assert ask(layer(keep, lambda s, c: np.sum(c)), LAW)["x"].status is not Status.ERROR
