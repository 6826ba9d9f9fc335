"""The short form of the tables: a few draws of every family, held to the same rules.

`python benchmarks/numdiff/coverage.py --draws 200000` is the full form.
"""

import warnings

import numpy as np
import population
import pytest
from judge import REFUSALS, judge

#: No method can tell these from smooth functions with rounding: docs/numdiff.md says why.
DEFEATED = ("staircase of 1e6 steps",)
FAMILIES = [name for name in population.FAMILIES if name not in DEFEATED]


def _judge(name, method, numbers):
    family = population.FAMILIES[name]
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        return [judge(population.draw(family, n, seed=2024), method) for n in numbers]


def test_the_population_is_large_and_a_third_is_held_out():
    held = sum(family.held_out for family in population.FAMILIES.values())
    assert len(population.FAMILIES) >= 60
    assert 3 * held >= len(population.FAMILIES)


@pytest.mark.parametrize("method", ["auto", "differences"])
@pytest.mark.parametrize("name", FAMILIES)
def test_the_bound_covers_the_truth(name, method):
    for verdict in _judge(name, method, range(3)):
        assert verdict.excess <= 1, verdict


def test_few_ordinary_draws_are_refused():
    ordinary = [
        name for name, family in population.FAMILIES.items()
        if family.kind not in ("hostile", "float16 inside")
    ]  # fmt: skip
    verdicts = [v for name in ordinary for v in _judge(name, "auto", [3])]
    refused = sum(v.status in REFUSALS for v in verdicts)
    assert refused <= 0.08 * len(verdicts)


@pytest.mark.parametrize(
    "name", ["noise", "counter", "raises when perturbed", "nan in one output", "inf",
             "jump at the point", "sqrt|x| at 0", "cube root at 0", "weierstrass", "sign at 0",
             "sqrt at 0", "log of a negative number"],
)  # fmt: skip
def test_hostile_functions_end_in_a_status(name):
    assert all(v.status in REFUSALS for v in _judge(name, "auto", range(3)))
