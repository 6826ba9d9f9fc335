"""Points that reach lines and sides of conditions that generic points have not reached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from gradlab.domain import Content, Role, Sizes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from gradlab.coverage.records import Observation
    from gradlab.domain import Domain, TensorSpec

    Array = NDArray[Any]
    Values = dict[str, Array]
    Observe = Callable[[Values], Observation]
    #: From the entries of a tensor, whose typical size is 1, to other entries.
    Change = Callable[[Array, np.random.Generator], Array]

#: How many forward and backward passes a search may take.
BUDGET = 40
#: The number of examples of a batch that is large.
_LARGE_BATCH = 33


@dataclass(frozen=True)
class Reached:
    """A point that was found, and why it was kept.

    Attributes
    ----------
    how
        What was changed, for the report: ``"8 times larger"``.
    """

    values: Values
    how: str


@dataclass(frozen=True)
class Exploration:
    """What was observed altogether, and the points that added to it."""

    seen: Observation
    points: tuple[Reached, ...]
    calls: int


def explore(
    domain: Domain,
    observe: Observe,
    rng: np.random.Generator,
    *,
    start: Observation,
    budget: int = BUDGET,
) -> Exploration:
    """Draw wider until every line has run and both sides of every condition were met.

    Parameters
    ----------
    domain
        What the code accepts; ranges are respected.
    observe
        Runs forward and backward once at a point, and returns what was observed.
    rng
        Of every draw.
    start
        What generic points have shown.
    budget
        How many points may be observed.
    """
    seen, points, calls = start, [], 0
    for values, how in candidates(domain, rng):
        if seen.complete or calls >= budget:
            break
        calls += 1
        found = observe(values)
        if found.finite and found.extends(seen):
            seen = seen | found
            points.append(Reached(values, how))
    return Exploration(seen, tuple(points), calls)


def _times(factor: float) -> Change:
    return lambda x, _rng: x * factor


def _with_zeros(x: Array, rng: np.random.Generator) -> Array:
    return np.where(rng.random(x.shape) < 0.4, 0.0, x)


#: Changes of all real tensors, cheap and likely ones first.
_CHANGES: tuple[tuple[str, Change], ...] = (
    ("8 times larger", _times(8.0)),
    ("with exact zeros", _with_zeros),
    ("40 times larger", _times(40.0)),
    ("1000 times smaller", _times(1e-3)),
    ("positive", lambda x, _rng: np.abs(x)),
    ("negative", lambda x, _rng: -np.abs(x)),
    ("whole numbers", lambda x, _rng: np.rint(3.0 * x)),
    ("3 times larger", _times(3.0)),
    ("200 times larger", _times(200.0)),
    ("all zero", lambda x, _rng: 0.0 * x),
)


def candidates(domain: Domain, rng: np.random.Generator) -> Iterator[tuple[Values, str]]:
    """Yield points in the order in which they are tried, each with its description."""
    sizes = domain.sizes(Sizes.DISTINCT, rng)
    inputs = [t for t in domain if t.role is Role.INPUT and t.content is Content.REAL]
    real = [t for t in domain if t.content is Content.REAL]
    for how, change in _CHANGES:
        yield _changed(domain, sizes, inputs or real, change, rng), f"inputs {how}"
    if domain.batch in sizes:
        larger = {**sizes, domain.batch: max(_LARGE_BATCH, sizes[domain.batch])}
        yield domain.sample(larger, rng), f"{_LARGE_BATCH} examples"
        yield _changed(domain, larger, inputs, _times(8.0), rng), "a large batch, 8 times larger"
    for pattern in (Sizes.ONE_EXAMPLE, Sizes.ONE_FEATURE, Sizes.SQUARE):
        yield domain.sample(domain.sizes(pattern, rng), rng), pattern.value
    for spec in real:
        for how, change in _CHANGES[:6]:
            yield _changed(domain, sizes, [spec], change, rng), f"{spec.name} {how}"
    for _ in range(8):
        yield domain.sample(sizes, rng), "another draw"


def _changed(
    domain: Domain,
    sizes: dict[str, int],
    specs: list[TensorSpec],
    change: Change,
    rng: np.random.Generator,
) -> Values:
    values = domain.sample(sizes, rng)
    for spec in specs:
        low, high = spec.limits(sizes)
        scale = spec.scale
        wider = change(values[spec.name] / scale, rng) * scale
        values[spec.name] = np.clip(wider, low, high).astype(values[spec.name].dtype)
    return values
