"""What the catalogue says of a textbook gradient check, measured.

The check is the textbook's: one generic input, a random upstream gradient,
float64, central differences, a tolerance of 1e-5.
"""

import copy

import numpy as np
import pytest

from gradlab.faults import CATALOGUE, FiniteDifferences, registry
from gradlab.faults.registry import Label

CHECKED = [
    entry
    for entry in registry.VARIANTS.values()
    if entry.has_subject and entry.label is not Label.CORRECT
]


def textbook_check_passes(entry, truth):
    values, cotangent = truth.sample(entry.target)
    build = registry.build(entry.name)

    def forward(v):
        return truth.Run(entry.target, build, v).forward(copy.deepcopy(v))

    run = truth.Run(entry.target, build, values)
    _, analytic = run.both(copy.deepcopy(values), cotangent.copy())
    for name, numeric in truth.central(forward, values, cotangent, analytic).items():
        if analytic[name].shape != numeric.shape:
            return False
        difference = np.linalg.norm(analytic[name] - numeric)
        if not difference <= 1e-5 * (np.linalg.norm(analytic[name]) + np.linalg.norm(numeric)):
            return False
    return True


@pytest.mark.parametrize("entry", CHECKED, ids=str)
def test_a_textbook_check_does_what_the_catalogue_says(entry, truth):
    if entry.label is Label.NEAR_MISS:
        assert textbook_check_passes(entry, truth)
        return
    said = CATALOGUE[entry.made_by].finite_differences
    if entry.made_by == "bias-along-examples":  # at this shape it cannot even run
        with pytest.raises(ValueError, match="broadcast"):
            textbook_check_passes(entry, truth)
        return
    passes = textbook_check_passes(entry, truth)
    assert said is FiniteDifferences.DEPENDS or passes == (said is FiniteDifferences.MISSES)


def test_the_textbook_check_misses_more_than_half():
    # Of the faults, not of the mutants: the collection's own count was 25 of 55.
    faults = CATALOGUE.values()
    caught = sum(f.finite_differences is FiniteDifferences.CATCHES for f in faults)
    assert 0 < caught < len(faults) / 2
