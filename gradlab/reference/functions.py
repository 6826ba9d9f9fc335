"""Elementwise activation functions and their derivatives, right at the extremes.

Each takes an array of any shape, real or complex, and keeps its precision.
Where a function is computed differently on the two sides of zero, the real part
decides and no absolute value is taken, so that every branch stays analytic and
a complex step through it gives the derivative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.reference._arrays import as_float

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


def decay(Z: Array) -> Array:
    """Return exp(-|z|), with the sign taken from the real part: it never overflows."""
    small: Array = np.exp(np.where(Z.real >= 0, -Z, Z))
    return small


def sigmoid(Z: ArrayLike) -> Array:
    """Return 1/(1 + exp(-z)); the article, figure 7.

    Examples
    --------
    >>> print(sigmoid([-1000.0, 0.0, 1000.0]))
    [0.  0.5 1. ]
    """
    z = as_float(Z, "Z")
    small = decay(z)
    probability: Array = np.where(z.real < 0, small, z.dtype.type(1)) / (1 + small)
    return probability


def sigmoid_derivative(Z: ArrayLike) -> Array:
    """Return the derivative of `sigmoid` at z; the article, figure 18.

    It equals a·(1 - a) with a = σ(z), but not in floating point: 1 - a loses
    its digits as a nears 1 (1e-3 of the value at z = 30, all of it at z = 40).
    With e = exp(-|z|) it is e/(1 + e)², which has no cancellation anywhere.

    Examples
    --------
    >>> a = sigmoid(40.0)
    >>> print(f"{a * (1 - a):.2e} {sigmoid_derivative(40.0):.2e}")
    0.00e+00 4.25e-18
    """
    small = decay(as_float(Z, "Z"))
    derivative: Array = small / (1 + small) ** 2
    return derivative


def tanh(Z: ArrayLike) -> Array:
    """Return the hyperbolic tangent."""
    return np.tanh(as_float(Z, "Z"))


def tanh_derivative(Z: ArrayLike) -> Array:
    """Return 1/cosh²(z), which equals 1 - tanh²(z) without its cancellation."""
    small = decay(as_float(Z, "Z"))
    derivative: Array = (2 * small / (1 + small**2)) ** 2
    return derivative


def relu(Z: ArrayLike) -> Array:
    """Return z where it is positive, 0 elsewhere (NaN stays NaN); the article, question 3."""
    return leaky_relu(Z, slope=0.0)


def relu_derivative(Z: ArrayLike) -> Array:
    """Return 1 where z is positive, 0 elsewhere.

    At 0, where every value in [0, 1] is a subgradient, 0 is chosen.
    """
    return leaky_relu_derivative(Z, slope=0.0)


def leaky_relu(Z: ArrayLike, slope: float = 0.01) -> Array:
    """Return z where it is positive, slope·z elsewhere."""
    z = as_float(Z, "Z")
    # Chosen by the product only where it is wanted: 0·(-inf) is not 0.
    below = slope * z if slope else np.zeros_like(z)
    result: Array = np.where(z.real <= 0, below, z)
    return result


def leaky_relu_derivative(Z: ArrayLike, slope: float = 0.01) -> Array:
    """Return 1 where z is positive, `slope` elsewhere.

    At 0, where every value between `slope` and 1 is a subgradient, `slope` is
    chosen.
    """
    z = as_float(Z, "Z")
    derivative: Array = np.where(z.real <= 0, z.dtype.type(slope), z.dtype.type(1))
    return derivative


def sin(Z: ArrayLike) -> Array:
    """Return the sine; the article names it as an unusual activation (question 3)."""
    return np.sin(as_float(Z, "Z"))


def cos(Z: ArrayLike) -> Array:
    """Return the cosine; the article names it as an unusual activation (question 3)."""
    return np.cos(as_float(Z, "Z"))


def cos_derivative(Z: ArrayLike) -> Array:
    """Return -sin(z)."""
    return np.negative(sin(Z))


def identity(Z: ArrayLike) -> Array:
    """Return a copy of z: stacked layers stay linear (the article, figure 86)."""
    return as_float(Z, "Z").copy()


def identity_derivative(Z: ArrayLike) -> Array:
    """Return 1 for every entry."""
    return np.ones_like(as_float(Z, "Z"))
