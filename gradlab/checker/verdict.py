"""From error bars on both sides to a verdict on one tensor's gradient."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.locate import Entry, wrong_entries
from gradlab.numdiff import random_direction
from gradlab.records import GradlabError, Status

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem, Slope

    Array = NDArray[Any]

# Bounds wider than this share of what is compared say nothing worth hearing.
_MEANINGFUL = 0.02
# Bounds this far below the function's own values are as tight as bounds get: a
# saturated sigmoid's derivative of 1e-18 passes although no difference resolves it.
_NEGLIGIBLE = 1e-6
# Two directions decide; more are tried while some output had a derivative along none.
_PROBES, _MOST_PROBES = 2, 6


@dataclass(frozen=True)
class Verdict:
    """What the comparison says about the gradient of one tensor.

    `absolute` is the smallest mistake in any one entry that would have been seen,
    `relative` the same in units of the gradient's root mean square; both are NaN
    where nothing was compared.  `entries` are the wrong ones that were located,
    worst first.
    """

    status: Status
    evaluations: int
    absolute: float = np.nan
    relative: float = np.nan
    entries: tuple[Entry, ...] = ()
    complete: bool = True
    reason: str = ""


def judge(problem: Problem, name: str, claimed: Array) -> Verdict:
    """Reach a verdict on the `claimed` gradient of tensor `name`.

    A mismatch along a random direction is never called a failure by itself:
    single entries, differentiated with steps of their own, have to confirm it.
    """
    if not claimed.size:
        return Verdict(Status.PASS, 0, 0.0, 0.0, reason="the tensor is empty")
    if not np.all(np.isfinite(claimed)):
        return _not_finite(problem, name, claimed)
    rounding = problem.rounding(name, claimed)
    spent, widest, mismatch = 0, 0.0, False
    seen = np.zeros(problem.weights.size, dtype=bool)
    for number in range(_MOST_PROBES):
        if number >= _PROBES and (mismatch or seen.all()):
            break
        probe = _probe(problem, name, rounding, number)
        spent += probe.slope.evaluations
        if not np.isfinite(probe.slope.value):
            return Verdict(Status.INCONCLUSIVE, spent, reason=probe.slope.reason)
        here = problem.claimed_for(name, probe.slope.seen, claimed)
        difference = abs(float(np.sum(here * probe.direction)) - probe.slope.value)
        mismatch |= not difference <= probe.bound
        widest = max(widest, probe.bound / float(np.min(np.abs(probe.direction))))
        seen |= probe.slope.seen
        if not mismatch and not probe.tight:
            return Verdict(Status.INCONCLUSIVE, spent, reason=probe.doubt)
    if not mismatch and not seen.all():
        count = f"{np.sum(~seen)} of {seen.size} outputs"
        why = f"{count} have no derivative along any direction tried: {probe.slope.reason}"
        return Verdict(Status.INCONCLUSIVE, spent, reason=why)
    # A mistake shows when it exceeds both error bars: twice the widest bound.
    absolute = 2 * widest
    rms = float(np.sqrt(np.mean(claimed**2)))
    relative = absolute / rms if rms else np.inf
    if not mismatch:
        return Verdict(Status.PASS, spent, absolute, relative)
    return _confirm(problem, name, claimed, rounding, spent)


@dataclass(frozen=True)
class _Probe:
    """A derivative along one direction, and what may separate it from a right gradient."""

    direction: Array
    slope: Slope
    bound: float
    tight: bool

    @property
    def doubt(self) -> str:
        """Why agreement here would mean nothing."""
        wide = f"the error bound {self.bound:.1e} is too wide beside {self.slope.size:.1e}"
        return f"{wide}: {self.slope.reason}" if self.slope.reason else wide


def _probe(problem: Problem, name: str, rounding: Array, number: int) -> _Probe:
    """Differentiate along a random direction; where that says little, along a gentler one.

    The gentler one moves each entry in proportion to itself, so that none that
    is near 0 is carried across a kink there by the coarse steps.
    """
    x = problem.values[name]
    rng = np.random.default_rng([problem.seed, 11, number])
    direction = random_direction(x, rng)
    first = _along(problem, name, rounding, direction)
    if first.tight and first.slope.seen.all():
        return first
    signs = rng.choice([-1.0, 1.0], x.shape)
    gentler = np.where(x == 0, direction, signs * x * (1 + rng.random(x.shape)))
    second = _along(problem, name, rounding, gentler)
    return max(first, second, key=lambda probe: (probe.tight, np.sum(probe.slope.seen)))


def _along(problem: Problem, name: str, rounding: Array, direction: Array) -> _Probe:
    slope = problem.slope(name, direction)
    bound = slope.bound + float(np.linalg.norm(rounding * direction))
    return _Probe(direction, slope, bound, _tight(problem, name, slope, bound))


def _tight(problem: Problem, name: str, slope: Slope, bound: float) -> bool:
    """Whether agreement within `bound` means something."""
    if not np.isfinite(bound):
        return False
    if bound <= _MEANINGFUL * slope.size:
        return True
    x = problem.values[name]
    # A dead ReLU is 0 here and says nothing of its scale; at −x it does.
    natural = max(_size_at(problem, name, at) for at in (x, -x))
    return bound <= _NEGLIGIBLE * natural


def _size_at(problem: Problem, name: str, x: Array) -> float:
    """How large the weighted outputs are at `x`; 0 where the code refuses such values."""
    try:
        output = problem.output(name, x)
    except GradlabError:
        return 0.0
    return float(np.sum(np.abs(problem.weights * output)))


def _confirm(problem: Problem, name: str, claimed: Array, rounding: Array, spent: int) -> Verdict:
    """Turn a mismatch into a failure that names entries, or into an honest doubt."""
    located = wrong_entries(problem, name, claimed, rounding)
    spent += located.evaluations
    if located.entries:
        return Verdict(Status.FAIL, spent, entries=located.entries, complete=located.complete)
    why = "a random direction disagrees, and no single entry confirms it"
    return Verdict(Status.INCONCLUSIVE, spent, reason=why)


def _not_finite(problem: Problem, name: str, claimed: Array) -> Verdict:
    """Judge a NaN or an infinity in the gradient: wrong wherever the derivative exists."""
    index = np.unravel_index(int(np.argmin(np.isfinite(claimed))), claimed.shape)
    direction = np.zeros(claimed.shape)
    direction[index] = max(abs(float(problem.values[name][index])), 1.0)
    slope = problem.slope(name, direction)
    place = tuple(int(i) for i in index)
    if not np.isfinite(slope.value):
        why = f"gradient and derivative are both not finite at entry {list(place)}"
        return Verdict(Status.INCONCLUSIVE, slope.evaluations, reason=why)
    step = float(direction[index])
    entry = Entry(place, float(claimed[index]), slope.value / step, slope.bound / step)
    return Verdict(Status.FAIL, slope.evaluations, entries=(entry,), complete=False)
