"""A layer's own step: classes in the article's convention with ``update_params(learning_rate)``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.article import probe_layer
from gradlab.adapters.article_layer import LayerSession
from gradlab.adapters.calls import as_array, call
from gradlab.adapters.signatures import RATES, called, global_stream, named, one_of, required
from gradlab.interfaces import Routine, UpdateInterface
from gradlab.kinds import Kind

if TYPE_CHECKING:
    from gradlab.adapters.article_layer import AttributeMap
    from gradlab.interfaces import Parameters

_METHODS = ("update_params", "update_parameters", "update", "step")


def looks_like_one(obj: object) -> bool:
    """Whether a layer's class has an update that takes a learning rate, and nothing else."""
    return isinstance(obj, type) and hasattr(obj, "backward") and _method(obj) is not None


def adapt(cls: type[Any], name: str | None = None) -> Routine[UpdateInterface]:
    """Make a routine of the update of a layer's class.

    Raises
    ------
    GradlabError
        If no layer can be made of it.
    """
    title, method = name or called(cls), str(_method(cls))
    found = probe_layer(cls, title)

    def opened(seed: int) -> _Layer:
        rng = np.random.default_rng([seed, 7])
        with global_stream(seed):
            layer = found.factory.make(found.sizes)
            # The parameters stay those that the constructor made: what they share shows.
            x = rng.standard_normal([found.sizes[str(axis)] for axis in found.axes])
            return _run(layer, found.attributes, x, method, rng)

    return Routine(title, Kind.UPDATE, UpdateInterface(opened), convention="article")


def _method(cls: type[Any]) -> str | None:
    for name in _METHODS:
        method = getattr(cls, name, None)
        if callable(method) and one_of(named(method), RATES) and len(required(method)) <= 1:
            return name
    return None


def _run(
    layer: Any, attributes: AttributeMap, x: Any, method: str, rng: np.random.Generator
) -> _Layer:
    """Run forward and backward, so that there is a gradient to step along."""
    what = f"{attributes.name}.forward"
    result = call(what, layer.forward, x)
    held = getattr(layer, attributes.output) if attributes.output else result
    output = as_array(f"the result of {what}", held)
    upstream = rng.uniform(0.5, 1.5, output.shape) * rng.choice([-1.0, 1.0], output.shape)
    values = {attributes.input: x, **attributes.parameters(layer)}
    found = LayerSession(layer, attributes).backward(values, (upstream,))
    gradients = {
        name: np.array(slope)
        for name in attributes.parameters(layer)
        if (slope := found[name]) is not None and slope.shape == values[name].shape
    }
    return _Layer(layer, attributes, method, gradients)


@dataclass(frozen=True)
class _Layer:
    """One layer after a backward."""

    layer: Any
    attributes: AttributeMap
    method: str
    slopes: Parameters

    def parameters(self) -> Parameters:
        """Return the parameters, without copying them."""
        return self.attributes.parameters(self.layer)

    def gradients(self) -> Parameters:
        """Return the gradients of their parameters' shapes; others are reported elsewhere."""
        return {name: slope.copy() for name, slope in self.slopes.items()}

    def update(self, learning_rate: float) -> None:
        """Take one step."""
        update = getattr(self.layer, self.method)
        rate = str(one_of(named(update), RATES))
        call(f"{self.attributes.name}.{self.method}", update, **{rate: learning_rate})
