"""Where a layer that keeps its results in attributes keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attribute_tree import attributes_of
from gradlab.adapters.calls import as_array, call, is_stub, parameters_of
from gradlab.errors import GradlabError, NoResultError, NotImplementedYetError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.subject import Gradients, Outputs, Values

    Array = NDArray[Any]

_OUTPUTS = ("A", "Z", "Y_hat", "Y", "out", "output")
_PARAMETERS = ("W", "b", "w", "B", "weights", "weight", "biases", "bias", "gamma", "beta")
_INPUT_GRADIENTS = ("dA_prev", "dX", "dx", "dA", "dinputs", "dZ")
_GRADIENT_DICTS = ("grads", "gradients")


@dataclass(frozen=True)
class AttributeMap:
    """The names under which a class keeps its input, output and parameters.

    `output` is empty where `forward` returns its result.
    """

    name: str
    input: str
    output: str
    in_dict: bool

    def parameters(self, layer: Any) -> dict[str, Array]:
        """Return the layer's parameters, from ``.params`` or from its attributes."""
        held = layer.params if self.in_dict else attributes_of(layer)
        chosen = held.items() if self.in_dict else ((k, held[k]) for k in _PARAMETERS if k in held)
        return {key: value for key, value in chosen if isinstance(value, np.ndarray)}

    def put(self, layer: Any, values: Values) -> None:
        """Replace the layer's parameters by the very arrays in `values`."""
        for key in self.parameters(layer):
            if self.in_dict:
                layer.params[key] = values[key]
            else:
                setattr(layer, key, values[key])

    def run(self, layer: Any, x: Array) -> Array:
        """Run the layer's forward at `x`, with the parameters that it has; return the output."""
        what = f"{self.name}.forward"
        result = call(what, layer.forward, x)
        if not self.output:
            return as_array(f"the result of {what}", result)
        return as_array(f"{self.name}.{self.output}", getattr(layer, self.output))


def map_attributes(layer: Any, name: str, x: Array) -> AttributeMap:
    """Run one forward at `x` and see what it set."""
    forward = _method(layer, name, "forward")
    _method(layer, name, "backward")
    arguments = parameters_of(forward)
    if len(arguments) != 1:
        listed = ", ".join(arguments) or "none"
        msg = f"{name}.forward should take one array in convention article; it takes: {listed}"
        raise GradlabError(msg)
    in_dict = isinstance(getattr(layer, "params", None), dict)
    before = {key: (id(v), v.copy()) for key, v in _arrays(layer).items()}
    result = call(f"{name}.forward", forward, x)
    if result is not None:
        return AttributeMap(name, arguments[0], "", in_dict)
    output = _output(_set_by_call(layer, before), arguments[0], x)
    if output is None:
        _refuse_empty(f"{name}.forward", forward, "self.Z or self.A")
    return AttributeMap(name, arguments[0], output or "", in_dict)


def _method(layer: Any, name: str, method: str) -> Any:
    found = getattr(layer, method, None)
    if found is None:
        msg = f"{name} has no {method} yet, so there is nothing to compare"
        raise NotImplementedYetError(msg)
    return found


def _arrays(layer: Any) -> dict[str, Array]:
    return {
        key: value for key, value in attributes_of(layer).items() if isinstance(value, np.ndarray)
    }


def _set_by_call(layer: Any, before: dict[str, tuple[int, Array]]) -> dict[str, Array]:
    """Return the array attributes that a call replaced or wrote into."""
    changed = {}
    for key, value in _arrays(layer).items():
        old = before.get(key)
        if old is None or old[0] != id(value) or not np.array_equal(old[1], value):
            changed[key] = value
    return changed


def _output(changed: dict[str, Array], input_name: str, x: Array) -> str | None:
    """Choose the output among the attributes that forward set; the input's own is none."""
    others = {k: v for k, v in changed.items() if v is not x and k != input_name}
    for key in _OUTPUTS:
        if key in others:
            return key
    if len(others) == 1:
        return next(iter(others))
    if others:
        listed = ", ".join(sorted(others))
        msg = f"forward sets {listed}; call the one that is the output Z or A"
        raise GradlabError(msg)
    return None


def _refuse_empty(what: str, function: Any, expected: str) -> None:
    if is_stub(function):
        msg = f"{what} is not implemented yet: its body is empty"
        raise NotImplementedYetError(msg)
    msg = f"{what} returned None and set no array; in convention article it sets {expected}"
    raise NoResultError(msg)


class LayerSession:
    """One layer of the article's kind, with parameters that a caller chooses."""

    def __init__(self, layer: Any, attributes: AttributeMap) -> None:
        self._layer = layer
        self._attributes = attributes

    def forward(self, values: Values) -> Outputs:
        """Put the parameters in place and run the layer's forward."""
        self._attributes.put(self._layer, values)
        return (self._attributes.run(self._layer, values[self._attributes.input]),)

    def backward(self, values: Values, cotangents: Outputs) -> Gradients:
        """Run the layer's backward and collect the gradients that it set."""
        attributes, layer = self._attributes, self._layer
        what = f"{attributes.name}.backward"
        result = call(what, layer.backward, *cotangents)
        found: dict[str, Array | None] = {
            key: self._gradient(key, (f"d{key}",), cotangents)
            for key in attributes.parameters(layer)
        }
        candidates = (f"d{attributes.input}", *_INPUT_GRADIENTS)
        found[attributes.input] = self._gradient(attributes.input, candidates, cotangents)
        if found[attributes.input] is None and isinstance(result, np.ndarray):
            found[attributes.input] = result
        if all(gradient is None for gradient in found.values()):
            expected = ", ".join(f"self.d{key}" for key in found)
            _refuse_empty(what, layer.backward, expected)
        return {key: found.get(key) for key in values}

    def _gradient(
        self, tensor: str, candidates: tuple[str, ...], cotangents: Outputs
    ) -> Array | None:
        """Look for a tensor's gradient in the attributes, then in a dictionary of gradients."""
        held = attributes_of(self._layer)
        for key in candidates:
            value = held.get(key)
            # Under a name that is not its own, the upstream gradient is what was kept of it.
            borrowed = key != f"d{tensor}" and any(value is c for c in cotangents)
            if value is not None and not borrowed:
                return as_array(f"{self._attributes.name}.{key}", value)
        for name in _GRADIENT_DICTS:
            grads = held.get(name)
            if isinstance(grads, dict):
                for key in (f"d{tensor}", tensor):
                    if grads.get(key) is not None:
                        return as_array(f"{self._attributes.name}.{name}[{key!r}]", grads[key])
        return None
