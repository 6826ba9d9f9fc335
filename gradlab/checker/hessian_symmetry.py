"""Second order: the derivative of a gradient along a direction, and its symmetry.

Where the backward can be run at any values, t → gradient(x + t v) is a function
like any other, and its derivative at 0 is the Hessian-vector product H v.  The
Hessian of a scalar is symmetric, so that u·Hv = v·Hu for all u and v if the claimed
gradient is the gradient of any function; of which one, the first order decides.

Source: Schwarz's theorem; Pearlmutter, Fast exact multiplication by the Hessian,
Neural Computation 6 (1994), for Hessian-vector products as directional derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.checker.low_precision import is_low_precision, promote_to_double
from gradlab.checker.residual import scaled_direction
from gradlab.checker.verdict import MEANINGFUL_SHARE, Verdict, inconclusive
from gradlab.numdiff import derivative, dot
from gradlab.numdiff.records import Quality
from gradlab.records import Status
from gradlab.roundoff import distinct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from gradlab.checker.problem import Problem
    from gradlab.numdiff.records import Estimate

    Array = NDArray[Any]
    Arrays = Mapping[str, Array]

_PAIRS = 2


@dataclass(frozen=True)
class MixedProducts:
    """u·Hv and v·Hu, with a bound on the difference that errors explain.

    Attributes
    ----------
    first, second
        u·Hv and v·Hu; NaN if the gradient has no derivative.
    bound
        The sum of the error bounds of both.
    size
        The sum of the absolute values of the terms.
    reason
        Why there is no derivative; empty if there is one.
    """

    first: float
    second: float
    bound: float
    size: float
    reason: str = ""

    @property
    def agree(self) -> bool:
        """Whether the two agree within their bound; False for a NaN."""
        return abs(self.first - self.second) <= self.bound


def check_hessian_symmetry(problem: Problem, names: tuple[str, ...]) -> dict[str, Verdict]:
    """Check that the derivative of the claimed gradient is symmetric.

    All tensors jointly first, along two pairs of random directions; block by block
    if these disagree.

    Parameters
    ----------
    problem
        The code under test, the point and the upstream gradient.
    names
        The tensors, each with a claimed gradient of its shape.

    Returns
    -------
    dict of Verdict
        By tensor name.  A failure's `pattern` names the two tensors whose mixed second
        derivative depends on the order.

    Raises
    ------
    GradlabError
        If the code refuses values next to the point.

    Examples
    --------
    The claimed gradient of x y² by x is wrong by the factor x:

    >>> from gradlab.checker import Problem
    >>> def vjp(values, cotangents):
    ...     x, y = values["x"], values["y"]
    ...     return {"x": x * y**2 * cotangents[0], "y": 2 * x * y * cotangents[0]}
    >>> problem = Problem(
    ...     forward=lambda values: (values["x"] * values["y"] ** 2,),
    ...     vjp=vjp,
    ...     values={"x": np.array([2.0]), "y": np.array([0.5])},
    ...     cotangents=(np.ones(1),),
    ...     differentiable=frozenset({"x", "y"}),
    ... )
    >>> print(check_hessian_symmetry(problem, ("x", "y"))["x"].status)
    fail
    """
    if is_low_precision(problem):
        problem = promote_to_double(problem)
    before = problem.counter.calls
    products = [_mixed_products(problem, names, names, number) for number in range(_PAIRS)]
    if all(each.agree for each in products):
        spent = problem.counter.calls - before
        return {name: _pass(products, spent if name == names[0] else 0) for name in names}
    return {name: _compare_blocks(problem, name, names) for name in names}


def _pass(products: list[MixedProducts], evaluations: int) -> Verdict:
    widest = max(products, key=lambda each: each.bound / (each.size or 1.0))
    if not widest.bound <= MEANINGFUL_SHARE * widest.size and widest.size:
        return inconclusive(
            f"u·Hv is known to {widest.bound:.1e} only, and its terms are {widest.size:.1e}"
        )
    relative = widest.bound / widest.size if widest.size else 0.0
    return Verdict(
        Status.PASS, evaluations=evaluations, detection_limit=widest.bound, relative_limit=relative
    )


def _compare_blocks(problem: Problem, name: str, names: tuple[str, ...]) -> Verdict:
    """Compare the rows of one tensor with the columns of each, until two differ."""
    before = problem.counter.calls
    reason = ""
    for other in names:
        # A disagreement counts only if another pair with steps of its own confirms it.
        pairs = [
            _mixed_products(problem, (name,), (other,), 10 + number) for number in range(_PAIRS)
        ]
        reason = reason or next((each.reason for each in pairs if each.reason), "")
        if not any(each.agree or each.reason for each in pairs):
            first, second = distinct(pairs[0].first, pairs[0].second)
            pattern = (
                f"the second derivative by {name} and {other} depends on the order: "
                f"{first} one way, {second} the other, "
                f"± {pairs[0].bound:.0e}"
            )
            spent = problem.counter.calls - before
            return Verdict(Status.FAIL, evaluations=spent, pattern=pattern, complete=False)
    if reason:
        return inconclusive(reason)
    return _pass(pairs, problem.counter.calls - before)


def _mixed_products(
    problem: Problem, rows: tuple[str, ...], columns: tuple[str, ...], number: int
) -> MixedProducts:
    """Return u·Hv and v·Hu, u in the tensors of `rows` and v in those of `columns`."""
    rng = np.random.default_rng([problem.seed, 41, number])
    u = {name: scaled_direction(problem, name, rng) for name in rows}
    v = {name: scaled_direction(problem, name, rng) for name in columns}
    first, second = _product(problem, v, rows, number), _product(problem, u, columns, number)
    for estimate in (first, second):
        if np.any(estimate.quality != Quality.OK):
            return MixedProducts(
                np.nan, np.nan, np.inf, 0.0, f"the gradient's derivative: {estimate.reason}"
            )
    one, other = _flat(u), _flat(v)
    uhv, wide = dot(first, one)
    vhu, wide_too = dot(second, other)
    size = float(max(np.sum(np.abs(one * first.value)), np.sum(np.abs(other * second.value))))
    return MixedProducts(uhv, vhu, wide + wide_too, size)


def _product(problem: Problem, along: Arrays, names: tuple[str, ...], seed: int) -> Estimate:
    """Return H · `along`: the derivative of the claimed gradients of `names`, in one vector."""

    def gradient(moved: Arrays) -> Array:
        found = problem.claimed_gradients({**problem.values, **moved})
        return np.concatenate([np.ravel(found[name]) for name in names])

    point = {name: problem.values[name] for name in along}
    return derivative(gradient, point, along, seed=problem.seed + seed)


def _flat(arrays: Arrays) -> Array:
    return np.concatenate([np.ravel(array) for array in arrays.values()])
