"""How often each feature is drawn: a count, over draws that a fixed seed makes repeatable."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings

from gradlab.domain import Domain, TensorSpec
from gradlab.strategies._arrays import (
    Feature,
    adversarial_arrays,
    arrays,
    cotangents,
    features,
    laid_out,
)
from gradlab.strategies._layers import COSTS, LAYERS, costs, layers
from gradlab.strategies._networks import INITIALIZERS, NetworkCase, networks
from gradlab.strategies._shapes import shapes, sizes
from gradlab.strategies._training import OPTIMIZERS, Plan, batch_plans, optimizers
from gradlab.strategies._values import values

if TYPE_CHECKING:
    from collections.abc import Callable

    from hypothesis.strategies import SearchStrategy

    Test = Callable[[Any], bool]
    Tests = dict[str, Test]


@dataclass(frozen=True)
class Count:
    """In how many of the draws of a strategy a feature was there."""

    strategy: str
    feature: str
    count: int
    draws: int


_RELU = Domain((TensorSpec("Z", ("n", "m"), kinks=(0.0,)),))

_SHAPES: Tests = {
    "one feature (1, m)": lambda shape: shape[0] == 1,
    "one example (n, 1)": lambda shape: shape[1] == 1,
    "square, above (1, 1)": lambda shape: shape[0] == shape[1] > 1,
    "sides distinct": lambda shape: shape[0] != shape[1],
}

_SIZES: Tests = {
    "one example": lambda drawn: drawn["m"] == 1,
    "one feature": lambda drawn: drawn["n_in"] == 1,
    "all equal, above 1": lambda drawn: drawn["m"] == drawn["n_in"] == drawn["n_out"] > 1,
    "all distinct": lambda drawn: len(set(drawn.values())) == 3,
}

_COTANGENTS: Tests = {
    "all ones": lambda c: bool((c == 1).all()),
    "two neighbours equal": lambda c: any((np.diff(c, axis=a) == 0).any() for a in range(c.ndim)),
    "an entry below 0.5 in size": lambda c: bool((np.abs(c) < 0.5).any()),
}

_VALUES: Tests = {
    "an entry at the kink": lambda drawn: bool((drawn["Z"] == 0).any()),
    "two entries equal": lambda drawn: Feature.TIES in features(drawn["Z"]),
    "an entry of 30 or more": lambda drawn: Feature.LARGE in features(drawn["Z"]),
    "none of these": lambda drawn: (
        not (
            features(drawn["Z"])
            & {Feature.TIES, Feature.LARGE, Feature.ZEROS, Feature.NEGATIVE_ZERO}
        )
    ),
}


_PLAIN = {Feature.TIES, Feature.LARGE, Feature.ZEROS, Feature.NEGATIVE_ZERO}


def _has(feature: Feature) -> Test:
    return lambda array: feature in features(array)


def _is(wanted: object, what: Callable[[Any], object]) -> Test:
    return lambda drawn: what(drawn) == wanted


def _depth(case: NetworkCase) -> int:
    return sum(spec.kind == "LinearLayer" for spec in case.layers)


def _initializer(case: NetworkCase) -> str:
    linear = next(spec for spec in case.layers if spec.kind == "LinearLayer")
    return "drawn" if linear.params else str(linear.arguments["ini_type"])


def _contains(kind: str) -> Test:
    return lambda case: any(spec.kind == kind for spec in case.layers)


_NETWORKS: Tests = {
    **{f"{depth} linear": _is(depth, _depth) for depth in (1, 2, 3)},
    **{f"weights {each}": _is(each, _initializer) for each in INITIALIZERS},
    **{kind: _is(kind, lambda case: case.cost) for kind in COSTS if kind != "squared_error_loss"},
    **{kind: _contains(kind) for kind in LAYERS if kind != "LinearLayer"},
    "weight decay": lambda case: case.l2 > 0,
    "one example": lambda case: case.Y.shape[1] == 1,
}

_BATCHES: Tests = {
    **{plan.value: _is(plan, lambda drawn: drawn.plan) for plan in Plan},
    "shuffled": lambda drawn: drawn.seed is not None,
    "size above m": lambda drawn: (drawn.size or 0) > drawn.m,
}

_MEMORY = (Feature.FORTRAN, Feature.NON_CONTIGUOUS, Feature.READ_ONLY)

#: What is counted: each strategy as a user would write it, and its features.
COUNTED: dict[str, tuple[SearchStrategy[Any], Tests]] = {
    "shapes()": (shapes(), _SHAPES),
    "shapes(min_side=0)": (shapes(min_side=0), {"empty": lambda shape: 0 in shape}),
    "sizes(linear)": (sizes(LAYERS["LinearLayer"].domain), _SIZES),
    "arrays()": (arrays(), {each.value: _has(each) for each in (Feature.TIES, Feature.ZEROS)}),
    "adversarial_arrays()": (
        adversarial_arrays(),
        {feature.value: _has(feature) for feature in Feature},
    ),
    "laid_out(arrays())": (laid_out(arrays()), {each.value: _has(each) for each in _MEMORY}),
    "cotangents()": (cotangents(), _COTANGENTS),
    "values(relu)": (values(_RELU), _VALUES),
    "layers()": (layers(), {kind: _is(kind, lambda case: case.layer.kind) for kind in LAYERS}),
    "costs()": (costs(), {kind: _is(kind, lambda case: case.kind) for kind in COSTS}),
    "networks()": (networks(), _NETWORKS),
    "batch_plans()": (batch_plans(), _BATCHES),
    "optimizers()": (
        optimizers(),
        {kind: _is(kind, lambda spec: spec.kind) for kind in OPTIMIZERS},
    ),
}


#: Hypothesis's own default: what one test sees.
EXAMPLES = 100


def drawn_from(strategy: SearchStrategy[Any], runs: int) -> list[Any]:
    """Draw what so many tests with the default settings see; the same each time."""
    seen: list[Any] = []
    for run in range(runs):

        @seed(run)
        @settings(
            max_examples=EXAMPLES,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def collect(example: Any) -> None:
            seen.append(example)

        collect()
    return seen


def census(runs: int = 5) -> list[Count]:
    """Count every feature in the draws of every strategy, over so many tests' worth."""
    counts = []
    for name, (strategy, tests) in COUNTED.items():
        seen = drawn_from(strategy, runs)
        for feature, test in tests.items():
            counts.append(Count(name, feature, sum(map(test, seen)), len(seen)))
    return counts


def table(counts: list[Count]) -> str:
    """Write the counts as percentages, a line for each feature."""
    lines = []
    last = ""
    for count in counts:
        name = count.strategy if count.strategy != last else ""
        last = count.strategy
        lines.append(f"{name:<21} {count.feature:<39} {100 * count.count / count.draws:5.1f} %")
    return "\n".join(lines)
