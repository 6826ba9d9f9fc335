"""How long do the laws take, on one processor?

    OMP_NUM_THREADS=1 python benchmarks/laws.py --seeds 5

The targets: a full check of one dense layer under 1 s, the whole reference under 30 s.
Times are processor times, and the middle one of the seeds; clock times stand beside them.
"""

from __future__ import annotations

import argparse
import statistics
import time
from typing import TYPE_CHECKING

from gradlab import check, reference
from gradlab.faults import registry
from gradlab.faults.matrix import findings
from gradlab.kinds import Kind
from gradlab.laws import LAWS
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable


def dense(seed: int) -> None:
    """Ask every law of one dense layer, as a user would."""
    assert check(reference.LinearLayer, seed=seed).status is Status.PASS


def everything(seed: int) -> None:
    """Ask every law of everything in the reference: layers, costs and routines."""
    for name in registry.names(label=registry.Label.CORRECT):
        assert {finding.status for finding in findings(name, seed=seed)} == {Status.PASS}


def in_fresh_processes(seed: int) -> None:
    """Ask the law on request, which starts a process for each layer."""
    on_request = [law.name for law in LAWS[Kind.LAYER] if law.on_request]
    for name in registry.names(Kind.LAYER, registry.Label.CORRECT):
        report = check(registry.build(name), laws=on_request, seed=seed)
        assert report.status is Status.PASS


WORK = (
    ("a full check of one dense layer", dense, "< 1 s"),
    ("the whole reference, all laws", everything, "< 30 s"),
    ("the layers once more, in fresh processes", in_fresh_processes, "-"),
)


def timed(work: Callable[[int], None], seeds: int) -> tuple[float, float]:
    """Return the middle processor time and the middle clock time."""
    spent, passed = [], []
    for seed in range(seeds):
        before, began = time.process_time(), time.perf_counter()
        work(seed)
        spent.append(time.process_time() - before)
        passed.append(time.perf_counter() - began)
    return statistics.median(spent), statistics.median(passed)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5)
    seeds = parser.parse_args().seeds
    dense(0)  # what is imported at first use belongs to no check
    print("| what | to reach | processor | clock |\n|---|---|---|---|")
    for what, work, aim in WORK:
        spent, passed = timed(work, seeds)
        print(f"| {what} | {aim} | {spent:.2f} s | {passed:.2f} s |", flush=True)


if __name__ == "__main__":
    main()
