"""The laws on batches: examples have nothing to do with each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.laws.batch_axis import Examples, examples_of, is_cost
from gradlab.laws.case import Case, Law, entry, evaluate, evaluate_in, result_name
from gradlab.laws.comparison import Equivalence, assert_equivalent, quietly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.laws.comparison import NamedResults
    from gradlab.records import Finding
    from gradlab.subject import Outputs, Values

    Array = NDArray[Any]

_ARTICLE = "the article, figures 32 to 37: a batch is handled as its examples one by one"

# A batch is taken apart into at most so many parts, and so many of its examples are
# changed one at a time, so that a large batch costs no more than a small one.
_PARTS = 8
_CHANGED = 4


def _layer_examples(case: Case) -> Examples | None:
    """The examples of a layer, where its outputs have a place for each."""
    examples = examples_of(case)
    if examples is None or not case.subject.upstream or None in examples.outputs:
        return None
    return examples


# Independent examples


def _check_independence(case: Case) -> list[Finding]:
    examples = _layer_examples(case)
    if examples is None or examples.count < 2 or _normalises(case, examples):
        return []
    rng = np.random.default_rng([case.seed, 33])
    changed = rng.permutation(examples.count)[:_CHANGED]
    other = case.subject.domain.sample(case.sizes, rng)

    def before(values: Values) -> NamedResults:
        results = _per_example(case, examples, values, case.cotangents)
        return {name: np.stack([result] * len(changed)) for name, result in results.items()}

    def after(values: Values) -> NamedResults:
        base = _per_example(case, examples, values, case.cotangents)
        runs = [
            _own_restored(
                examples,
                _per_example(
                    case,
                    examples,
                    _with_example(examples, values, other, j),
                    _with_upstream(case, examples, j),
                ),
                base,
                j,
            )
            for j in changed
        ]
        return {name: np.stack([run[name] for run in runs]) for name in base}

    def describe(name: str, index: tuple[int, ...], got: str, expected: str) -> str:
        axis = examples.axis(name)
        if not index or axis is None:
            return f"changing one example changes {result_name(name)} of others"
        inner = index[1:]
        return (
            f"changing example {changed[index[0]]} of the batch changes example {inner[axis]}: "
            f"{entry(name, inner)} was {expected} and is {got}"
        )

    return assert_equivalent(
        case, INDEPENDENCE.name, Equivalence(after, before, case.values, describe)
    )


def _per_example(
    case: Case, examples: Examples, values: Values, cotangents: Outputs
) -> NamedResults:
    """Return the results that have a place for each example."""
    results = evaluate(case.subject, values, cotangents)
    return {name: result for name, result in results.items() if examples.axis(name) is not None}


def _with_example(examples: Examples, values: Values, other: Values, j: int) -> dict[str, Array]:
    """Return values in which example j is that of `other`."""
    changed = {name: value.copy() for name, value in values.items()}
    for name, axis in examples.axes.items():
        np.moveaxis(changed[name], axis, 0)[j] = np.moveaxis(other[name], axis, 0)[j]
    return changed


def _with_upstream(case: Case, examples: Examples, j: int) -> Outputs:
    """Return the upstream gradients, with that of example j negated."""
    changed = case.copy_cotangents()
    for cotangent, axis in zip(changed, examples.outputs, strict=True):
        np.moveaxis(cotangent, axis or 0, 0)[j] *= -1
    return changed


def _own_restored(
    examples: Examples, results: NamedResults, base: NamedResults, j: int
) -> NamedResults:
    """Put back what example j itself gives: that may change."""
    for name, result in results.items():
        axis = examples.axis(name) or 0
        if result.shape == base[name].shape:
            np.moveaxis(result, axis, 0)[j] = np.moveaxis(base[name], axis, 0)[j]
    return results


def _normalises(case: Case, examples: Examples) -> bool:
    """Whether a layer of unknown purpose takes the mean over the examples away, on purpose.

    Found by evaluating it: the same constant, added to a feature of every example,
    changes nothing.  A layer whose purpose is known is never excused.
    """
    if case.subject.twin is not None or not case.subject.upstream:
        return False
    shifted = {
        name: value + 2.0 ** np.ceil(np.log2(1 + np.max(np.abs(value), initial=0.0)))
        if name in examples.axes and name in case.subject.checked
        else value
        for name, value in case.values.items()
    }
    try:
        with quietly():
            after = case.subject.forward({name: value.copy() for name, value in shifted.items()})
    except GradlabError:
        return False  # it does not take what a mean would take away
    same = [
        a.shape == b.shape and np.allclose(a, b, rtol=2.0**-26, atol=2.0**-26)
        for a, b in zip(after, case.outputs, strict=True)
    ]
    return all(same) and any(np.ptp(out) > 0 for out in case.outputs if out.size)


# Sum over examples


def _check_sum(case: Case) -> list[Finding]:
    examples = examples_of(case) if is_cost(case) else _layer_examples(case)
    if examples is None or examples.count < 2 or _normalises(case, examples):
        return []
    parts = np.array_split(np.arange(examples.count), min(examples.count, _PARTS))

    def together(values: Values) -> NamedResults:
        results = evaluate(case.subject, values, case.cotangents)
        return {n: r for n, r in results.items() if case.subject.upstream or n in examples.axes}

    def one_by_one(values: Values) -> NamedResults:
        runs = [_part(case, examples, values, part) for part in parts]
        names = [n for n in together_names if all(n in run for run in runs)]
        return {name: _joined(examples, name, [run[name] for run in runs]) for name in names}

    def describe(name: str, index: tuple[int, ...], got: str, expected: str) -> str:
        how = "is not that of the examples one by one"
        if examples.axis(name) is None:
            how = "is not the sum over the examples, one by one"
        elif is_cost(case):
            how = "is not 1/m of that of each example alone"
        return f"{entry(name, index)}, {how}: got {got}, should be {expected}"

    together_names = together(case.values)
    return assert_equivalent(
        case, SUM.name, Equivalence(together, one_by_one, case.values, describe)
    )


def _part(case: Case, examples: Examples, values: Values, part: Array) -> NamedResults:
    """Return the results of some of the examples alone; a cost's count as their share."""
    chosen = [int(j) for j in part]
    cotangents = examples.take_outputs(case.cotangents, chosen)
    results = evaluate(case.subject, examples.take(values, chosen), cotangents)
    share = 1.0 if case.subject.upstream else len(chosen) / examples.count
    return {name: result * share for name, result in results.items()}


def _joined(examples: Examples, name: str, results: list[Array]) -> Array:
    axis = examples.axis(name)
    return np.sum(results, axis=0) if axis is None else np.concatenate(results, axis=axis)


# Order of examples


def _check_order(case: Case) -> list[Finding]:
    examples = examples_of(case) if is_cost(case) else _layer_examples(case)
    if examples is None or examples.count < 2:
        return []
    count = examples.count
    there = [(j + 1) % count for j in range(count)]
    back = [(j - 1) % count for j in range(count)]

    def in_order(values: Values) -> NamedResults:
        return evaluate(case.subject, values, case.cotangents)

    def reordered(values: Values) -> NamedResults:
        cotangents = examples.take_outputs(case.cotangents, there)
        results = evaluate(case.subject, examples.take(values, there), cotangents)
        return {name: _reordered(examples, name, result, back) for name, result in results.items()}

    def describe(name: str, index: tuple[int, ...], got: str, expected: str) -> str:
        return (
            f"{entry(name, index)}, depends on the order of the examples: {expected} as they "
            f"stand, {got} where the first example stands last"
        )

    return assert_equivalent(
        case, ORDER.name, Equivalence(reordered, in_order, case.values, describe)
    )


def _reordered(examples: Examples, name: str, result: Array, order: list[int]) -> Array:
    axis = examples.axis(name)
    return result if axis is None else np.take(result, order, axis=axis)


# Batch size


def _check_size(case: Case) -> list[Finding]:
    examples = examples_of(case)
    if examples is None:
        return []
    least = (case.subject.domain.minimum or {}).get(case.subject.domain.batch, 1)
    others = [m for m in (1, examples.count + 1) if m != examples.count and m >= least]
    return [finding for m in others for finding in _other_batch_size(case, examples, m)]


def _other_batch_size(case: Case, examples: Examples, m: int) -> list[Finding]:
    """Evaluate a layer that was made for one batch size, and has run it, at another."""
    chosen = [j % examples.count for j in range(m)]
    values = examples.take(case.values, chosen)
    made_for = f"made for {examples.count} examples and run with {m}"
    session = case.subject.open(case.copy_values())
    try:
        session.forward(case.copy_values())
        cotangents = _cotangents(case, examples, values, chosen)
        used = evaluate_in(session, case.subject, values, cotangents)
    except CodeUnderTestError as error:
        return [case.failed(SIZE.name, "", f"{made_for}, it fails: {error}")]
    fresh = evaluate(case.subject, values, cotangents)

    def describe(name: str, index: tuple[int, ...], got: str, expected: str) -> str:
        return f"{made_for}: {entry(name, index)}, is {got}, a new one gives {expected}"

    return assert_equivalent(
        case, SIZE.name, Equivalence(lambda _: used, lambda _: fresh, values, describe)
    )


def _cotangents(case: Case, examples: Examples, values: Values, chosen: list[int]) -> Outputs:
    if None not in examples.outputs:
        return examples.take_outputs(case.cotangents, chosen)
    outputs = case.subject.forward({name: value.copy() for name, value in values.items()})
    return tuple(np.ones(out.shape) for out in outputs)


INDEPENDENCE = Law(
    "independent examples",
    "changing one example changes no other example's output or input gradient",
    _check_independence,
    _ARTICLE,
    "every layer whose outputs have a place for each example, but for one that takes the mean "
    "over the examples away and is not meant to be something else",
)
SUM = Law(
    "sum over examples",
    "a parameter's gradient is the sum over the examples, each alone; a cost's is 1/m of each",
    _check_sum,
    "the article's sum over all paths and its slow method, one example at a time",
    "what independent examples applies to, and every cost, from two examples on",
)
ORDER = Law(
    "order of examples",
    "the order of the examples is irrelevant",
    _check_order,
    _ARTICLE,
    "every layer whose outputs have a place for each example, and every cost",
)
SIZE = Law(
    "batch size",
    "a layer takes any number of examples, whatever number it was made for",
    _check_size,
    "the last mini-batch of an epoch, and a prediction for one example",
    "everything that has a batch",
)

LAWS = (INDEPENDENCE, SUM, ORDER, SIZE)
