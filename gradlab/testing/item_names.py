"""What the tests of a layer are called, told without running the layer."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.recognition import KINDS
from gradlab.domain import Sizes
from gradlab.faults import registry
from gradlab.kinds import Kind
from gradlab.laws import LAWS
from gradlab.laws.case import Case
from gradlab.laws.selection import Request, chosen
from gradlab.run_laws import evaluate

if TYPE_CHECKING:
    from gradlab.laws.case import Law

#: A law, and the tensor that a test of it is about; empty for all that it finds.
Name = tuple[str, str]


def laws_of(like: str | None) -> tuple[Law[Any], ...]:
    """Return the laws that are asked of what is meant to be `like`: of a layer, or a routine."""
    return chosen(LAWS[KINDS.get(like or "", Kind.LAYER)], Request())


@cache
def names(like: str | None) -> tuple[Name, ...]:
    """Return the laws to be tested, apart for each tensor where a reference tells the tensors.

    The reference layer is asked once, at one point: the code under test has
    no say in what its tests are called.
    """
    entry = registry.VARIANTS.get(like or "")
    if like in KINDS or entry is None or not entry.has_subject:
        return tuple((law.name, "") for law in laws_of(like))
    subject = registry.subject(entry.name)
    rng = np.random.default_rng(0)
    values = subject.domain.sample(subject.domain.sizes(Sizes.DISTINCT, rng), rng)
    findings, _ = evaluate(
        laws_of(like), lambda: Case.at(subject, values, rng, where="one point", seed=0), "one point"
    )
    return tuple(dict.fromkeys((finding.law, finding.tensor) for finding in findings))


def counterparts(expected: tuple[str, ...], found: tuple[str, ...]) -> dict[str, str]:
    """Return for tensors of the code under test which tensors of the reference they are.

    Examples
    --------
    >>> counterparts(("A_prev", "W", "b", "output"), ("x", "w", "bias", "output"))
    {'output': 'output', 'w': 'W', 'bias': 'b', 'x': 'A_prev'}
    """
    pairs: dict[str, str] = {}

    def take(fits: str) -> None:
        for name in found:
            free = [e for e in expected if e not in pairs.values()]
            fitting = [e for e in free if _fits(fits, name, e)]
            if name not in pairs and len(fitting) == 1:
                pairs[name] = fitting[0]

    for fits in ("equal", "folded", "begins", "alone"):
        take(fits)
    return pairs


def _fits(how: str, name: str, expected: str) -> bool:
    match how:
        case "equal":
            return name == expected
        case "folded":
            return name.lower() == expected.lower()
        case "begins":
            return name.lower().startswith(expected.lower())
    return True
