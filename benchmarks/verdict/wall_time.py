"""How long does a check take, and how small a mistake does it flag, beside other checkers?

    pip install torch==2.13.0 jax jaxlib autograd scipy numdifftools
    python benchmarks/verdict/wall_time.py --draws 100

The same four NumPy workloads for everyone, one run, the methods taking turns, one
thread (`checkers` says how each is put to NumPy code).  Times are medians over the
rounds; with `--clock cpu` they are the process's CPU time, which the load of the machine
does not change.  Methods that go through the parameters one by one are timed on 50 and
on 200 of them where there are more than 400, and the straight line through both is
followed to the full number: those times are marked with a ~.  Sensitivity: the smallest
mistake in one entry, relative to rms(g), that is flagged, by bisection; the entry is the
one whose gradient is the median in size, and the marked methods look at it among ten.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

import networks
import numpy as np
from asking import quiet, table
from checkers import METHODS, Method, Task, prepared, task, wrong
from correct import MODIFIERS, Pair

if TYPE_CHECKING:
    from checkers import Array

SOME, FEW, MORE, MANY = 10, 50, 200, 400
DECADES = (-16.0, 2.0)
#: Read when the libraries load, so that they have to be there before.
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    "JAX_PLATFORMS": "cpu",
}


@dataclass(frozen=True)
class Workload:
    """One network at one point; `entry` is the parameter that is made wrong."""

    name: str
    pair: Pair
    entry: int

    @property
    def size(self) -> int:
        """How many parameters there are."""
        return sum(x.size for x in self.pair.values.values())

    def subset(self, count: int) -> Array:
        """Return `count` parameters spread over all, `entry` among them."""
        spread = np.linspace(0, self.size - 1, count).astype(int)
        spread[np.argmin(np.abs(spread - self.entry))] = self.entry
        return np.unique(spread)


def workload(name: str, seed: int) -> Workload:
    """Draw a network, and find the entry whose gradient is the median in size."""
    rng = np.random.default_rng([seed, 5])
    pair = networks.WORKLOADS[name](rng)
    given = task(pair)
    g = np.abs(given.backward(given.point, given.weights))
    alive = np.flatnonzero(g)
    return Workload(name, pair, int(alive[np.argsort(g[alive])[alive.size // 2]]))


def variants(work: Workload) -> list[tuple[str, Method, Pair]]:
    """Return the methods; gradlab a second time, on a forward without complex numbers."""
    real = MODIFIERS["float64 buffer"](work.pair, np.random.default_rng(0))
    found = [(m.name, m, work.pair) for m in METHODS if m.there]
    return [*found, ("gradlab, no complex step", METHODS[0], real)]


#: The clocks to choose from: where others share the machine, only the second is steady.
CLOCKS = {"wall": time.perf_counter, "cpu": time.process_time}


@dataclass(frozen=True)
class Timed:
    """One check timed: with so many parameters, so many seconds."""

    parameters: int
    seconds: float


def timed(method: Method, given: Task, clock: str) -> Timed:
    """Time one check."""
    began = CLOCKS[clock]()
    method.flags(given)
    return Timed(given.entries.size, CLOCKS[clock]() - began)


def tasks(method: Method, pair: Pair, work: Workload) -> list[Task]:
    """Return what is timed: the whole, or two subsets where that takes too long."""
    if not method.each or work.size <= MANY:
        return [task(pair)]
    return [task(pair, work.subset(count)) for count in (FEW, MORE)]


def duration(found: list[Timed], size: int) -> float:
    """Return the median of the seconds; of the line through two subsets, at `size`."""
    by_size = sorted({t.parameters for t in found})
    medians = [float(np.median([t.seconds for t in found if t.parameters == n])) for n in by_size]
    if len(by_size) == 1:
        return medians[0]
    slope = (medians[1] - medians[0]) / (by_size[1] - by_size[0])
    return medians[1] + slope * (size - by_size[1])


def sensitivity(method: Method, pair: Pair, work: Workload, halvings: int) -> str:
    """Return the smallest mistake that is flagged, to a part of a decade."""
    subset = work.subset(SOME) if method.each and work.size > MANY else None
    given = prepared(method, task(pair, subset))
    if method.flags(given):
        return "flags the right one"
    low, high = DECADES
    if not method.flags(wrong(given, work.entry, 10**high)):
        return f"none up to {10**high:.0f}"
    for _ in range(halvings):
        middle = (low + high) / 2
        if method.flags(wrong(given, work.entry, 10**middle)):
            high = middle
        else:
            low = middle
    return f"{10**high:.1e}"


def sensitivities(name: str, works: list[Workload], halvings: int) -> list[str]:
    """Return one method's sensitivities, one for each workload."""
    cells = [
        sensitivity(method, pair, work, halvings)
        for work in works
        for other, method, pair in variants(work)
        if other == name
    ]
    print(f"{name}: {cells}", file=sys.stderr)
    return cells


def rounds(works: list[Workload], count: int, clock: str) -> dict[tuple[str, str], list[Timed]]:
    """Time every method on every workload, in turn, after a short check that warms it up."""
    found: dict[tuple[str, str], list[Timed]] = defaultdict(list)
    for work in works:
        for _, method, pair in variants(work):
            method.flags(task(pair, work.subset(SOME) if method.each else None))
    for number in range(count):
        for work in works:
            for name, method, pair in variants(work):
                for given in tasks(method, pair, work):
                    found[name, work.name].append(timed(method, given, clock))
        print(f"round {number + 1} of {count}", file=sys.stderr)
    return found


def _written(seconds: float) -> str:
    for unit, size in (("h", 3600.0), ("min", 60.0), ("s", 1.0)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{1e3 * seconds:.3g} ms"


def time_cell(found: dict[tuple[str, str], list[Timed]], name: str, work: Workload) -> str:
    """Return a method's time, and how many times gradlab's it is."""
    mine, theirs = (duration(found[n, work.name], work.size) for n in ("gradlab", name))
    about = "~" if len({t.parameters for t in found[name, work.name]}) > 1 else ""
    return f"{about}{_written(theirs)} ({theirs / mine:.3g}x)"


def on_one_thread() -> None:
    """Start again with one thread for every library, unless that is so."""
    if any(os.environ.get(key) != value for key, value in ONE_THREAD.items()):
        arguments = [sys.executable, *sys.argv]
        os.execve(sys.executable, arguments, {**os.environ, **ONE_THREAD})  # noqa: S606


def main() -> None:
    """Print the tables."""
    on_one_thread()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20, help="timed checks by gradlab, in all")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--clock", choices=CLOCKS, default="wall")
    options = parser.parse_args()
    works = [workload(name, options.seed) for name in networks.WORKLOADS]
    count = max(1, options.draws // (5 * len(works)))
    halvings = 3 if count == 1 else 8
    for method in METHODS:
        if not method.there:
            print(f"{method.name} is left out: {method.needs} is not installed\n")
    with quiet():
        found = rounds(works, count, options.clock)
        head = ["method", *(f"{w.name} ({w.size} parameters)" for w in works)]
        every = [(name, method) for name, method, _ in variants(works[0])]
        print(f"### Time of one check (times gradlab's), {options.clock}, median of {count}\n")
        lines = [[name, *(time_cell(found, name, w) for w in works)] for name, _ in every]
        print(table(head, lines))
        print(f"\n### Smallest mistake flagged, to {18 / 2**halvings:.2g} decades\n")
        lines = [[name, *sensitivities(name, works, halvings)] for name, _ in every]
        print(table(head, lines))


if __name__ == "__main__":
    main()
