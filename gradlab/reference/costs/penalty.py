"""The L2 penalty on the weights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.reference._arrays import as_float

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def l2_penalty(weights: Sequence[ArrayLike], m: int, lambda_: float) -> tuple[Any, list[Array]]:
    """Return λ/(2m)·Σ‖W‖² over the weight matrices, and the gradient λ/m·W of each.

    Scaling: λ/(2m), as in deeplearning.ai's courses; cs231n uses λ/2 and PyTorch's
    ``weight_decay`` is λ/m here.  Biases are not penalised: leave them out.

    Raises
    ------
    ValueError
        If there is no example, or `lambda_` is negative.

    Examples
    --------
    >>> penalty, (dW,) = l2_penalty([[[3.0, 4.0]]], m=5, lambda_=2.0)
    >>> print(penalty, dW)
    5.0 [[1.2 1.6]]
    """
    if m < 1 or lambda_ < 0:
        msg = f"the penalty needs m ≥ 1 examples and λ ≥ 0; got m={m}, lambda_={lambda_}"
        raise ValueError(msg)
    matrices = [as_float(W, "weights") for W in weights]
    penalty = lambda_ / (2 * m) * sum(np.sum(W * W) for W in matrices)
    return penalty, [lambda_ / m * W for W in matrices]
