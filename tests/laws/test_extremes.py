"""The law on extreme values."""

import numpy as np
import pytest

from gradlab.adapters import adapt
from gradlab.faults import registry
from gradlab.laws import extremes

LAWS = (extremes.LAW,)


class Sigmoid:
    """As the article writes it: 1 - a loses its digits, and that is nobody's fault."""

    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))

    def backward(self, dA):
        self.dZ = dA * self.A * (1 - self.A)


class Exponential(Sigmoid):
    def forward(self, Z):
        self.A = np.exp(Z)

    def backward(self, dA):
        self.dZ = dA * self.A


class Quotient(Sigmoid):
    def forward(self, Z):
        self.A = np.exp(Z) / (1 + np.exp(Z))


class Capped(Sigmoid):
    def forward(self, Z):
        self.A = np.minimum(np.maximum(Z, 0), 6)
        self.mask = (Z > 0) & (Z < 6)

    def backward(self, dA):
        self.dZ = dA * self.mask


def clipped(Y, Y_hat):
    p = np.clip(Y_hat, 1e-7, 1 - 1e-7)
    m = Y.shape[1]
    cost = -np.sum(Y * np.log(p) + (1 - Y) * np.log(1 - p)) / m
    return cost, (p - Y) / (p * (1 - p)) / m


def as_written(Y, Y_hat):
    m = Y.shape[1]
    cost = -np.sum(Y * np.log(Y_hat) + (1 - Y) * np.log(1 - Y_hat)) / m
    return cost, (Y_hat - Y) / (Y_hat * (1 - Y_hat)) / m


@pytest.mark.parametrize("seed", range(1, 6))
def test_a_fault_is_found(mutant, law, seed, laws):
    assert laws.failures(laws.findings(registry.subject(mutant), law, seed=seed))


@pytest.mark.parametrize(
    ("obj", "like"),
    [
        (Sigmoid, "sigmoid"),
        (Sigmoid, None),
        (Exponential, None),  # infinity is the right answer, and no NaN
        (clipped, "binary_cross_entropy"),
        (as_written, None),  # 0 and 1 themselves are not in the domain
    ],
)
def test_what_is_right_or_meant_is_left_alone(obj, like, laws):
    findings = laws.findings(adapt(obj, like=like), extremes.LAW)
    assert findings
    assert not laws.failures(findings)


class SoftplusTail:
    """Its output is finite everywhere, and its gradient is NaN far out."""

    def forward(self, Z):
        self.Z = Z
        self.A = np.logaddexp(0, Z)

    def backward(self, dA):
        e = np.exp(self.Z)
        self.dZ = dA * e / (1 + e)


def test_a_gradient_is_a_number_where_the_output_of_unknown_code_is_one(laws):
    failures = laws.failures(laws.findings(adapt(SoftplusTail), extremes.LAW))
    assert {finding.tensor for finding in failures} == {"Z"}
    assert any("got nan, should be a number, as the output is" in f.message for f in failures)


def test_a_layer_of_unknown_purpose_may_not_be_defined_far_out(laws):
    findings = laws.findings(adapt(Quotient), extremes.LAW)
    assert not laws.failures(findings)
    assert any("is nan: the code may not be defined there" in f.message for f in findings)


@pytest.mark.parametrize(
    ("obj", "like", "words"),
    [
        (Quotient, "sigmoid", "got nan, the reference sigmoid has 1 ± "),
        (Capped, "relu", "got 6, the reference relu has 30 ± "),
        (as_written, "binary_cross_entropy", "got nan, should be 0"),
    ],
)
def test_what_goes_wrong_far_out_is_found(obj, like, words, laws):
    findings = laws.failures(laws.findings(adapt(obj, like=like), extremes.LAW))
    assert any(words in finding.message for finding in findings)


def test_a_mistake_that_shows_everywhere_is_left_to_other_laws(laws):
    assert not laws.failures(
        laws.findings(registry.subject("mutant:half-missing/l2_penalty"), extremes.LAW)
    )


def test_the_slope_beside_rounding_is_measured_where_nothing_saturates(laws):
    """1 - tanh²(15) has its rounding from 1, also where no other entry says how large that is."""
    subject = registry.subject("near-miss:sigmoid-as-tanh/sigmoid")
    assert not laws.failures(laws.at(subject, {"Z": np.array([[30.0]])}, extremes.LAW))


def test_the_sentence(laws):
    name = "mutant:derivative-overflows/sigmoid"
    (found, *_) = laws.failures(laws.findings(registry.subject(name), extremes.LAW))
    assert found.message.startswith(
        "the gradient of Z, entry [0, 1], where Z, entry [0, 1], is -10000: got nan, "
        "the reference sigmoid has 0 ± "
    )
