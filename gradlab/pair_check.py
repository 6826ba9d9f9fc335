"""The check of a forward and a backward at given values: real, or complex in a convention."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.adapters.complex_values import CONVENTIONS, is_complex, real_pair
from gradlab.adapters.function_pair import subject_from_pair
from gradlab.laws import gradient as gradient_law
from gradlab.laws import hessian_symmetry as second_law
from gradlab.laws import shape as shape_law
from gradlab.laws.case import Case
from gradlab.random_state import fixed_randomness, hold_randomness
from gradlab.records import Status
from gradlab.run_laws import evaluate, quietly, summarize

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradlab.records import SubjectReport

#: Where the laws are evaluated, in messages.
AT_VALUES = "the values given"


@dataclass(frozen=True)
class FunctionPair:
    """What `check_gradients` was called with."""

    forward: Callable[..., Any]
    backward: Callable[..., Any]
    values: Mapping[str, Any]
    wrt: Iterable[str] | None
    order: int
    seed: int


def check_pair(pair: FunctionPair) -> SubjectReport:
    """Evaluate the laws about gradients at the values of a pair.

    Raises
    ------
    GradlabError
        What the code under test raises.
    """
    with fixed_randomness():
        with quietly():
            complex_valued = any(map(is_complex, pair.values.values())) or _returns_complex(pair)
        return _complex(pair) if complex_valued else _real(pair)


def _returns_complex(pair: FunctionPair) -> bool:
    """Whether the forward returns complex numbers; what it raises here is reported later."""
    try:
        return is_complex(pair.forward(dict(pair.values)))
    except Exception:  # noqa: BLE001 - code under test may raise whatever it likes
        return False


def _real(pair: FunctionPair) -> SubjectReport:
    with quietly():
        subject, point = subject_from_pair(pair.forward, pair.backward, pair.values, pair.wrt)
    subject = hold_randomness(subject, (pair.forward, pair.backward))
    laws = (gradient_law.LAW, shape_law.LAW) + (second_law.LAW,) * (pair.order == 2)
    rng = np.random.default_rng([pair.seed, 0])
    findings, notes = evaluate(
        laws, lambda: Case.at(subject, point, rng, where=AT_VALUES, seed=pair.seed), AT_VALUES
    )
    order = ", order=2" if pair.order == 2 else ""
    rerun = f"gradlab.check_gradients(...{order}, seed={pair.seed})"
    return summarize(subject, findings, notes, rerun)


def _complex(pair: FunctionPair) -> SubjectReport:
    """Check in the first convention that fits; a failure is reported in torch's."""
    first: SubjectReport | None = None
    for convention in CONVENTIONS:
        forward, backward, point = real_pair(pair.forward, pair.backward, pair.values, convention)
        report = _real(replace(pair, forward=forward, backward=backward, values=point))
        if report.status is Status.PASS:
            note = f"complex gradients in {convention}'s convention"
            return replace(report, notes=(note, *report.notes))
        first = first or report
    note = (
        "complex tensors are shown as real and imaginary parts along a last axis, in torch's "
        "convention; JAX's does not fit either"
    )
    return replace(first or report, notes=(note, *(first or report).notes))
