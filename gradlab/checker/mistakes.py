"""From a mismatch along a random direction to a confirmed mistake in an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.checker.locate import locate
from gradlab.checker.residual import Differences
from gradlab.checker.search import compare_entry, is_wrong
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.records import Status

if TYPE_CHECKING:
    from gradlab.checker.located import ComparedEntry
    from gradlab.checker.residual import DerivativeMethod

# So many of the worst entries are tried before a mismatch is called unconfirmed.
_TRIED = 3


def confirm_entries(method: DerivativeMethod, name: str) -> Verdict:
    """Turn a mismatch into a failure that names entries, or into an honest doubt.

    An entry that is named is wrong by real differences with two sets of steps of
    their own, which agree with each other: a function that oscillates below the
    steps fools one.
    """
    located = locate(method, name)
    if not located.entries:
        return inconclusive(
            f"a random direction disagrees by the {method.name}, and no single entry confirms it"
        )
    judge = Differences(method.problem, method.claims, method.rounding)
    exact = method.name == "complex step"
    tried = located.entries[:_TRIED] if exact else located.entries
    certain = tuple(entry for entry in tried if _is_confirmed(judge, name, entry))
    if not certain:
        worst = located.entries[0]
        return inconclusive(
            f"the {method.name} says that entry {list(worst.index)} is off by "
            f"{abs(worst.got - worst.expected):.1e}, which real differences cannot confirm"
        )
    if len(certain) < len(tried) and not exact:
        # Differences that contradict themselves say nothing about the entries left out.
        return Verdict(Status.FAIL, entries=certain, complete=False)
    rest = tuple(entry for entry in located.entries if entry not in certain)
    return Verdict(
        Status.FAIL,
        entries=certain + rest,
        complete=located.complete,
        pattern=located.pattern,
    )


def _is_confirmed(judge: Differences, name: str, entry: ComparedEntry) -> bool:
    """Whether an entry is wrong by two derivatives that agree with each other."""
    first, second = (compare_entry(judge, name, entry.index, attempt=attempt) for attempt in (1, 2))
    agree = abs(first.expected - second.expected) <= first.bound + second.bound
    return is_wrong(first) and is_wrong(second) and agree
