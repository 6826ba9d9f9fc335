"""Patterns that wrong entries have in common, and the sentences that state them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.roundoff import distinct

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]

# Below this share of the largest entry a derivative counts as 0.
_ZERO = 1e-9
# Ratios that are the same to six digits are taken for one factor, as they are printed.
_SAME = 1e-6
_AXES = {0: "row", 1: "column"}


def candidate_masks(name: str, values: Mapping[str, Array]) -> Iterator[tuple[str, Array]]:
    """Yield sets of entries that typical errors affect, each with a phrase that names it.

    Parameters
    ----------
    name
        The tensor.
    values
        All tensors by name; integer arrays are candidates for indices into it.

    Yields
    ------
    tuple of str and boolean array
        The phrase, and a mask of the tensor's shape, neither empty nor full.

    Examples
    --------
    >>> [words for words, _ in candidate_masks("x", {"x": np.array([1.0, -2.0])})]
    ['wherever x < 0', 'wherever x > 0']
    """
    x = values[name]
    # Positions first: the signs of random values can coincide with one of them.
    candidates = [
        *_triangles(x.shape),
        *(
            (f"in {word} {i}", _slab(x.shape, axis, i))
            for axis, word in _AXES.items()
            if x.ndim == 2 and x.shape[axis] > 1
            for i in range(x.shape[axis])
        ),
        ("where an index is repeated", _repeated(x, values)),
        (f"wherever {name} < 0", x < 0),
        (f"wherever {name} > 0", x > 0),
        (f"wherever {name} is 0", x == 0),
    ]
    for words, mask in candidates:
        if mask.any() and not mask.all():
            yield words, mask


def _triangles(shape: tuple[int, ...]) -> list[tuple[str, Array]]:
    """Return the diagonal of the last two axes, and what lies on either side of it."""
    if len(shape) < 2:
        return []
    rows, columns = np.indices(shape)[-2:]
    masks = [("above the diagonal", columns > rows), ("below the diagonal", columns < rows)]
    if shape[-1] == shape[-2]:
        masks = [
            ("on the diagonal", rows == columns),
            ("off the diagonal", rows != columns),
            *masks,
        ]
    return [*masks, ("in the upper triangle", columns >= rows),
            ("in the lower triangle", columns <= rows)]  # fmt: skip


def _repeated(x: Array, values: Mapping[str, Array]) -> Array:
    """Return the slices along the first axis that integer arrays repeat as an index."""
    mask = np.zeros(x.shape, dtype=bool)
    for indices in values.values():
        fits = indices.dtype.kind in "iu" and indices.size and x.ndim
        if fits and indices.min() >= 0 and indices.max() < x.shape[0]:
            mask[np.bincount(indices.ravel(), minlength=x.shape[0]) > 1] = True
    return mask


def _slab(shape: tuple[int, ...], axis: int, index: int) -> Array:
    mask = np.zeros(shape, dtype=bool)
    mask[(slice(None),) * axis + (index,)] = True
    return mask


def common_factor(got: Array, expected: Array) -> float | None:
    """Return the ratio got / expected if all entries share it, and it is not 1; else None.

    Parameters
    ----------
    got, expected
        Arrays of one shape.

    Examples
    --------
    >>> common_factor(np.array([2.0, 4.0]), np.array([1.0, 2.0]))
    2.0
    """
    if not got.size or np.any(expected == 0):
        return None
    ratios = got / expected
    same = np.ptp(ratios) <= _SAME * np.abs(ratios[0])
    # Errors as small as those of single precision have no factor in common.
    return float(ratios[0]) if same and abs(ratios[0] - 1) > _SAME else None


def describe_factor(ratio: float) -> str:
    """Return a phrase for the ratio of a claimed gradient to the correct one.

    Examples
    --------
    >>> describe_factor(-1.0), describe_factor(1 + 2e-6)
    ('the negative of what it should be', '1.000002 times what it should be')
    """
    if abs(ratio + 1) <= _SAME:
        return "the negative of what it should be"
    return f"{distinct(ratio, 1.0)[0]} times what it should be"


def describe_pattern(
    name: str, values: Mapping[str, Array], claim: Array, truth: Array, wrong: Array
) -> str:
    """Return a sentence on what the wrong entries of a fully known gradient have in common.

    Parameters
    ----------
    name
        The tensor.
    values
        All tensors by name.
    claim, truth
        The claimed gradient and the correct one, of the tensor's shape.
    wrong
        Boolean, of that shape, with a True.

    Examples
    --------
    >>> x, ones = np.array([1.0, -2.0, -3.0]), np.ones(3)
    >>> describe_pattern("x", {"x": x}, ones + (x < 0), ones, x < 0)
    'wrong wherever x < 0, and nowhere else, each 2 times what it should be'
    """
    size, count = wrong.size, int(wrong.sum())
    ratio = common_factor(claim[wrong], truth[wrong])
    each = ", each " if count > 1 else ", "
    known = "" if ratio is None else each + describe_factor(ratio)
    # An entry that is 0 either way has any factor, and cannot show that it is wrong.
    zero = np.abs(truth) <= _ZERO * np.abs(truth).max()
    covered = (wrong | zero).all()
    if covered and count > 1 and ratio is not None:
        return f"every entry is {describe_factor(ratio)}"
    square = claim.ndim == 2 and claim.shape[0] == claim.shape[1]
    if square and np.allclose(claim.T, truth, rtol=_SAME, atol=_SAME * np.abs(truth).max()):
        return "it is the transpose of what it should be"
    if count == size and size > 1:
        return f"all {size} entries are wrong"
    if count > 1:
        for words, mask in candidate_masks(name, values):
            if wrong[mask & ~zero].all() and not wrong[~mask].any() and wrong.any():
                return f"wrong {words}, and nowhere else{known}"
    if size == 1:
        return f"its only entry is wrong{known}"
    places = ", ".join(str([int(i) for i in index]) for index in np.argwhere(wrong)[:8])
    more = ", …" if count > 8 else ""
    return f"{count} of {size} entries {'is' if count == 1 else 'are'} wrong: {places}{more}{known}"
