"""The laws: one property each, asked of a subject at a point."""

from gradlab.laws import (
    batch,
    costs,
    extremes,
    gradient,
    labels,
    purity,
    reference,
    repeat,
    shape,
    symmetries,
)
from gradlab.laws.case import Case, Law

#: Every law, in the order in which a report lists them.
LAWS: tuple[Law[Case], ...] = (
    gradient.LAW,
    shape.LAW,
    reference.LAW,
    purity.LAW,
    repeat.LAW,
    *batch.LAWS,
    extremes.LAW,
    *symmetries.LAWS,
    *costs.LAWS,
    labels.LAW,
)

__all__ = ["LAWS", "Case", "Law"]
