"""Asking single laws of registry entries, and of subjects written by hand."""

import re
from types import SimpleNamespace

import numpy as np
import pytest

from gradlab import check
from gradlab.adapters.calls import call
from gradlab.domain import Domain, Role, Sizes, TensorSpec
from gradlab.faults import CATALOGUE, registry
from gradlab.faults.registry import Label
from gradlab.laws.case import Case
from gradlab.records import Status
from gradlab.run_laws import check_subject, evaluate
from gradlab.subject import Subject


def evaluate_at(subject, values, laws, rng, where, seed):
    return evaluate(laws, lambda: Case.at(subject, values, rng, where=where, seed=seed), where)


def findings(subject, *laws, seed=0):
    """Return the findings of laws at one point for each pattern of sizes."""
    collected = []
    for number, pattern in enumerate(Sizes):
        rng = np.random.default_rng([seed, number])
        values = subject.domain.sample(subject.domain.sizes(pattern, rng), rng)
        found, warned = evaluate_at(subject, values, laws, rng, pattern.value, seed)
        assert not warned, "a law warns of nothing"
        collected += found
    return collected


def at(subject, values, *laws, seed=0):
    """What the laws say at one point."""
    return evaluate_at(subject, values, laws, np.random.default_rng(seed), "here", seed)[0]


def failures(findings):
    return [finding for finding in findings if finding.status is not Status.PASS]


def pytest_generate_tests(metafunc):
    """Hand every mutant that the catalogue gives to a law of the module's LAWS to its test."""
    if "mutant" not in metafunc.fixturenames:
        return
    by_name = {law.name: law for law in metafunc.module.LAWS}
    wrong = [
        (entry.name, by_name[CATALOGUE[entry.made_by].law])
        for entry in registry.variants(label=Label.MUTANT)
        if entry.has_subject and CATALOGUE[entry.made_by].law in by_name
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


@pytest.fixture
def ask():
    """Evaluate one law of a registry name or a subject; its findings by tensor."""

    def ask(what, law, seed=0, **options):
        subject = registry.subject(what) if isinstance(what, str) else what
        report = check_subject(subject, laws=[law], seed=seed, **options)
        assert {finding.law for finding in report.findings} <= {law, "execution"}
        return {finding.tensor: finding for finding in report.findings}

    return ask


@pytest.fixture
def broken(ask):
    """Ask one law; the tensors for which it fails, and no other doubt."""

    def broken(what, law, seed=0):
        found = ask(what, law, seed)
        assert {finding.status for finding in found.values()} <= {Status.PASS, Status.FAIL}
        return {tensor for tensor, finding in found.items() if finding.status is Status.FAIL}

    return broken


@pytest.fixture
def broken_laws(student):
    """The laws that something from an example breaks, with pieces of its text replaced."""

    def laws(example, name, *replacements):
        report = check(getattr(student(example, *replacements), name))
        return {finding.law for finding in report.failures}

    return laws


class Session:
    """A layer written as two functions of (self, x, …), on a session of its own."""

    def __init__(self, forward, backward):
        self._forward, self._backward = forward, backward

    def forward(self, values):
        return (np.asarray(call("forward", self._forward, self, **values)),)

    def backward(self, values, cotangents):
        found = call("backward", self._backward, self, *cotangents)
        return found if isinstance(found, dict) else dict.fromkeys(values) | {"x": found}


@pytest.fixture
def layer():
    """Make a subject of x (n, m), and of a parameter p (n, 1) where it is requested."""

    def layer(forward, backward, *, parameter=False, **options):
        tensors = (TensorSpec("x", ("n", "m")),)
        if parameter:
            tensors += (TensorSpec("p", ("n", 1), Role.PARAMETER),)
        domain = options.pop("domain", Domain(tensors))
        return Subject("layer", lambda _: Session(forward, backward), domain, **options)

    return layer
