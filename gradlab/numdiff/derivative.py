"""Directional derivatives of any callable, with bounds, and random directions for them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff.complex_step import complex_step
from gradlab.numdiff.finite_differences import differences
from gradlab.numdiff.outcome import differentiable, to_estimate
from gradlab.numdiff.restriction import Restriction, entry_scales

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from gradlab.numdiff.records import Estimate

METHODS = ("auto", "differences")


def derivative(
    f: Callable[..., Any], x: Any, direction: Any, *, method: str = "auto", seed: int = 0
) -> Estimate:
    """Return the derivative of `f` at `x` along `direction`, with a bound on its error.

    Parameters
    ----------
    f : callable
        Takes what `x` is and returns a real number or an array of real numbers,
        of the same shape at every call.  It is called with copies.
    x : array_like of real numbers, or dict of str to array_like
        The point, finite, of any shape.  Floats of any precision reach `f` in
        float64; so do integers of a single array.  Integer arrays of a dict
        (labels, indices) reach it unchanged.
    direction : array_like, or dict of str to array_like
        The direction v, of the shape of `x`.  A dict may omit arrays of `x`,
        which then stay constant; integer arrays have to be omitted.
    method : {"auto", "differences"}
        ``"auto"``: the complex step where `f` is shown to be analytic, else
        extrapolated finite differences.  ``"differences"``: finite differences
        only, so that `f` is never called with complex numbers.
    seed : int
        Determines the steps.  Estimates from two seeds are independent
        confirmations of each other.

    Returns
    -------
    Estimate
        Value and bound have the shape of the output of `f` and the units of
        f/t, for t in f(x + t v).  The `quality` of each output is one of

        =================  ========================================================
        ``ok``             value and bound
        ``kink``           left and right derivative differ; `left` and `right` hold
                           them, `value` is the middle of their hull
        ``noisy``          two calls at the same point returned different results
        ``out_of_domain``  no values on either side of the point
        ``not_finite``     the function, or its derivative, is not finite
        ``unresolved``     noise exceeds the change of the function at every step
        =================  ========================================================

        and `status` is the last of these, in the order ok, kink, unresolved,
        out_of_domain, not_finite, noisy, that any output has.  An output without a
        derivative has value NaN and an infinite bound.

    Raises
    ------
    GradlabError
        If `method` is unknown; if `x` is not real or not finite; if `direction`
        differs from `x` in shape or names, is not finite, or moves integers; if `f`
        returns anything but real numbers, or another shape at another call.
    Exception
        Whatever `f` raises at `x` itself; exceptions at other points count as
        the end of the domain.

    Notes
    -----
    1. Complex step, f'(x) = Im f(x + i h v) / h with h = 2⁻⁶⁶ [1]_: no
       subtraction, hence no cancellation.  A tracing array shows whether every
       operation is analytic; the run in extended precision measures the
       roundoff error of the one in double precision.  4 evaluations.
    2. Central differences at six steps that fall by about 16, extrapolated to
       step 0 in a Neville tableau [2]_.  The noise is measured from the same
       values.  Lepski's method [3]_ selects the entry of the tableau: entries
       are accepted from the finest step to the coarsest while their intervals
       meet, and the accepted one with the smallest bound is returned.  14
       evaluations, up to ten more at finer steps.
    3. The same from each side.  Where the two sides differ by more than their
       bounds there is a kink.

    The bound of a black box is statistical: structure between the sampled points
    cannot be excluded.  Its coverage on a fixed population of functions is in
    ``docs/numdiff.md``.

    References
    ----------
    .. [1] W. Squire, G. Trapp: Using complex variables to estimate derivatives of
       real functions. SIAM Review 40 (1998), 110-112.
    .. [2] L. F. Richardson, J. A. Gaunt: The deferred approach to the limit.
       Philosophical Transactions of the Royal Society A 226 (1927), 299-361.
    .. [3] O. V. Lepski: On a problem of adaptive estimation in Gaussian white
       noise. Theory of Probability and Its Applications 35 (1991), 454-466.

    Examples
    --------
    >>> import numpy as np
    >>> estimate = derivative(np.tanh, np.array([0.5, -1.0]), np.array([1.0, 1.0]))
    >>> bool(np.all(abs(estimate.value - (1 - np.tanh([0.5, -1.0]) ** 2)) <= estimate.bound))
    True

    At a kink there are two derivatives:

    >>> relu = derivative(lambda x: np.maximum(x, 0), np.array([0.0]), np.array([1.0]))
    >>> relu.status.value, relu.left.round(6).tolist(), relu.right.round(6).tolist()
    ('kink', [0.0], [1.0])
    """
    if method not in METHODS:
        msg = f"method is {method!r}; expected one of {', '.join(METHODS)}"
        raise GradlabError(msg)
    line = Restriction(f, x, direction)
    if not line.scale:
        zero = np.zeros(line.at(0.0).size)
        return to_estimate(differentiable(zero, zero, zero, "no direction"), line)
    if method == "auto":
        outcome, _ = complex_step(line, seed)
        if outcome is not None:
            return to_estimate(outcome, line)
    return to_estimate(differences(line, seed), line)


def random_direction(x: Any, rng: np.random.Generator) -> Any:
    """Return a random direction: signs times (1 + u), u uniform on [0, 1), at each entry's scale.

    Parameters
    ----------
    x : array_like, or dict of str to array_like
        The point.
    rng
        Source of the random numbers.

    Returns
    -------
    ndarray of float64, or dict of str to ndarray
        Of the shape of `x`.  Arrays of a dict that hold no floats get no direction.

    Notes
    -----
    The scale of an entry is a power of two next to its own size, but at least 1/64
    of the largest entry's: without that floor an entry that happens to be 1e-9 is
    hardly moved, and an error in its gradient is not detected.  No component is
    zero, so that an error in a single entry never cancels; errors in two entries of
    equal size cancel about as often as along a Gaussian direction.

    Examples
    --------
    >>> v = random_direction(np.array([3.0, 1e-9]), np.random.default_rng(0))
    >>> bool(np.all(np.abs(v) >= 3 / 128))
    True
    """
    if isinstance(x, Mapping):
        floats = {name: np.asarray(a) for name, a in x.items() if np.asarray(a).dtype.kind == "f"}
        return {name: _direction(array, rng) for name, array in floats.items()}
    return _direction(np.asarray(x, dtype=np.float64), rng)


def _direction(x: NDArray[Any], rng: np.random.Generator) -> NDArray[np.float64]:
    signs = rng.choice([-1.0, 1.0], x.shape)
    return np.asarray(signs * (1 + rng.random(x.shape)) * entry_scales(x))
