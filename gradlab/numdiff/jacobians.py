"""`gradient` and `jacobian`: one directional derivative for each entry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff.derivative import derivative
from gradlab.numdiff.outcome import worst
from gradlab.numdiff.records import Estimate

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_ARRAYS = (
    "value", "bound", "quality", "left", "right", "left_bound", "right_bound", "noise",
    "truncation",
)  # fmt: skip


def dot(estimate: Estimate, c: Any) -> tuple[float, float]:
    """Return Σ c_i · derivative_i over the outputs, with a bound on its error.

    Noise adds in squares, once as if it were independent from output to output
    and once as if it were a common factor's (equal outputs, a noisy sum that
    all are divided by); truncation adds linearly; the rounding of the sum itself
    comes on top.  Outputs with c = 0 are left out, whatever their quality.

    Parameters
    ----------
    estimate
        From `derivative`.
    c
        The weights, of the shape of the outputs.

    Examples
    --------
    >>> slopes = derivative(np.square, np.array([1.0, 2.0]), np.array([1.0, 1.0]))
    >>> value, bound = dot(slopes, [1.0, 0.5])
    >>> abs(value - 4.0) <= bound
    True
    """
    weights = np.asarray(c, dtype=np.float64)
    if weights.shape != estimate.value.shape:
        msg = f"the weights have shape {weights.shape}; the outputs have {estimate.value.shape}"
        raise GradlabError(msg)
    used = weights != 0
    terms = weights[used] * estimate.value[used]
    parts = weights[used] * estimate.noise[used]
    together = np.sum(parts * np.sign(estimate.value[used]))
    noise = np.sqrt(np.sum(parts**2) + together**2)
    truncation = np.sum(np.abs(weights[used]) * estimate.truncation[used])
    rounding = 4 * 2.0**-53 * np.sum(np.abs(terms))
    return float(np.sum(terms)), float(noise + truncation + rounding)


def stack_estimates(
    estimates: Sequence[Estimate], shape: tuple[int, ...], evaluations: int
) -> Estimate:
    """Return one estimate whose last axes, of `shape`, run over `estimates`."""
    parts = {}
    for name in _ARRAYS:
        stacked = np.stack([getattr(each, name) for each in estimates], axis=-1)
        parts[name] = stacked.reshape(*stacked.shape[:-1], *shape)
    status = worst(parts["quality"])
    methods = sorted({each.method for each in estimates})
    reasons = dict.fromkeys(each.reason for each in estimates if each.reason)
    return Estimate(
        **parts,
        evaluations=evaluations,
        method=", ".join(methods),
        status=status,
        reason="; ".join(reasons),
    )


def jacobian(
    f: Callable[..., Any], x: Any, *, method: str = "auto", seed: int = 0
) -> Estimate | dict[str, Estimate]:
    """Return the derivative of every output by every entry of `x`.

    The value's shape is that of the output followed by that of `x`.  Where `x`
    is a dict the result is one too, with an estimate for each array of floats.
    Entries are differentiated one at a time; `elementwise_jacobian` and
    `per_example_jacobian` are cheaper where the function has that structure.

    Parameters
    ----------
    f, x, method, seed
        As for `derivative`.

    Examples
    --------
    >>> jacobian(lambda x: x[:2] * x[2], np.array([1.0, 2.0, 3.0])).value.round(6)
    array([[3., 0., 1.],
           [0., 3., 2.]])
    """
    if isinstance(x, Mapping):
        floats = [name for name, a in x.items() if np.asarray(a).dtype.kind == "f"]
        return {name: _of_array(f, x, name, method, seed) for name in floats}
    return _of_array(f, np.asarray(x, dtype=np.float64), "", method, seed)


def _of_array(f: Callable[..., Any], x: Any, name: str, method: str, seed: int) -> Estimate:
    array = np.asarray(x[name] if name else x)
    if array.size == 0:
        msg = f"x {name!r} is empty (shape {array.shape}); there is nothing to differentiate by"
        raise GradlabError(msg)
    estimates = []
    for index in np.ndindex(array.shape):
        unit = np.zeros(array.shape)
        unit[index] = 1.0
        direction = {name: unit} if name else unit
        estimates.append(derivative(f, x, direction, method=method, seed=seed))
    return stack_estimates(estimates, array.shape, sum(each.evaluations for each in estimates))


def gradient(
    f: Callable[..., Any], x: Any, *, method: str = "auto", seed: int = 0
) -> Estimate | dict[str, Estimate]:
    """Return the gradient of a function with one output; the value has the shape of `x`.

    Parameters
    ----------
    f, x, method, seed
        As for `derivative`; `f` returns a number, or an array with one entry.

    Examples
    --------
    >>> gradient(lambda x: np.sum(x**2), np.array([1.0, 2.0])).value.round(6)
    array([2., 4.])
    """
    return jacobian(_one_output(f), x, method=method, seed=seed)


def _one_output(f: Callable[..., Any]) -> Callable[..., Any]:
    def single(x: Any) -> Any:
        output = f(x)
        if np.size(output) != 1:
            msg = (
                f"gradient needs a function with one output; this one returned shape "
                f"{np.shape(output)}. Use jacobian, or sum the outputs with weights first"
            )
            raise GradlabError(msg)
        return output if np.ndim(output) == 0 else np.reshape(output, ())

    return single
