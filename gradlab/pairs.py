"""check_gradients: one forward and one backward, at the values that are given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.complex_values import CONVENTIONS, is_complex, real_pair
from gradlab.adapters.function_pair import subject_from_pair
from gradlab.checks import Point, ask, quietly, summary, unrunnable
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.laws import gradient as gradient_law
from gradlab.laws import hessian_symmetry as second_law
from gradlab.laws import shape as shape_law
from gradlab.records import Status
from gradlab.report.report import Report

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradlab.records import SubjectReport

_WHERE = "the values given"


@dataclass(frozen=True)
class _Pair:
    """What `check_gradients` was called with."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    values: Mapping[str, Any]
    wrt: Iterable[str] | None
    order: int
    seed: int


def check_gradients(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    values: Mapping[str, Any],
    *,
    wrt: Iterable[str] | None = None,
    order: int = 1,
    seed: int = 0,
) -> Report:
    """Check the gradients that `backward` claims for `forward`, at `values`.

    Parameters
    ----------
    forward
        ``forward(values)`` returns an array, a tuple of arrays, or a number.
    backward
        ``backward(values, cotangent)`` returns a dict of gradients, each with its
        tensor's shape; it is always called directly after `forward` at the same
        values.  The cotangent has the structure of the forward's result; where that
        is a number, ``backward(values)`` may leave it out.
    values
        Named arrays.  Integer arrays are passed through, unless `backward` returns
        a gradient for them: then they are promoted to float, and the report says so.
        Arrays in less than double precision are judged in double, and what comes
        back at their own precision is held against that.  Complex arrays are taken
        as pairs of real ones; gradients may follow torch's convention
        (∂L/∂Re + i ∂L/∂Im) or JAX's (its conjugate), and the report says which.
    wrt
        The tensors whose gradients are checked; every floating one when left out.
    order
        2 to ask as well whether the gradient's own derivative is symmetric
        (u·Hv = v·Hu, H v a Hessian-vector product), which takes more backward calls.

    Examples
    --------
    >>> import numpy as np
    >>> report = check_gradients(
    ...     lambda v: np.sin(v["x"]),
    ...     lambda v, c: {"x": c * np.cos(v["x"])},
    ...     {"x": np.array([0.0, 0.5, 1.0])},
    ... )
    >>> report.status
    <Status.PASS: 'pass'>
    >>> square = check_gradients(
    ...     lambda v: v["z"] ** 2,
    ...     lambda v, c: {"z": 2 * np.conj(v["z"]) * c},
    ...     {"z": np.array([1.0 + 2.0j, 0.5 - 1.0j])},
    ... )
    >>> square.status, square.subjects[0].notes[0]
    (<Status.PASS: 'pass'>, "complex gradients in torch's convention")
    """
    if order not in {1, 2}:
        msg = f"order is {order!r}; it has to be 1 (gradients) or 2 (their derivatives too)"
        raise GradlabError(msg)
    asked = _Pair(forward, backward, values, wrt, order, seed)
    try:
        with quietly():
            complex_valued = any(map(is_complex, values.values())) or _returns_complex(asked)
        told = _complex(asked) if complex_valued else _real(asked)
    except CodeUnderTestError as error:
        where = CodeUnderTestError(f"{error}; at {_WHERE}")
        told = replace(unrunnable("function pair", where), convention="functions")
    return Report((told,), seed=seed)


def _returns_complex(asked: _Pair) -> bool:
    """Whether complex numbers come out where none go in; what fails is told when laws are asked."""
    try:
        return is_complex(asked.forward(dict(asked.values)))
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return False


def _real(asked: _Pair) -> SubjectReport:
    with quietly():
        subject, point = subject_from_pair(asked.forward, asked.backward, asked.values, asked.wrt)
    laws = (gradient_law.LAW, shape_law.LAW) + (second_law.LAW,) * (asked.order == 2)
    rng = np.random.default_rng([asked.seed, 0])
    findings, notes = ask(Point(subject, point, _WHERE, asked.seed), rng, laws)
    order = ", order=2" if asked.order == 2 else ""
    rerun = f"gradlab.check_gradients(...{order}, seed={asked.seed})"
    return summary(subject, findings, notes, rerun)


def _complex(asked: _Pair) -> SubjectReport:
    """Check in the first convention that fits; a failure is told in torch's."""
    first: SubjectReport | None = None
    for convention in CONVENTIONS:
        forward, backward, point = real_pair(
            asked.forward, asked.backward, asked.values, convention
        )
        told = _real(replace(asked, forward=forward, backward=backward, values=point))
        if told.status is Status.PASS:
            note = f"complex gradients in {convention}'s convention"
            return replace(told, notes=(note, *told.notes))
        first = first or told
    note = (
        "complex tensors are shown as real and imaginary parts along a last axis, in torch's "
        "convention; JAX's does not fit either"
    )
    return replace(first or told, notes=(note, *(first or told).notes))
