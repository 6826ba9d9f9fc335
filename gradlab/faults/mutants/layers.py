"""Building blocks of mutation operators on layer classes of the article's convention.

An operator works on any class with that interface (`forward` and `backward` return
None and leave their results on the layer), so that it can break a student's
layer as well as a reference layer.
"""

from __future__ import annotations

import functools
import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab import reference_table
from gradlab.reference_table import Property

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from gradlab.faults.fault import MutationOperator
    from gradlab.reference_table import LayerRow

    Array = NDArray[Any]
    #: The factor on the upstream gradient, from Z, A and the upstream itself.
    Slope = Callable[[Array, Array, Array], Array]


ELEMENTWISE = tuple(
    name for name, row in reference_table.LAYERS.items() if Property.ELEMENTWISE in row.properties
)
ACTIVATIONS = tuple(
    name for name, row in reference_table.LAYERS.items() if row.gradients == ("dZ",)
)
LAYERS = tuple(reference_table.LAYERS)
#: Layers whose backward needs something from the forward.
CACHING = tuple(
    name
    for name in LAYERS
    if Property.CONSTANT_JACOBIAN not in reference_table.LAYERS[name].properties
)


def subclass(cls: type[Any], **members: Any) -> type[Any]:
    """Return a subclass of `cls` with some methods replaced; they call ``cls.method(self, …)``.

    Adapters and callers read the names of the arguments off a method, so a
    replaced one takes those of the method that it replaces.
    """
    methods = {name: _renamed(method, getattr(cls, name)) for name, method in members.items()}
    return type(cls.__name__, (cls,), {"__module__": cls.__module__, **methods})


def _renamed(method: Callable[..., Any], original: Callable[..., Any]) -> Callable[..., Any]:
    """Return `method` with the signature of `original`; its source stays its own."""
    signature = inspect.signature(original)

    @functools.wraps(method)
    def renamed(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        return method(*bound.args, **bound.kwargs)

    renamed.__signature__ = signature  # type: ignore[attr-defined]
    return renamed


def on_layers(
    names: tuple[str, ...], make: Callable[[LayerRow], MutationOperator]
) -> dict[str, MutationOperator]:
    """Return the mutation operator that `make` builds from each layer's row."""
    return {name: make(reference_table.LAYERS[name]) for name in names}


def on_gradients(**changes: Callable[[Any, Array], Array]) -> MutationOperator:
    """Make an operator that replaces the named gradients by ``change(layer, upstream)``."""

    def mutate(cls: type[Any]) -> type[Any]:
        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, upstream_grad)
            for name, change in changes.items():
                setattr(self, name, change(self, np.asarray(upstream_grad)))

        return subclass(cls, backward=backward)

    return mutate


def with_slope(slope: Slope) -> MutationOperator:
    """Make an operator that takes an activation's dZ as upstream · slope(Z, A, upstream)."""

    def mutate(cls: type[Any]) -> type[Any]:
        def forward(self: Any, Z: Array) -> None:
            cls.forward(self, Z)
            self.planted_Z = np.asarray(Z)

        def backward(self: Any, upstream_grad: Array) -> None:
            cls.backward(self, upstream_grad)
            upstream = np.asarray(upstream_grad)
            local = slope(self.planted_Z, self.A, upstream)
            self.dZ = (upstream * local).astype(self.dZ.dtype)

        return subclass(cls, forward=forward, backward=backward)

    return mutate


def state_of(layer: Any) -> dict[str, Any]:
    """Return what a layer remembers, apart from its parameters."""
    return {name: value for name, value in vars(layer).items() if name != "params"}


def backward_in_state(
    layer: Any, row: LayerRow, state: Mapping[str, Any], run: Callable[[], None]
) -> None:
    """Run a backward as if the layer were in `state`; only the gradients stay."""
    own = state_of(layer)
    vars(layer).update(state)
    run()
    gradients = {name: getattr(layer, name) for name in row.gradients}
    vars(layer).update({**own, **gradients})
