"""Asking single laws of registry entries, and of subjects written by hand."""

import numpy as np
import pytest

from gradlab import registry
from gradlab.adapters.calls import call
from gradlab.domain import Domain, Role, TensorSpec
from gradlab.engine import check_subject
from gradlab.records import Status
from gradlab.subject import Subject


@pytest.fixture
def ask():
    """Ask one law of a registry name or a subject; its findings by tensor."""

    def ask(what, law, seed=0, **options):
        subject = registry.subject(what) if isinstance(what, str) else what
        report = check_subject(subject, laws=[law], seed=seed, **options)
        assert {finding.law for finding in report.findings} <= {law, "run"}
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
    """Make a subject of x (n, m), and of a parameter p (n, 1) where it is asked for."""

    def layer(forward, backward, *, parameter=False, **options):
        tensors = (TensorSpec("x", ("n", "m")),)
        if parameter:
            tensors += (TensorSpec("p", ("n", 1), Role.PARAMETER),)
        domain = options.pop("domain", Domain(tensors))
        return Subject("layer", lambda _: Session(forward, backward), domain, **options)

    return layer
