"""Arrays, well scaled and adversarial, and cotangents."""

from __future__ import annotations

import enum
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

import numpy as np
from hypothesis import strategies as st

from gradlab.errors import GradlabError
from gradlab.strategies import _numbers
from gradlab.strategies._shapes import shapes

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from numpy.typing import NDArray

    Array = NDArray[Any]
    Shape = tuple[int, ...]
    Rows = tuple[Sequence[float], ...]  # tuples and ranges: caches need them hashable


class Feature(enum.StrEnum):
    """What can be special about an array."""

    TIES = "two entries equal"
    ZEROS = "an exact zero"
    NEGATIVE_ZERO = "a negative zero"
    LARGE = "an entry of 30 or more"
    DUPLICATES = "two examples (columns) equal"
    INTEGER = "integers"
    FLOAT32 = "float32"
    FORTRAN = "Fortran order"
    NON_CONTIGUOUS = "not contiguous"
    READ_ONLY = "read-only"


#: Of each of these, an array can have one.
_EXCLUSIVE = (
    (Feature.INTEGER, Feature.FLOAT32),
    (Feature.INTEGER, Feature.NEGATIVE_ZERO),
    (Feature.FORTRAN, Feature.NON_CONTIGUOUS),
)


#: The largest number of features of one adversarial array.
_SLOTS = 4


def features(array: Array) -> frozenset[Feature]:
    """Return what is special about `array`, by looking at it.

    Examples
    --------
    >>> sorted(features(np.array([[0.0, 1.0], [2.0, 3.0]]).T))
    [<Feature.FORTRAN: 'Fortran order'>, <Feature.ZEROS: 'an exact zero'>]
    """
    zero = array == 0
    examples = array.shape[-1] if array.ndim and array.size else 1
    columns = array.T.reshape(examples, -1)
    flags = array.flags
    seen = {
        Feature.TIES: len(np.unique(array)) < array.size,
        Feature.ZEROS: bool((zero & ~np.signbit(array)).any()),
        Feature.NEGATIVE_ZERO: bool((zero & np.signbit(array)).any()),
        Feature.LARGE: bool((np.abs(array) >= 30).any()),
        Feature.DUPLICATES: len(np.unique(columns, axis=0)) < examples,
        Feature.INTEGER: array.dtype.kind in "iu",
        Feature.FLOAT32: array.dtype == np.float32,
        Feature.FORTRAN: flags.f_contiguous and not flags.c_contiguous,
        Feature.NON_CONTIGUOUS: not flags.f_contiguous and not flags.c_contiguous,
        Feature.READ_ONLY: not flags.writeable,
    }
    return frozenset(feature for feature, there in seen.items() if there)


def as_strategy(shape: Shape | st.SearchStrategy[Shape] | None) -> st.SearchStrategy[Shape]:
    """Take a shape, a strategy for shapes, or nothing (any shape), as `hypothesis` does."""
    if shape is None:
        return shapes()
    return shape if isinstance(shape, st.SearchStrategy) else st.just(shape)


@lru_cache(maxsize=256)
def _number(rows: Rows) -> st.SearchStrategy[float]:
    return st.one_of([st.sampled_from(row) for row in rows])


@lru_cache(maxsize=1024)
def _numbers_of(rows: Rows, count: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[_number(rows)] * count)  # drawn in two thirds of the time of lists


@lru_cache(maxsize=256)
def _walk(rows: Rows) -> tuple[float, ...]:
    """All numbers: the first of each row, the second of each row, …."""
    columns = zip_longest(*rows)
    return tuple(number for column in columns for number in column if number is not None)


def entries(
    draw: st.DrawFn, shape: Shape, rows: Rows, dtype: type, *, distinct: bool = False
) -> Array:
    """Draw every entry from the numbers in `rows`.

    Hypothesis likes to repeat itself: of arrays drawn entry by entry two thirds
    have ties.  `distinct` replaces an entry that was there before by the next
    number, as far as there are enough of them.
    """
    count = int(np.prod(shape))
    drawn: Sequence[float] = draw(_numbers_of(rows, count))
    numbers = _walk(rows)
    if distinct and count <= len(numbers):
        drawn = _apart(drawn, numbers)
    return np.array(drawn, dtype=dtype).reshape(shape)


def _apart(drawn: Iterable[float], numbers: Sequence[float]) -> list[float]:
    taken: dict[float, None] = {}
    for number in drawn:
        place = numbers.index(number)
        while numbers[place] in taken:
            place = (place + 1) % len(numbers)
        taken[numbers[place]] = None
    return list(taken)


def plant(draw: st.DrawFn, array: Array, numbers: Sequence[float]) -> None:
    """Put some of `numbers` into at least one entry and at most half of them."""
    if array.size:
        place = st.integers(0, array.size - 1)
        most = max(1, array.size // 2)
        for index in draw(st.lists(place, min_size=1, max_size=most, unique=True)):
            array.flat[index] = draw(st.sampled_from(numbers))


def tie(draw: st.DrawFn, array: Array) -> None:
    """Make two or more entries equal to the largest, whose ties a max sees."""
    if array.size > 1:
        top = int(array.argmax())
        others = [index for index in range(array.size) if index != top]
        most = max(1, array.size // 2)
        tied = draw(st.lists(st.sampled_from(others), min_size=1, max_size=most, unique=True))
        array.flat[tied] = array.flat[top]


def _duplicate(draw: st.DrawFn, array: Array) -> None:
    if array.ndim and array.size and array.shape[-1] > 1:
        source, target = draw(st.permutations(range(array.shape[-1])))[:2]
        array[..., target] = array[..., source]


def _strided(draw: st.DrawFn, array: Array) -> Array:
    """The same entries backwards in memory, or every second one of a larger buffer."""
    axis = max(axis for axis, side in enumerate(array.shape) if side > 1)
    if draw(st.booleans()):
        return np.flip(np.flip(array, axis).copy(), axis)
    every_other = (slice(None),) * axis + (slice(None, None, 2),)
    return np.asarray(np.repeat(array, 2, axis=axis)[every_other])


def _placed(draw: st.DrawFn, array: Array, chosen: Collection[Feature]) -> Array:
    """Give `array` the requested memory layout, as far as its shape allows."""
    if Feature.FORTRAN in chosen and array.ndim > 1:
        array = np.asfortranarray(array)
    if Feature.NON_CONTIGUOUS in chosen and array.size > 1:
        array = _strided(draw, array)
    return np.broadcast_to(array, array.shape) if Feature.READ_ONLY in chosen else array


@st.composite
def laid_out(draw: st.DrawFn, drawn: st.SearchStrategy[Array]) -> Array:
    """Draw what `drawn` draws, in any order of memory, writeable or not.

    The entries stay; half of the draws stay as they are.

    Examples
    --------
    >>> from hypothesis import find
    >>> both = lambda x: {Feature.FORTRAN, Feature.READ_ONLY} <= features(x)
    >>> from gradlab.strategies import expression
    >>> expression(find(laid_out(arrays((2, 2))), both))
    'np.broadcast_to(np.asfortranarray(np.array([[0.0, 1.0], [-1.0, 2.0]])), (2, 2))'
    """
    array = draw(drawn)
    order = draw(st.sampled_from([None, None, None, Feature.FORTRAN, Feature.NON_CONTIGUOUS]))
    locked = draw(st.sampled_from([None, None, None, Feature.READ_ONLY]))
    return _placed(draw, array, [each for each in (order, locked) if each])


@st.composite
def arrays(
    draw: st.DrawFn,
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    *,
    having: Iterable[Feature] = (),
) -> Array:
    """Draw well-scaled arrays: entries below 3 in size with two decimals, no two of them equal.

    Parameters
    ----------
    shape
        A shape, or a strategy for shapes; any of `shapes` unless given.
    having
        What is to be special about the arrays, as far as the shape allows: one
        entry has no ties, one row no Fortran order.  Requested together, one
        kind of value may overwrite another.

    Shrinks to the entries 0, 1, -1, 2, … in an array of one entry, then of two.

    Raises
    ------
    GradlabError
        If the features exclude each other.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(arrays((1, 2)), lambda x: x.sum() < 0)
    array([[ 0., -1.]])
    >>> find(arrays((2,), having=[Feature.LARGE]), lambda x: True)
    array([30.,  1.])
    """
    chosen = frozenset(having)
    for one, other in _EXCLUSIVE:
        if {one, other} <= chosen:
            msg = f"no array has both {one.value!r} and {other.value!r}: request one of them"
            raise GradlabError(msg)
    whole = Feature.INTEGER in chosen
    dtype: type = np.float32 if Feature.FLOAT32 in chosen else int if whole else np.float64
    numbers = _numbers.WHOLE if whole else _numbers.WELL_SCALED
    array = entries(draw, draw(as_strategy(shape)), numbers, dtype, distinct=True)
    if Feature.TIES in chosen:
        tie(draw, array)
    if Feature.LARGE in chosen:
        plant(draw, array, _numbers.LARGE)
    if Feature.ZEROS in chosen:
        plant(draw, array, [0.0])
    if Feature.NEGATIVE_ZERO in chosen:
        plant(draw, array, [-0.0])
    if Feature.DUPLICATES in chosen:
        _duplicate(draw, array)
    return _placed(draw, array, chosen)


@st.composite
def adversarial_arrays(
    draw: st.DrawFn,
    shape: Shape | st.SearchStrategy[Shape] | None = None,
    *,
    among: Iterable[Feature] = tuple(Feature),
) -> Array:
    """Draw arrays with up to four features of those `among`; see `arrays`.

    Shrinks to an array without any feature, where that fails too.

    Examples
    --------
    >>> from hypothesis import find
    >>> from gradlab.strategies import expression
    >>> expression(find(adversarial_arrays(), lambda x: Feature.READ_ONLY in features(x)))
    'np.broadcast_to(np.array([[0.0]]), (1, 1))'
    """
    # Independent slots, not a list: what one of them holds does not change what another
    # one means, so that each feature can be shrunk away by itself.
    slots = [None] * 8 + list(among)
    wanted = {draw(st.sampled_from(slots)) for _ in range(_SLOTS)} - {None}
    for one, other in _EXCLUSIVE:
        if one in wanted and other in wanted:
            wanted.remove(other)
    return draw(arrays(shape, having=filter(None, wanted)))


@st.composite
def cotangents(draw: st.DrawFn, shape: Shape | st.SearchStrategy[Shape] | None = None) -> Array:
    """Draw upstream gradients: entries of 0.5 to 1.5 in size, no two neighbours equal.

    Under a cotangent of all ones a wrong softmax backward matches the right one
    to 1e-16, and one that is constant along any axis hides the same mistake
    there.  So entries whose indices add up to an even number are below 1 in
    size and the others are not: constant lines cannot be drawn at all.  The
    floor of 0.5 keeps a mistake in any one entry visible.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(cotangents((2, 2)), lambda c: True)
    array([[0.5, 1. ],
           [1. , 0.5]])
    """
    sides = draw(as_strategy(shape))
    parity = np.indices(sides).sum(axis=0).ravel() % 2 if sides else np.zeros(1)
    bands = (_numbers.SMALL_COTANGENTS, _numbers.LARGE_COTANGENTS)
    drawn = [draw(_number(bands[int(odd)])) for odd in parity]
    return np.array(drawn, dtype=float).reshape(sides)
