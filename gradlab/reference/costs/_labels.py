"""The conditions of every cost on its labels and predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.reference._arrays import as_columns, with_shape

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def labels_and_predictions(Y: ArrayLike, predictions: ArrayLike, name: str) -> tuple[Array, Array]:
    """Return labels and predictions as matrices of one shape, with at least one entry.

    Raises
    ------
    ValueError
        If the shapes differ, are not two-dimensional, or hold no entry.
    """
    labels = as_columns(Y, "Y")
    if 0 in labels.shape:
        msg = f"an average needs at least one example and one output; got the shape {labels.shape}"
        raise ValueError(msg)
    return labels, with_shape(predictions, name, labels.shape, "Y")
