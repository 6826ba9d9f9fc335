"""Complex-step derivatives: exact to rounding, and no part of what is tested."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    Array = NDArray[Any]

STEP = 1e-100


def complex_step_gradient(function: Callable[[Array], Any], point: Array) -> Array:
    """The gradient of a scalar function, entry by entry."""
    gradient = np.zeros(point.shape)
    for index in np.ndindex(point.shape):
        moved = point.astype(np.complex128)
        moved[index] += 1j * STEP
        gradient[index] = function(moved).imag / STEP
    return gradient


@pytest.fixture
def gradient_of() -> Callable[[Callable[[Array], Any], Array], Array]:
    return complex_step_gradient


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20200520)


def frozen(array: Array) -> Array:
    """A copy that raises when it is written to."""
    copy = np.array(array)
    copy.flags.writeable = False
    return copy


@pytest.fixture
def freeze() -> Callable[[Array], Array]:
    return frozen


@pytest.fixture
def legacy_stream() -> Iterator[None]:
    """The global random stream, put back as it was."""
    state = np.random.get_state()
    yield
    np.random.set_state(state)
