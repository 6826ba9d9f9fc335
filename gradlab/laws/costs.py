"""The laws on costs: averages over the examples, zero where the labels are hit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content, Role
from gradlab.laws.agree import Claim, entry, forward, hold, quietly
from gradlab.laws.case import Case, Law
from gradlab.laws.examples import Examples, examples_of, is_cost, meant_to_be, sizes_of
from gradlab.records import GradlabError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from gradlab.laws.agree import Results
    from gradlab.records import Finding
    from gradlab.subject import Values

    Array = NDArray[Any]

_EVERY = "every cost: one number, held against labels, without upstream gradient"
_FROM_VALUES = ("squared_error", "squared_error_loss", "binary_cross_entropy")
_FROM_SCORES = ("binary_cross_entropy_from_logits", "softmax_cross_entropy")

# Distances from the labels, along which a convex cost is asked, and the scores that
# stand for a right answer; both well clear of where costs clip probabilities.
_FAR, _NEAR = 2.0**-2, 2.0**-10
_SCORE = 10.0


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
    drawn = domain.sample(sizes_of(domain, case.values), rng)

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

    def together(values: Values) -> Results:
        return {"output": np.asarray(part(values, everyone))}

    def mean(values: Values) -> Results:
        return {"output": np.mean([part(values, [j]) for j in everyone])}

    def say(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost of {examples.count} examples is {got}, the mean of their losses, one by "
            f"one, is {expected}"
        )

    return hold(case, MEAN.name, Claim(together, mean, case.values, say))


def _check_duplication(case: Case) -> list[Finding]:
    examples = _cost_examples(case)
    if examples is None:
        return []
    part = _data_part(case, examples)
    once = [*range(examples.count)]

    def single(values: Values) -> Results:
        return {"output": np.asarray(part(values, once))}

    def double(values: Values) -> Results:
        return {"output": np.asarray(part(values, once * 2))}

    def say(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost is {expected}, and {got} where every example stands in the batch twice; "
            "a mean does not change"
        )

    return hold(case, DUPLICATION.name, Claim(double, single, case.values, say))


# Non-negative


def _check_sign(case: Case) -> list[Finding]:
    if case.subject.upstream or [out.size for out in case.outputs] != [1]:
        return []

    def cost(values: Values) -> Results:
        return forward(case.subject, values)

    def positive_part(values: Values) -> Results:
        return {"output": np.maximum(forward(case.subject, values)["output"], 0.0)}

    def say(_name: str, _index: tuple[int, ...], got: str, _expected: str) -> str:
        return f"the cost is {got}; no loss, and no penalty, is below zero"

    return hold(case, SIGN.name, Claim(cost, positive_part, case.values, say))


# Zero at the labels


@dataclass(frozen=True)
class _Labelled:
    """A cost's labels, and predictions at a distance from them, or in their favour."""

    values: dict[str, Array]
    predictions: str
    hits: Array
    away: Array

    def beside(self, distance: float) -> dict[str, Array]:
        """Return values whose predictions lie at a distance from the labels."""
        return {**self.values, self.predictions: self.hits + distance * self.away}

    def scored(self, score: float) -> dict[str, Array]:
        """Return values whose scores are high for the label and low elsewhere."""
        return {**self.values, self.predictions: score * (2 * self.hits - 1)}


def _labelled(case: Case) -> _Labelled | None:
    """Choose labels that every cost can be held against: one-hot where there is a choice."""
    domain = case.subject.domain
    labels = [t for t in domain if t.role in (Role.LABEL, Role.INDEX)]
    if len(labels) != 1 or len(case.subject.checked) != 1 or not is_cost(case):
        return None
    (label,), (predictions,) = labels, case.subject.checked
    values, shape = case.copy_values(), case.values[predictions].shape
    given = values[label.name]
    if given.size == 0:
        return None
    if label.content is Content.INTEGER:
        if given.ndim != 1 or len(shape) != 2:
            return None
        return _Labelled(values, predictions, np.eye(shape[1])[given], np.ones(shape))
    if given.shape != shape:
        return None
    if label.content is Content.BINARY and len(shape) == 2:
        values[label.name] = _one_class_each(case, label.name)
    hits = values[label.name]
    is_real = label.content is Content.REAL
    rng = np.random.default_rng([case.seed, 38])
    away = rng.choice([-1.0, 1.0], shape) if is_real else 1 - 2 * hits
    return _Labelled(values, predictions, hits, away)


def _one_class_each(case: Case, name: str) -> Array:
    """Draw one class for each example; what there is, where there is one output only."""
    given, axes = case.values[name], case.subject.domain[name].shape
    batch = axes.index(case.subject.domain.batch) if case.subject.domain.batch in axes else 1
    classes, count = given.shape[1 - batch], given.shape[batch]
    if classes == 1:
        return given.copy()
    drawn = np.random.default_rng([case.seed, 39]).integers(classes, size=count)
    columns: Array = np.eye(classes)[drawn]
    return columns if batch == 0 else columns.T


def _takes_scores(case: Case, labelled: _Labelled) -> bool:
    """Whether a right answer is a large score, and not the label itself.

    What is not known is asked: beyond the label a score's cost goes on falling.
    """
    meant = meant_to_be(case)
    if meant in _FROM_VALUES + _FROM_SCORES:
        return meant in _FROM_SCORES
    if any(tensor.content is Content.INTEGER for tensor in case.subject.domain):
        return True
    try:
        beyond = _cost(case, labelled.beside(-0.5))
    except GradlabError:
        return False
    return beyond < _cost(case, labelled.beside(_FAR))


def _check_zero(case: Case) -> list[Finding]:
    labelled = _labelled(case)
    if labelled is None:
        return []
    with quietly():
        if _takes_scores(case, labelled):
            return _zero_at_scores(case, labelled)
        return _zero_beside(case, labelled)


def _zero_beside(case: Case, labelled: _Labelled) -> list[Finding]:
    """A convex cost that is zero at the labels lies below its chord."""

    def near(values: Values) -> Results:
        return forward(case.subject, values)

    def below_chord(values: Values) -> Results:
        shift = (_FAR - _NEAR) * labelled.away
        far = {**values, labelled.predictions: values[labelled.predictions] + shift}
        chord = _NEAR / _FAR * forward(case.subject, far)["output"]
        return {"output": np.minimum(near(values)["output"], chord)}

    def say(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost is {got} where every prediction is within {_NEAR:.2g} of its label, and "
            f"should be no more than {expected}"
        )

    return hold(case, ZERO.name, Claim(near, below_chord, labelled.beside(_NEAR), say))


def _zero_at_scores(case: Case, labelled: _Labelled) -> list[Finding]:
    """Each score costs at most log(1 + exp(−score)) < exp(−score), and there are `size`."""
    most = labelled.hits.size * np.exp(-_SCORE)

    def right(values: Values) -> Results:
        return forward(case.subject, values)

    def at_most(values: Values) -> Results:
        return {"output": np.minimum(right(values)["output"], most)}

    def say(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost is {got} where every label has the score {_SCORE:g} and everything else "
            f"{-_SCORE:g}, and should be no more than {expected}"
        )

    return hold(case, ZERO.name, Claim(right, at_most, labelled.scored(_SCORE), say))


# The stable form


def _check_stable(case: Case) -> list[Finding]:
    meant = meant_to_be(case)
    examples = _cost_examples(case)
    if meant not in _FROM_SCORES or examples is None:
        return []
    (name,) = case.subject.checked
    (label,) = (t.name for t in case.subject.domain if t.role in (Role.LABEL, Role.INDEX))
    batch = examples.axes[name]

    def naive(values: Values) -> Results:
        scores, labels = values[name], values[label]
        if labels.ndim == 1:
            labels = np.eye(scores.shape[1])[labels]
        losses = _naive[meant](labels, scores, 1 - batch)
        return {"output": np.sum(losses) / examples.count}

    def stable(values: Values) -> Results:
        return forward(case.subject, values)

    def say(key: str, index: tuple[int, ...], got: str, expected: str) -> str:
        return f"{entry(key, index)}: got {got}, the formula as it is defined gives {expected}"

    with quietly():
        formula = naive(case.values)["output"]
        if not np.isfinite(formula):
            return []
        floor = {"output": float(1 + np.abs(formula)) * case.values[name].size}
        return hold(case, STABLE.name, Claim(stable, naive, case.values, say, floor))


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
    "every cost and penalty",
)
ZERO = Law(
    "zero at the labels",
    "a cost goes to zero as the predictions go to the labels, or their scores grow",
    _check_zero,
    "a convex function that is 0 at 0 lies below its chord; log(1 + exp(−s)) < exp(−s)",
    f"{_EVERY}, of one tensor of predictions",
)
STABLE = Law(
    "stable form",
    "a cost from logits equals the formula as it is defined, where that is finite",
    _check_stable,
    "the definitions, −log σ(z) and −log softmax(z)",
    "what is meant to be a cross-entropy from logits",
)

LAWS = (MEAN, DUPLICATION, SIGN, ZERO, STABLE)
