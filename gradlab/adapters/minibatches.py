"""Mini-batching: ``f(X, Y, size, seed)`` that yields or returns pairs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call
from gradlab.adapters.signatures import (
    SIZES,
    called,
    global_stream,
    is_function,
    named,
    one_of,
    required,
    seed_arguments,
    unknown_argument,
)
from gradlab.domain import Layout
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError
from gradlab.interfaces import MinibatchInterface, Routine
from gradlab.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from gradlab.interfaces import Array

NAMES = ("batches",)

_INPUTS = ("x", "x_train", "inputs", "data", "features", "xs")
_LABELS = ("y", "y_train", "labels", "targets", "ys")
_LAYOUTS = {1: Layout.FEATURES_EXAMPLES, 0: Layout.EXAMPLES_FEATURES}


def looks_like_one(obj: object) -> bool:
    """Whether the shape of the code leaves no doubt that it yields mini-batches."""
    if not is_function(obj):
        return False
    names = named(obj)
    return all(one_of(names, known) for known in (_INPUTS, _LABELS, SIZES)) and (
        "batch" in called(obj).lower()
    )


def adapt(obj: Any, like: str | None, name: str | None = None) -> Routine[MinibatchInterface]:
    """Make a routine of a function that yields mini-batches.

    Raises
    ------
    GradlabError
        If it cannot be seen how to call it.
    """
    title = name or called(obj)
    names = named(obj) if is_function(obj) else ()
    roles = [one_of(names, known) for known in (_INPUTS, _LABELS, SIZES)]
    if None in roles:
        msg = (
            f"{title} is no mini-batching that gradlab can call; one is a function of "
            "X, Y and the size of a batch, under names like batch_size"
        )
        raise GradlabError(msg)
    X, Y, size = (str(role) for role in roles)
    axis = _axis(_Split(obj, title, (X, Y, size), 1), _Split(obj, title, (X, Y, size), 0))
    return Routine(
        title,
        Kind.MINIBATCHES,
        MinibatchInterface(
            _Split(obj, title, (X, Y, size), axis), axis, bool(seed_arguments(obj, 0))
        ),
        like or "batches",
        _LAYOUTS[axis],
    )


def _axis(columns: _Split, rows: _Split) -> int:
    """Find along which axis the code cuts: the other one stays whole in every batch."""
    X, Y = np.arange(24.0).reshape(3, 8), np.arange(16.0).reshape(2, 8)
    refused: GradlabError | None = None
    for axis, split in ((1, columns), (0, rows)):
        try:
            batches = split(X, Y, 4, 0)
        except GradlabError as error:
            refused = refused or error
            continue
        if all(x.shape[:1] == (3,) and y.shape[:1] == (2,) for x, y in batches):
            return axis
    if refused is not None:
        raise refused
    msg = (
        f"{columns.name} cuts neither the columns nor the rows of X and Y: no batch holds whole "
        "examples"
    )
    raise CodeUnderTestError(msg)


@dataclass(frozen=True)
class _Split:
    """One epoch's batches; examples are columns for the caller."""

    function: Callable[..., Any]
    name: str
    roles: tuple[str, str, str]
    axis: int

    def __call__(self, X: Array, Y: Array, size: int, seed: int) -> list[tuple[Array, Array]]:
        inputs, labels = (X, Y) if self.axis == 1 else (X.T, Y.T)
        given = dict(zip(self.roles, (inputs, labels, size), strict=True))
        given |= seed_arguments(self.function, seed)
        shuffle = one_of(named(self.function), ("shuffle", "shuffled"))
        if shuffle is not None:
            given[shuffle] = True
        for argument in required(self.function):
            if argument not in given:
                raise unknown_argument(self.name, argument, "of mini-batching")
        with global_stream(seed):
            # A generator draws while it is read: both belong under the seed.
            result = call(self.name, lambda: _listed(self.function(**given)))
        if result is None:
            msg = f"{self.name} returned None, where the batches were expected"
            raise NoResultError(msg)
        return [self._pair(pair) for pair in result]

    def _pair(self, pair: Any) -> tuple[Array, Array]:
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            msg = f"{self.name} yields a {type(pair).__name__}, where a pair (X, Y) was expected"
            raise CodeUnderTestError(msg)
        X, Y = (np.array(as_array(f"a batch from {self.name}", part)) for part in pair)
        if X.ndim != 2 or Y.ndim != 2:
            msg = f"{self.name} yields batches of shapes {X.shape} and {Y.shape}; two axes each"
            raise CodeUnderTestError(msg)
        return (X, Y) if self.axis == 1 else (X.T, Y.T)


def _listed(result: Any) -> list[Any] | None:
    return None if result is None else list(result)
