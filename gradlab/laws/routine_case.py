"""What a law about a routine is asked of: the routine, and a seed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from gradlab.interfaces import Interface
from gradlab.laws.case import entry_name
from gradlab.records import Finding, Status

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.interfaces import Routine

    Array = NDArray[Any]

#: The unit roundoff of float64.
UNIT = 2.0**-53


@dataclass(frozen=True)
class RoutineCase(Generic[Interface]):
    """A routine, and the seed of every random choice that laws make for it."""

    routine: Routine[Interface]
    seed: int = 0

    @property
    def interface(self) -> Interface:
        """How to call the code."""
        return self.routine.interface

    def rng(self, stream: str) -> np.random.Generator:
        """Return the generator of one stream; a law draws from streams of its own name."""
        return np.random.default_rng([self.seed, zlib.crc32(stream.encode())])


def passed(law: str, tensor: str, message: str) -> list[Finding]:
    """Say that a law holds."""
    return [Finding(law, tensor, Status.PASS, message)]


def failed(law: str, tensor: str, message: str, **details: Any) -> list[Finding]:
    """Say that a law is broken."""
    return [Finding(law, tensor, Status.FAIL, message, **details)]


@dataclass(frozen=True)
class Gap:
    """The entry at which two arrays differ most beyond what rounding explains."""

    tensor: str
    index: tuple[int, ...]
    got: float
    expected: float
    bound: float

    def told(self, law: str, before: str, *, notes: tuple[str, ...] = ()) -> list[Finding]:
        """Write the finding: ``before`` names the call, as in "after step 2, ".

        A difference below what six digits show is written out as such.
        """
        got, expected = f"{self.got:.6g}", f"{self.expected:.6g}"
        if got == expected:
            got, expected = repr(self.got), repr(self.expected)
        room = f" ± {self.bound:.0e}" if self.bound else ""
        where = f"{self.tensor}, {entry_name(self.index)}"
        message = f"{before}{where}: got {got}, should be {expected}{room}"
        return failed(
            law,
            self.tensor,
            message,
            got=self.got,
            expected=self.expected,
            bound=self.bound,
            index=self.index,
            notes=notes,
        )


def widest_gap(
    got: Mapping[str, Array],
    expected: Mapping[str, Array],
    bounds: Mapping[str, Array | float],
) -> Gap | None:
    """Return the entry that is furthest outside its bound; None where all are inside.

    A shape that differs is the caller's to tell; a NaN is outside every bound.
    """
    worst: Gap | None = None
    most = -np.inf
    for tensor, right in expected.items():
        room = np.broadcast_to(np.asarray(bounds[tensor], dtype=float), right.shape)
        with np.errstate(invalid="ignore", over="ignore"):
            apart = np.abs(np.asarray(got[tensor], dtype=float) - right)
        excess = np.where(np.isnan(apart), np.inf, apart - room)
        if not excess.size or not np.any(~(apart <= room)):
            continue
        index = tuple(int(i) for i in np.unravel_index(int(np.argmax(excess)), excess.shape))
        if worst is None or float(excess[index]) > most:
            most = float(excess[index])
            is_, should = float(got[tensor][index]), float(right[index])
            worst = Gap(tensor, index, is_, should, float(room[index]))
    return worst


def first_change(before: Mapping[str, Array], after: Mapping[str, Array]) -> Gap | None:
    """Return an entry that is not bit for bit what it was; None where nothing changed."""
    return widest_gap(after, before, dict.fromkeys(before, 0.0))


def shape_apart(got: Mapping[str, Array], expected: Mapping[str, Array]) -> str:
    """Say which tensor is missing or has another shape; empty where none is."""
    for name, right in expected.items():
        if name not in got:
            return f"{name} is missing: there is {', '.join(got) or 'nothing'}"
        if np.shape(got[name]) != right.shape:
            return f"{name} has shape {np.shape(got[name])}, where {right.shape} was expected"
    return ""


def uphill(moved: Array, gradient: Array) -> tuple[int, ...] | None:
    """Return the entry that goes up most where a move does not go down; None where it does.

    Down means ⟨move, gradient⟩ < 0; a gradient of 0 asks for nothing.  Single
    entries may go up, as with a weight decay.
    """
    downhill = float(np.sum(moved * gradient)) < 0
    if downhill or not (np.any(gradient) or np.any(moved)):
        return None
    rise = np.where(np.isnan(moved), np.inf, moved * gradient)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(rise)), rise.shape))


def copies(arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Copy arrays, so that nothing the code does to them reaches anybody else."""
    return {name: np.array(array) for name, array in arrays.items()}


def generic(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw numbers of size ½ to 1½ of both signs: none near 0, none alike."""
    return np.asarray(rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape))
