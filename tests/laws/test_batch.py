"""The laws on batches: each finds its faults, and leaves what looks like one alone."""

import re

import numpy as np
import pytest

from gradlab.adapters import adapt
from gradlab.faults import registry
from gradlab.laws import batch

LAWS = batch.LAWS


class BatchNorm:
    """Takes the mean over the examples away: examples depend on each other by design."""

    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.spread = np.sqrt(Z.var(axis=1, keepdims=True) + 1e-5)
        self.A = (Z - Z.mean(axis=1, keepdims=True)) / self.spread

    def backward(self, dA):
        mean = dA.mean(axis=1, keepdims=True)
        along = (dA * self.A).mean(axis=1, keepdims=True)
        self.dZ = (dA - mean - self.A * along) / self.spread


class Leaky(BatchNorm):
    """Adds a tenth of the batch's mean, and is no normalisation."""

    def forward(self, Z):
        self.A = Z + 0.1 * Z.mean(axis=1, keepdims=True)

    def backward(self, dA):
        self.dZ = dA + 0.1 * dA.mean(axis=1, keepdims=True)


class ShiftedByBatch(BatchNorm):
    """A softmax that is shifted by the largest logit of the whole batch: rounding only."""

    def forward(self, Z):
        powers = np.exp(Z - np.max(Z))
        self.A = powers / powers.sum(axis=0)

    def backward(self, dA):
        self.dZ = self.A * (dA - (dA * self.A).sum(axis=0))


class Frozen(BatchNorm):
    """An instance that keeps the room it was made with."""

    def forward(self, Z):
        self.A[...] = 2 * Z

    def backward(self, dA):
        self.dZ = 2 * dA


def rows_forward(x):
    return x + x[::-1], None


def rows_backward(dout, cache):
    return dout + dout[::-1]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fault_is_found_by_its_law(mutant, law, seed, laws):
    assert laws.failures(laws.findings(registry.subject(mutant), law, seed=seed))


@pytest.mark.parametrize("law", batch.LAWS, ids=lambda law: law.name)
@pytest.mark.parametrize("cls", [BatchNorm, ShiftedByBatch])
def test_what_only_looks_like_a_fault_is_left_alone(cls, law, laws):
    findings = laws.findings(adapt(cls, layout="columns"), law)
    assert not laws.failures(findings)
    silent = cls is BatchNorm and law in (batch.INDEPENDENCE, batch.SUM)
    assert bool(findings) is not silent


def test_a_layer_that_normalises_over_the_examples_is_not_excused_where_it_is_meant_otherwise(laws):
    assert laws.failures(laws.findings(adapt(BatchNorm, like="identity"), batch.INDEPENDENCE))


def test_examples_that_leak_into_each_other(laws):
    findings = laws.failures(laws.findings(adapt(Leaky, layout="columns"), batch.INDEPENDENCE))
    assert {finding.tensor for finding in findings} == {"output", "Z"}
    assert re.fullmatch(
        r"changing example 0 of the batch changes example 1: the output, entry \[\d, 1\] was "
        r"-?[\d.]+ and is -?[\d.]+; at all sizes distinct",
        laws.plain(findings[0].message),
    )
    assert laws.failures(laws.findings(adapt(Leaky, layout="columns"), batch.SUM))
    assert not laws.failures(laws.findings(adapt(Leaky, layout="columns"), batch.ORDER, batch.SIZE))


def test_examples_in_rows(laws):
    findings = laws.failures(
        laws.findings(adapt((rows_forward, rows_backward), layout="rows"), *batch.LAWS)
    )
    assert {finding.law for finding in findings} >= {"independent examples", "order of examples"}


def test_a_mean_in_the_parameters_gradients_is_right_where_the_convention_has_it(student, laws):
    module = student("coursera.py")
    pair = adapt((module.linear_forward, module.linear_backward))
    findings = laws.findings(pair, *batch.LAWS)
    assert {finding.tensor for finding in findings} == {"output", "A_prev", "W", "b"}
    assert not laws.failures(findings)


def test_a_mean_where_the_sum_is_meant(student, laws):
    (found, *_) = laws.failures(
        laws.findings(adapt(student("linear_bias_mean.py").LinearLayer), batch.SUM)
    )
    assert found.tensor == "b"
    assert found.message.startswith("the gradient of b, entry [")
    assert "is not the sum over the examples, one by one: got " in found.message
    assert found.expected == pytest.approx(2 * found.got)


def test_an_instance_that_kept_its_room(laws):
    subject = adapt(Frozen((5, 7)))
    values = {"Z": np.ones((5, 7))}
    (found,) = laws.failures(laws.at(subject, values, batch.SIZE))
    assert found.message.startswith("made for 7 examples and run with 8, it fails: Frozen.forward")


@pytest.mark.parametrize("law", batch.LAWS, ids=lambda law: law.name)
def test_nothing_is_asked_of_what_has_no_examples(law, laws):
    assert laws.findings(registry.subject("l2_penalty"), law) == []
