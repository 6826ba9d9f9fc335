"""The laws: one property each, asked of a subject at a point."""

from gradlab.laws import choice, gradient, purity, reference, repeat, shape
from gradlab.laws.case import Case, Law

#: Every law, in the order in which a report lists them.
LAWS: tuple[Law[Case], ...] = (
    gradient.LAW,
    shape.LAW,
    reference.LAW,
    purity.LAW,
    repeat.LAW,
)


def law(name: str) -> Law[Case]:
    """Return the law of this name.

    Raises
    ------
    GradlabError
        If there is none; the message lists close ones.

    Examples
    --------
    >>> law("purity").sentence
    'forward and backward change nothing that they are handed'
    """
    return choice.named(LAWS, name)


__all__ = ["LAWS", "Case", "Law", "law"]
