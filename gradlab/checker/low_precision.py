"""Gradients in single and half precision: checked in double, then compared with that.

In single precision a difference resolves a few digits of a small tensor, and none
of a large one.  Most code computes in double precision if its arguments are double:
then its formula is checked there, and the gradient in the lower precision may differ
from it by rounding only.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.rounding import rounding_floor, ulp_rounding
from gradlab.checker.search import ComparedEntry, unravel, worst_first
from gradlab.records import Status
from gradlab.roundoff import unit_roundoff

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.checker.verdict import Verdict

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]


def is_low_precision(problem: Problem) -> bool:
    """Return whether some differentiable tensor is in less than double precision."""
    return any(
        value.dtype.kind == "f" and value.dtype.itemsize < 8
        for name, value in problem.values.items()
        if name in problem.differentiable
    )


def promote_to_double(problem: Problem) -> Problem:
    """Return the same problem with values and cotangents in double precision."""
    values = {
        name: value.astype(np.float64) if value.dtype.kind == "f" else value
        for name, value in problem.values.items()
    }
    cotangents = tuple(np.asarray(c, dtype=np.float64) for c in problem.cotangents)
    return replace(problem, values=values, cotangents=cotangents)


def compare_with_double(
    problem: Problem, name: str, claim: Array, double: Array, verdict: Verdict
) -> Verdict:
    """Compare a low-precision gradient with the one in double precision.

    Parameters
    ----------
    problem
        The problem in its own precision.
    name
        The tensor.
    claim, double
        Its claimed gradient in either precision, of the tensor's shape.
    verdict
        The verdict on `double`.

    Returns
    -------
    Verdict
        `verdict`, or a failure if it passes and the two differ by more than rounding.
    """
    if verdict.status is not Status.PASS or claim.shape != double.shape:
        return verdict
    allowed = np.maximum(
        ulp_rounding(problem, {name: claim}, problem.flat_cotangent)[name],
        rounding_floor(problem, name, double, unit_roundoff(problem.values[name])),
    )
    difference = np.abs(claim - double)
    wrong = np.flatnonzero(~(difference <= allowed).ravel())
    if not wrong.size:
        return verdict
    entries = [
        ComparedEntry(index, float(claim[index]), float(double[index]), float(allowed[index]))
        for index in (unravel(int(flat), claim.shape) for flat in wrong)
    ]
    dtype = problem.values[name].dtype
    pattern = (
        f"the same code is right in float64; its gradient in {dtype} differs from that by "
        "more than rounding"
    )
    return replace(
        verdict, status=Status.FAIL, entries=worst_first(entries), pattern=pattern, complete=True
    )
