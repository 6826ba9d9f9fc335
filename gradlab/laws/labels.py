"""The law on labels: where they are hit, a cost is zero."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content, Role
from gradlab.errors import GradlabError
from gradlab.laws.batch_axis import is_cost, meant_to_be
from gradlab.laws.case import Case, Law, forward
from gradlab.laws.comparison import Equivalence, assert_equivalent, quietly
from gradlab.laws.cost_families import declared_zero, unless_undeclared
from gradlab.reference_table import COSTS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.laws.comparison import NamedResults
    from gradlab.records import Finding
    from gradlab.subject import Values

    Array = NDArray[Any]


# Distances from the labels, along which a convex cost is evaluated, and the scores that
# represent a right answer; both well clear of where costs clip probabilities.
_FAR, _NEAR = 2.0**-2, 2.0**-10
_SCORE = 10.0


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

    Where that is not known, the cost is evaluated: beyond the label a score's cost goes on falling.
    """
    meant = meant_to_be(case)
    if meant in COSTS:
        return COSTS[meant].from_logits
    if any(tensor.content is Content.INTEGER for tensor in case.subject.domain):
        return True
    try:
        beyond = _cost(case, labelled.beside(-0.5))
    except GradlabError:
        return False
    return beyond < _cost(case, labelled.beside(_FAR))


def _cost(case: Case, values: Values) -> float:
    return float(forward(case.subject, values)["output"])


def _check(case: Case) -> list[Finding]:
    labelled = _labelled(case)
    if labelled is None:
        return []
    with quietly():
        at_scores = _takes_scores(case, labelled)
        findings = (_zero_at_scores if at_scores else _zero_beside)(case, labelled)
    return unless_undeclared(findings, declared=declared_zero(case))


def _zero_beside(case: Case, labelled: _Labelled) -> list[Finding]:
    """A convex cost that is zero at the labels lies below its chord."""

    def near(values: Values) -> NamedResults:
        return forward(case.subject, values)

    def below_chord(values: Values) -> NamedResults:
        shift = (_FAR - _NEAR) * labelled.away
        far = {**values, labelled.predictions: values[labelled.predictions] + shift}
        chord = _NEAR / _FAR * forward(case.subject, far)["output"]
        return {"output": np.minimum(near(values)["output"], chord)}

    def describe(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost is {got} where every prediction is within {_NEAR:.2g} of its label, and "
            f"should be no more than {expected}"
        )

    return assert_equivalent(
        case, LAW.name, Equivalence(near, below_chord, labelled.beside(_NEAR), describe)
    )


def _zero_at_scores(case: Case, labelled: _Labelled) -> list[Finding]:
    """Each score costs at most log(1 + exp(−score)) < exp(−score), and there are `size`."""
    most = labelled.hits.size * np.exp(-_SCORE)

    def right(values: Values) -> NamedResults:
        return forward(case.subject, values)

    def at_most(values: Values) -> NamedResults:
        return {"output": np.minimum(right(values)["output"], most)}

    def describe(_name: str, _index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"the cost is {got} where every label has the score {_SCORE:g} and everything else "
            f"{-_SCORE:g}, and should be no more than {expected}"
        )

    return assert_equivalent(
        case, LAW.name, Equivalence(right, at_most, labelled.scored(_SCORE), describe)
    )


LAW = Law(
    "zero at the labels",
    "a cost goes to zero as the predictions go to the labels, or their scores grow",
    _check,
    "a convex function that is 0 at 0 lies below its chord; log(1 + exp(−s)) < exp(−s)",
    "every cost of one tensor of predictions, held against one of labels; a cost whose name does "
    "not declare it (squared, absolute, cross-entropy, …) is not failed",
)
