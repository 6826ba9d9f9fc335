"""Gradients, Jacobians and weighted sums of directional derivatives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.errors import GradlabError
from gradlab.numdiff.derivative import derivative, random_direction
from gradlab.numdiff.outcome import qualities, worst
from gradlab.numdiff.records import Estimate, Quality
from gradlab.numdiff.restriction import Restriction, entry_scales
from gradlab.numdiff.sparsity import LEAST_PERTURBATION, group_columns, independent_axes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

#: Arrays with fewer entries are differentiated entry by entry: the probes would cost as much.
_LEAST_GROUPED = 32
#: Parts of an estimate that bound its error by truncation, and those that follow from it.
_ERRORS = ("bound", "left_bound", "right_bound", "truncation")
_ARRAYS = (
    "value", "bound", "quality", "left", "right", "left_bound", "right_bound", "noise",
    "truncation",
)  # fmt: skip


def dot(estimate: Estimate, c: Any) -> tuple[float, float]:
    """Return the sum of the outputs' derivatives with weights, and a bound on its error.

    Parameters
    ----------
    estimate
        From `derivative`.
    c : array_like
        The weights, of the shape of the outputs.  Outputs of weight 0 are left out,
        whatever their quality.

    Returns
    -------
    value : float
        Σ c_i · derivative_i.
    bound : float
        Bound on |value - truth|.

    Raises
    ------
    GradlabError
        If the weights differ from the outputs in shape.

    Notes
    -----
    Noise adds in squares, once as if it were independent from output to output, and
    once as if all outputs shared one noisy factor (a sum that all are divided by).
    Truncation error adds linearly; the rounding of the sum itself is added.

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
    """Return the derivative of every output with respect to every entry of `x`.

    Parameters
    ----------
    f
        Takes what `x` is and returns a number or an array of real numbers.
    x
        An array, or a dict of named arrays.
    method, seed
        As for `gradlab.numdiff.derivative`.

    Returns
    -------
    Estimate or dict of Estimate
        The arrays have the shape of the output followed by that of `x`.  For a
        dict: an estimate for each array of floats, by name.

    Raises
    ------
    GradlabError
        If an array is empty, or for the reasons that
        `gradlab.numdiff.derivative` gives.

    Notes
    -----
    Entries are differentiated one at a time.  For arrays of 32 entries or more,
    axes along which outputs are independent (examples; every axis of an
    elementwise function) are looked for first, and entries that share no output
    then share a directional derivative.  The result is compared with the
    derivative along a random direction; where the two disagree, entries are
    differentiated one at a time after all.  A derivative that the pattern marks
    is zero has value 0, and as bound the largest slope that rounding of the
    output could have hidden.

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

    def along(direction: Any) -> Estimate:
        return derivative(f, x, {name: direction} if name else direction, method=method, seed=seed)

    spent = 0
    if array.size >= _LEAST_GROUPED:
        ones = np.ones(array.shape)
        line = Restriction(f, x, {name: ones} if name else ones)
        grouped, spent = _grouped(line, name, along, seed)
        if grouped is not None:
            return grouped
    units = np.eye(array.size).reshape(array.size, *array.shape)
    estimates = [along(unit) for unit in units]
    calls = spent + sum(each.evaluations for each in estimates)
    return stack_estimates(estimates, array.shape, calls)


def _grouped(
    line: Restriction, name: str, along: Callable[[Any], Estimate], seed: int
) -> tuple[Estimate | None, int]:
    """Return the Jacobian from one derivative a group of columns, and the calls that were made.

    None where no axis is independent, or where a random direction contradicts the pattern.
    """
    axes = independent_axes(line, name, seed)
    if not axes:
        return None, line.calls
    x, shape = line.values[name], line.shape or ()
    groups = group_columns(x.shape, shape, axes)
    scales = entry_scales(x).ravel()
    estimates = []
    for members in groups.members.T:
        direction = np.zeros(x.size)
        direction[members] = scales[members]
        estimates.append(along(direction.reshape(x.shape)))
    calls = line.calls + sum(each.evaluations for each in estimates)
    stacked = stack_estimates(estimates, (len(estimates),), calls)
    found = _scattered(stacked, groups.columns, scales, _hidden_slope(line, x))
    direction = random_direction(x, np.random.default_rng(seed))
    check = along(direction)
    found = replace(found, evaluations=calls + check.evaluations)
    agrees = _agrees(found, check, direction)
    arrays = {each: getattr(found, each).reshape(*shape, *x.shape) for each in _ARRAYS}
    return (replace(found, **arrays) if agrees else None), found.evaluations


def _hidden_slope(line: Restriction, x: Any) -> Any:
    """Return, for each output, the largest slope that its rounding hides from the probes."""
    size = float(np.max(np.abs(x))) or 1.0
    return 2.0**-53 * np.abs(line.evaluate({})) / (LEAST_PERTURBATION * size)


def _scattered(stacked: Estimate, columns: Any, scales: Any, hidden: Any) -> Estimate:
    """Return the (outputs, entries) estimate from one of (outputs, groups)."""
    outputs, rows = len(columns), np.arange(len(columns))[:, None]
    arrays: dict[str, Any] = {}
    for name in _ARRAYS:
        array = np.zeros((outputs, scales.size))
        if name == "quality":
            array = qualities(array.size, Quality.OK).reshape(array.shape)
        elif name in _ERRORS:
            array += hidden[:, None]
        part = getattr(stacked, name).reshape(columns.shape)
        array[rows, columns] = part if name == "quality" else part / scales[columns]
        arrays[name] = array
    return replace(stacked, **arrays)


def _agrees(found: Estimate, check: Estimate, direction: Any) -> bool:
    """Return whether a Jacobian explains the derivative along another direction."""
    v = direction.ravel()
    terms = found.value * v
    bound = check.bound.ravel() + found.bound @ np.abs(v)
    bound += 4 * 2.0**-53 * np.sum(np.abs(terms), axis=1)
    return bool(np.all(np.abs(terms.sum(axis=1) - check.value.ravel()) <= bound))


def gradient(
    f: Callable[..., Any], x: Any, *, method: str = "auto", seed: int = 0
) -> Estimate | dict[str, Estimate]:
    """Return the gradient of a function with one output.

    Parameters
    ----------
    f
        Takes what `x` is and returns a number, or an array with one entry.
    x
        An array, or a dict of named arrays.
    method, seed
        As for `gradlab.numdiff.derivative`.

    Returns
    -------
    Estimate or dict of Estimate
        The arrays have the shape of `x`.  For a dict: an estimate for each array of
        floats, by name.

    Raises
    ------
    GradlabError
        If `f` returns more than one number, if an array is empty, or for the reasons
        that `gradlab.numdiff.derivative` gives.

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
                f"{np.shape(output)}. Use jacobian, or a weighted sum of the outputs"
            )
            raise GradlabError(msg)
        return output if np.ndim(output) == 0 else np.reshape(output, ())

    return single
