"""Run `check` on variants of the registry, in this process or in several."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from gradlab.adapters.recognition import update_of
from gradlab.checks import check
from gradlab.faults import Kind, registry
from gradlab.faults.matrix.matrix import CheckOutcome
from gradlab.laws.parameter_update import LAWS as UPDATES
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradlab.faults.registry import Variant
    from gradlab.records import Finding


def findings(name: str, *, seed: int = 0, laws: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """Return the findings of `check` for a variant: in default settings, unless laws are named.

    A layer is checked as a `Subject`, in the domain of the registry; the class of a correct
    one is also checked for the laws on its parameter update, if it has one.
    """
    variant = registry.variant(name)
    found: list[Finding] = []
    built = registry.build(name)
    if variant.has_subject:
        found += check(registry.subject(name), laws=laws, seed=seed).findings
        # The class has laws beyond those of its subject.
        laws = _of_update(laws) if _has_update(variant, built) else ()
    if laws != ():
        found += check(built, like=variant.target.name, laws=laws, seed=seed).findings
    return tuple(found)


def _has_update(variant: Variant, built: Any) -> bool:
    # A mutant's class may raise on construction, and its fault is not in the update.
    correct = variant.label is not registry.Label.MUTANT
    return correct and variant.kind is Kind.LAYER and update_of(built) is not None


def _of_update(laws: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(law.name for law in UPDATES if laws is None or law.name in laws)


def run_one(name: str, seed: int) -> CheckOutcome:
    """Return the report of `check` in default settings on a variant."""
    found = findings(name, seed=seed)
    failed = dict.fromkeys(f.law for f in found if f.status is Status.FAIL)
    undecided = dict.fromkeys(
        (f.law, f.status) for f in found if f.status not in (Status.PASS, Status.FAIL)
    )
    return CheckOutcome(name, seed, tuple(failed), tuple(undecided))


def run(
    names: Iterable[str],
    seeds: Iterable[int],
    *,
    jobs: int | None = None,
    progress: Callable[[str], None] = lambda _name: None,
) -> tuple[CheckOutcome, ...]:
    """Check every variant with every seed; the order is that of `names`, then of `seeds`.

    Parameters
    ----------
    names
        Names of variants.
    jobs
        The number of processes; 1 checks in this process, None uses one for each
        processor.
    progress
        Called after each outcome with a line such as ``"3 of 20"``.
    """
    tasks = [(name, seed) for name in names for seed in seeds]
    # ProcessPoolExecutor refuses more processes than it can wait for, and 0.
    count = min(jobs or os.cpu_count() or 1, max(len(tasks), 1))
    found: list[CheckOutcome] = []
    for number, each in enumerate(_outcomes(tasks, count), start=1):
        found.append(each)
        progress(f"{number} of {len(tasks)}")
    return tuple(found)


def _outcomes(tasks: list[tuple[str, int]], jobs: int) -> Iterator[CheckOutcome]:
    if jobs == 1:
        for name, seed in tasks:
            yield run_one(name, seed)
        return
    # Spawned processes: state that a mutant leaves behind is not inherited, on any platform.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context)
    with pool:
        try:
            yield from pool.map(_run_task, tasks, chunksize=4)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _run_task(task: tuple[str, int]) -> CheckOutcome:
    return run_one(*task)
