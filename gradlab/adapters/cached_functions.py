"""Conventions `coursera` and `cs231n`: pairs of functions that pass a cache.

``forward(…)`` returns ``(out, cache)`` and ``backward(upstream, cache)`` returns
the gradients of forward's arrays, in their order.  The two differ in layout, in
the order of W's axes, and in where 1/m sits: `coursera` keeps it in dW and db,
and only there, so that its backward is no true vector-Jacobian product, by design.
"""

from __future__ import annotations

import copy
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call, is_stub, parameters_of
from gradlab.domain import Domain, Layout, Role, TensorSpec
from gradlab.errors import CodeUnderTestError, GradlabError, NoResultError, NotImplementedYetError
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.subject import Gradients, Outputs, Values

    Array = NDArray[Any]
    Function = Callable[..., Any]
    Shape = tuple[int | str, ...]


@dataclass(frozen=True)
class Convention:
    """The shapes that one convention gives to arguments, by their usual names."""

    name: str
    layout: Layout
    inputs: Mapping[str, Shape]
    parameters: Mapping[str, Shape]
    mean_in_parameters: bool = False

    def knows(self, arguments: tuple[str, ...]) -> bool:
        """Whether every argument has one of the convention's names."""
        known = {*self.inputs, *self.parameters, *_SETTINGS}
        return bool(arguments) and all(argument in known for argument in arguments)

    def spec(self, argument: str) -> TensorSpec:
        """Describe one argument."""
        if argument in self.inputs:
            return TensorSpec(argument, self.inputs[argument])
        return TensorSpec(argument, self.parameters[argument], Role.PARAMETER)


#: Arguments that are no arrays, and what is passed for them, one after the other.
_SETTINGS: dict[str, tuple[Any, ...]] = {
    "activation": ("sigmoid", "relu"),
    "bn_param": ({"mode": "train"},),
    "ln_param": ({},),
}

COURSERA = Convention(
    "coursera",
    Layout.FEATURES_EXAMPLES,
    dict.fromkeys(("A_prev", "A", "X", "a_prev"), ("n_in", "m")) | {"Z": ("n_out", "m")},
    {"W": ("n_out", "n_in"), "b": ("n_out", 1)},
    mean_in_parameters=True,
)
CS231N = Convention(
    "cs231n",
    Layout.EXAMPLES_FEATURES,
    dict.fromkeys(("x", "inp", "inputs", "scores"), ("m", "n_in")),
    {"w": ("n_in", "n_out"), "b": ("n_out",), "gamma": ("n_in",), "beta": ("n_in",)},
)
CONVENTIONS = (COURSERA, CS231N)


def adapt(forward: Function, backward: Function, convention: Convention, name: str) -> Subject:
    """Make a `Subject` of a pair of functions in a known convention."""
    arguments = parameters_of(forward)
    unknown = [a for a in arguments if not convention.knows((a,))]
    if unknown:
        msg = (
            f"{name}: convention {convention.name} does not say what the argument {unknown[0]!r} "
            "is; use gradlab.check_gradients(forward, backward, values) with values of your own"
        )
        raise GradlabError(msg)
    tensors = tuple(convention.spec(a) for a in arguments if a not in _SETTINGS)
    averaged = tuple(
        t.name for t in tensors if convention.mean_in_parameters and t.role is Role.PARAMETER
    )
    settings = {a: _SETTINGS[a] for a in arguments if a in _SETTINGS}
    notes = tuple(
        f"checked with {a} = {' and '.join(map(repr, options))}" for a, options in settings.items()
    )
    if averaged:
        notes += (f"1/m is expected in {' and '.join('d' + a for a in averaged)}, and only there",)
    main = tensors[0].name

    def scaling(values: Values) -> dict[str, float]:
        return dict.fromkeys(averaged, 1.0 / values[main].shape[-1])

    choices = tuple(
        dict(zip(settings, chosen, strict=True)) for chosen in itertools.product(*settings.values())
    )
    pair = _Pair(name, forward, backward, arguments, tuple(t.name for t in tensors), choices)
    return Subject(
        name,
        lambda _values: _Session(pair),
        Domain(tensors),
        convention=convention.name,
        layout=convention.layout,
        scaling=scaling,
        notes=notes,
    )


@dataclass(frozen=True)
class _Pair:
    name: str
    forward: Function
    backward: Function
    arguments: tuple[str, ...]
    tensors: tuple[str, ...]
    choices: tuple[Mapping[str, Any], ...]


class _Session:
    """One forward's cache for each choice of the settings, kept for the backward that follows."""

    def __init__(self, pair: _Pair) -> None:
        self._pair = pair
        self._caches: list[Any] = []

    def forward(self, values: Values) -> Outputs:
        """Run the forward once for each choice of the settings; an output for each."""
        self._caches, outputs = [], []
        for settings in self._pair.choices:
            out, cache = self._run(values, settings)
            self._caches.append(cache)
            outputs.append(out)
        return tuple(outputs)

    def _run(self, values: Values, settings: Mapping[str, Any]) -> tuple[Array, Any]:
        pair = self._pair
        what = pair.forward.__name__
        given = [values[a] if a in values else copy.deepcopy(settings[a]) for a in pair.arguments]
        result = call(what, pair.forward, *given)
        if result is None:
            _refuse_none(what, pair.forward, "(out, cache)")
        if not isinstance(result, tuple) or len(result) != 2:
            msg = f"{what} returned {_kind(result)}, where (out, cache) was expected"
            raise CodeUnderTestError(msg)
        out, cache = result
        return as_array(f"the output of {what}", out), cache

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        """Run the backward for each choice; gradients of several choices add up."""
        runs = zip(self._pair.choices, self._caches, cotangents, strict=True)
        found = [self._gradients(settings, cache, upstream) for settings, cache, upstream in runs]
        if len(found) == 1:  # as they came, so that a law can see what becomes of them
            (gradients,) = found
        else:
            gradients = {name: _added([g[name] for g in found]) for name in found[0]}
        return {name: gradient for name, gradient in gradients.items() if name in values}

    def _gradients(
        self, settings: Mapping[str, Any], cache: Any, upstream: Array
    ) -> dict[str, Array | None]:
        pair = self._pair
        what = pair.backward.__name__
        # What forward takes beyond arrays, its backward takes too (coursera's `activation`).
        taken = parameters_of(pair.backward)
        extra = [value for name, value in settings.items() if name in taken]
        result = call(what, pair.backward, upstream, cache, *extra)
        if result is None:
            expected = ", ".join("d" + tensor for tensor in pair.tensors)
            _refuse_none(what, pair.backward, f"({expected})" if "," in expected else expected)
        gradients = result if isinstance(result, tuple) else (result,)
        if len(gradients) != len(pair.tensors):
            msg = (
                f"{what} returned {_kind(result)}, where {len(pair.tensors)} gradients were "
                f"expected, of {', '.join(pair.tensors)}"
            )
            raise CodeUnderTestError(msg)
        return {
            tensor: None if g is None else as_array(f"the gradient of {tensor} from {what}", g)
            for tensor, g in zip(pair.tensors, gradients, strict=True)
        }


def _added(gradients: list[Array | None]) -> Array | None:
    known = [gradient for gradient in gradients if gradient is not None]
    return np.sum(known, axis=0) if len(known) == len(gradients) else None


def _refuse_none(what: str, function: Function, expected: str) -> None:
    if is_stub(function):
        msg = f"{what} is not implemented yet: its body is empty"
        raise NotImplementedYetError(msg)
    msg = f"{what} returned None, where {expected} was expected"
    raise NoResultError(msg)


def _kind(result: Any) -> str:
    if isinstance(result, tuple):
        return f"a tuple of {len(result)}"
    if isinstance(result, np.ndarray):
        return f"one array of shape {result.shape}"
    return f"a {type(result).__name__}"
