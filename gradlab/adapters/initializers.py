"""Initializers: ``f(n_in, n_out)`` → (W, b), and ``f(layer_dims)`` → ``{"W1": …, "b1": …}``."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call
from gradlab.adapters.constructor import SIZE_ARGUMENTS
from gradlab.adapters.signatures import (
    called,
    global_stream,
    is_function,
    named,
    one_of,
    required,
    seed_arguments,
    takes_anything,
    unknown_argument,
    words_of,
)
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError
from gradlab.interfaces import InitializerInterface, InitialParameters, Routine
from gradlab.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gradlab.interfaces import Array

NAMES = ("plain", "xavier", "he")

_DIMS = ("layer_dims", "layers_dims", "layer_sizes", "dims", "sizes", "architecture", "nn_arch")
_INPUTS = tuple(name.lower() for name in SIZE_ARGUMENTS["n_in"])
_OUTPUTS = (*(name.lower() for name in SIZE_ARGUMENTS["n_out"]), "n_h", "n_y", "fan_out")
_IN_NAMES = {"xavier": ("xavier", "glorot"), "he": ("he", "kaiming"), "plain": ("plain",)}


def looks_like_one(obj: object) -> bool:
    """Whether the shape of the code leaves no doubt that it initializes parameters."""
    if not is_function(obj):
        return False
    speaks = any(word in called(obj).lower() for word in ("init", "xavier", "glorot", "kaiming"))
    return speaks and _roles(obj) is not None


def adapt(obj: Any, like: str | None, name: str | None = None) -> Routine[InitializerInterface]:
    """Make a routine of an initializer.

    Raises
    ------
    GradlabError
        If it cannot be seen how to call it.
    """
    title = name or called(obj)
    roles = _roles(obj) if is_function(obj) else None
    if roles is None:
        msg = (
            f"{title} is no initializer that gradlab can call; one is a function of (n_in, n_out) "
            "or of layer_dims, the sizes of all layers from the input on"
        )
        raise GradlabError(msg)
    deep = len(roles) == 1
    draw = _Draw(obj, title, roles)
    draw((5, 3, 4) if deep else (5, 3), 0)
    form = "f(layer_dims)" if deep else "f(n_in, n_out)"
    interface = InitializerInterface(draw, deep)
    return Routine(title, Kind.INITIALIZER, interface, like or inferred_from_name(title), form)


def inferred_from_name(name: str) -> str:
    """Return the rule that a name speaks of; empty where it speaks of none.

    Examples
    --------
    >>> inferred_from_name("initialize_parameters_he"), inferred_from_name("initialize_the_weights")
    ('he', '')
    """
    words = words_of(name)
    return next((like for like, parts in _IN_NAMES.items() if words & set(parts)), "")


def _roles(function: Callable[..., Any]) -> tuple[str, ...] | None:
    """Return the arguments that are sizes: one for all layers, or two for a layer."""
    if takes_anything(function):
        return ("", "")  # by position
    names = named(function)
    dims = one_of(names, _DIMS)
    if dims is not None:
        return (dims,)
    inputs, outputs = one_of(names, _INPUTS), one_of(names, _OUTPUTS)
    if inputs is None or outputs is None:
        return None
    return (inputs, outputs)


@dataclass(frozen=True)
class _Draw:
    """One call of the initializer, read as the layers that it drew."""

    function: Callable[..., Any]
    name: str
    roles: tuple[str, ...]

    def __call__(self, sizes: tuple[int, ...], seed: int) -> tuple[InitialParameters, ...]:
        given: dict[str, Any] = {}
        positional: tuple[int, ...] = ()
        if len(self.roles) == 1:
            given[self.roles[0]] = list(sizes)
        elif self.roles[0]:
            given |= dict(zip(self.roles, sizes, strict=True))
        else:
            positional = sizes
        seeding = seed_arguments(self.function, seed)
        for argument in required(self.function):
            if argument not in {*given, *seeding}:
                raise unknown_argument(self.name, argument, "of an initializer")
        with global_stream(seed):
            result = call(self.name, self.function, *positional, **given, **seeding)
        return self._read(result, sizes)

    def _read(self, result: Any, sizes: tuple[int, ...]) -> tuple[InitialParameters, ...]:
        arrays = self._arrays(result, len(sizes) - 1)
        pairs = list(itertools.pairwise(sizes))
        layers = []
        for number, (n_in, n_out) in enumerate(pairs, start=1):
            key = "W" if len(pairs) == 1 and "W" in arrays else f"W{number}"
            if key not in arrays:
                msg = (
                    f"{self.name} returned no {key}; it returned: {', '.join(arrays) or 'nothing'}"
                )
                raise CodeUnderTestError(msg)
            W = arrays[key]
            if W.shape not in {(n_out, n_in), (n_in, n_out)}:
                msg = (
                    f"{key} from {self.name} has shape {W.shape}; for {n_in} inputs and {n_out} "
                    f"outputs it should be ({n_out}, {n_in}) or ({n_in}, {n_out})"
                )
                raise CodeUnderTestError(msg)
            turned = W if W.shape == (n_out, n_in) else W.T
            layers.append(InitialParameters(key, turned, arrays.get(f"b{key[1:]}")))
        return tuple(layers)

    def _arrays(self, result: Any, count: int) -> Mapping[str, Array]:
        """Name the arrays that came back, whatever they came in."""
        if result is None:
            msg = f"{self.name} returned None, where weights were expected"
            raise NoResultError(msg)
        if isinstance(result, dict):
            found = {str(key): value for key, value in result.items()}
        elif isinstance(result, np.ndarray):
            found = {"W": result}
        elif isinstance(result, tuple | list) and 1 <= len(result) <= 2 and count == 1:
            found = dict(zip(("W", "b"), result, strict=False))
        else:
            kind = type(result).__name__
            msg = f"{self.name} returned a {kind}, where W and b, or a dict of them, were expected"
            raise CodeUnderTestError(msg)
        return {
            key: as_array(f"{key} from {self.name}", value)
            for key, value in found.items()
            if value is not None
        }
