"""Comparing results that should be equal, up to rounding that is measured."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content
from gradlab.errors import GradlabError
from gradlab.laws.case import result_name
from gradlab.roundoff import (
    MARGINS,
    Neighbourhood,
    gradient_scale,
    largest,
    mismatch,
    spread_between,
    spread_of,
    unit_roundoff,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.laws.case import Case
    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch
    from gradlab.subject import Values

    Array = NDArray[Any]
    #: "output" (or "output 0", …) and the names of tensors, for their gradients.
    NamedResults = dict[str, Array]
    Compute = Callable[[Values], NamedResults]
    #: From a result's name, an entry's index, and got and expected as text to a sentence.
    Describe = Callable[[str, tuple[int, ...], str, str], str]

#: A function of named arrays, with named arrays as its results.
Function = Callable[[Mapping[str, Any]], Mapping[str, Any]]

_RESULT, _EQUIVALENCE = MARGINS["result"], MARGINS["equivalence"]


# Results of one computation against known ones


def failure(case: Case, law: str, tensor: str, message: str, found: Mismatch) -> Finding:
    """Return the finding that a law is violated at the entry of a mismatch."""
    return case.failed(
        law,
        tensor,
        message,
        got=found.got,
        expected=found.expected,
        bound=found.bound,
        index=found.index,
    )


def same_results(
    case: Case,
    law: str,
    got: Mapping[str, Array],
    *,
    describe: Callable[[str, Mismatch], str],
    expected: Mapping[str, Array] | None = None,
) -> list[Finding]:
    """Compare outputs and gradients with those of `case`, or with `expected`.

    Rounding is measured only if the two are not equal to the last bit.

    Returns
    -------
    list of Finding
        One for each result; `describe` writes the message of a mismatch.
    """
    expected = case.results.named() if expected is None else expected
    names = [name for name in expected if name.startswith("output") or name in case.subject.checked]
    bounds: dict[str, Array] | None = None
    findings = []
    for name in names:
        result, right = got.get(name), expected[name]
        if result is None or result.shape != right.shape:
            what = "missing" if result is None else f"of shape {result.shape}"
            message = f"{result_name(name)} is {what}, and should be of shape {right.shape}"
            findings.append(case.failed(law, name, message))
            continue
        found = mismatch(result, right)
        if found:
            bounds = _results_rounding(case) if bounds is None else bounds
            found = mismatch(result, right, bounds.get(name, 0.0))
        findings.append(
            failure(case, law, name, describe(name, found), found)
            if found
            else case.passed(law, name, f"{result_name(name)} is what it should be")
        )
    return findings


def _results_rounding(case: Case) -> dict[str, Array]:
    """Measure the rounding in a case's outputs and gradients."""
    moving = {name: case.values[name] for name in case.subject.checked}

    def results(moved: Mapping[str, Array]) -> dict[str, Array]:
        return case.run({**case.values, **moved}).named()

    return rounding(results, moving, case.rng(47))


def rounding(
    function: Function, point: Mapping[str, Array], rng: np.random.Generator
) -> dict[str, Array]:
    """Measure how much of each result of `function` at `point` may be rounding.

    Returns
    -------
    dict
        A bound for each result, of its shape; see `gradlab.roundoff`.
    """
    with np.errstate(all="ignore"):
        base = function(point)
        near = Neighbourhood(point, _RESULT)
        # A neighbour may lie outside the domain: a probability beyond 1.
        spread = spread_of(function, base, near, rng, refused=(GradlabError,))
        # The largest change in a tensor counts for all of it: of a number that is rounded
        # to a coarse grid every second neighbour or so happens to fall on the same point.
        return {
            name: _RESULT.bound(
                np.max(spread[name], initial=0.0), np.abs(result), unit_roundoff(result)
            )
            for name, result in base.items()
        }


def numbered(arrays: Iterable[Array]) -> dict[str, Array]:
    """Name arrays that have no name of their own by their position."""
    return {str(position): array for position, array in enumerate(arrays)}


# Two computations of one function


@dataclass(frozen=True)
class Equivalence:
    """The property that `got` and `expected` compute the same from the same values.

    Attributes
    ----------
    values
        The values at which both are evaluated.
    describe
        Writes the sentence for a mismatch.
    sizes
        For each result, how large it is before anything cancels, where neither the
        results nor `roundoff.gradient_scale` show it.
    """

    got: Compute
    expected: Compute
    values: Values
    describe: Describe
    sizes: Mapping[str, float] = field(default_factory=dict)


def assert_equivalent(case: Case, law: str, equivalence: Equivalence) -> list[Finding]:
    """Compare the two sides of an equivalence: one finding for each result on both sides."""
    got, expected = equivalence.got(equivalence.values), equivalence.expected(equivalence.values)
    names = [name for name in expected if name in got]
    unequal = [n for n in names if not np.array_equal(got[n], expected[n], equal_nan=True)]
    bounds = _bounds(case, equivalence, got, expected) if unequal else {}
    return [
        _finding(case, law, equivalence, name, (got[name], expected[name], bounds.get(name)))
        if name in unequal
        else case.passed(law, name, "holds")
        for name in names
    ]


def _finding(
    case: Case,
    law: str,
    equivalence: Equivalence,
    name: str,
    sides: tuple[Array, Array, Array | None],
) -> Finding:
    got, expected, bound = sides
    if bound is None:
        shapes = f"an array of shape {got.shape}", f"one of {expected.shape}"
        return case.failed(law, name, equivalence.describe(name, (), *shapes))
    found = mismatch(got, expected, bound)
    if found is None:
        return case.passed(law, name, "holds", bound=float(np.max(bound)))
    is_, should = found.written()
    message = equivalence.describe(name, found.index, is_, f"{should} ± {found.bound:.0e}")
    return failure(case, law, name, message, found)


def _bounds(
    case: Case, equivalence: Equivalence, got: NamedResults, expected: NamedResults
) -> NamedResults:
    """Return how much of each difference may be rounding, entry by entry.

    A sum of n terms in any order is off by at most (n − 1)·u·Σ|terms| (Higham,
    Accuracy and Stability of Numerical Algorithms, 2002, §4.2).  The terms are
    inside the code.  Their size is that of the result before anything cancels; where
    that size is not known, the observed spread shows the rounding.
    """
    count = max([value.size for value in (*case.values.values(), *expected.values())], default=1)
    near = Neighbourhood(
        equivalence.values, _EQUIVALENCE, moving=case.subject.checked, limits=limits_of(case)
    )
    rng = np.random.default_rng([case.seed, 32])
    spread = spread_between((equivalence.got, got), (equivalence.expected, expected), near, rng)
    return {
        name: _EQUIVALENCE.bound(
            changes,
            _size(case, equivalence, name, expected),
            unit_roundoff(got[name]),
            terms=count,
        )
        for name, changes in spread.items()
    }


def _size(case: Case, equivalence: Equivalence, name: str, expected: NamedResults) -> float:
    """Return how large a result is before anything cancels."""
    own = max(largest(expected[name]), equivalence.sizes.get(name, 0.0))
    if name.startswith("output"):
        return own
    # The two sides may have cut the batch differently, so that cotangents and outputs
    # do not correspond entry by entry.
    upstream = max(map(largest, case.cotangents), default=1.0)
    outputs = [upstream * value for key, value in expected.items() if key.startswith("output")]
    return max(own, gradient_scale(outputs, equivalence.values[name]))


def limits_of(case: Case) -> dict[str, tuple[float, float]]:
    """Return the range of each tensor whose gradient is checked."""
    limits = {}
    for tensor in case.subject.domain:
        if tensor.name in case.subject.checked:
            low, high = tensor.limits(case.sizes)
            if tensor.content is Content.PROBABILITY:
                low, high = max(low, 0.0), min(high, 1.0)
            limits[tensor.name] = (low, high)
    return limits


@contextmanager
def quietly() -> Iterator[None]:
    """Silence the floating-point warnings that extreme values provoke on purpose."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        yield
