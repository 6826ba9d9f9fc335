"""Locate the wrong entries of a gradient, and confirm them before a failure is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.group_testing import find_by_bisection, find_by_digits
from gradlab.checker.patterns import (
    candidate_masks,
    common_factor,
    describe_factor,
    describe_pattern,
)
from gradlab.checker.residual import Differences
from gradlab.checker.search import EntrySearch, Localization, compare_entry, is_wrong, worst_first
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.numdiff import analytic, dot
from gradlab.records import Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.residual import DerivativeMethod
    from gradlab.checker.search import ComparedEntry

    Array = NDArray[Any]

# Up to this many entries each is differentiated on its own.
_ONE_BY_ONE = 128
# So many entries, drawn at random, are the examples of a pattern.
_SAMPLE = 8
# A tensor is drowned if it contributes less than this share to the outputs; an error that only
# the complex step resolves has to be so many times its bound.
_DROWNED, _CLEAR = 1e-6, 100.0
# So many of the worst entries are tried before a mismatch counts as unconfirmed.
_TRIED = 3


def confirm_entries(method: DerivativeMethod, name: str) -> Verdict:
    """Return a failure with its confirmed wrong entries, or inconclusive if none is confirmed.

    An entry is confirmed by real differences with two sets of steps of their own
    that agree with each other, because a function that oscillates below the steps
    can mislead one set.

    Parameters
    ----------
    method
        The method by which the claim disagreed along a random direction.
    name
        The tensor.

    Returns
    -------
    Verdict
        Fail or inconclusive.
    """
    located = locate(method, name)
    if not located.entries:
        return inconclusive(
            f"the {method.name} disagrees along a random direction, and no single entry confirms it"
        )
    differences = Differences(method.problem, method.claims, method.rounding)
    exact = method.name == "complex step"
    tried = located.entries[:_TRIED] if exact else located.entries
    certain = tuple(
        entry
        for entry in tried
        if _is_confirmed(differences, name, entry) or _is_exact(method, differences, name, entry)
    )
    if not certain:
        worst = located.entries[0]
        return inconclusive(
            f"by the {method.name} entry {list(worst.index)} is off by "
            f"{abs(worst.got - worst.expected):.1e}, which real differences cannot confirm"
        )
    if len(certain) < len(tried) and not exact:
        # Differences that contradict themselves leave the other entries undecided.
        return Verdict(Status.FAIL, entries=certain, complete=False)
    rest = tuple(entry for entry in located.entries if entry not in certain)
    return Verdict(
        Status.FAIL,
        entries=certain + rest,
        complete=located.complete,
        pattern=located.pattern,
    )


def _is_confirmed(differences: Differences, name: str, entry: ComparedEntry) -> bool:
    """Return whether an entry is wrong by two derivatives that agree with each other."""
    first, second = (compare_entry(differences, name, entry.index, attempt=n) for n in (1, 2))
    agree = abs(first.expected - second.expected) <= first.bound + second.bound
    return is_wrong(first) and is_wrong(second) and agree


def _is_exact(
    method: DerivativeMethod, differences: Differences, name: str, entry: ComparedEntry
) -> bool:
    """Return whether the complex step alone shows that an entry is wrong.

    Real differences resolve nothing of a tensor that another one drowns.  There the
    forward has to be analytic along the entry too, with an error far above the bound.
    """
    problem = method.problem
    if (
        method.name != "complex step"
        or problem.own_gradient_scale(name) > _DROWNED * problem.gradient_scale(name)
        or not abs(entry.got - entry.expected) > _CLEAR * entry.bound
    ):
        return False
    real = compare_entry(differences, name, entry.index, attempt=1)
    if not abs(real.expected - entry.expected) <= real.bound + entry.bound:
        return False
    direction = np.zeros(problem.values[name].shape)
    direction[entry.index] = 1.0
    at = {name: problem.values[name]}
    code, _ = analytic(problem.flat_output, at, {name: direction}, seed=problem.seed + 1)
    if code is None:
        return False
    slope, bound = dot(code.first, problem.flat_cotangent)
    return abs(slope - entry.expected) <= bound + entry.bound


def locate(method: DerivativeMethod, name: str) -> Localization:
    """Locate the wrong entries of a tensor, and what they have in common.

    Up to 128 entries are differentiated one by one.  A larger tensor is searched
    for a single wrong entry first, then for patterns (one factor, the transpose,
    one row, the entries where x < 0, …), and bisected if there is none.

    Parameters
    ----------
    method
        Measures the residuals.
    name
        The tensor.

    Returns
    -------
    Localization
        Without entries if the residual agrees, or is unknown.
    """
    if method.claims[name].size <= _ONE_BY_ONE:
        return _one_by_one(method, name)
    search = EntrySearch(method, name)
    if search.whole.agrees or not search.whole.known:
        return Localization((), False)
    return (
        _single_entry(search)
        or _whole_tensor(search)
        or _single_slice(search)
        or _masked(search)
        or find_by_bisection(search)
    )


def _one_by_one(method: DerivativeMethod, name: str) -> Localization:
    """Differentiate by every entry."""
    claim = method.claims[name]
    entries = [compare_entry(method, name, index, attempt=1) for index in np.ndindex(claim.shape)]
    wrong = np.array([is_wrong(entry) for entry in entries]).reshape(claim.shape)
    if not wrong.any():
        return Localization((), complete=True)
    truth = np.array([entry.expected for entry in entries]).reshape(claim.shape)
    got = np.array([entry.got for entry in entries]).reshape(claim.shape)
    pattern = describe_pattern(name, method.problem.values, got, truth, wrong)
    found = [entry for entry in entries if is_wrong(entry)]
    return Localization(worst_first(found), complete=True, pattern=pattern)


def _single_entry(search: EntrySearch) -> Localization | None:
    """Locate a single wrong entry by its digits."""
    flat = find_by_digits(search, np.arange(search.claim.size))
    entries = [] if flat is None else search.wrong_among([flat])
    if not entries:
        return None
    pattern = f"1 of {search.claim.size} entries is wrong: {list(entries[0].index)}"
    return Localization(tuple(entries), complete=True, pattern=pattern)


def _whole_tensor(search: EntrySearch) -> Localization | None:
    """Recognise the transpose, a factor common to all entries, or errors throughout."""
    claim, whole = search.claim, search.whole
    square = claim.ndim == 2 and claim.shape[0] == claim.shape[1]
    if square and whole.has_derivative.all():
        transposed = float(np.sum(claim.T * search.direction))
        if abs(transposed - whole.derivative) <= whole.bound:
            return _examples(search, "it is the transpose of what it should be")
    sample = _examples(search, "")
    rng = np.random.default_rng([search.method.problem.seed, 14])
    other = search.measure(rng.choice([-1.0, 1.0], claim.shape) * (1 + rng.random(claim.shape)))
    pairs = np.array([[whole.claimed, whole.derivative], [other.claimed, other.derivative]])
    ratio = common_factor(pairs[:, 0], pairs[:, 1])
    if ratio is not None:
        return Localization(sample.entries, False, f"every entry is {describe_factor(ratio)}")
    if len(sample.entries) == _SAMPLE:
        pattern = f"all of {_SAMPLE} entries drawn at random are wrong"
        return Localization(sample.entries, False, pattern)
    return None


def _single_slice(search: EntrySearch) -> Localization | None:
    """Locate a single wrong row, column or other slice by its digits."""
    shape = search.claim.shape
    for axis, size in enumerate(shape):
        if len(shape) < 2 or size < 2:
            continue
        groups: Array = np.broadcast_to(np.indices(shape, sparse=True)[axis], shape).ravel()
        number = find_by_digits(search, groups)
        if number is not None:
            words = {0: "row", 1: "column"}.get(axis, f"index along axis {axis}:")
            pattern = f"wrong in {words} {number}, and nowhere else"
            return _examples(search, pattern, np.flatnonzero(groups == number))
    return None


def _masked(search: EntrySearch) -> Localization | None:
    """Recognise errors where x < 0, where an index is repeated, and the like."""
    for words, mask in candidate_masks(search.name, search.method.problem.values):
        if words.startswith(("in row", "in column")):
            continue  # located by digits, at far fewer derivatives
        outside = search.measure_subset(np.flatnonzero(~mask))
        if outside.known and outside.agrees:
            found = _examples(search, f"wrong {words}, and nowhere else", np.flatnonzero(mask))
            if len(found.entries) >= min(_SAMPLE, int(mask.sum())) / 2:
                return found
    return None


def _examples(search: EntrySearch, pattern: str, among: Array | None = None) -> Localization:
    """Return the wrong ones among a few entries drawn at random, as examples of a pattern."""
    rng = np.random.default_rng([search.method.problem.seed, 15])
    flat = np.arange(search.claim.size) if among is None else among
    drawn = rng.choice(flat, min(_SAMPLE, flat.size), replace=False)
    entries = search.wrong_among(sorted(drawn))
    return Localization(worst_first(entries), complete=False, pattern=pattern)
