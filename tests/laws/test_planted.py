"""Each law over the registry: planted faults are found, and what is right is left alone."""

import pytest

from gradlab import registry
from gradlab.engine import check_subject
from gradlab.faults import CATALOGUE
from gradlab.records import Status
from gradlab.registry import Standing

PROTOCOL = (
    "cotangent linearity",
    "adjoint identity",
    "subgradient",
    "shape",
    "dtype",
    "precision",
    "purity",
    "aliasing",
    "second forward",
    "repeat",
    "backward twice",
    "two instances",
)
RIGHT = [entry.name for entry in registry.right() if entry.has_subject]
PLANTED = [
    (entry.name, str(CATALOGUE[entry.variant].law))
    for entry in registry.entries(standing=Standing.MUTANT)
    if entry.has_subject and CATALOGUE[entry.variant].law in PROTOCOL
]


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(("name", "law"), PLANTED)
def test_a_planted_fault_is_found_by_its_law(ask, name, law, seed):
    assert Status.FAIL in {finding.status for finding in ask(name, law, seed).values()}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_breaks_no_law(name):
    report = check_subject(registry.subject(name), laws=PROTOCOL, seed=1)
    assert report.status is Status.PASS, [f for f in report.findings if f.status is not Status.PASS]


def test_every_law_has_a_planted_fault():
    assert {law for _, law in PLANTED} == set(PROTOCOL)


@pytest.mark.parametrize("law", PROTOCOL)
def test_every_law_has_near_misses_that_it_is_asked_of(ask, law):
    faults = [CATALOGUE[registry.entry(name).variant] for name, of in PLANTED if of == law]
    near = {name for fault in faults for name in fault.near}
    asked = [entry for entry in registry.right() if entry.has_subject and entry.variant in near]
    assert any(ask(entry.name, law) for entry in asked)
