"""Asking `check` about entries of the registry, on one processor or on several."""

from __future__ import annotations

import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from gradlab.adapters.recognition import update_of
from gradlab.checks import check
from gradlab.faults import Kind, registry
from gradlab.faults.matrix.matrix import Answer
from gradlab.laws.parameter_update import LAWS as UPDATES
from gradlab.records import Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from gradlab.faults.registry import Entry
    from gradlab.records import Finding


def findings(name: str, *, seed: int = 0, laws: Iterable[str] | None = None) -> tuple[Finding, ...]:
    """Ask `check` about an entry: in default settings, unless laws are named.

    A layer is asked as a `Subject`, in the domain of the registry; what is right is asked
    about its own update, if it has one, besides.
    """
    entry = registry.entry(name)
    found: list[Finding] = []
    built = registry.build(name)
    if entry.has_subject:
        found += check(registry.subject(name), laws=laws, seed=seed).findings
        # What the class itself can be asked beyond that.
        laws = _of_update(laws) if _has_update(entry, built) else ()
    if laws != ():
        found += check(built, like=entry.target.name, laws=laws, seed=seed).findings
    return tuple(found)


def _has_update(entry: Entry, built: Any) -> bool:
    # A mutant's class may not even be runnable; its fault is somewhere else in any case.
    right = entry.standing is not registry.Standing.MUTANT
    return right and entry.kind is Kind.LAYER and update_of(built) is not None


def _of_update(laws: Iterable[str] | None) -> tuple[str, ...]:
    return tuple(law.name for law in UPDATES if laws is None or law.name in laws)


def answer(name: str, seed: int) -> Answer:
    """Return what `check` in default settings says of an entry."""
    found = findings(name, seed=seed)
    failed = dict.fromkeys(f.law for f in found if f.status is Status.FAIL)
    unsure = dict.fromkeys(
        (f.law, f.status) for f in found if f.status not in (Status.PASS, Status.FAIL)
    )
    return Answer(name, seed, tuple(failed), tuple(unsure))


def answers(
    names: Iterable[str],
    seeds: Iterable[int],
    *,
    jobs: int | None = None,
    told: Callable[[str], None] = lambda _name: None,
) -> tuple[Answer, ...]:
    """Ask about every entry with every seed; the order is that of `names`, then of `seeds`.

    Parameters
    ----------
    names
        Of the registry.
    jobs
        The number of processes; 1 asks in this one, None takes one for each
        processor that there is.
    told
        Is called with each answer that has come, for whoever watches.
    """
    questions = [(name, seed) for name in names for seed in seeds]
    # No more processes than questions, nor than the pool can take.
    count = min(jobs or os.cpu_count() or 1, max(len(questions), 1))
    found: list[Answer] = []
    for number, each in enumerate(_asked(questions, count), start=1):
        found.append(each)
        told(f"{number} of {len(questions)}")
    return tuple(found)


def _asked(questions: list[tuple[str, int]], jobs: int) -> Iterator[Answer]:
    if jobs == 1:
        for name, seed in questions:
            yield answer(name, seed)
        return
    # Fresh processes: what a fault leaves behind in one stays there, on every platform alike.
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, mp_context=context)
    with pool:
        try:
            yield from pool.map(_answer, questions, chunksize=4)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _answer(question: tuple[str, int]) -> Answer:
    return answer(*question)
