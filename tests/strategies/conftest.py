"""What the tests of the strategies share: pasting, comparing to the last bit, shrinking."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, find, settings

from gradlab import strategies


def _same_array(one: np.ndarray[Any, Any], other: np.ndarray[Any, Any]) -> bool:
    flags = ("C_CONTIGUOUS", "F_CONTIGUOUS", "WRITEABLE")
    return (
        type(one) is type(other)
        and one.shape == other.shape
        and one.dtype == other.dtype
        and one.tobytes() == other.tobytes()
        and all(one.flags[flag] == other.flags[flag] for flag in flags)
    )


def _same(one: object, other: object) -> bool:
    if isinstance(one, np.ndarray) and isinstance(other, np.ndarray):
        return _same_array(one, other)
    if type(one) is not type(other):
        return False
    if dataclasses.is_dataclass(one) and dataclasses.is_dataclass(other):
        names = [field.name for field in dataclasses.fields(one)]
        return all(_same(getattr(one, name), getattr(other, name)) for name in names)
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, (list, tuple)) and isinstance(other, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    return repr(one) == repr(other)  # also tells -0.0 from 0.0, and takes NaN for NaN


@pytest.fixture(scope="session")
def same() -> Callable[[object, object], bool]:
    """Whether two drawn values agree to the last bit, in type and in memory order."""
    return _same


@pytest.fixture(scope="session")
def pasted() -> Callable[[str], Any]:
    """The value of an expression after the two imports that the documentation names."""
    return lambda text: eval(text, {"np": np, "strategies": strategies})  # noqa: S307 - our own text


@pytest.fixture(scope="session")
def smallest() -> Callable[..., Any]:
    """What a failure shrinks to: the same one each time."""

    def smallest_of(strategy: Any, wanted: Callable[[Any], bool]) -> Any:
        # Explaining is nine tenths of the time of `find`, and its result is not looked at
        phases = [Phase.generate, Phase.shrink]
        few = settings(max_examples=500, database=None, derandomize=True, phases=phases)
        return find(strategy, wanted, settings=few, random=Random(0))  # noqa: S311 - no secret

    return smallest_of
