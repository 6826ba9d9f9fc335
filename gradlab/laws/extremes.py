"""The law on extreme values: finite there, and right where it is known what is right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content
from gradlab.laws.batch_axis import extreme_values, is_cost
from gradlab.laws.case import Case, Law, entry, entry_name, evaluate
from gradlab.laws.comparison import Equivalence, assert_equivalent, quietly
from gradlab.records import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.laws.comparison import NamedResults
    from gradlab.records import Finding
    from gradlab.subject import Subject, Values

    Array = NDArray[Any]


def _check(case: Case) -> list[Finding]:
    with quietly():
        findings = [f for values in extreme_values(case) for f in _at_extremes(case, values)]
        certain = _certain(case)
        return findings + (_at_extremes(case, certain) if certain is not None else [])


def _certain(case: Case) -> dict[str, Array] | None:
    """Return values in which every prediction is certain and right, where that has a cost.

    0 and 1 are outside of the open interval on which a cost of unknown purpose is evaluated.
    """
    if case.subject.twin is None or not is_cost(case):
        return None
    domain = case.subject.domain
    labels = [t.name for t in domain if t.content is Content.BINARY]
    predictions = [t.name for t in domain if t.content is Content.PROBABILITY]
    if len(labels) != 1 or len(predictions) != 1:
        return None
    values = case.copy_values()
    values[predictions[0]] = values[labels[0]].copy()
    return values


def _at_extremes(case: Case, values: Values) -> list[Finding]:
    """Compare with the twin; finiteness alone where there is none, or where people clip.

    Beside 0 and 1 many costs clip their probabilities on purpose (Keras at
    1e-7): there only a finite result is required.
    """
    twin = case.subject.twin
    got = evaluate(case.subject, values, case.cotangents)
    if twin is not None and _shapes(case, twin) != [out.shape for out in case.outputs]:
        return []  # the law on the reference reports it
    if twin is None:
        return _without_twin(case, values, got)
    clips = any(tensor.content is Content.PROBABILITY for tensor in case.subject.domain)
    if clips:
        right = evaluate(twin, values, case.cotangents)
        return [
            _is_number(case, values, name, result, right[name])
            for name, result in got.items()
            if name in right and right[name].shape == result.shape
        ]

    def ours(values: Values) -> NamedResults:
        return evaluate(case.subject, values, case.cotangents)

    def theirs(values: Values) -> NamedResults:
        return evaluate(twin, values, case.cotangents)

    def describe(name: str, index: tuple[int, ...], got: str, expected: str) -> str:
        what = f"{entry(name, index)}, {_place(case, values, index)}"
        return f"{what}: got {got}, the {twin.name} has {expected}"

    findings = assert_equivalent(
        case, LAW.name, Equivalence(ours, theirs, values, describe, _sizes(case, twin, values))
    )
    if all(finding.status is Status.PASS for finding in findings):
        return findings
    # What is wrong at the generic point too is wrong everywhere; other laws report it.
    here = assert_equivalent(case, LAW.name, Equivalence(ours, theirs, case.values, describe))
    wrong = {finding.tensor for finding in here if finding.status is Status.FAIL}
    return [finding for finding in findings if finding.tensor not in wrong]


def _sizes(case: Case, twin: Subject, values: Values) -> dict[str, float]:
    """How large the numbers are that the results are computed from.

    1 − a of a saturated sigmoid is 0 where 4e-18 is exact: the error is that of
    rounding 1, which is no evidence against the formula.  So a gradient is no smaller
    than where nothing saturates, nor than the upstream gradient times the ratio of
    output to input there.  And log(Σ exp z) − z has the rounding of z: an output is
    no smaller than an input times its slope there.
    """
    domain = case.subject.domain
    rng = np.random.default_rng([case.seed, 40])
    generic = domain.sample(domain.sizes_at(case.values), rng)
    results = evaluate(twin, generic, case.cotangents)
    sizes = {name: _largest(result) for name, result in results.items()}
    upstream = max(_largest(cotangent) for cotangent in case.cotangents) or 1.0
    inputs = [name for name in sizes if name in generic]
    through = max([_largest(values[n]) * sizes[n] / upstream for n in inputs], default=0.0)
    outputs = {name: max(size, through) for name, size in sizes.items() if name not in generic}
    passed_on = upstream * max(sizes[name] for name in outputs)
    own = {n: max(sizes[n], passed_on / (_largest(generic[n]) or 1.0)) for n in inputs}
    return {**outputs, **own}


def _shapes(case: Case, twin: Subject) -> list[tuple[int, ...]]:
    return [out.shape for out in twin.forward(case.copy_values())]


def _largest(array: Array) -> float:
    return float(np.max(np.abs(array), initial=0.0))


def _without_twin(case: Case, values: Values, got: NamedResults) -> list[Finding]:
    """Where the outputs are finite, the code is defined, and a gradient is no NaN."""
    outputs = [result for name, result in got.items() if name.startswith("output")]
    defined = all(bool(np.all(np.isfinite(output))) for output in outputs)
    return [_is_defined(case, values, name, got[name], defined=defined) for name in got]


def _is_defined(case: Case, values: Values, name: str, got: Array, *, defined: bool) -> Finding:
    """A result is no NaN where the outputs are finite; elsewhere NaN is stated only.

    Infinity is let through: exp overflows, and is right.
    """
    if not np.isnan(got).any():
        return case.passed(LAW.name, name, "is a number")
    index = tuple(int(i) for i in np.argwhere(np.isnan(got))[0])
    place = f"{entry(name, index)}, {_place(case, values, index)}"
    if not defined:
        return case.passed(LAW.name, name, f"{place}, is nan: the code may not be defined there")
    message = f"{place}: got nan, should be a number, as the output is"
    return case.failed(LAW.name, name, message, got=np.nan, index=index)


def _is_number(case: Case, values: Values, name: str, got: Array, right: Array) -> Finding:
    """A result is finite where it should be."""
    wrong = ~np.isfinite(got) & np.isfinite(right)
    if not wrong.any():
        return case.passed(LAW.name, name, "is finite")
    index = tuple(int(i) for i in np.argwhere(wrong)[0])
    message = (
        f"{entry(name, index)}, {_place(case, values, index)}: got {got[index]}, should be "
        f"{right[index]:.6g}"
    )
    return case.failed(
        LAW.name,
        name,
        message,
        got=float(got[index]),
        expected=float(right[index]),
        index=index,
    )


def _place(case: Case, values: Values, index: tuple[int, ...]) -> str:
    """Describe the inputs at an entry, or their ranges."""
    checked = case.subject.checked
    only = values[checked[0]]
    if len(checked) == 1 and only.ndim == len(index) > 0 and np.all(np.less(index, only.shape)):
        return f"where {checked[0]}, {entry_name(index)}, is {only[index]:.6g}"
    ranges = [
        f"{n} from {np.min(values[n]):.6g} to {np.max(values[n]):.6g}"
        for n in checked
        if values[n].size
    ]
    return f"with {' and '.join(ranges)}"


LAW = Law(
    "extremes",
    "the result is finite, and right, at extreme values",
    _check,
    "Goodfellow, Bengio and Courville, Deep Learning, 2016, §4.1: overflow and underflow",
    "everything; right is what it is meant to be computes; where that is unknown, NaN is "
    "wrong in a gradient where the outputs are finite",
)
