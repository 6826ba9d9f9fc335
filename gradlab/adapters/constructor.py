"""Making a new layer of somebody's class, or a copy of somebody's instance."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.attribute_tree import attributes_of
from gradlab.adapters.calls import call, parameters_of
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Sizes for a probe: different from each other and from 1, so that each axis of
#: a parameter can be distinguished from the others.
PROBE_SIZES = {"n_in": 5, "n_out": 7, "m": 3, "h": 4, "w": 6}

_SHAPE_ARGUMENTS = ("input_shape", "shape", "in_shape", "shape_in", "Z_shape", "A_shape")
#: What people call the sizes of a layer.
SIZE_ARGUMENTS = {
    "n_in": ("n_in", "n_inputs", "input_size", "in_features", "n_x", "fan_in", "input_dim"),
    "n_out": ("n_out", "n_outputs", "output_size", "out_features", "n_neurons", "units", "n_units"),
    "m": ("m", "batch_size", "n_examples"),
}
_INITIALIZERS = ("ini_type", "init_type", "init", "initialization")


@dataclass(frozen=True)
class LayerFactory:
    """Makes layers: of a class by its constructor, of an instance by copying it.

    `axes` are the symbols of the input's axes, ``("n_in", "m")`` where columns
    are examples.
    """

    obj: Any
    name: str
    axes: tuple[str, ...]

    @property
    def is_class(self) -> bool:
        """Whether there is a constructor to call."""
        return isinstance(self.obj, type)

    def make(self, sizes: Mapping[str, int]) -> Any:
        """Make a layer for these sizes; a copy of an instance has the sizes that it has."""
        if not self.is_class:
            return copy.deepcopy(self.obj)
        given = {key: self._argument(key, sizes) for key in parameters_of(self.obj)}
        return call(f"{self.name}()", self.obj, **given)

    def _argument(self, key: str, sizes: Mapping[str, int]) -> Any:
        if key in _SHAPE_ARGUMENTS:
            return tuple(sizes[axis] for axis in self.axes)
        if key in _INITIALIZERS:
            return "plain"
        for symbol, known in SIZE_ARGUMENTS.items():
            if key in known:
                return sizes[symbol]
        msg = (
            f"{self.name}: no value is known for the constructor's argument {key!r}; "
            "give it a default, or check an instance instead of the class"
        )
        raise GradlabError(msg)

    def instance_sizes(self) -> tuple[int, ...]:
        """Return the feature sizes that an instance's own arrays suggest, likeliest first."""
        held = {**attributes_of(self.obj), **_dictionaries(self.obj)}
        arrays = [value for value in held.values() if isinstance(value, np.ndarray)]
        sizes = [size for array in arrays if array.ndim == 2 for size in reversed(array.shape)]
        return tuple(dict.fromkeys([*sizes, PROBE_SIZES["n_in"]]))


def _dictionaries(obj: object) -> dict[str, Any]:
    return {
        key: value
        for held in attributes_of(obj).values()
        if isinstance(held, dict)
        for key, value in held.items()
    }
