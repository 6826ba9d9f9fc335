"""Asking single laws of a subject, at a point of each pattern of sizes."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from gradlab import registry
from gradlab.domain import Sizes
from gradlab.engine import Point, ask
from gradlab.faults import CATALOGUE
from gradlab.records import Status
from gradlab.registry import Standing


def findings(subject, *laws, seed=0):
    """What the laws say, one point for each pattern of sizes."""
    told = []
    for number, pattern in enumerate(Sizes):
        rng = np.random.default_rng([seed, number])
        values = subject.domain.sample(subject.domain.sizes(pattern, rng), rng)
        found, said = ask(Point(subject, values, pattern.value, seed), rng, laws)
        assert not said, "a law warns of nothing"
        told += found
    return told


def at(subject, values, *laws, seed=0):
    """What the laws say at one point."""
    return ask(Point(subject, values, "here", seed), np.random.default_rng(seed), laws)[0]


def failures(told):
    return [finding for finding in told if finding.status is not Status.PASS]


def pytest_generate_tests(metafunc):
    """Hand every mutant that the catalogue gives to a law of the module's LAWS to its test."""
    if "mutant" not in metafunc.fixturenames:
        return
    by_name = {law.name: law for law in metafunc.module.LAWS}
    wrong = [
        (entry.name, by_name[CATALOGUE[entry.variant].law])
        for entry in registry.entries(standing=Standing.MUTANT)
        if entry.has_subject and CATALOGUE[entry.variant].law in by_name
    ]
    metafunc.parametrize(("mutant", "law"), wrong, ids=[name for name, _ in wrong])


@pytest.fixture
def laws():
    """How the tests ask laws, and read what they say."""
    return SimpleNamespace(
        findings=findings,
        at=at,
        failures=failures,
        plain=lambda message: re.sub(r" ± [\d.e+-]+", "", message),
    )
