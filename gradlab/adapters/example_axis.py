"""Whether a layer's examples stand alone, by trying: what a law on batches presupposes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.reading_session import Execution
from gradlab.adapters.templates import tensors_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.adapters.reading import Reading

    Array = NDArray[Any]
    Values = Mapping[str, Array]


def examples_stand_alone(reading: Reading, values: Values, axes: Mapping[str, int]) -> bool:
    """Whether each example has a place of its own in each output, or the output is their mean.

    Parameters
    ----------
    reading, values
        A reading, and values at which it runs.
    axes
        The axis of the examples in each tensor that has one.
    """
    try:
        return _mean(reading, values, axes) if not reading.upstream else _own(reading, values, axes)
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return False


def is_random(reading: Reading, values: Values) -> bool:
    """Whether the outputs differ with the seed of the global random generators."""
    found = []
    for seed in (1, 2):
        try:
            execution = Execution(reading, reading.sizes, seed)
            found.append(execution.forward({n: np.array(v) for n, v in values.items()}))
        except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
            return False
    return any(
        one.shape != other.shape or not np.array_equal(one, other, equal_nan=True)
        for one, other in zip(*found, strict=True)
    )


def _own(reading: Reading, values: Values, axes: Mapping[str, int]) -> bool:
    """Whether the first example alone gives what it gives among the others."""
    together = _run(reading, values)
    alone = _run(reading, {n: _taken(v, axes, n, [0]) for n, v in values.items()})
    for whole, part in zip(together, alone, strict=True):
        grown = [a for a in range(whole.ndim) if whole.shape[a] != part.shape[a]]
        if whole.ndim != part.ndim or len(grown) != 1 or part.shape[grown[0]] != 1:
            return False
        if not np.allclose(np.take(whole, [0], axis=grown[0]), part, rtol=1e-6, atol=1e-9):
            return False
    return True


def _mean(reading: Reading, values: Values, axes: Mapping[str, int]) -> bool:
    """Whether a cost of all examples is the mean of the costs of each."""
    (together,) = _run(reading, values)
    count = next(values[name].shape[axis] for name, axis in axes.items())
    parts = [
        _run(reading, {n: _taken(v, axes, n, [j]) for n, v in values.items()})[0]
        for j in range(count)
    ]
    return bool(np.allclose(together, np.mean(parts), rtol=1e-6, atol=1e-9))


def _taken(value: Array, axes: Mapping[str, int], name: str, chosen: list[int]) -> Array:
    return np.take(value, chosen, axis=axes[name]) if name in axes else np.array(value)


def _run(reading: Reading, values: Values) -> tuple[Array, ...]:
    count = {
        values[name].shape[tensor.shape.index("m")]
        for name, tensor in tensors_of(reading.call.forward).items()
        if "m" in tensor.shape
    }
    sizes = {**reading.sizes, "m": count.pop()} if len(count) == 1 else reading.sizes
    outputs = Execution(reading, sizes).forward({n: np.array(v) for n, v in values.items()})
    return tuple(np.array(out) for out in outputs)
