"""Laws of training loops: full-batch gradient descent, then mini-batches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.interfaces import TrainingConfig
from gradlab.laws.case import Law, copies
from gradlab.laws.minibatches import examples, numbers_of
from gradlab.laws.network_case import NETWORK_MARGIN
from gradlab.laws.routine_case import (
    RoutineCase,
    failed,
    generic,
    largest_change,
    mismatched,
    passed,
)
from gradlab.reference import LinearLayer, Network, SigmoidLayer
from gradlab.roundoff import Neighbourhood, spread_of, unit_roundoff, worst_mismatch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gradlab.interfaces import TrainingInterface
    from gradlab.laws.minibatches import Numbers
    from gradlab.laws.routine_case import Array
    from gradlab.records import Finding
    from gradlab.roundoff import Mismatch

    TrainingCase = RoutineCase[TrainingInterface]
    Parameters = dict[str, Array]

_M = 4
_RATE = 0.5
_EPOCH, _SIZE = 17, 5
_CLEARED = "this is the step of both gradients' sum: they are not cleared between the steps"


def _network(parameters: Mapping[str, Array]) -> Network:
    rng = np.random.default_rng(0)
    n_hidden, n_in = parameters["W1"].shape
    network = Network(
        [
            LinearLayer((n_in, _M), n_hidden, rng=rng),
            SigmoidLayer((n_hidden, _M)),
            LinearLayer((n_hidden, _M), len(parameters["b2"]), rng=rng),
        ]
    )
    network.parameters = copies(parameters)
    return network


def _point(case: TrainingCase) -> tuple[Parameters, Array, Array]:
    rng = case.rng("training")
    n_in, n_hidden, n_out = case.interface.sizes
    shapes = {
        "W1": (n_hidden, n_in),
        "b1": (n_hidden, 1),
        "W2": (n_out, n_hidden),
        "b2": (n_out, 1),
    }
    start = {name: generic(rng, shape) for name, shape in shapes.items()}
    return start, rng.standard_normal((n_in, _M)), rng.standard_normal((n_out, _M))


def _trained(case: TrainingCase, start: Parameters, X: Array, Y: Array, epochs: int) -> Parameters:
    """Let the loop train for some epochs of all examples at once."""
    config = TrainingConfig(epochs, _RATE, None, case.seed)
    return copies(case.interface.train(start, X.copy(), Y.copy(), config))


def _stepped(parameters: Parameters, X: Array, Y: Array) -> Parameters:
    """Take one step of gradient descent; the network is the reference's."""
    _, gradients = _network(parameters).cost_and_gradients(X, Y)
    return {name: value - _RATE * gradients[name] for name, value in parameters.items()}


def _mismatch_of_step(
    case: TrainingCase, got: Parameters, start: Parameters, X: Array, Y: Array
) -> Mismatch | None:
    """Return the entry at which `got` is not one step from `start`; None if it is one."""

    def step(parameters: Mapping[str, Array]) -> Parameters:
        return _stepped(dict(parameters), X, Y)

    right, near = step(start), Neighbourhood(start, NETWORK_MARGIN)
    spread = spread_of(step, right, near, case.rng("rounding"))
    # Both terms of θ − α·g are of size 1, and are rounded before they cancel.
    bounds = {
        name: NETWORK_MARGIN.bound(spread[name], 2 * (np.abs(theta) + 1), unit_roundoff(theta))
        for name, theta in right.items()
    }
    return worst_mismatch(got, right, bounds, equal_nan=False)


def _order(case: TrainingCase) -> list[Finding]:
    start, X, Y = _point(case)
    found = _mismatch_of_step(case, _trained(case, start, X, Y, 1), start, X, Y)
    if found is None:
        return passed(ORDER.name, "", "the first step is one step of gradient descent")
    late = found.tensor.endswith("1")
    hint = ("the first layer's gradient may have flowed through weights already updated",)
    return mismatched(ORDER.name, "after the first step, ", found, notes=hint if late else ())


def _trace(case: TrainingCase) -> list[Finding]:
    start, X, Y = _point(case)
    first, second = (_trained(case, start, X, Y, epochs) for epochs in (1, 2))
    # From the code's own first step: a wrong first step is another law's to find.
    found = _mismatch_of_step(case, second, first, X, Y)
    if found is None:
        return passed(TRACE.name, "", "the second step is a step of gradient descent")
    # Less the first step once more: what is left is one step only if that was in it.
    less = {name: second[name] - (first[name] - start[name]) for name in start}
    notes = (_CLEARED,) if _mismatch_of_step(case, less, first, X, Y) is None else ()
    return mismatched(TRACE.name, "from the first step to the second, ", found, notes=notes)


def _purity(case: TrainingCase) -> list[Finding]:
    start, X, Y = _point(case)
    handed = {"X": X.copy(), "Y": Y.copy()}
    config = TrainingConfig(2, _RATE, None, case.seed)
    case.interface.train(start, handed["X"], handed["Y"], config)
    found = largest_change({"X": X, "Y": Y}, handed)
    if found is None:
        return passed(PURITY.name, "", "X and Y are left as they were")
    return mismatched(PURITY.name, "training changes what it is handed: ", found)


def _shown(case: TrainingCase) -> list[tuple[Numbers, Numbers]]:
    """Return the numbers of the examples and labels of each batch of one epoch."""
    config = TrainingConfig(1, _RATE, _SIZE, case.seed)
    batches: list[tuple[Numbers, Numbers]] = []
    for X, Y in case.interface.batches_seen(*examples(_EPOCH), config):
        batch = numbers_of(X, 0.0), numbers_of(Y, 1000.0)
        # Two backward passes of one batch in a row are allowed.
        if not batches or not all(map(np.array_equal, batch, batches[-1])):
            batches.append(batch)
    return batches


def _once(case: TrainingCase) -> list[Finding]:
    if not case.interface.batched:
        return []
    shown = np.concatenate([np.zeros(0, np.int64), *(inputs for inputs, _ in _shown(case))])
    counts = np.bincount(shown, minlength=_EPOCH + 1)
    if counts[0] or not np.all(counts[1:] == 1):
        never, often = int(np.sum(counts[1:] == 0)), int(np.sum(counts[1:] > 1))
        message = (
            f"in one epoch of {_EPOCH} examples in batches of {_SIZE}, {never} are never shown to "
            f"the network and {often} more than once"
        )
        return failed(ONCE.name, "", message)
    return passed(ONCE.name, "", "an epoch shows the network every example once")


def _pairs(case: TrainingCase) -> list[Finding]:
    if not case.interface.batched:
        return []
    for number, (inputs, labels) in enumerate(_shown(case), start=1):
        if not np.array_equal(inputs, labels):
            return failed(PAIRS.name, "", f"batch {number} has examples with others' labels")
    return passed(PAIRS.name, "", "every example keeps its label")


def _seed(case: TrainingCase) -> list[Finding]:
    start, _, _ = _point(case)
    # As many examples as leave chance no way to draw the same batches twice.
    rng, (n_in, _, n_out) = case.rng("one training"), case.interface.sizes
    X, Y = rng.standard_normal((n_in, _EPOCH)), rng.standard_normal((n_out, _EPOCH))
    config = TrainingConfig(3, _RATE, _SIZE if case.interface.batched else None, case.seed)
    ends = [copies(case.interface.train(start, X.copy(), Y.copy(), config)) for _ in range(2)]
    found = largest_change(*ends)
    if found is None:
        return passed(TRAINED.name, "", "one seed, one training")
    return mismatched(TRAINED.name, "trained again from one start and seed, ", found)


ORDER: Law[TrainingCase] = Law(
    "update order",
    "all gradients of a step are taken before any parameter moves",
    _order,
    source="the article, figure 92: forward, backward, then update",
    applies_to="every training loop",
)
TRACE: Law[TrainingCase] = Law(
    "two-step trace",
    "the second step is that of gradient descent from where the first one led",
    _trace,
    source="the article, figure 92; gradients are replaced, not added to",
    applies_to="every training loop",
)
PURITY: Law[TrainingCase] = Law(
    "purity",
    "training leaves X and Y as they were",
    _purity,
    source="np.random.shuffle works in place",
    applies_to="every training loop",
)
ONCE: Law[TrainingCase] = Law(
    "every example once",
    "an epoch in mini-batches shows the network every example once",
    _once,
    source="the article, learning rate and cost function",
    applies_to="training loops that take the size of a batch",
)
PAIRS: Law[TrainingCase] = Law(
    "pairs kept",
    "every example keeps its label",
    _pairs,
    source="github.com/xudonmao/VMT/issues/1",
    applies_to="training loops that take the size of a batch",
)
TRAINED: Law[TrainingCase] = Law(
    "one seed, one training",
    "two trainings from one start and one seed end at the same parameters, to the last bit",
    _seed,
    source="the article's coding section: np.random.seed(48)",
    applies_to="every training loop",
)

LAWS: tuple[Law[TrainingCase], ...] = (ORDER, TRACE, PURITY, ONCE, PAIRS, TRAINED)
