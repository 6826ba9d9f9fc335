"""The laws on what an activation is meant to be."""

import numpy as np
import pytest

from gradlab.adapters import adapt
from gradlab.faults import registry
from gradlab.laws import symmetries

LAWS = symmetries.LAWS


class Activation:
    """A student's elementwise layer, of a name that says nothing."""

    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = self.f(Z)

    def backward(self, dA):
        self.dZ = dA


def of(f):
    return type("Custom", (Activation,), {"f": staticmethod(f)})


def wrong_axis(z):
    powers = np.exp(z - z.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fault_is_found_by_its_law(mutant, law, seed, laws):
    assert laws.failures(laws.findings(registry.subject(mutant), law, seed=seed))


@pytest.mark.parametrize(
    ("like", "f"),
    [
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z))),  # as the article writes it
        ("sigmoid", lambda z: np.where(z < 0, 1 - 1 / (1 + np.exp(-abs(z))), 1 / (1 + np.exp(-z)))),
        ("tanh", lambda z: 2 / (1 + np.exp(-2 * z)) - 1),
        ("sin", lambda z: np.cos(z - np.pi / 2)),
        ("cos", lambda z: np.sin(z + np.pi / 2)),
        ("identity", lambda z: (3 * z) / 3),
        ("relu", lambda z: z * (z > 0)),
        ("leaky_relu", lambda z: np.maximum(z, 0.01 * z)),
        ("leaky_relu", lambda z: np.maximum(z, 0.3 * z)),  # another slope: nobody's business
        ("softmax", lambda z: np.exp(z - z.max()) / np.exp(z - z.max()).sum(axis=0)),
    ],
)
def test_another_way_to_write_it_is_left_alone(like, f, laws):
    with np.errstate(all="ignore"):
        findings = laws.findings(adapt(of(f), like=like), *symmetries.LAWS)
    if like == "softmax":  # a shift by the largest of all underflows for the other examples
        findings = [finding for finding in findings if finding.law != "shift invariance"]
    assert findings
    assert not laws.failures(findings)


@pytest.mark.parametrize(
    ("like", "f", "law"),
    [
        ("sigmoid", lambda z: 1 / (1 + np.exp(-z - 0.01)), "symmetry"),
        ("tanh", lambda z: np.tanh(z) + 1e-6, "symmetry"),
        ("relu", lambda z: np.log1p(np.exp(z)), "positive homogeneity"),
        ("relu", lambda z: np.minimum(np.maximum(z, 0), 6), "positive homogeneity"),
        ("relu", lambda z: z * (z.sum(axis=0) > 0), "independent entries"),
        ("softmax", wrong_axis, "columns sum to 1"),
        ("softmax", wrong_axis, "shift invariance"),
    ],
)
def test_what_is_no_such_function_is_found(like, f, law, laws):
    findings = laws.findings(adapt(of(f), like=like), *symmetries.LAWS)
    assert law in {finding.law for finding in laws.failures(findings)}


def test_a_wrong_axis_is_no_excuse_and_an_unknown_purpose_is(laws):
    assert laws.findings(adapt(of(wrong_axis)), *symmetries.LAWS) == []


@pytest.mark.parametrize(
    ("name", "law", "message"),
    [
        (
            "mutant:exponential-overflows/tanh",
            symmetries.SYMMETRY,
            "f(−z) is −f(z): the output, entry [0, 1], at -10000: got nan; at all sizes distinct",
        ),
        (
            "mutant:capped-at-one/relu",
            symmetries.HOMOGENEITY,
            "f(1024·z) is 1024·f(z): the output, entry [2, 0]: got 1, should be 1024 ± ",
        ),
        (
            "mutant:softmax-over-examples/softmax",
            symmetries.COLUMNS,
            "the probabilities of example 0 sum to 2.14552, should be 1 ± ",
        ),
        (
            "mutant:softmax-overflows/softmax",
            symmetries.SHIFT,
            "adding 1024 to all logits of an example changes the output, entry [0, 0]: got nan, ",
        ),
        (
            "mutant:max-for-maximum/relu",
            symmetries.ENTRIES,
            "changing entry [3, 1] of Z changes another entry: the output, entry [0, 1] was ",
        ),
    ],
)
def test_the_sentence(name, law, message, laws):
    (found, *_) = laws.failures(laws.findings(registry.subject(name), law))
    assert found.message.startswith(message)
