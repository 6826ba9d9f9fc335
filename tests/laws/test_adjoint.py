"""Where the forward is linear in a tensor, the backward is its adjoint."""

import numpy as np
import pytest

from gradlab.domain import Content, Domain, TensorSpec
from gradlab.records import Status

LAW = "adjoint identity"


def test_a_linear_layer_is_linear_in_each_of_its_tensors(ask):
    found = ask("linear", LAW)
    assert set(found) == {"A_prev", "W", "b"}
    assert found["W"].message == "the gradient of W is the forward's adjoint"


@pytest.mark.parametrize("name", ["sigmoid", "relu", "softmax", "squared_error", "l2_penalty"])
@pytest.mark.parametrize("seed", range(10))
def test_what_is_not_linear_is_not_asked(ask, name, seed):
    assert ask(name, LAW, seed) == {}


def test_the_message_holds_the_two_inner_products(ask):
    finding = ask("mutant:columns-reshaped-in-backward/flatten", LAW)["A_prev"]
    assert finding.status is Status.FAIL
    assert finding.message == (
        "the forward is linear in A_prev, A·A_prev, so that ⟨u, Aᵀc⟩ is ⟨A·u, c⟩ for every u: with "
        f"the gradient of A_prev as Aᵀc it is {finding.got:.6g}, from the forward it should be "
        f"{finding.expected:.6g} ± {finding.bound:.0e}; at all sizes distinct "
        "(m=4, height=2, width=3)"
    )
    assert abs(finding.got - finding.expected) > 1e9 * finding.bound


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("factor", [1 + 1e-11, 1 - 1e-9, 2.0])
def test_a_small_factor_is_seen(broken, layer, factor, seed):
    scaled = layer(lambda s, x: 3 * x + 1, lambda s, c: 3 * factor * c)
    assert broken(scaled, LAW, seed) == {"x"}


@pytest.mark.parametrize("seed", range(10))
def test_rounding_in_the_forward_is_allowed_for(broken, layer, seed):
    offset = layer(lambda s, x: (x + 1e7) - 1e7, lambda s, c: c)
    assert broken(offset, LAW, seed) == set()


@pytest.mark.parametrize("size", [1e-3, 1e-6, 1e-9])
def test_what_is_almost_linear_is_no_reason_to_fail(broken, layer, size):
    def forward(self, x):
        self.x = x
        return x + size * x**2

    assert broken(layer(forward, lambda s, c: c * (1 + 2 * size * s.x)), LAW) == set()


def test_the_forward_is_run_inside_its_domain_only(broken, layer):
    def forward(self, x):
        assert np.all((x >= 0) & (x <= 1))
        return 1 - x

    spec = TensorSpec("x", ("n", "m"), content=Content.PROBABILITY)
    subject = layer(forward, lambda s, c: -c, domain=Domain((spec,)))
    assert broken(subject, LAW) == set()


def test_a_conventions_scaling_is_taken_out(broken, layer):
    def scaling(values):
        return {"x": 1 / values["x"].shape[1]}

    subject = layer(lambda s, x: 2 * x, lambda s, c: 2 * c / c.shape[1], scaling=scaling)
    assert broken(subject, LAW) == set()
