"""Which entries of a gradient are wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.decode import find_by_digits
from gradlab.checker.group_testing import find_by_bisection
from gradlab.checker.located import Localization, worst_first
from gradlab.checker.patterns import (
    candidate_masks,
    common_factor,
    describe_factor,
    describe_pattern,
)
from gradlab.checker.search import Search, compare_entry, is_wrong

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.located import ComparedEntry
    from gradlab.checker.residual import DerivativeMethod

    Array = NDArray[Any]

# Up to this many entries each is differentiated on its own.
_ONE_BY_ONE = 128
# So many entries, drawn at random, stand for a pattern.
_SAMPLE = 8


def locate(method: DerivativeMethod, name: str) -> Localization:
    """Find the wrong entries of tensor `name`, and what they have in common.

    A large tensor is asked for a single wrong entry first, then for whole patterns
    (one factor, the transpose, one row, the entries where x < 0, …), and is halved
    only if there is none.
    """
    if method.claims[name].size <= _ONE_BY_ONE:
        return _one_by_one(method, name)
    search = Search(method, name)
    if search.whole.agrees or not search.whole.known:
        return Localization((), False)
    return (
        _single(search)
        or _everywhere(search)
        or _slab(search)
        or _mask(search)
        or find_by_bisection(search)
    )


def _one_by_one(method: DerivativeMethod, name: str) -> Localization:
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


def _single(search: Search) -> Localization | None:
    """Read a single wrong entry off its digits."""
    flat = find_by_digits(search, np.arange(search.claim.size))
    if flat is None:
        return None
    entries = search.wrong_among([flat])
    shown = (
        f"1 of {search.claim.size} entries is wrong: {list(entries[0].index)}" if entries else ""
    )
    return Localization(tuple(entries), complete=True, pattern=shown) if entries else None


def _everywhere(search: Search) -> Localization | None:
    """Recognise the transpose, one factor on all entries, or entries wrong all over."""
    claim, whole = search.claim, search.whole
    square = claim.ndim == 2 and claim.shape[0] == claim.shape[1]
    if square and whole.has_derivative.all():
        turned = float(np.sum(claim.T * search.direction))
        if abs(turned - whole.derivative) <= whole.bound:
            return _examples(search, "it is the transpose of what it should be")
    sample = _examples(search, "")
    rng = np.random.default_rng([search.method.problem.seed, 14])
    other = search.measure(rng.choice([-1.0, 1.0], claim.shape) * (1 + rng.random(claim.shape)))
    pairs = np.array([[whole.claimed, whole.derivative], [other.claimed, other.derivative]])
    ratio = common_factor(pairs[:, 0], pairs[:, 1])
    if ratio is not None:
        return Localization(sample.entries, False, f"every entry is {describe_factor(ratio)}")
    if len(sample.entries) == _SAMPLE:
        return Localization(
            sample.entries, False, f"all of {_SAMPLE} entries drawn at random are wrong"
        )
    return None


def _slab(search: Search) -> Localization | None:
    """Read a single wrong row or column off its digits."""
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


def _mask(search: Search) -> Localization | None:
    """Recognise a mistake where x < 0, where an index repeats, and so on."""
    values = search.method.problem.values
    for words, mask in candidate_masks(search.name, values):
        if words.startswith(("in row", "in column")):
            continue  # read off digits, at a probe for each
        outside = search.measure_subset(np.flatnonzero(~mask))
        if outside.known and outside.agrees:
            found = _examples(search, f"wrong {words}, and nowhere else", np.flatnonzero(mask))
            if len(found.entries) >= min(_SAMPLE, int(mask.sum())) / 2:
                return found
    return None


def _examples(search: Search, pattern: str, among: Array | None = None) -> Localization:
    """Look at a few entries, so that a pattern comes with numbers."""
    rng = np.random.default_rng([search.method.problem.seed, 15])
    flat = np.arange(search.claim.size) if among is None else among
    drawn = rng.choice(flat, min(_SAMPLE, flat.size), replace=False)
    entries: list[ComparedEntry] = search.wrong_among(sorted(drawn))
    return Localization(worst_first(entries), complete=False, pattern=pattern)
