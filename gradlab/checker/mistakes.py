"""From a mismatch along a random direction to a confirmed mistake in an entry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradlab.checker.locate import locate
from gradlab.checker.residual import Differences
from gradlab.checker.search import is_wrong, one_entry
from gradlab.checker.verdict import Verdict, inconclusive
from gradlab.records import Status

if TYPE_CHECKING:
    from gradlab.checker.located import Entry
    from gradlab.checker.residual import Ruler

# So many of the worst entries are tried before a mismatch is called unconfirmed.
_TRIED = 3


def confirm(ruler: Ruler, name: str) -> Verdict:
    """Turn a mismatch into a failure that names entries, or into an honest doubt.

    An entry that is named is wrong by real differences with two sets of steps of
    their own, which agree with each other: a function that oscillates below the
    steps fools one.
    """
    located = locate(ruler, name)
    if not located.entries:
        return inconclusive(
            f"a random direction disagrees by the {ruler.method}, and no single entry confirms it"
        )
    judge = Differences(ruler.problem, ruler.claims, ruler.rounding)
    exact = ruler.method == "complex step"
    tried = located.entries[:_TRIED] if exact else located.entries
    certain = tuple(entry for entry in tried if confirmed(judge, name, entry))
    if not certain:
        worst = located.entries[0]
        return inconclusive(
            f"the {ruler.method} says that entry {list(worst.index)} is off by "
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


def confirmed(judge: Differences, name: str, entry: Entry) -> bool:
    """Whether an entry is wrong by two derivatives that agree with each other."""
    first, second = (one_entry(judge, name, entry.index, again=again) for again in (1, 2))
    agree = abs(first.expected - second.expected) <= first.bound + second.bound
    return is_wrong(first) and is_wrong(second) and agree
