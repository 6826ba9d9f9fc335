"""What check finds, and what it leaves alone, over the whole registry."""

import pytest

from gradlab import check, reference, registry
from gradlab.engine import check_subject
from gradlab.faults import CATALOGUE
from gradlab.laws import LAWS
from gradlab.records import Status
from gradlab.registry import Standing

LAYERS = [
    name
    for name in reference.__all__
    if name.endswith("Layer") and name not in ("Layer", "ActivationLayer")
]
COSTS = [
    "compute_cost",
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "softmax_cross_entropy",
]
NAMES = {law.name for law in LAWS if not law.on_request}
RIGHT = [entry.name for entry in registry.right() if entry.has_subject]
WRONG = [
    entry.name
    for entry in registry.entries(standing=Standing.MUTANT)
    if entry.has_subject and CATALOGUE[entry.variant].law in NAMES
]


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_right_passes(name):
    report = check_subject(registry.subject(name))
    assert report.status is Status.PASS, [f for f in report.findings if f.status is not Status.PASS]


@pytest.mark.parametrize("name", [*LAYERS, *COSTS])
def test_check_passes_the_reference_as_a_user_hands_it_over(name):
    report = check(getattr(reference, name))
    assert report.status is Status.PASS, str(report)


@pytest.mark.parametrize("name", WRONG)
def test_a_mutant_is_found_by_the_law_that_the_catalogue_names(name):
    law = CATALOGUE[registry.entry(name).variant].law
    report = check_subject(registry.subject(name))
    broken = {finding.law for finding in report.findings if finding.status is Status.FAIL}
    assert law in broken


def test_every_law_has_a_mutant_that_it_must_find():
    assert {str(CATALOGUE[registry.entry(name).variant].law) for name in WRONG} == NAMES
