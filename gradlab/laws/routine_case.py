"""What a law about a routine is checked on: the routine, and a seed."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic

import numpy as np

from gradlab.interfaces import Interface
from gradlab.laws.case import entry_name
from gradlab.records import Finding, Status
from gradlab.roundoff import worst_mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.interfaces import Routine
    from gradlab.roundoff import Mismatch

    Array = NDArray[Any]


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
        """Return the random generator of a named stream."""
        return np.random.default_rng([self.seed, zlib.crc32(stream.encode())])


def passed(law: str, tensor: str, message: str) -> list[Finding]:
    """Return the finding that a law holds."""
    return [Finding(law, tensor, Status.PASS, message)]


def failed(law: str, tensor: str, message: str, **details: Any) -> list[Finding]:
    """Return the finding that a law is violated."""
    return [Finding(law, tensor, Status.FAIL, message, **details)]


def mismatched(
    law: str, before: str, found: Mismatch, *, notes: tuple[str, ...] = ()
) -> list[Finding]:
    """Return the finding of a mismatch; `before` names the call, as in "after step 2, "."""
    got, expected = found.written()
    room = f" ± {found.bound:.0e}" if found.bound else ""
    where = f"{found.tensor}, {entry_name(found.index)}"
    return failed(
        law,
        found.tensor,
        f"{before}{where}: got {got}, should be {expected}{room}",
        got=found.got,
        expected=found.expected,
        bound=found.bound,
        index=found.index,
        notes=notes,
    )


def largest_change(before: Mapping[str, Array], after: Mapping[str, Array]) -> Mismatch | None:
    """Return the entry that changed most; None if every entry is what it was to the last bit."""
    return worst_mismatch(after, before, dict.fromkeys(before, 0.0))


def shape_problem(got: Mapping[str, Array], expected: Mapping[str, Array]) -> str:
    """Describe the tensor that is missing or has another shape; empty if there is none."""
    for name, right in expected.items():
        if name not in got:
            return f"{name} is missing: there is {', '.join(got) or 'nothing'}"
        if np.shape(got[name]) != right.shape:
            return f"{name} has shape {np.shape(got[name])}, where {right.shape} was expected"
    return ""


def ascent_entry(step: Array, gradient: Array) -> tuple[int, ...] | None:
    """Return the entry with the largest ascent if a step is no descent direction, else None.

    A descent direction has ⟨step, gradient⟩ < 0; with a gradient of 0 a step of 0
    counts as one.  Single entries may ascend, as with a weight decay.
    """
    descends = float(np.sum(step * gradient)) < 0
    if descends or not (np.any(gradient) or np.any(step)):
        return None
    rise = np.where(np.isnan(step), np.inf, step * gradient)
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(rise)), rise.shape))


def generic(rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
    """Draw numbers of both signs and of magnitude ½ to 1½: none near 0, no two equal."""
    return np.asarray(rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape))
