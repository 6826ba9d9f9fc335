"""Complex-valued functions, as functions of their real and imaginary parts.

A gradient of a real number L by a complex tensor z is written in two ways:
``∂L/∂Re z + i ∂L/∂Im z`` (torch), for which the change of L along v is the real
inner product Re(Σ conj(g) v), and its conjugate (JAX), for which it is Re(Σ g v).
In both, an upstream gradient is of the same kind as the gradients that come back.
For a holomorphic f that makes conj(f′)·c and f′·c of an upstream gradient c.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Function = Callable[..., Any]

#: Name → whether gradients are the conjugate of ∂L/∂Re + i ∂L/∂Im.
CONVENTIONS = {"torch": False, "JAX": True}


def is_complex(value: Any) -> bool:
    """Whether a value or an output holds complex numbers."""
    parts = value if isinstance(value, tuple) else (value,)
    return any(np.asarray(part).dtype.kind == "c" for part in parts)


def parts(array: Any) -> Array:
    """Return real and imaginary parts along a last axis of 2."""
    numbers = np.asarray(array)
    return np.stack([numbers.real, numbers.imag], axis=-1)


def joined(array: Array) -> Array:
    """Return the complex array whose parts lie along the last axis: the inverse of `parts`."""
    return np.asarray(array[..., 0] + 1j * array[..., 1])


def real_pair(
    forward: Function, backward: Function, values: Mapping[str, Any], convention: str
) -> tuple[Function, Function, dict[str, Array]]:
    """Return the pair and its values with every complex array as its two parts."""
    names = [name for name, value in values.items() if is_complex(value)]
    conjugated = CONVENTIONS[convention]

    def back(given: Mapping[str, Array]) -> dict[str, Array]:
        return {k: joined(v) if k in names else v for k, v in given.items()}

    def real_forward(given: Mapping[str, Array]) -> Any:
        return _each(lambda out: parts(out) if is_complex(out) else out, forward(back(given)))

    def real_backward(given: Mapping[str, Array], cotangent: Any) -> dict[str, Array]:
        shapes = forward(back(given))
        upstream = _each(
            lambda out, c: _turned(joined(c)) if is_complex(out) else c, shapes, cotangent
        )
        found = backward(back(given), upstream)
        return {k: _real_gradient(g, k in names) for k, g in found.items()}

    def _turned(numbers: Array) -> Array:
        return np.conj(numbers) if conjugated else numbers

    def _real_gradient(gradient: Any, of_complex: bool) -> Any:
        if gradient is None:
            return None
        return parts(_turned(np.asarray(gradient))) if of_complex else np.real(gradient)

    point = {k: parts(v) if k in names else np.asarray(v) for k, v in values.items()}
    return real_forward, real_backward, point


def _each(function: Function, outputs: Any, *others: Any) -> Any:
    """Apply a function to an output, or to each of a tuple of them."""
    if isinstance(outputs, tuple):
        return tuple(function(*each) for each in zip(outputs, *others, strict=True))
    return function(outputs, *others)
