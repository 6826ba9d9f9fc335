"""The examples of a batch: their axis in each tensor, and how to select some of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Role, Where
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from gradlab.domain import TensorSpec
    from gradlab.laws.case import Case
    from gradlab.subject import Outputs, Values

    Array = NDArray[Any]

#: The names under which adapters keep what a subject is meant to be.
_TWIN = "reference "


def meant_to_be(case: Case) -> str:
    """Return the name of the reference that a subject is meant to be; empty where unknown."""
    return case.subject.twin.name.removeprefix(_TWIN) if case.subject.twin else ""


@dataclass(frozen=True)
class Examples:
    """The examples in the values of one case.

    Attributes
    ----------
    count
        How many there are, m.
    axes
        For each tensor that has a place for every example, the axis.
    outputs
        The axis of each output; None where it has none.
    """

    count: int
    axes: Mapping[str, int]
    outputs: tuple[int | None, ...]

    def take(self, values: Values, chosen: Sequence[int]) -> dict[str, Array]:
        """Return values with the chosen examples only, in that order."""
        return {
            name: np.take(value, chosen, axis=self.axes[name]) if name in self.axes else value
            for name, value in values.items()
        }

    def take_outputs(self, arrays: Outputs, chosen: Sequence[int]) -> Outputs:
        """Return outputs, or cotangents, of the chosen examples."""
        return tuple(
            array if axis is None else np.take(array, chosen, axis=axis)
            for array, axis in zip(arrays, self.outputs, strict=True)
        )

    def axis(self, name: str) -> int | None:
        """Return the axis of a result, as `comparison.evaluate` names it."""
        if not name.startswith("output"):
            return self.axes.get(name)
        position = name.removeprefix("output").strip()
        return self.outputs[int(position or 0)]


def examples_of(case: Case) -> Examples | None:
    """Find the examples of a case; None where its domain has none, or the batch is empty."""
    symbol = case.subject.domain.batch
    axes = {t.name: _axis(t, symbol) for t in case.subject.domain if symbol in t.shape and symbol}
    counts = {case.values[name].shape[axis] for name, axis in axes.items()}
    if len(counts) != 1 or 0 in counts:
        return None
    (count,) = counts
    plain = Examples(count, axes, (None,) * len(case.outputs))
    return Examples(count, axes, _output_axes(case, plain))


def _axis(tensor: TensorSpec, symbol: str) -> int:
    """Return the axis of a symbol, counted from the end where an ellipsis stands before it."""
    position = tensor.shape.index(symbol)
    before = "..." in tensor.shape[:position]
    return position - len(tensor.shape) if before else position


def _output_axes(case: Case, examples: Examples) -> tuple[int | None, ...]:
    """Return the axis of each output that grows when the forward gets one more example.

    The reference twin is evaluated where there is one, because the mistake may be
    in the axis.
    """
    subject = case.subject.twin or case.subject
    more = examples.take(case.values, [*range(examples.count), 0])
    try:
        now = subject.forward(case.copy_values()) if case.subject.twin else case.outputs
        then = subject.forward(more)
    except GradlabError:
        return examples.outputs
    if len(now) != len(case.outputs):
        return examples.outputs
    return tuple(map(_grown, case.outputs, now, then))


def _grown(output: Array, now: Array, then: Array) -> int | None:
    if output.shape != now.shape or now.ndim != then.ndim:
        return None
    grown = [axis for axis in range(now.ndim) if now.shape[axis] != then.shape[axis]]
    return grown[0] if len(grown) == 1 else None


def is_cost(case: Case) -> bool:
    """Whether the subject is one number that is held against labels, without upstream."""
    labelled = any(tensor.role in (Role.LABEL, Role.INDEX) for tensor in case.subject.domain)
    return labelled and not case.subject.upstream and [o.size for o in case.outputs] == [1]


def extreme_values(case: Case) -> Iterator[dict[str, Array]]:
    """Yield values in which every entry is extreme, until each special value was somewhere."""
    domain = case.subject.domain
    sizes = domain.sizes_at(case.values)
    rng = np.random.default_rng([case.seed, 36])
    specials = {
        tensor.name: rng.permutation(tensor.specials(Where.EXTREMES, sizes))
        for tensor in domain
        if tensor.differentiable and case.values[tensor.name].size
    }
    specials = {name: found for name, found in specials.items() if found.size}
    turns = [-(-found.size // case.values[name].size) for name, found in specials.items()]
    for turn in range(max(turns, default=0)):
        values = case.copy_values()
        for name, found in specials.items():
            size = values[name].size
            places = np.arange(turn * size, (turn + 1) * size)
            values[name] = np.take(found, places, mode="wrap").reshape(values[name].shape)
        yield values
