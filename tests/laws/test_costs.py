"""The laws on costs and labels."""

import numpy as np
import pytest

from gradlab import reference
from gradlab.adapters import adapt
from gradlab.domain import Content, Domain, Role, TensorSpec
from gradlab.faults import registry
from gradlab.laws import costs, labels
from gradlab.subject import Subject

LAWS = (*costs.LAWS, labels.LAW)


def squared(Y, Y_hat):
    m = Y.shape[1]
    return np.sum((Y_hat - Y) ** 2) / (2 * m), (Y_hat - Y) / m


def with_epsilon(Y, Y_hat):
    m = Y.shape[1]
    p, q = Y_hat + 1e-8, 1 - Y_hat + 1e-8
    return -np.sum(Y * np.log(p) + (1 - Y) * np.log(q)) / m, (-Y / p + (1 - Y) / q) / m


def absolute(Y, Y_hat):
    m = Y.shape[1]
    return np.sum(np.abs(Y_hat - Y)) / m, np.sign(Y_hat - Y) / m


def root(Y, Y_hat):
    value = np.sqrt(np.mean((Y_hat - Y) ** 2))
    return value, (Y_hat - Y) / (Y.size * value)


def hinge(x, y):
    rows = np.arange(len(y))
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)
    margins[rows, y] = 0
    slopes = (margins > 0) * 1.0
    slopes[rows, y] = -slopes.sum(axis=1)
    return margins.sum() / len(y), slopes / len(y)


def squared_off_by_half(Y, Y_hat):
    return squared(Y + 0.5, Y_hat)


class _Penalised:
    """A squared error of W·X with a penalty λ/(2m)·‖W‖², or λ/2·‖W‖²."""

    def __init__(self, share, total):
        self.share, self.total = share, total

    def forward(self, values):
        W, X, Y = values["W"], values["X"], values["Y"]
        m = X.shape[1]
        penalty = np.sum(W**2) / 2 / (m if self.share else 1)
        return (np.asarray(np.sum((W @ X - Y) ** 2) / 2 / (1 if self.total else m) + penalty),)

    def backward(self, values, cotangents):
        return dict.fromkeys(values)


def penalised(*, share, total=False):
    domain = Domain(
        (
            TensorSpec("X", ("n_in", "m")),
            TensorSpec("W", ("n_out", "n_in"), Role.PARAMETER),
            TensorSpec("Y", ("n_out", "m"), Role.LABEL),
        )
    )
    return Subject("penalised", lambda _: _Penalised(share, total), domain, upstream=False)


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fault_is_found_by_its_law(mutant, law, seed, laws):
    assert laws.failures(laws.findings(registry.subject(mutant), law, seed=seed))


@pytest.mark.parametrize(
    "cost",
    [
        squared,
        with_epsilon,
        absolute,
        hinge,
        reference.binary_cross_entropy,
        reference.binary_cross_entropy_from_logits,
        reference.softmax_cross_entropy,
    ],
)
def test_a_right_cost_of_unknown_purpose_is_left_alone(cost, laws):
    findings = laws.findings(adapt(cost), *LAWS)
    assert {finding.law for finding in findings} == {
        "mean of the losses",
        "batch duplication",
        "non-negative",
        "zero at the labels",
    }
    assert not laws.failures(findings)


@pytest.mark.parametrize("share", [True, False])
def test_a_penalty_is_no_matter_of_the_examples(share, laws):
    findings = laws.findings(penalised(share=share), costs.MEAN, costs.DUPLICATION)
    assert findings
    assert not laws.failures(findings)
    findings = laws.failures(
        laws.findings(penalised(share=share, total=True), costs.MEAN, costs.DUPLICATION)
    )
    assert {finding.law for finding in findings} == {"mean of the losses", "batch duplication"}


def test_the_root_of_a_mean_is_no_mean(laws):
    findings = laws.failures(laws.findings(adapt(root, layout="columns"), *LAWS))
    assert {finding.law for finding in findings} == {"mean of the losses"}


def test_a_cost_that_is_smallest_elsewhere(laws):
    findings = laws.failures(laws.findings(adapt(squared_off_by_half), *LAWS))
    assert {finding.law for finding in findings} == {"zero at the labels"}


def test_labels_beyond_the_ends_do_not_hide_logits_behind_probabilities(laws):
    subject = registry.subject("mutant:activated-before-cost/softmax_cross_entropy")
    (found, *_) = laws.failures(laws.findings(subject, labels.LAW))
    assert found.message.startswith(
        "the cost is 0.743668 where every label has the score 10 and everything else -10, and "
        "should be no more than 0.000363199 ± "
    )


def test_a_formula_that_is_not_finite_says_nothing_of_the_stable_form(laws):
    subject = registry.subject("softmax_cross_entropy")
    assert subject.domain["Y"].content is Content.ONE_HOT
    assert laws.findings(subject, costs.STABLE)
    far = registry.subject("mutant:stable-form-incomplete/softmax_cross_entropy")
    (found, *_) = laws.failures(laws.findings(far, costs.STABLE))
    assert "the formula as it is defined gives" in found.message


@pytest.mark.parametrize(
    ("name", "law", "message"),
    [
        (
            "mutant:summed-not-averaged/squared_error",
            costs.MEAN,
            "the cost of 2 examples is 7.69408, the mean of their losses, one by one, is 3.84704",
        ),
        (
            "mutant:global-batch-size/squared_error",
            costs.DUPLICATION,
            (
                "the cost is 1.92352 where every example stands once, and 3.84704 where each "
                "stands twice; a mean does not change"
            ),
        ),
        (
            "mutant:cost-negated/squared_error",
            costs.SIGN,
            "the cost is -3.84704; no loss, and no penalty, is below zero",
        ),
    ],
)
def test_the_sentence(name, law, message, laws):
    (found, *_) = laws.failures(laws.findings(registry.subject(name), law))
    assert laws.plain(found.message).startswith(message)
