"""At a kink the gradient of a unit lies between its two derivatives."""

import pytest

from gradlab.faults import CATALOGUE, registry
from gradlab.records import Status

LAW = "subgradient"
NEAR = ("kink-with-the-other-slope", "mask-from-activation", "positive-part-as-half-sum")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("fault", [name for name, f in CATALOGUE.items() if f.law == LAW])
def test_a_value_that_is_no_subgradient_fails(ask, fault, seed):
    for target in CATALOGUE[fault].operators:
        finding = ask(f"mutant:{fault}/{target}", LAW, seed)["Z"]
        assert finding.status is Status.FAIL
        assert finding.message.startswith("gradient of Z, entry [")
        assert finding.message.endswith("exactly at a kink")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "name", ["relu", "leaky_relu", *(e.name for e in registry.correct() if e.made_by in NEAR)]
)
def test_any_subgradient_is_right(ask, name, seed):
    assert ask(name, LAW, seed)["Z"].status is Status.PASS


@pytest.mark.parametrize("name", ["sigmoid", "linear", "squared_error"])
def test_a_domain_without_kinks_is_not_asked(ask, name):
    assert ask(name, LAW) == {}
