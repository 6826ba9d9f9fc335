"""Splitting the examples of an epoch into mini-batches, one for each update.

Source: the article's sections on learning rate and cost function: full batch,
mini-batch and stochastic gradient descent; an epoch has passed when every
example was used once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_columns, as_float

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def batches(
    X: ArrayLike,
    Y: ArrayLike,
    size: int | None = None,
    rng: np.random.Generator | None = None,
) -> Iterator[tuple[Array, Array]]:
    """Yield the examples of one epoch, in batches, each example once.

    Where `size` does not divide their number, the last batch is smaller.

    Parameters
    ----------
    X
        (n, m), or images (m, height, width) for a `FlattenLayer`.
    Y
        (n_out, m).
    size
        Examples in a batch: None for all of them (full batch), 1 for
        stochastic gradient descent.
    rng
        Shuffles the examples, X and Y alike; None keeps their order.

    Raises
    ------
    ValueError
        If X and Y have different numbers of examples, or `size` is not
        positive.

    Examples
    --------
    >>> [Y_batch.tolist() for _, Y_batch in batches([[0, 0, 1, 1, 0]], [[1, 2, 3, 4, 5]], size=2)]
    [[[1.0, 2.0]], [[3.0, 4.0]], [[5.0]]]
    """
    inputs, labels = as_float(X, "X"), as_columns(Y, "Y")
    axis = 0 if inputs.ndim == 3 else 1
    if inputs.ndim not in (2, 3) or inputs.shape[axis] != labels.shape[1]:
        msg = (
            "X must be (features, examples) or (examples, height, width), Y (outputs, examples), "
            f"with as many examples; got {inputs.shape} and {labels.shape}"
        )
        raise ValueError(msg)
    if size is not None and size < 1:
        msg = f"a batch needs at least one example; got size={size}"
        raise ValueError(msg)
    return _deal(inputs, labels, axis, size or max(labels.shape[1], 1), rng)


def _deal(
    X: Array, Y: Array, axis: int, size: int, rng: np.random.Generator | None
) -> Iterator[tuple[Array, Array]]:
    m = Y.shape[1]
    order = np.arange(m) if rng is None else rng.permutation(m)
    for start in range(0, m, size):
        chosen = order[start : start + size]
        yield np.take(X, chosen, axis=axis), Y[:, chosen]
