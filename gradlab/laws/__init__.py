"""The laws: one property each, asked of a subject at a point."""

from gradlab.laws import (
    adjoint,
    aliasing,
    backward_twice,
    batch,
    costs,
    dtype,
    extremes,
    fresh_process,
    gradient,
    labels,
    linearity,
    mutation,
    precision,
    reference,
    second_forward,
    selection,
    shape,
    state,
    subgradient,
    symmetries,
    two_instances,
)
from gradlab.laws.case import Case, Law

#: Every law, in the order in which a report lists them.
LAWS: tuple[Law[Case], ...] = (
    gradient.LAW,
    subgradient.LAW,
    linearity.LAW,
    adjoint.LAW,
    shape.LAW,
    dtype.LAW,
    precision.LAW,
    reference.LAW,
    mutation.LAW,
    aliasing.LAW,
    state.LAW,
    second_forward.LAW,
    backward_twice.LAW,
    two_instances.LAW,
    fresh_process.LAW,
    *batch.LAWS,
    extremes.LAW,
    *symmetries.LAWS,
    *costs.LAWS,
    labels.LAW,
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
    return selection.named(LAWS, name)


__all__ = ["LAWS", "Case", "Law", "law"]
