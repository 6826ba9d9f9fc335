"""Two ways to compute one thing: do they agree, up to rounding that is measured."""

from __future__ import annotations

import warnings
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.laws.case import Case, copies, entry_name, most_different, result_name, run, unit_of
from gradlab.laws.case import Results as Ran

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from numpy.typing import NDArray

    from gradlab.records import Finding
    from gradlab.subject import Outputs, Subject, Values

    Array = NDArray[Any]
    #: "output" (or "output 0", …) and the names of tensors, for their gradients.
    Results = dict[str, Array]
    Compute = Callable[[Values], Results]
    #: From what is compared, the entry, and got, expected and bound to a sentence.
    Say = Callable[[str, tuple[int, ...], str, str], str]

# By how many units in the last place, and by which shares of themselves, the inputs
# are moved to see rounding at work; see `_measured`.  An output that keeps one and
# the same float over many units of its input shows its rounding at large moves only.
_LAST_PLACES = 8
_SHARES = (2.0**-44, 2.0**-36, 2.0**-28, 2.0**-20)
# How much larger rounding may be than the largest that seven looks showed.
_MARGIN = 8


@dataclass(frozen=True)
class Claim:
    """That `got` and `expected` compute the same from the same values.

    Attributes
    ----------
    values
        The values at which both are asked.
    say
        The sentence for a difference.
    floor
        For each result, how large it is before anything cancels, where the
        results themselves do not show it.
    """

    got: Compute
    expected: Compute
    values: Values
    say: Say
    floor: Mapping[str, float] = field(default_factory=dict)


def evaluate(subject: Subject, values: Values, cotangents: Outputs) -> Results:
    """Run forward and backward on a new instance, and name the results.

    Gradients are divided by the convention's scaling, so that they are
    vector-Jacobian products; one without its tensor's shape is left out, because
    the shape law speaks of it.
    """
    session = subject.open(values)
    return evaluate_in(session, subject, values, cotangents)


def forward(subject: Subject, values: Values) -> Results:
    """Run the forward on a new instance, and name the outputs."""
    outputs = subject.forward(copies(values))
    return Ran(tuple(np.array(out) for out in outputs), {}).named()


def evaluate_in(session: Any, subject: Subject, values: Values, cotangents: Outputs) -> Results:
    """Run forward and backward on an instance that may have been used before."""
    found = run(session, values, cotangents)
    results = Ran(found.outputs, {}).named()
    scaling = subject.scaling(values)
    for name in subject.checked:
        gradient = found.gradients.get(name)
        if gradient is not None and gradient.shape == values[name].shape:
            results[name] = gradient / scaling.get(name, 1.0)
    return results


@contextmanager
def quietly() -> Iterator[None]:
    """Silence the floating-point warnings that extreme values provoke on purpose."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)
        yield


def hold(case: Case, law: str, claim: Claim) -> list[Finding]:
    """Compare the two sides of a claim: one finding for each result."""
    got, expected = claim.got(claim.values), claim.expected(claim.values)
    names = [name for name in expected if name in got]
    unequal = [n for n in names if not np.array_equal(got[n], expected[n], equal_nan=True)]
    bounds = _bounds(case, claim, got, expected) if unequal else {}
    return [
        _finding(case, law, claim, name, (got[name], expected[name], bounds.get(name)))
        if name in unequal
        else case.passed(law, name, "holds")
        for name in names
    ]


def _finding(
    case: Case, law: str, claim: Claim, name: str, sides: tuple[Array, Array, Array | None]
) -> Finding:
    got, expected, bound = sides
    if bound is None:
        message = claim.say(name, (), f"an array of shape {got.shape}", f"one of {expected.shape}")
        return case.failed(law, name, message)
    with np.errstate(invalid="ignore"):
        # Written so that a NaN on one side only is a difference.
        same = (np.abs(got - expected) <= bound) | (np.isnan(got) & np.isnan(expected))
    same |= got == expected
    if same.all():
        return case.passed(law, name, "holds", bound=float(np.max(bound)))
    index = most_different(np.where(same, expected, got), expected)
    is_, should, room = float(got[index]), float(expected[index]), float(bound[index])
    digits = 6 if f"{is_:.6g}" != f"{should:.6g}" else 17
    message = claim.say(name, index, f"{is_:.{digits}g}", f"{should:.{digits}g} ± {room:.0e}")
    return case.failed(law, name, message, got=is_, expected=should, bound=room, index=index)


def _bounds(case: Case, claim: Claim, got: Results, expected: Results) -> Results:
    """Return what rounding can explain of each difference, entry by entry.

    A sum of n terms in any order is off by at most (n − 1)·u·Σ|terms| (Higham,
    Accuracy and Stability of Numerical Algorithms, 2002, §4.2).  The terms are
    inside the code; their size is that of the result before anything cancels,
    and where the result shows it too small, moving the inputs shows the rest.
    """
    names = [n for n, value in expected.items() if n in got and got[n].shape == value.shape]
    count = max([value.size for value in (*case.values.values(), *expected.values())], default=1)
    measured = _measured(case, claim, names, got, expected)
    return {
        name: (count + 8) * unit_of(got[name]) * _size(case, claim, name, expected)
        + _MARGIN * measured[name]
        for name in names
    }


def _size(case: Case, claim: Claim, name: str, expected: Results) -> float:
    """How large a result is before anything cancels; |c||F|/|x| for a gradient."""
    own = max(_largest(expected[name]), claim.floor.get(name, 0.0))
    if name.startswith("output"):
        return own
    outputs = [_largest(value) for n, value in expected.items() if n.startswith("output")]
    upstream = max([_largest(c) for c in case.cotangents], default=1.0)
    natural = upstream * max(outputs, default=0.0) / (_largest(claim.values[name]) or 1.0)
    return max(own, natural)


def _largest(array: Array) -> float:
    finite = np.abs(array[np.isfinite(array)])
    return float(np.max(finite, initial=0.0))


def _measured(
    case: Case, claim: Claim, names: list[str], got: Results, expected: Results
) -> Results:
    """Move the inputs, and see how much the difference of the two sides changes.

    Where both compute the same the difference is rounding wherever it is taken,
    and its changes show how large rounding is; where they don't, it changes by a
    share of itself no larger than the moves, and the bound stays small beside it.  What the
    last places of the inputs do to the expected side is allowed for as well.
    """
    spread = {name: np.zeros(expected[name].shape) for name in names}
    rng = np.random.default_rng([case.seed, 32])
    for move in (0.0, 0.0, 0.0, *_SHARES):
        moved = _moved(case, claim.values, move, rng)
        try:
            ours, theirs = claim.got(moved), claim.expected(moved)
        except (GradlabError, ValueError):
            continue  # moved out of the domain
        for name in names:
            with np.errstate(invalid="ignore"):
                apart = np.abs((ours[name] - theirs[name]) - (got[name] - expected[name]))
                own = np.abs(theirs[name] - expected[name])
            changes = (apart, own) if not move else (apart,)
            for change in changes:
                spread[name] = np.fmax(spread[name], np.where(np.isfinite(change), change, 0.0))
    return spread


def _moved(case: Case, values: Values, move: float, rng: np.random.Generator) -> Results:
    """Move what is differentiable, where its range allows."""
    return {
        name: _move(value, move, rng, _range(case, name)) if name in case.subject.checked else value
        for name, value in values.items()
    }


def _range(case: Case, name: str) -> tuple[float, float]:
    tensor = case.subject.domain[name]
    low = max(tensor.low, 0.0) if tensor.content == "probability" else tensor.low
    high = min(float(tensor.high), 1.0) if tensor.content == "probability" else float(tensor.high)
    return low, high


def _move(
    value: Array, move: float, rng: np.random.Generator, limits: tuple[float, float]
) -> Array:
    if value.dtype.kind != "f":
        return value
    if move:
        moved = value * (1 + move * rng.uniform(-1.0, 1.0, value.shape))
    else:
        places = rng.integers(1, _LAST_PLACES, value.shape, endpoint=True)
        moved = value + np.spacing(value) * places * rng.choice([-1.0, 1.0], value.shape)
    low, high = limits
    return np.asarray(np.where((moved >= low) & (moved <= high), moved, value), value.dtype)


def entry(name: str, index: tuple[int, ...]) -> str:
    """Name one entry of a result in a sentence: "the output, entry [0, 2]"."""
    return f"{result_name(name)}, {entry_name(index)}" if index else result_name(name)
