"""Errors of known size: how small an error does a check detect?

Each changes one gradient of a correct subject by a known amount, relative to its
root mean square, in one entry, one row, along one rank-1 direction, by moving
entries to other places, or everywhere.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.subject import Gradients, Outputs, Session, Subject, Values

    Array = NDArray[Any]

_Error = Callable[["Array", "np.random.Generator"], "Array"]


def _one_entry(gradient: Array, rng: np.random.Generator) -> Array:
    error = np.zeros(gradient.shape)
    error.flat[rng.integers(gradient.size)] = rng.choice([-1.0, 1.0])
    return error


def _one_row(gradient: Array, rng: np.random.Generator) -> Array:
    """Every entry of one row, or of one slice along the first axis, is off by ±1."""
    error = np.zeros(gradient.shape)
    row = rng.integers(gradient.shape[0])
    error[row] = rng.choice([-1.0, 1.0], gradient.shape[1:])
    return error


def _low_rank(gradient: Array, rng: np.random.Generator) -> Array:
    """The outer product of two vectors of ±(½ to 1½), scaled to a root mean square of 1."""
    rows = gradient.shape[0]
    columns = gradient.size // rows
    u, v = (rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size) for size in (rows, columns))
    error = np.outer(u, v).reshape(gradient.shape)
    return np.asarray(error / np.sqrt(np.mean(error**2)))


def _permuted(gradient: Array, rng: np.random.Generator) -> Array:
    """The way from each entry towards another one's value, scaled to a root mean square of 1.

    At the size of that scale the gradient is a permutation of itself: its mean
    and its norm are right.
    """
    shift = int(rng.integers(1, gradient.size)) if gradient.size > 1 else 0
    order = rng.permutation(gradient.size)
    target = np.empty(gradient.size)
    target[order] = gradient.flat[np.roll(order, shift)]
    error = target.reshape(gradient.shape) - gradient
    scale = np.sqrt(np.mean(error**2))
    return np.asarray(error / scale if scale else error)


def _all_entries(gradient: Array, rng: np.random.Generator) -> Array:
    return np.asarray(rng.choice([-1.0, 1.0], gradient.shape))


#: The patterns of the error, from a gradient and a generator to an error of size 1.
ERROR_PATTERNS: dict[str, _Error] = {
    "one entry": _one_entry,
    "one row": _one_row,
    "low rank": _low_rank,
    "permuted entries": _permuted,
    "all entries": _all_entries,
}


def sized_error(subject: Subject, pattern: str, size: float, tensor: str, seed: int = 0) -> Subject:
    """Return `subject` with an error of a known size in the gradient of one tensor.

    Parameters
    ----------
    subject
        A correct one.
    pattern
        One of `ERROR_PATTERNS`.
    size
        The error of each wrong entry, or its root mean square over the tensor
        for ``"low rank"`` and ``"permuted entries"``, relative to the root mean
        square of the gradient (1 to 1e-8, say).
    tensor
        Whose gradient it is.  Where all its entries are equal, or there is only
        one, no permutation changes it, and it stays right.
    seed
        Which entry, row, directions or permutation; with the shape, it decides
        them, so that one subject is wrong in the same place at every call.

    Raises
    ------
    GradlabError
        If there is no such pattern or tensor.
    """
    if pattern not in ERROR_PATTERNS:
        known = ", ".join(ERROR_PATTERNS)
        msg = f"no error pattern is called {pattern!r}; known are {known}"
        raise GradlabError(msg)
    if tensor not in subject.checked:
        msg = f"{subject.name} has no gradient of {tensor!r}; it has: {', '.join(subject.checked)}"
        raise GradlabError(msg)
    error = ERROR_PATTERNS[pattern]
    return replace(
        subject,
        name=f"sized-error:{pattern} {size:.0e} in {tensor}/{subject.name}",
        open=lambda values: _WrongSession(subject.open(values), error, size, tensor, seed),
    )


@dataclass(frozen=True)
class _WrongSession:
    """A session whose backward has an error in the gradient of one tensor."""

    session: Session
    error: _Error
    size: float
    tensor: str
    seed: int

    def forward(self, values: Values) -> Outputs:
        return self.session.forward(values)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        gradients = dict(self.session.backward(values, cotangents))
        correct = gradients[self.tensor]
        if correct is not None and correct.size:
            error = self.size * _rms(correct) * self._unit(correct)
            gradients[self.tensor] = correct + error
        return gradients

    def _unit(self, gradient: Array) -> Array:
        """Return the error of size 1; the same entries for the same shape."""
        rng = np.random.default_rng([self.seed, zlib.crc32(repr(gradient.shape).encode())])
        return self.error(np.atleast_1d(gradient), rng).reshape(gradient.shape)


def _rms(gradient: Array) -> float:
    return float(np.sqrt(np.mean(np.abs(gradient) ** 2)))
