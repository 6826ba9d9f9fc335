"""The interface of a layer."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gradlab.reference._arrays import Array


class Layer(ABC):
    """A step of a computational graph: `forward` first, then `backward`.

    Both return None and leave their results on the layer, as the article's
    layers do, under the names that fit the layer (``Z``, ``A``, ``dZ``,
    ``dA_prev``); `value` and `input_gradient` are the same arrays under names
    that do not depend on the layer.

    Attributes
    ----------
    params
        The tunable parameters by name; empty where there are none.
    """

    params: dict[str, Array]

    @abstractmethod
    def forward(self, A_prev: ArrayLike) -> None:
        """Compute `value` from the value of the layer before."""

    @abstractmethod
    def backward(self, upstream_grad: ArrayLike) -> None:
        """Compute `input_gradient` (and those of the parameters) from the upstream gradient."""

    @property
    @abstractmethod
    def value(self) -> Array:
        """What the last `forward` computed."""

    @property
    @abstractmethod
    def input_gradient(self) -> Array:
        """The gradient with respect to what the last `forward` was given."""

    @property
    def gradients(self) -> dict[str, Array]:
        """The gradient of each of `params`, from the last `backward`."""
        return {}


def initial_shape(shape: object, name: str, *, ndim: int) -> tuple[int, ...]:
    """Check a shape given to a layer's constructor.

    Raises
    ------
    ValueError
        If it is not a tuple of `ndim` whole numbers, none negative.
    """
    sizes = tuple(shape) if isinstance(shape, (tuple, list)) else ()
    whole = all(isinstance(size, (int, np.integer)) and size >= 0 for size in sizes)
    if len(sizes) != ndim or not whole:
        msg = f"{name} must be a tuple of {ndim} sizes; got {shape!r}"
        raise ValueError(msg)
    return tuple(int(size) for size in sizes)


def needs_first(layer: Layer, method: str, first: str) -> RuntimeError:
    """Return the error for a method called before the one that it builds on."""
    name = type(layer).__name__
    return RuntimeError(f"{name}.{method} was called before {name}.{first}; call {first} first")
