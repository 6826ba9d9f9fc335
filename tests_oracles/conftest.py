"""The comparison that all oracle tests share, in units in the last place of a stated scale."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jax
import mpmath
import numpy as np
import pytest
import torch

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import ArrayLike, NDArray

    Array = NDArray[Any]

jax.config.update("jax_enable_x64", True)
torch.set_num_threads(1)

# Naive formulas at this precision are exact to float64 even where they cancel: 1 - σ(700)
# needs 305 digits more than its result.
mpmath.mp.dps = 400

TOLERANCES = tomllib.loads(Path(__file__).with_name("tolerances.toml").read_text(encoding="utf-8"))
UNIT = 2.0**-52
SMALLEST_NORMAL = 2.0**-1022  # below it a relative error means nothing

_worst: dict[str, float] = {}


def error_in_units(got: Array, want: Array, scale: Array) -> float:
    """The largest |got - want| in units of 2⁻⁵² times `scale`."""
    worst = 0.0
    triples = zip(got.ravel().tolist(), want.ravel().tolist(), scale.ravel().tolist(), strict=True)
    for one, other, size in triples:
        difference = mpmath.mpf(0) if one == other else abs(mpmath.mpf(one) - mpmath.mpf(other))
        units = difference / (UNIT * max(abs(mpmath.mpf(size)), SMALLEST_NORMAL))
        worst = np.inf if not units <= np.inf else max(worst, float(units))
    return worst


def assert_close(
    entry: str, got: ArrayLike, want: ArrayLike, scale: ArrayLike | None = None
) -> None:
    """Hold `got` to `want` within the table's entry."""
    got, want = np.asarray(got), np.asarray(want)
    assert got.shape == want.shape, f"{entry}: shape {got.shape}, the oracle's is {want.shape}"
    sizes = np.abs(want) if scale is None else np.asarray(scale)
    units = error_in_units(got, want, np.broadcast_to(sizes, got.shape))
    allowed = TOLERANCES[entry]["ulps"]
    assert units <= allowed, f"{entry}: {units:.3g} units, {allowed} allowed\n{got}\n{want}"
    _worst[entry] = max(_worst.get(entry, 0.0), units)


@pytest.fixture
def close() -> Callable[..., None]:
    return assert_close


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20200520)


@pytest.fixture(scope="session")
def exact() -> Callable[[ArrayLike], Array]:
    """From floats to mpmath's numbers, entry by entry."""
    return np.vectorize(mpmath.mpf, otypes=[object])


@pytest.fixture(scope="session")
def tensor() -> Callable[[ArrayLike], torch.Tensor]:
    """From an array to a torch leaf that collects its gradient."""
    return lambda values: torch.tensor(np.array(values, dtype=float), requires_grad=True)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the largest error met beside the one allowed."""
    terminalreporter.section("largest errors, in units of 2⁻⁵² × scale")
    for entry, worst in sorted(_worst.items()):
        terminalreporter.write_line(f"{worst:10.2f} of {TOLERANCES[entry]['ulps']:5}  {entry}")
