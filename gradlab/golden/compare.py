"""From an entry to the numbers that reproduce it, and to the verdict."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from gradlab.golden.data import Behaviour, Value, article
from gradlab.golden.printed import matches
from gradlab.golden.reproductions import BEHAVIOURS, REPRODUCTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.golden.reproductions.networks import Results


def computed(value: Value, instead: Mapping[str, float] | None = None) -> tuple[float, ...]:
    """Return the numbers that gradlab computes for an entry, in the order printed.

    Parameters
    ----------
    value
        The entry.
    instead
        Inputs, by identifier, to use in the place of the printed ones.

    Examples
    --------
    >>> entry = article().values["first.loss"]
    >>> computed(entry), computed(entry, {"y": 1.0})
    ((0.125,), (0.125,))
    """
    inputs = article().inputs
    numbers = {name: inputs[name].number for name in value.given} | dict(instead or {})
    result = _results(value.by, tuple((name, numbers[name]) for name in value.given))[value.result]
    return (result,) if isinstance(result, float) else tuple(result)


def mismatch(entry: Value | Behaviour) -> str:
    """Return what is wrong with an entry, as a sentence; empty where it is reproduced.

    Examples
    --------
    >>> import dataclasses
    >>> entry = article().values["or.cost"]
    >>> mismatch(entry)
    ''
    >>> print(mismatch(dataclasses.replace(entry, printed=("0.090",))))
    or.cost: 0.090 is printed (rounded), or_steps computes 0.08891294752305501
    """
    if isinstance(entry, Behaviour):
        numbers = [article().inputs[name].number for name in entry.of]
        word = BEHAVIOURS[entry.by](*numbers)
        return "" if word == entry.shows else f"{entry.id}: {entry.shows} is stated, {word} happens"
    numbers_ = computed(entry)
    if len(numbers_) == len(entry.printed) and all(
        matches(text, entry.rounding, number)
        for text, number in zip(entry.printed, numbers_, strict=True)
    ):
        return ""
    printed, found = ", ".join(entry.printed), ", ".join(map(repr, numbers_))
    return f"{entry.id}: {printed} is printed ({entry.rounding}), {entry.by} computes {found}"


@cache
def _results(by: str, numbers: tuple[tuple[str, float], ...]) -> Results:
    """Run a reproduction once for each set of inputs; some train a network."""
    return REPRODUCTIONS[by](**dict(numbers))
