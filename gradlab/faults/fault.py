"""What a fault is: a frozen record that explains itself and can be planted."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    #: From a correct class or function to the broken one.
    Plant = Callable[[Any], Any]

#: The source of a fault whose threads were collected without keeping one of them.
COLLECTED = "collected from course forums, issue threads and public histories"
#: The source of a fault that nobody was seen to make.
CONSTRUCTED = "constructed, for the law that must find it; no thread is known"


class Law(enum.StrEnum):
    """The laws that find faults, under the names that findings and reports use."""

    GRADIENT = "gradient"
    COTANGENT_LINEARITY = "cotangent linearity"
    ADJOINT = "adjoint identity"
    SUBGRADIENT = "subgradient"
    SHAPE = "shape"
    DTYPE = "dtype"
    PRECISION = "precision"
    PURITY = "purity"
    ALIASING = "aliasing"
    SECOND_FORWARD = "second forward"
    REPEAT = "repeat"
    BACKWARD_TWICE = "backward twice"
    TWO_INSTANCES = "two instances"
    BATCH_INDEPENDENCE = "independent examples"
    SUM_OVER_EXAMPLES = "sum over examples"
    ORDER_OF_EXAMPLES = "order of examples"
    BATCH_DUPLICATION = "batch duplication"
    BATCH_SIZE = "batch size"
    EXTREMES = "extremes"
    SYMMETRY = "symmetry"
    SHIFT_INVARIANCE = "shift invariance"
    NORMALISATION = "columns sum to 1"
    ELEMENTWISE = "independent entries"
    HOMOGENEITY = "positive homogeneity"
    MEAN_OF_LOSSES = "mean of the losses"
    ZERO_AT_LABELS = "zero at the labels"
    NON_NEGATIVE = "non-negative"
    STABLE_FORM = "stable form"
    DESCENT = "descent"
    SHARED_PARAMETERS = "shared parameters"
    UPDATE_ORDER = "update order"
    TRAINING_TRACE = "two-step trace"
    INITIAL_VARIANCE = "initial variance"
    INITIAL_SYMMETRY = "no initial symmetry"
    INITIAL_MEAN = "initial mean"
    ZERO_BIASES = "zero biases"
    OPTIMIZER_TRACE = "optimizer trace"
    EPSILON = "epsilon"
    ZERO_GRADIENT = "zero gradient"
    CONSERVATION = "every example once"
    PAIRING = "pairs kept"
    BATCH_SIZES = "batch sizes"
    SHUFFLED = "shuffled"
    SYMMETRIC_UNITS = "symmetric units"
    LINEAR_COLLAPSE = "linear layers collapse"
    ONE_TRAINING = "one seed, one training"
    SAVED = "saved and loaded"
    REFERENCE = "reference"


class FiniteDifferences(enum.StrEnum):
    """What one textbook check does: random upstream, float64, one generic input."""

    CATCHES = "catches"
    MISSES = "misses"
    DEPENDS = "depends on the input"

    @property
    def mark(self) -> str:
        """The sign that tables use."""
        marks = {
            FiniteDifferences.CATCHES: "✓",
            FiniteDifferences.MISSES: "✗",
            FiniteDifferences.DEPENDS: "◐",
        }
        return marks[self]


class Evidence(enum.StrEnum):
    """What can be seen to be wrong once the fault is planted.

    Each kind is shown by an independent computation in the tests, never by the
    checker that the faults are there to measure.
    """

    GRADIENT = "the forward is right and a gradient is wrong"
    FUNCTION = "the forward is wrong and the backward is its derivative"
    SHAPE = "a gradient does not have its tensor's shape"
    SPECIAL_SHAPE = "the result is wrong or missing at some shapes only"
    KINK = "the value at the kink is no subgradient"
    STALE = "the backward after a second forward is that of the first"
    REPEAT = "a second backward gives another result"
    MUTATION = "an array that was handed in is changed"
    OVERWRITTEN = "a result that was handed out is changed by a later call"
    INSTANCES = "what one instance does changes another"
    BATCH_SIZE = "another number of examples than the constructor's goes wrong"
    INTEGERS = "integers give another result than the same numbers as floats"
    ROUNDING = "the error is that of single precision"
    EXTREMES = "the result is not finite, or not right, at extreme values"
    UPDATE = "a layer's update moves its parameters the wrong way, or another layer's"
    TRAINING = "the parameters after a step are not those of gradient descent"
    OPTIMIZER = "the optimizer's steps are not those of its closed form"
    BATCHES = "the batches do not hold every pair once"
    DISTRIBUTION = "the initial weights do not have the distribution asked for"
    UNREPEATABLE = "the same seed gives another result"
    UNSEEDED = "another seed gives the same result"
    SAVED = "what is loaded is not what was saved"


@dataclass(frozen=True)
class Fault:
    """A mistake that people make, and how to make it on purpose.

    Attributes
    ----------
    name
        As the command line takes it: ``"bias-gradient-averaged"``.
    row
        Row of the collection, the nearest where a fault was constructed; several may share one.
    explanation
        One sentence for the person who made it: what is computed, and what
        should be.
    source
        Where it was seen.
    law
        The law that must find it.
    finite_differences
        What a textbook gradient check makes of it.
    evidence
        What is wrong once it is planted.
    plants
        For each target (``"linear"``), how to break it.
    near
        Names of the near misses: correct code that looks like this fault.
    """

    name: str
    row: int
    explanation: str
    law: Law
    finite_differences: FiniteDifferences
    evidence: Evidence
    plants: Mapping[str, Plant]
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
    variants
        For each target, from the correct thing to its look-alike.
    """

    name: str
    explanation: str
    variants: Mapping[str, Plant]


@dataclass(frozen=True)
class Unplanted:
    """A row of the collection that has no plant, and why."""

    row: int
    title: str
    reason: str
