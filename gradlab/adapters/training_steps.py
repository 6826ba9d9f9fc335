"""Running a training: whose loop it is, and what is kept of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.calls import as_array, call
from gradlab.errors import CodeUnderTestError

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.adapters.article import Probe

    Array = NDArray[Any]

#: How many steps are taken, where the code takes a number.
STEPS = 5


@dataclass(frozen=True)
class TrainingMethod:
    """How an object is trained: by which of its methods, called with what."""

    method: str
    description: str
    run: Callable[[Loop], None]
    settings: dict[str, Any]
    swapped: bool = False


@dataclass
class Loop:
    """One training under way: the layer, its data, and what has been seen of it."""

    layer: Any
    probe: Probe
    trainer: TrainingMethod
    X: Array
    Y: Array
    examples: int
    costs: list[Array]
    history: dict[str, list[Array]]

    def call(self) -> Any:
        """Call the method that trains, with data and labels in the order in which it takes them."""
        data = (self.Y, self.X) if self.trainer.swapped else (self.X, self.Y)
        return call(
            self.what, getattr(self.layer, self.trainer.method), *data, **self.trainer.settings
        )

    @property
    def what(self) -> str:
        """The method that trains, for people."""
        return f"{self.probe.attributes.name}.{self.trainer.method}"

    def remember(self) -> None:
        """Copy the parameters as they are now."""
        held = self.probe.attributes.parameters(self.layer)
        for key, kept in self.history.items():
            if key not in held:
                msg = f"{self.what} leaves no parameter {key!r} behind"
                raise CodeUnderTestError(msg)
            kept.append(np.array(held[key]))


def by_steps(loop: Loop) -> None:
    """Take steps of the object's own."""
    for _ in range(STEPS):
        loop.costs.append(cost_of(loop.call(), loop.what))
        loop.remember()


def at_once(loop: Loop) -> None:
    """Let the object train as it does."""
    loop.costs.extend(costs_of(loop.call(), loop.what))
    loop.remember()


def by_updates(loop: Loop) -> None:
    """Go round forward, squared error, backward and update."""
    attributes, layer = loop.probe.attributes, loop.layer
    for _ in range(STEPS):
        error = attributes.run(layer, loop.X) - loop.Y
        loop.costs.append(np.sum(error**2) / (2 * loop.examples))
        call(f"{attributes.name}.backward", layer.backward, error / loop.examples)
        call(loop.what, getattr(layer, loop.trainer.method), **loop.trainer.settings)
        loop.remember()


def cost_of(result: Any, what: str) -> Array:
    """Read the cost of one step off what the step returned: a number, or a tuple that starts so."""
    given = result[0] if isinstance(result, tuple) and result else result
    cost = as_array(f"the cost from {what}", given)
    if cost.size != 1:
        msg = f"{what} returned an array of shape {cost.shape}, where the step's cost was expected"
        raise CodeUnderTestError(msg)
    return cost.reshape(())


def costs_of(result: Any, what: str) -> Array:
    """Read the costs off what training returned: a list of numbers, alone or in a tuple."""
    parts = result if isinstance(result, tuple) else (result,)
    lists = [part for part in parts if isinstance(part, list) or _is_vector(part)]
    if len(lists) != 1:
        msg = (
            f"{what} returned a {type(result).__name__} with {len(lists)} lists of numbers in it; "
            "return the list of costs, a cost for each step"
        )
        raise CodeUnderTestError(msg)
    costs = as_array(f"the costs from {what}", lists[0])
    if costs.ndim != 1:
        msg = (
            f"the costs from {what} have shape {costs.shape}, where a number for each was expected"
        )
        raise CodeUnderTestError(msg)
    return costs


def _is_vector(part: Any) -> bool:
    return isinstance(part, np.ndarray) and part.ndim == 1
