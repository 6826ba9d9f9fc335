"""Plans of mini-batches, and optimizers."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from gradlab import reference
from gradlab.errors import GradlabError
from gradlab.strategies._printing import Pasteable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from numpy.typing import NDArray

    Array = NDArray[Any]


class Plan(enum.StrEnum):
    """How the batches of an epoch divide the examples."""

    FULL = "one batch"
    STOCHASTIC = "one example each"
    EQUAL = "several batches, all of one size"
    TAIL = "several batches, the last one smaller"


@dataclass(frozen=True)
class BatchPlan(Pasteable):
    """How an epoch splits its examples into mini-batches.

    Attributes
    ----------
    m
        The number of examples.
    size
        Examples in a batch; it may be larger than `m`.  None is all of them.
    seed
        Shuffles the examples; None keeps their order.
    """

    m: int
    size: int | None = None
    seed: int | None = None

    __repr__ = Pasteable.__repr__

    @property
    def sizes(self) -> tuple[int, ...]:
        """The number of examples in each batch, each example being used once.

        Examples
        --------
        >>> BatchPlan(m=5, size=2).sizes
        (2, 2, 1)
        """
        size = min(self.size or self.m, self.m)
        full, rest = divmod(self.m, size)
        return (size,) * full + ((rest,) if rest else ())

    @property
    def plan(self) -> Plan:
        """Which of the ways to divide the examples this is."""
        if len(self.sizes) == 1:
            return Plan.FULL
        if self.size == 1:
            return Plan.STOCHASTIC
        return Plan.EQUAL if self.sizes[-1] == self.sizes[0] else Plan.TAIL

    def batches(self, X: Array, Y: Array) -> list[tuple[Array, Array]]:
        """Return the batches of `gradlab.reference.batches`.

        Examples
        --------
        >>> Y = np.array([[1.0, 2.0, 3.0]])
        >>> [y.tolist() for x, y in BatchPlan(m=3, size=2).batches(Y, Y)]
        [[[1.0, 2.0]], [[3.0]]]
        """
        rng = None if self.seed is None else np.random.default_rng(self.seed)
        return list(reference.batches(X, Y, self.size, rng))


@st.composite
def batch_plans(draw: st.DrawFn, *, max_examples: int = 8) -> BatchPlan:
    """Draw plans in which the last batch is smaller as often as not.

    Shrinks to one example, then two, in one batch and in order.

    Raises
    ------
    GradlabError
        If `max_examples` is below 1.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(batch_plans(), lambda plan: plan.plan is Plan.TAIL)
    strategies.BatchPlan(m=3, size=2)
    """
    if max_examples < 1:
        msg = f"a plan splits one example or more, got max_examples={max_examples}"
        raise GradlabError(msg)
    m = draw(st.integers(1, max_examples))
    uneven = [size for size in range(2, m) if m % size]
    even = [size for size in range(2, m) if m % size == 0]
    choices = [[None, m, m + 1], [1], uneven, even]
    size = draw(st.sampled_from(draw(st.sampled_from([each for each in choices if each]))))
    return BatchPlan(m, size, draw(st.sampled_from((None, 0, 1, 2))))


@dataclass(frozen=True, eq=False, repr=False)
class OptimizerSpec(Pasteable):
    """An optimizer of `gradlab.reference`, to be built as often as needed.

    Attributes
    ----------
    kind
        The name of the class.
    arguments
        Those of its constructor: ``learning_rate``, ``beta``, ….
    """

    kind: str
    arguments: Mapping[str, float] = field(default_factory=dict)

    def build(self) -> reference.Optimizer:
        """Make a new optimizer, which remembers nothing yet.

        Raises
        ------
        GradlabError
            If no optimizer is called `kind`.

        Examples
        --------
        >>> optimizer = OptimizerSpec("GradientDescent", {"learning_rate": 0.5}).build()
        >>> optimizer.step({"W": np.array([1.0])}, {"W": np.array([1.0])})
        {'W': array([0.5])}
        """
        if self.kind not in OPTIMIZERS:
            known = ", ".join(OPTIMIZERS)
            msg = f"no optimizer is called {self.kind!r}; the optimizers are: {known}"
            raise GradlabError(msg)
        optimizer: reference.Optimizer = getattr(reference, self.kind)(**self.arguments)
        return optimizer


_RATES = (1.0, 0.5, 0.1, 0.01)
_DECAYS = (0.5, 0.0, 0.9, 0.99)

#: Each optimizer, with the values that its arguments are drawn from.
OPTIMIZERS: dict[str, dict[str, tuple[float, ...]]] = {
    "GradientDescent": {"learning_rate": _RATES},
    "Momentum": {"learning_rate": _RATES, "beta": _DECAYS, "dampening": (0.0, 0.5)},
    "RMSprop": {"learning_rate": _RATES, "beta": _DECAYS, "epsilon": (1e-8, 1e-3)},
    "Adam": {
        "learning_rate": _RATES,
        "beta1": _DECAYS,
        "beta2": (*_DECAYS, 0.999),
        "epsilon": (1e-8, 1e-3),
    },
}


@st.composite
def optimizers(draw: st.DrawFn, *, kinds: Iterable[str] = tuple(OPTIMIZERS)) -> OptimizerSpec:
    """Draw optimizers of `gradlab.reference` with their arguments.

    Shrinks to the first of `kinds` that fails, with a learning rate of 1.

    Raises
    ------
    GradlabError
        If no optimizer is called that.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(optimizers(), lambda spec: spec.kind == "Adam").arguments
    {'learning_rate': 1.0, 'beta1': 0.5, 'beta2': 0.5, 'epsilon': 1e-08}
    """
    requested = list(kinds)
    for kind in requested:
        OptimizerSpec(kind, {}).build()
    kind = draw(st.sampled_from(requested))
    return OptimizerSpec(kind, {n: draw(st.sampled_from(v)) for n, v in OPTIMIZERS[kind].items()})
