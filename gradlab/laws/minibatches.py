"""Laws of mini-batching."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gradlab.laws.case import Law, copies
from gradlab.laws.routine_case import (
    RoutineCase,
    failed,
    largest_change,
    mismatched,
    passed,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from gradlab.interfaces import MinibatchInterface
    from gradlab.laws.routine_case import Array
    from gradlab.records import Finding

    MinibatchCase = RoutineCase[MinibatchInterface]
    Batches = list[tuple[Array, Array]]
    Numbers = NDArray[np.int64]

#: Numbers of examples and sizes: dividing, not dividing, one by one, more than there are.
_CASES = ((12, 4), (17, 5), (7, 1), (5, 8))
_FEATURES, _OUTPUTS = 3, 2
_EXAMPLES = 17


def examples(m: int) -> tuple[Array, Array]:
    """Number the examples: X[:, j] and Y[:, j] hold j and the row, and nothing twice."""
    numbers = np.arange(1, m + 1, dtype=float)
    X = numbers + np.array([[0.0], [0.25], [0.5]])
    Y = 1000.0 + numbers + np.array([[0.0], [0.25]])
    return X, Y


def numbers_of(part: Array, first: float) -> Numbers:
    """Read back which examples a batch holds; 0 for a column that is none of them."""
    columns = np.asarray(part, dtype=float)
    number = np.rint(columns[0] - first)
    rows = first + np.arange(len(columns))[:, np.newaxis] / 4
    return np.where((columns == number + rows).all(axis=0), number, 0).astype(np.int64)


def cases(case: MinibatchCase) -> Iterator[tuple[str, int, int, Batches]]:
    """Yield the batches of each number of examples, with a description of the case."""
    for m, size in _CASES:
        seed = int(case.rng(f"split {m}").integers(2**31))
        X, Y = examples(m)
        yield f"{m} examples in batches of {size}", m, size, case.interface.split(X, Y, size, seed)


def _once(case: MinibatchCase) -> list[Finding]:
    for where, m, _size, batches in cases(case):
        for tensor, position, first in (("X", 0, 0.0), ("Y", 1, 1000.0)):
            used = [numbers_of(pair[position], first) for pair in batches]
            counts = np.bincount(np.concatenate([*used, np.zeros(0, np.int64)]), minlength=m + 1)
            if counts[0] or not np.all(counts[1:] == 1):
                return failed(ONCE.name, tensor, f"{where}: {_count(tensor, counts, m)}")
    return passed(ONCE.name, "", "every example is used once an epoch, the last batch's too")


def _count(tensor: str, counts: Numbers, m: int) -> str:
    """Describe how the counts of the examples differ from one each."""
    never, often = np.flatnonzero(counts[1:] == 0), np.flatnonzero(counts[1:] > 1)
    problems = []
    if counts[0]:
        problems.append(f"{counts[0]} columns of {tensor} are no example at all")
    if len(never):
        problems.append(f"{len(never)} of {m} are never used")
    if len(often):
        problems.append(f"{len(often)} are used more than once")
    return ", ".join(problems)


def _pairs(case: MinibatchCase) -> list[Finding]:
    for where, _m, _size, batches in cases(case):
        for number, (X, Y) in enumerate(batches, start=1):
            inputs, labels = numbers_of(X, 0.0), numbers_of(Y, 1000.0)
            if len(inputs) != len(labels):
                message = f"{len(inputs)} examples and {len(labels)} labels"
                return failed(PAIRS.name, "", f"{where}: batch {number} has {message}")
            apart = np.flatnonzero(inputs != labels)
            if len(apart):
                j = int(apart[0])
                message = (
                    f"{where}: {len(apart)} of {len(inputs)} examples in batch {number} got "
                    f"another's label: example {inputs[j] - 1} that of example {labels[j] - 1}"
                )
                return failed(PAIRS.name, "", message)
    return passed(PAIRS.name, "", "every example keeps its label")


def _sizes(case: MinibatchCase) -> list[Finding]:
    for where, _m, size, batches in cases(case):
        for number, (X, _) in enumerate(batches, start=1):
            if not 1 <= X.shape[1] <= size:
                message = f"{where}: batch {number} holds {X.shape[1]} examples"
                return failed(SIZES.name, "", message)
    return passed(SIZES.name, "", "no batch is empty, and none is larger than requested")


def _purity(case: MinibatchCase) -> list[Finding]:
    X, Y = examples(_EXAMPLES)
    handed = copies({"X": X, "Y": Y})
    case.interface.split(handed["X"], handed["Y"], 5, 1)
    found = largest_change({"X": X, "Y": Y}, handed)
    if found is None:
        return passed(PURITY.name, "", "X and Y are left as they were")
    return mismatched(PURITY.name, "mini-batching changes its arguments: ", found)


def _repeat(case: MinibatchCase) -> list[Finding]:
    first, second = (_order(case, seed) for seed in (3, 3))
    if np.array_equal(first, second):
        return passed(REPEAT.name, "", "one seed, one order")
    message = "the order of the examples differs between two runs from one seed"
    return failed(REPEAT.name, "", message)


def _order(case: MinibatchCase, seed: int) -> Numbers:
    batches = case.interface.split(*examples(_EXAMPLES), 5, seed)
    return np.concatenate([np.zeros(0, np.int64), *(numbers_of(X, 0.0) for X, _ in batches)])


def _shuffled(case: MinibatchCase) -> list[Finding]:
    if not case.interface.seeded:
        return []
    seeds = [int(seed) for seed in case.rng("shuffle").integers(2**31, size=2)]
    first, second = (_order(case, seed) for seed in seeds)
    if len(first) == len(second) and np.array_equal(first, second):
        message = (
            f"two seeds give {_EXAMPLES} examples the same order, which chance does once in "
            f"{_EXAMPLES}! = 4e14: the seed is not used, and every epoch is the same"
        )
        return failed(SHUFFLED.name, "", message)
    return passed(SHUFFLED.name, "", "another seed gives another order")


_EPOCH = "the article, learning rate and cost function: an epoch uses every example once"

ONCE: Law[MinibatchCase] = Law(
    "every example once",
    "the batches of an epoch hold every example once, those of the last batch too",
    _once,
    source=_EPOCH,
    applies_to="every mini-batching function",
)
PAIRS: Law[MinibatchCase] = Law(
    "pairs kept",
    "every example keeps its label",
    _pairs,
    source="github.com/xudonmao/VMT/issues/1",
    applies_to="every mini-batching function",
)
SIZES: Law[MinibatchCase] = Law(
    "batch sizes",
    "no batch is empty or larger than requested",
    _sizes,
    source=_EPOCH,
    applies_to="every mini-batching function",
)
PURITY: Law[MinibatchCase] = Law(
    "purity",
    "mini-batching leaves X and Y as they were",
    _purity,
    source="np.random.shuffle works in place",
    applies_to="every mini-batching function",
)
REPEAT: Law[MinibatchCase] = Law(
    "repeat",
    "the same seed gives the same order",
    _repeat,
    source="the article's coding section: np.random.seed(48)",
    applies_to="every mini-batching function",
)
SHUFFLED: Law[MinibatchCase] = Law(
    "shuffled",
    "another seed gives another order, by a test that errs once in 17! runs",
    _shuffled,
    source="stochastic gradient descent: the examples are shuffled anew in each epoch",
    applies_to="mini-batching that takes a seed or a generator",
)

LAWS: tuple[Law[MinibatchCase], ...] = (ONCE, PAIRS, SIZES, PURITY, REPEAT, SHUFFLED)
