"""What a fault is: a frozen record with an explanation and mutation operators."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: From a correct class or function to a changed one, of the same interface.
    MutationOperator = Callable[[Any], Any]

#: The source of a fault that was seen in public; no single thread was recorded.
COLLECTED = "collected from course forums, issue threads and public histories"
#: The source of a fault that was not observed in public.
CONSTRUCTED = "constructed for the law that must detect it; not observed in public"


class FiniteDifferences(enum.StrEnum):
    """Whether one textbook check detects it: random cotangent, float64, one generic input."""

    CATCHES = "catches"
    MISSES = "misses"
    DEPENDS = "depends on the input"

    @property
    def mark(self) -> str:
        """The mark used in tables."""
        marks = {
            FiniteDifferences.CATCHES: "✓",
            FiniteDifferences.MISSES: "✗",
            FiniteDifferences.DEPENDS: "◐",
        }
        return marks[self]


class Evidence(enum.StrEnum):
    """What a mutant with this fault does wrong.

    The tests show each kind by an independent computation, never by the checker,
    whose power the mutants measure.
    """

    GRADIENT = "the forward is right and a gradient is wrong"
    FUNCTION = "the forward is wrong and the backward is its derivative"
    SHAPE = "a gradient does not have its tensor's shape"
    SPECIAL_SHAPE = "the result is wrong or missing at some shapes only"
    KINK = "the value at the kink is no subgradient"
    STALE = "the backward after a second forward is that of the first"
    REPEAT = "a second backward gives another result"
    MUTATION = "an argument is changed in place"
    OVERWRITTEN = "a returned result is changed by a later call"
    INSTANCES = "what one instance does changes another"
    BATCH_SIZE = "another number of examples than the constructor's goes wrong"
    INTEGERS = "integers give another result than the same numbers as floats"
    ROUNDING = "the error is that of single precision"
    EXTREMES = "the result is not finite, or not right, at extreme values"
    UPDATE = "a layer's update moves its parameters the wrong way, or another layer's"
    TRAINING = "the parameters after a step are not those of gradient descent"
    OPTIMIZER = "the optimizer's steps are not those of its closed form"
    BATCHES = "the batches do not hold every pair once"
    DISTRIBUTION = "the initial weights do not have the required distribution"
    UNREPEATABLE = "the same seed gives another result"
    UNSEEDED = "another seed gives the same result"
    SAVED = "what is loaded is not what was saved"


@dataclass(frozen=True)
class Fault:
    """A mistake in hand-written code, with the operators that plant it.

    Attributes
    ----------
    name
        The name for the command line: ``"bias-gradient-averaged"``.
    row
        Row of the collection, the nearest where a fault was constructed; several may share one.
    explanation
        One sentence: what is computed, and what should be.
    source
        Where it was observed.
    law
        The name of the law that must detect it.
    finite_differences
        Whether a textbook gradient check detects it.
    evidence
        What its mutants do wrong.
    operators
        For each target (``"linear"``), the mutation operator that plants it.
    near
        Names of the near misses: correct code that looks like this fault.
    """

    name: str
    row: int
    explanation: str
    law: str
    finite_differences: FiniteDifferences
    evidence: Evidence
    operators: Mapping[str, MutationOperator]
    near: tuple[str, ...]
    source: str = COLLECTED


@dataclass(frozen=True)
class NearMiss:
    """Correct code that looks like a fault.

    Attributes
    ----------
    name
        Without its target: ``"bias-gradient-as-product"``.
    explanation
        One sentence: why it is right, although it looks wrong.
    operators
        For each target, the operator that makes the near miss.
    """

    name: str
    explanation: str
    operators: Mapping[str, MutationOperator]


@dataclass(frozen=True)
class Unplanted:
    """A row of the collection without a mutation operator, and the reason."""

    row: int
    title: str
    reason: str
