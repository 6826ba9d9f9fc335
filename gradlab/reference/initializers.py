"""Initial weights and biases.

Source: the article's question 4 ('Why Random Initialization of Weights?') and
its coding section; the guide's section on the initialization of W and b.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradlab.reference._arrays import Array

PLAIN_FACTOR = 0.01

_FACTORS: dict[str, Callable[[int], float]] = {
    "plain": lambda _n_in: PLAIN_FACTOR,
    "xavier": lambda n_in: 1.0 / math.sqrt(n_in),
    "he": lambda n_in: math.sqrt(2.0 / n_in),
}


def initialize_parameters(
    n_in: int,
    n_out: int,
    ini_type: str = "plain",
    *,
    random_bias: bool = False,
    rng: np.random.Generator | np.random.RandomState | None = None,
) -> dict[str, Array]:
    """Draw the weights and the bias of a linear layer.

    The article never shows this function: where its figure 89 should be, both
    printings repeat figure 90.  The function is reconstructed from the text
    around it and from the costs printed at the end, which the ``xavier`` branch
    reproduces; that *plain* means the factor 0.01 is an assumption.

    Parameters
    ----------
    n_in, n_out
        Sizes of the layer before and of this layer.
    ini_type
        ``"plain"``: 0.01·N(0, 1); ``"xavier"``: variance 1/n_in; ``"he"``:
        variance 2/n_in.
    random_bias
        Draw the bias as 0.01·N(0, 1), after the weights, instead of setting it
        to zero.
    rng
        Where the numbers come from.  None is NumPy's legacy global stream, the
        one that ``np.random.seed(48)`` seeds.

    Returns
    -------
    dict
        ``"W"`` of shape (n_out, n_in) and ``"b"`` of shape (n_out, 1), float64.

    Raises
    ------
    ValueError
        If a size is not positive, or `ini_type` is none of the three.

    Examples
    --------
    >>> parameters = initialize_parameters(2, 3, "xavier", rng=np.random.default_rng(0))
    >>> parameters["W"].shape, parameters["b"].shape
    ((3, 2), (3, 1))
    """
    if n_in < 1 or n_out < 1:
        msg = f"a layer needs at least one input and one neuron; got n_in={n_in}, n_out={n_out}"
        raise ValueError(msg)
    if ini_type not in _FACTORS:
        msg = f"ini_type must be one of {', '.join(_FACTORS)}; got {ini_type!r}"
        raise ValueError(msg)
    normal = np.random.standard_normal if rng is None else rng.standard_normal
    weights = normal((n_out, n_in)) * _FACTORS[ini_type](n_in)
    bias = normal((n_out, 1)) * PLAIN_FACTOR if random_bias else np.zeros((n_out, 1))
    return {"W": weights, "b": bias}
