"""`derivative`: the directional derivative of any callable, with a bound on its error."""

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
    f
        Takes what `x` is and returns a number or an array of real numbers.
    x
        An array, or a dict of named arrays. Floats reach `f` in float64;
        integer arrays of a dict reach it as they are.
    direction
        Of the shape of `x`; a dict may leave names out, which then stay put.
    method
        ``"auto"``: the complex step where a guard shows the code analytic, else
        extrapolated differences. ``"differences"``: real evaluations only.
    seed
        Another seed moves the steps: an independent confirmation.

    Examples
    --------
    >>> import numpy as np
    >>> estimate = derivative(np.tanh, np.array([0.5, -1.0]), np.array([1.0, 1.0]))
    >>> bool(np.all(abs(estimate.value - (1 - np.tanh([0.5, -1.0]) ** 2)) <= estimate.bound))
    True
    """
    if method not in METHODS:
        msg = f"method is {method!r}; it has to be one of {', '.join(METHODS)}"
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
    """Return a random direction of the shape of `x`: signs times (1 + u), at each entry's scale.

    The size of an entry's component is a power of two next to the entry's own
    size, but never less than 1/64 of the largest one, times 1 to 2: without that
    floor an entry that happens to be 1e-9 is hardly moved, and a mistake in its
    gradient cannot be seen.  A mistake in a single entry is never cancelled; one
    in two entries of equal size is missed about as often as by a Gaussian
    direction.

    Parameters
    ----------
    x
        An array, or a dict of named arrays; integer arrays get no direction.

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
