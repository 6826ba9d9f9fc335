"""The messages of a comparison."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from gradlab.baseline.model import GRADIENT, OUTPUT, TRAJECTORY

if TYPE_CHECKING:
    from gradlab.baseline.comparison import Comparison

#: What equal numbers with unequal digests are: -0 for 0, or too little to show in a sum.
_OTHER_BITS = "other bits in the same numbers"

#: How many numbers of float64 lie between 1 and 2.
_FROM_ONE_TO_TWO = 2.0**52

_PLURALS = {OUTPUT: "output", GRADIENT: "gradients", TRAJECTORY: "trajectory"}


def sentence(found: Comparison) -> str:
    """Describe how one array compares with its record, at the entry that differs most."""
    if found.same:
        return "the same bits as recorded"
    if found.altered:
        return f"{found.result.name} has {found.altered}"
    if found.ulps == 0:
        return f"{found.result.name} has {_OTHER_BITS}"
    got, recorded = _apart(found.worst.got, found.worst.expected)
    return (
        f"{_site(found)}: got {got}, recorded {recorded}: {distance(found)}; "
        f"rounding explains {found.worst.bound:.0e}{_count(found)}"
    )


def step_named(found: Comparison) -> str:
    """Name an array of a trajectory with the step of its worst number: ``W1 after step 2``."""
    step = found.worst.index[0] + 1 if found.worst.index else found.step
    tensor = found.result.tensor
    if tensor == "cost":
        return f"cost at step {step}"
    return f"{tensor} after step {step}" if found.result.shape[0] > 1 else f"{tensor} at the end"


def distance(found: Comparison) -> str:
    """Return the distance of two numbers, in units in the last place and relative."""
    if not math.isfinite(found.worst.got - found.worst.expected):
        return "no distance to measure"
    relative = abs(found.worst.got - found.worst.expected) / (abs(found.worst.expected) or math.inf)
    parts = [f"{relative:.1e} of it"] if relative else []
    # A count of ulps means little for numbers further apart than 1 and 2.
    if found.ulps < _FROM_ONE_TO_TWO or not parts:
        ulps = f"{found.ulps:,.0f}" if found.ulps < 1e6 else f"{found.ulps:.1e}"
        parts.insert(0, f"{ulps} ulp apart")
    return ", ".join(parts)


def _apart(a: float, b: float) -> tuple[str, str]:
    """Write two numbers with as many digits as it takes to distinguish them."""
    for digits in (6, 9, 12):
        shown = f"{a:.{digits}g}", f"{b:.{digits}g}"
        if shown[0] != shown[1]:
            return shown
    return repr(a), repr(b)


def _count(found: Comparison) -> str:
    if not found.beyond:
        return ""
    count = found.result.watched[0].size if found.worst.index[1:] else found.result.watched.size
    return f"; {found.beyond} of {count} are off" if count > 1 else ""


def hints(first: Comparison, steps: list[Comparison], others: list[Comparison]) -> tuple[str, ...]:
    """Return what differs from the same step on, what differs later, and what is unchanged."""
    if not first.beyond or first.altered:
        return ()
    together = [d.result.tensor for d in steps if d.step == first.step and d is not first]
    later = [step_named(d) for d in steps if d.step > first.step]
    parts = []
    if together:
        parts.append(f"off from the same step on: {', '.join(together)}")
    if later:
        parts.append(f"off later: {', '.join(later)}")
    unchanged = [d.result.tensor for d in steps if not d.beyond]
    if unchanged:
        parts.append(f"as recorded throughout: {', '.join(unchanged)}")
    if others and not any(d.beyond or d.unclear for d in others):
        parts.append(
            "outputs and gradients are as recorded, so look at the update: its order, its rate, "
            "and which values it uses"
        )
    return tuple(parts)


def summary(found: list[Comparison]) -> list[str]:
    """Return, for each kind of result that is unchanged, how close to the record it is."""
    parts = []
    for kind, name in _PLURALS.items():
        these = [d for d in found if d.result.kind == kind]
        if not these or any(d.beyond or d.unclear for d in these):
            continue
        worst = max(these, key=lambda d: (not d.same, d.ulps))
        if worst.same:
            parts.append(f"{name}: the same bits as recorded")
        else:
            parts.append(f"{name}: within what rounding explains, {_nearness(worst)}")
    sensitivity = max((d.sensitivity for d in found if not d.altered), default=0.0)
    if sensitivity:
        parts.append(
            f"a change of {sensitivity:.0e} of a tensor's largest entry would be detected in any "
            "entry"
        )
    return parts


def _nearness(found: Comparison) -> str:
    """Return the distance of the two numbers that differ by most ulps."""
    if found.ulps == 0:
        return f"{found.result.name} has {_OTHER_BITS}"
    apart = abs(found.worst.got - found.worst.expected)
    return (
        f"at most {distance(found)}: {_site(found)}, {apart:.0e} where {found.worst.bound:.0e} is "
        f"explained; at {found.place.where}"
    )


def _site(found: Comparison) -> str:
    """Name a number by its array, step and entry."""
    what = step_named(found) if found.result.kind == TRAJECTORY else found.result.name
    return what if found.entry == "its value" else f"{what}, {found.entry}"
