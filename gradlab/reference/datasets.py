"""The seeds' data sets, as (features, examples) and (1, examples), and feature crosses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def and_gate() -> tuple[Array, Array]:
    """Return X (2, 4) and Y (1, 4): 1 where both features are 1."""
    return _gate(0, 0, 0, 1)


def or_gate() -> tuple[Array, Array]:
    """Return X (2, 4) and Y (1, 4): 1 where a feature is 1 (the article, figures 8 and 41).

    Examples
    --------
    >>> X, Y = or_gate()
    >>> print(X, Y)
    [[0. 0. 1. 1.]
     [0. 1. 0. 1.]] [[0. 1. 1. 1.]]
    """
    return _gate(0, 1, 1, 1)


def xor_gate() -> tuple[Array, Array]:
    """Return X (2, 4) and Y (1, 4): 1 where one feature is 1, not both (the article, figure 62)."""
    return _gate(0, 1, 1, 0)


def xor_quadrants() -> tuple[Array, Array]:
    """Return X (2, 4) and Y (1, 4): XOR with each point in a quadrant of its own.

    Source: the article, figures 64 to 66.  The label is 0 in the first and
    third quadrants, where x₁·x₂ is positive, and 1 in the others.  Where in the
    quadrants the points lie only the figure shows; (±1, ±1) is assumed.
    """
    X, Y = xor_gate()
    return 2 * X - 1, Y


def feature_cross(X: ArrayLike, features: Sequence[int]) -> Array:
    """Return the product of the given features, one or several times each, as (1, m).

    Source: the article, figures 66 to 68.  ``(0, 1)`` is x₁·x₂, ``(0, 0)`` is
    x₁², ``(0, 0, 1)`` is x₁²·x₂.

    Raises
    ------
    ValueError
        If there is no feature to multiply, or a number that X has no row for.

    Examples
    --------
    >>> print(feature_cross([[2, 3], [5, 7]], (0, 0, 1)))
    [[20. 63.]]
    """
    columns = as_columns(X, "X")
    rows = range(columns.shape[0])
    if not features or any(feature not in rows for feature in features):
        msg = f"a cross needs numbers of rows of X, 0 to {len(rows) - 1}; got {tuple(features)}"
        raise ValueError(msg)
    product: Array = np.prod(columns[list(features)], axis=0, keepdims=True)
    return product


def with_crosses(X: ArrayLike, *crosses: Sequence[int]) -> Array:
    """Return X with a row more for each cross (the article, figure 68).

    Raises
    ------
    ValueError
        As `feature_cross`.

    Examples
    --------
    >>> X, _ = xor_gate()
    >>> print(with_crosses(X, (0, 1)))
    [[0. 0. 1. 1.]
     [0. 1. 0. 1.]
     [0. 0. 0. 1.]]
    """
    columns = as_columns(X, "X")
    return np.vstack([columns, *(feature_cross(columns, cross) for cross in crosses)])


def _gate(*labels: int) -> tuple[Array, Array]:
    return np.array([[0.0, 0, 1, 1], [0, 1, 0, 1]]), np.array([labels], dtype=np.float64)
