"""Shapes: width 1, batch 1, square, all distinct, and empty on request."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

from hypothesis import strategies as st

from gradlab.domain import Domain, Sizes
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    Shape = tuple[int, ...]


class _Pattern(enum.Enum):
    FREE = enum.auto()  # the first, so that shrinking is bound by no pattern
    NARROW = enum.auto()
    SQUARE = enum.auto()
    DISTINCT = enum.auto()


@st.composite
def shapes(
    draw: st.DrawFn,
    *,
    min_dims: int = 2,
    max_dims: int | None = None,
    min_side: int = 1,
    max_side: int = 4,
) -> Shape:
    """Draw shapes in which axes can be mistaken for each other, or cannot.

    A quarter of the draws are square (a transpose goes unnoticed there), a
    quarter have distinct sides (it does not), a quarter a side of 1 (where
    ``squeeze`` and broadcasting go wrong), and a quarter are free.

    Parameters
    ----------
    min_dims, max_dims
        Number of dimensions; `max_dims` is `min_dims` unless given.
    min_side, max_side
        Sizes of a side.  ``min_side=0`` allows empty arrays too.

    Shrinks to sides of 1, then 2.

    Raises
    ------
    GradlabError
        If a minimum is above its maximum, or `max_side` leaves no room for
        distinct sides.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(shapes(), lambda shape: shape[0] != shape[1])
    (1, 2)
    """
    max_dims = min_dims if max_dims is None else max_dims
    _check(min_dims, max_dims, min_side, max_side)
    dims = draw(st.integers(min_dims, max_dims))
    sides = _sides(min_side, max_side)
    pattern = draw(st.sampled_from(_Pattern))
    shape = [draw(st.sampled_from(sides)) for _ in range(dims)]
    if pattern is _Pattern.DISTINCT:
        return _apart(shape, sides[: max_side - max(min_side, 1) + 1])
    if pattern is _Pattern.NARROW and dims and 1 in sides:
        shape[draw(st.integers(0, dims - 1))] = 1
    return tuple(shape[:1] * dims) if pattern is _Pattern.SQUARE else tuple(shape)


def _apart(drawn: Iterable[int], allowed: Sequence[int]) -> Shape:
    """Replace each size that an earlier one has by the next one that is free.

    No choice of its own is drawn for that: Hypothesis takes the draw with fewer
    choices for the simpler one, and would shrink towards a pattern that saves one.
    """
    taken: list[int] = []
    for size in drawn:
        start = allowed.index(size) if size in allowed else 0
        rotated = (*allowed[start:], *allowed[:start])
        taken.append(next(each for each in rotated if each not in taken))
    return tuple(taken)


def _sides(low: int, high: int) -> Sequence[int]:
    """Sizes in the order of shrinking: 0 last, or everything would shrink to nothing."""
    return [*range(max(low, 1), high + 1), *([0] if low == 0 else [])]


def _check(min_dims: int, max_dims: int, min_side: int, max_side: int) -> None:
    if not 0 <= min_dims <= max_dims:
        msg = f"shapes have from min_dims={min_dims} to max_dims={max_dims} dimensions: none do"
        raise GradlabError(msg)
    if not 0 <= min_side <= max_side:
        msg = f"sides are from min_side={min_side} to max_side={max_side}: none are"
        raise GradlabError(msg)
    room = max_side - max(min_side, 1) + 1
    if room < max_dims:
        msg = (
            f"{max_dims} distinct sides do not fit between {max(min_side, 1)} and {max_side}: "
            f"give max_side={max(min_side, 1) + max_dims - 1} or more"
        )
        raise GradlabError(msg)


@st.composite
def sizes(draw: st.DrawFn, domain: Domain, *, max_side: int = 4) -> dict[str, int]:
    """Draw a size for each symbol of `domain`, in the patterns of `Sizes` and free.

    Shrinks to sizes of 1, or to the domain's minimum.

    Examples
    --------
    >>> from hypothesis import find
    >>> from gradlab.domain import TensorSpec
    >>> square = Domain((TensorSpec("W", ("n_out", "n_in")),), minimum={"n_in": 2})
    >>> find(sizes(square), lambda drawn: True)
    {'n_out': 1, 'n_in': 2}
    """
    rank = draw(st.sampled_from(domain.ranks)) if domain.ellipsis else 0
    symbols = domain.dimensions(rank)
    least = {symbol: (domain.minimum or {}).get(symbol, 1) for symbol in symbols}
    pattern = draw(st.sampled_from([None, *Sizes]))
    top = max([max_side, *least.values()])
    drawn = {symbol: draw(st.integers(low, top)) for symbol, low in least.items()}
    if pattern is Sizes.SQUARE:
        return dict.fromkeys(symbols, max([*[*drawn.values()][:1], *least.values()], default=1))
    if pattern in (Sizes.DISTINCT, Sizes.NON_SQUARE):
        most = max(least.values(), default=1)
        allowed = range(most, max(top, most + len(symbols) - 1) + 1)
        return dict(zip(symbols, _apart(drawn.values(), allowed), strict=True))
    if pattern is Sizes.ONE_EXAMPLE and domain.batch in drawn:
        drawn[domain.batch] = least[domain.batch]
    if pattern is Sizes.ONE_FEATURE:
        drawn |= {symbol: low for symbol, low in least.items() if symbol != domain.batch}
    return drawn
