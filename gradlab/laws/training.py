"""Laws of training loops: full-batch gradient descent, then mini-batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.interfaces import Course
from gradlab.laws.case import Law
from gradlab.laws.minibatches import examples, numbers_of
from gradlab.laws.routine_case import (
    UNIT,
    Trial,
    copies,
    failed,
    first_change,
    generic,
    passed,
    widest_gap,
)
from gradlab.laws.routines.rounding import moved
from gradlab.reference import LinearLayer, Network, SigmoidLayer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

    from gradlab.interfaces import TrainingFace
    from gradlab.laws.minibatches import Numbers
    from gradlab.laws.routine_case import Array, Gap
    from gradlab.records import Finding

    Asked = Trial[TrainingFace]
    Parameters = dict[str, Array]

_N_IN, _N_HIDDEN, _N_OUT, _M = 2, 3, 1, 4
_RATE = 0.5
_EPOCH, _SIZE = 17, 5
_CLEARED = "this is the step of both gradients' sum: they are not cleared between the steps"


def _network(parameters: Mapping[str, Array] | None = None) -> Network:
    rng = np.random.default_rng(0)
    network = Network(
        [
            LinearLayer((_N_IN, _M), _N_HIDDEN, rng=rng),
            SigmoidLayer((_N_HIDDEN, _M)),
            LinearLayer((_N_HIDDEN, _M), _N_OUT, rng=rng),
        ]
    )
    if parameters is not None:
        network.parameters = copies(parameters)
    return network


def _point(trial: Asked) -> tuple[Parameters, Array, Array]:
    rng = trial.rng("training")
    start = {name: generic(rng, p.shape) for name, p in _network().parameters.items()}
    return start, rng.standard_normal((_N_IN, _M)), rng.standard_normal((_N_OUT, _M))


def _trained(trial: Asked, start: Parameters, X: Array, Y: Array, epochs: int) -> Parameters:
    """Let the loop train for some epochs of all examples at once."""
    network = _network(start)
    trial.face.train(network, X.copy(), Y.copy(), Course(epochs, _RATE, None, trial.seed))
    return copies(network.parameters)


def _stepped(parameters: Parameters, X: Array, Y: Array) -> Parameters:
    """Take one step of gradient descent; the network's gradients are held right elsewhere."""
    _, slopes = _network(parameters).cost_and_gradients(X, Y)
    return {name: value - _RATE * slopes[name] for name, value in parameters.items()}


def _off(trial: Asked, got: Parameters, start: Parameters, X: Array, Y: Array) -> Gap | None:
    """Return where `got` is not one step from `start`; rounding is measured at moved values."""
    right, rng = _stepped(start, X, Y), trial.rng("rounding")
    spread = {name: np.zeros(value.shape) for name, value in right.items()}
    for _ in range(4):
        again = _stepped(moved(start, rng), X, Y)
        spread = {n: np.maximum(s, np.abs(again[n] - right[n])) for n, s in spread.items()}
    bounds = {n: 8 * s + 8 * UNIT * (np.abs(right[n]) + 1) for n, s in spread.items()}
    return widest_gap(got, right, bounds)


def _order(trial: Asked) -> list[Finding]:
    start, X, Y = _point(trial)
    gap = _off(trial, _trained(trial, start, X, Y, 1), start, X, Y)
    if gap is None:
        return passed(ORDER.name, "", "the first step is one step of gradient descent")
    late = gap.tensor.endswith("1")
    hint = ("the first layer's gradient may have flowed through weights already updated",)
    return gap.told(ORDER.name, "after the first step, ", notes=hint if late else ())


def _trace(trial: Asked) -> list[Finding]:
    start, X, Y = _point(trial)
    first, second = (_trained(trial, start, X, Y, epochs) for epochs in (1, 2))
    # From the code's own first step: a wrong first step is another law's to find.
    gap = _off(trial, second, first, X, Y)
    if gap is None:
        return passed(TRACE.name, "", "the second step is a step of gradient descent")
    # Less the first step once more: what is left is one step only if that was in it.
    less = {name: second[name] - (first[name] - start[name]) for name in start}
    notes = (_CLEARED,) if _off(trial, less, first, X, Y) is None else ()
    return gap.told(TRACE.name, "from the first step to the second, ", notes=notes)


def _purity(trial: Asked) -> list[Finding]:
    start, X, Y = _point(trial)
    handed = {"X": X.copy(), "Y": Y.copy()}
    course = Course(2, _RATE, None, trial.seed)
    trial.face.train(_network(start), handed["X"], handed["Y"], course)
    gap = first_change({"X": X, "Y": Y}, handed)
    if gap is None:
        return passed(PURITY.name, "", "X and Y are left as they were")
    return gap.told(PURITY.name, "training changes what it is handed: ")


class _Watched(LinearLayer):
    """A layer that notes, with each backward, the examples and labels that it was for."""

    def __init__(self) -> None:
        X, Y = examples(1)
        super().__init__(X.shape, len(Y), rng=np.random.default_rng(0))
        self.labels = Y
        self.shown: list[tuple[Numbers, Numbers]] = []

    def backward(self, upstream_grad: ArrayLike) -> None:
        """Note what the gradient is of."""
        super().backward(upstream_grad)
        self.shown.append((numbers_of(self.A_prev, 0.0), numbers_of(self.labels, 1000.0)))

    def cost(self, Y: ArrayLike, Y_hat: ArrayLike) -> tuple[float, Array]:
        """Keep the labels; a gradient of 0 lets the network stand still."""
        self.labels = np.asarray(Y)
        return 0.0, np.zeros(np.shape(Y_hat))


def _shown(trial: Asked) -> list[tuple[Numbers, Numbers]]:
    """Return the numbers of the examples and labels of each batch of one epoch."""
    layer = _Watched()
    network = Network([layer], layer.cost)
    trial.face.train(network, *examples(_EPOCH), Course(1, _RATE, _SIZE, trial.seed))
    batches: list[tuple[Numbers, Numbers]] = []
    for batch in layer.shown:
        # Two backward passes of one batch are that code's own affair.
        if not batches or not all(map(np.array_equal, batch, batches[-1])):
            batches.append(batch)
    return batches


def _once(trial: Asked) -> list[Finding]:
    if not trial.face.batched:
        return []
    shown = np.concatenate([np.zeros(0, np.int64), *(inputs for inputs, _ in _shown(trial))])
    counts = np.bincount(shown, minlength=_EPOCH + 1)
    if counts[0] or not np.all(counts[1:] == 1):
        never, often = int(np.sum(counts[1:] == 0)), int(np.sum(counts[1:] > 1))
        message = (
            f"in one epoch of {_EPOCH} examples in batches of {_SIZE}, {never} are never shown to "
            f"the network and {often} more than once"
        )
        return failed(ONCE.name, "", message)
    return passed(ONCE.name, "", "an epoch shows the network every example once")


def _pairs(trial: Asked) -> list[Finding]:
    if not trial.face.batched:
        return []
    for number, (inputs, labels) in enumerate(_shown(trial), start=1):
        if not np.array_equal(inputs, labels):
            return failed(PAIRS.name, "", f"batch {number} has examples with others' labels")
    return passed(PAIRS.name, "", "every example keeps its label")


def _seed(trial: Asked) -> list[Finding]:
    start, _, _ = _point(trial)
    # As many examples as leave chance no way to deal the same batches twice.
    rng = trial.rng("one training")
    X, Y = rng.standard_normal((_N_IN, _EPOCH)), rng.standard_normal((_N_OUT, _EPOCH))
    ends = []
    for _ in range(2):
        network = _network(start)
        size = _SIZE if trial.face.batched else None
        trial.face.train(network, X.copy(), Y.copy(), Course(3, _RATE, size, trial.seed))
        ends.append(copies(network.parameters))
    gap = first_change(*ends)
    if gap is None:
        return passed(TRAINED.name, "", "one seed, one training")
    return gap.told(TRAINED.name, "trained again from one start and seed, ")


ORDER: Law[Asked] = Law(
    "update order",
    "all gradients of a step are taken before any parameter moves",
    _order,
    source="the article, figure 92: forward, backward, then update",
    applies_to="every training loop",
)
TRACE: Law[Asked] = Law(
    "two-step trace",
    "the second step is that of gradient descent from where the first one led",
    _trace,
    source="the article, figure 92; gradients are replaced, not added to",
    applies_to="every training loop",
)
PURITY: Law[Asked] = Law(
    "purity",
    "training leaves X and Y as they were",
    _purity,
    source="np.random.shuffle works in place",
    applies_to="every training loop",
)
ONCE: Law[Asked] = Law(
    "every example once",
    "an epoch in mini-batches shows the network every example once",
    _once,
    source="the article, learning rate and cost function",
    applies_to="training loops that take the size of a batch",
)
PAIRS: Law[Asked] = Law(
    "pairs kept",
    "every example keeps its label",
    _pairs,
    source="github.com/xudonmao/VMT/issues/1",
    applies_to="training loops that take the size of a batch",
)
TRAINED: Law[Asked] = Law(
    "one seed, one training",
    "two trainings from one start and one seed end at the same parameters, to the last bit",
    _seed,
    source="the article's coding section: np.random.seed(48)",
    applies_to="every training loop",
)

LAWS: tuple[Law[Asked], ...] = (ORDER, TRACE, PURITY, ONCE, PAIRS, TRAINED)
