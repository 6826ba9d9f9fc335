"""The laws on costs: means over the examples, not below zero, and equal to their formula."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Role
from gradlab.laws.batch_axis import Examples, examples_of, is_cost, meant_to_be
from gradlab.laws.case import Case, Law, entry, forward
from gradlab.laws.comparison import Equivalence, assert_equivalent, quietly
from gradlab.laws.cost_families import declared_non_negative, unless_undeclared
from gradlab.reference_table import COSTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradlab.laws.comparison import NamedResults
    from gradlab.records import Finding
    from gradlab.subject import Values

    Array = NDArray[Any]

_EVERY = "every cost: one number, held against labels, without upstream gradient"
_FROM_LOGITS = tuple(row.name for row in COSTS.values() if row.from_logits)


def _cost_examples(case: Case) -> Examples | None:
    return examples_of(case) if is_cost(case) else None


def _cost(case: Case, values: Values) -> float:
    return float(forward(case.subject, values)["output"])


# The mean of the losses, and duplicated batches


def _data_part(case: Case, examples: Examples) -> Any:
    """Return the cost as a function of values and of the examples chosen from them.

    A penalty on parameters depends on m and on no example: between two batches of
    one size it cancels.  So where there are parameters, the cost of another batch,
    drawn once, is taken away.
    """
    domain = case.subject.domain
    if not any(tensor.role is Role.PARAMETER for tensor in domain):
        return lambda values, chosen: _cost(case, examples.take(values, chosen))
    rng = np.random.default_rng([case.seed, 37])
    drawn = domain.sample(domain.sizes_at(case.values), rng)

    def part(values: Values, chosen: Sequence[int]) -> float:
        other = {**values, **{name: drawn[name] for name in examples.axes}}
        there = _cost(case, examples.take(values, chosen))
        return there - _cost(case, examples.take(other, chosen))

    return part


def _check_mean(case: Case) -> list[Finding]:
    examples = _cost_examples(case)
    if examples is None or examples.count < 2:
        return []
    part = _data_part(case, examples)
    everyone = range(examples.count)

    def together(values: Values) -> NamedResults:
        return {"output": np.asarray(part(values, everyone))}

    def mean(values: Values) -> NamedResults:
        return {"output": np.mean([part(values, [j]) for j in everyone])}

    def describe(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost of {examples.count} examples is {got}, the mean of their losses, one by "
            f"one, is {expected}"
        )

    return assert_equivalent(case, MEAN.name, Equivalence(together, mean, case.values, describe))


def _check_duplication(case: Case) -> list[Finding]:
    examples = _cost_examples(case)
    if examples is None:
        return []
    part = _data_part(case, examples)
    once = [*range(examples.count)]

    def single(values: Values) -> NamedResults:
        return {"output": np.asarray(part(values, once))}

    def double(values: Values) -> NamedResults:
        return {"output": np.asarray(part(values, once * 2))}

    def describe(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost is {expected} where every example stands once, and {got} where each stands "
            "twice; a mean does not change"
        )

    return assert_equivalent(
        case, DUPLICATION.name, Equivalence(double, single, case.values, describe)
    )


# Non-negative


def _check_sign(case: Case) -> list[Finding]:
    if case.subject.upstream or [out.size for out in case.outputs] != [1]:
        return []

    def cost(values: Values) -> NamedResults:
        return forward(case.subject, values)

    def positive_part(values: Values) -> NamedResults:
        return {"output": np.maximum(forward(case.subject, values)["output"], 0.0)}

    def describe(_name: str, _index: tuple[int, ...], got: str, _expected: str) -> str:
        return f"the cost is {got}; no loss, and no penalty, is below zero"

    findings = assert_equivalent(
        case, SIGN.name, Equivalence(cost, positive_part, case.values, describe)
    )
    return unless_undeclared(findings, declared=declared_non_negative(case))


# The stable form


def _check_stable(case: Case) -> list[Finding]:
    meant = meant_to_be(case)
    examples = _cost_examples(case)
    if meant not in _FROM_LOGITS or examples is None:
        return []
    (name,) = case.subject.checked
    (label,) = (t.name for t in case.subject.domain if t.role in (Role.LABEL, Role.INDEX))
    batch = examples.axes[name]

    def naive(values: Values) -> NamedResults:
        scores, labels = values[name], values[label]
        if labels.ndim == 1:
            labels = np.eye(scores.shape[1])[labels]
        losses = _naive[meant](labels, scores, 1 - batch)
        return {"output": np.sum(losses) / examples.count}

    def stable(values: Values) -> NamedResults:
        return forward(case.subject, values)

    def describe(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        return f"{entry(key, index)}: got {got}, the formula as it is defined gives {expected}"

    with quietly():
        formula = naive(case.values)["output"]
        if not np.isfinite(formula):
            return []
        floor = {"output": float(1 + np.abs(formula)) * case.values[name].size}
        return assert_equivalent(
            case, STABLE.name, Equivalence(stable, naive, case.values, describe, floor)
        )


def _naive_binary(labels: Array, scores: Array, _axis: int) -> Array:
    """-y·log σ(z) - (1 - y)·log σ(-z), of numbers of which none cancels."""
    right, wrong = 1 / (1 + np.exp(-scores)), 1 / (1 + np.exp(scores))
    return np.asarray(-labels * np.log(right) - (1 - labels) * np.log(wrong))


def _naive_softmax(labels: Array, scores: Array, axis: int) -> Array:
    powers = np.exp(scores)
    return np.asarray(-labels * np.log(powers / np.sum(powers, axis=axis, keepdims=True)))


_naive = {
    "binary_cross_entropy_from_logits": _naive_binary,
    "softmax_cross_entropy": _naive_softmax,
}

MEAN = Law(
    "mean of the losses",
    "the cost of a batch is the mean of the losses of its examples",
    _check_mean,
    "the article, figure 32",
    f"{_EVERY}; what a penalty on parameters adds is left out",
)
DUPLICATION = Law(
    "batch duplication",
    "a batch in which every example stands twice costs the same",
    _check_duplication,
    "a mean does not change when every term is taken twice",
    f"{_EVERY}; what a penalty on parameters adds is left out",
)
SIGN = Law(
    "non-negative",
    "a cost is not below zero",
    _check_sign,
    "a squared error is a square; a cross-entropy is −log of a probability; a penalty is a norm",
    "every penalty and every cost; a cost whose name does not declare it is not failed",
)
STABLE = Law(
    "stable form",
    "a cost from logits equals the formula as it is defined, where that is finite",
    _check_stable,
    "the definitions, −log σ(z) and −log softmax(z)",
    "what is meant to be a cross-entropy from logits",
)

LAWS = (MEAN, DUPLICATION, SIGN, STABLE)
