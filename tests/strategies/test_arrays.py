"""Arrays: well scaled, adversarial as asked for, and cotangents that hide nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import find, given
from hypothesis import strategies as st

from gradlab.errors import GradlabError
from gradlab.strategies import (
    Feature,
    adversarial_arrays,
    arrays,
    cotangents,
    features,
    laid_out,
    shapes,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Array = NDArray[Any]

ANY_SHAPE = shapes(min_dims=0, max_dims=3, min_side=0)


@given(arrays(ANY_SHAPE))
def test_arrays_are_well_scaled_without_ties(x: Array) -> None:
    assert x.dtype == np.float64
    assert np.all(np.abs(x) < 3)
    assert np.all(np.round(x * 100) == x * 100) or np.allclose(
        np.round(x, 2), x, rtol=1e-15, atol=0
    )
    assert len(np.unique(x)) == x.size
    assert x.flags.c_contiguous
    assert x.flags.writeable


@given(st.data())
def test_arrays_have_the_shape_that_is_asked_for(data: st.DataObject) -> None:
    shape = data.draw(ANY_SHAPE)
    assert data.draw(arrays(shape)).shape == shape
    assert data.draw(arrays(st.just(shape))).shape == shape
    assert data.draw(cotangents(shape)).shape == shape
    assert data.draw(adversarial_arrays(shape)).shape == shape


ROOM = st.sampled_from([(2, 2), (3, 4), (2, 3, 2)])
HARDLY_ANY = st.sampled_from([(), (0,), (1, 1), (0, 3), (1, 2)])


@pytest.mark.parametrize("feature", list(Feature))
def test_a_feature_that_is_asked_for_is_there(feature: Feature) -> None:
    @given(arrays(ROOM, having=[feature]))
    def there(x: Array) -> None:
        assert feature in features(x)

    there()


@pytest.mark.parametrize("feature", list(Feature))
def test_a_shape_without_room_for_a_feature_is_drawn_all_the_same(feature: Feature) -> None:
    @given(st.data())
    def drawn(data: st.DataObject) -> None:
        shape = data.draw(HARDLY_ANY)
        assert data.draw(arrays(shape, having=[feature])).shape == shape

    drawn()


@pytest.mark.parametrize(
    ("pair", "message"),
    [
        ([Feature.INTEGER, Feature.FLOAT32], "both 'integers' and 'float32'"),
        ([Feature.FORTRAN, Feature.NON_CONTIGUOUS], "both 'Fortran order' and 'not contiguous'"),
        ([Feature.NEGATIVE_ZERO, Feature.INTEGER], "both 'integers' and 'a negative zero'"),
    ],
)
def test_features_that_exclude_each_other_are_refused(pair: list[Feature], message: str) -> None:
    with pytest.raises(GradlabError, match=message):
        find(arrays(having=pair), lambda _: True)


@given(adversarial_arrays(ANY_SHAPE, among=[Feature.FLOAT32, Feature.READ_ONLY]))
def test_adversarial_arrays_keep_to_what_is_asked_for(x: Array) -> None:
    assert features(x) <= {Feature.FLOAT32, Feature.READ_ONLY, Feature.ZEROS}


@given(adversarial_arrays(ANY_SHAPE))
def test_adversarial_arrays_are_finite_numbers(x: Array) -> None:
    assert x.dtype in (np.float64, np.float32, np.int64)
    assert np.isfinite(x).all()
    assert np.all(np.abs(x) <= 1e8)


@pytest.mark.parametrize(
    ("array", "expected"),
    [
        (np.array([1.0, 2.0]), set()),
        (np.array([1.0, 1.0]), {Feature.TIES, Feature.DUPLICATES}),
        (np.array([[1.0, 1.0], [1.0, 2.0]]), {Feature.TIES}),
        (np.array([0.0]), {Feature.ZEROS}),
        (np.array([-0.0]), {Feature.NEGATIVE_ZERO}),
        (
            np.array([0.0, -0.0]),
            {Feature.ZEROS, Feature.NEGATIVE_ZERO, Feature.TIES, Feature.DUPLICATES},
        ),
        (np.array([-30.0]), {Feature.LARGE}),
        (np.array([1, 2]), {Feature.INTEGER}),
        (np.array([1, 2], dtype=np.float32), {Feature.FLOAT32}),
        (np.asfortranarray([[1.0, 2.0], [3.0, 4.0]]), {Feature.FORTRAN}),
        (np.arange(1.0, 5.0)[::2], {Feature.NON_CONTIGUOUS}),
        (np.arange(1.0, 5.0)[::-1], {Feature.NON_CONTIGUOUS}),
        (np.broadcast_to(np.array([1.0]), (1,)), {Feature.READ_ONLY}),
        (np.zeros((0, 2)), set()),
        (np.array(1.0), set()),
    ],
)
def test_features_are_read_from_the_array(array: Array, expected: set[Feature]) -> None:
    assert features(array) == expected


@given(laid_out(arrays(ANY_SHAPE)))
def test_another_layout_keeps_the_entries(x: Array) -> None:
    assert x.dtype == np.float64
    assert features(x) <= {
        Feature.ZEROS,
        Feature.FORTRAN,
        Feature.NON_CONTIGUOUS,
        Feature.READ_ONLY,
    }


@given(cotangents(ANY_SHAPE))
def test_cotangents_have_a_floor_and_no_constant_line(c: Array) -> None:
    assert np.all(np.abs(c) >= 0.5)
    assert np.all(np.abs(c) <= 1.5)
    for axis in range(c.ndim):
        assert not (np.diff(c, axis=axis) == 0).any()
    if c.size:
        assert not np.all(c == 1)


@pytest.mark.parametrize(
    ("wanted", "end"),
    [
        (lambda _: True, [[0.0]]),
        (lambda x: x.sum() != 0, [[0.5]]),
        (lambda x: x.sum() >= 1, [[1.0]]),
        (lambda x: x.sum() < 0, [[-1.0]]),
        (lambda x: (x != np.round(x)).any(), [[0.5]]),
        (lambda x: x.max() > 2, [[2.5]]),
        (lambda x: x.size > 1, [[0.0, 1.0]]),
        (lambda x: len(x) > 1, [[0.0], [1.0]]),
        (lambda x: not np.array_equal(x, x.T), [[0.0, 1.0]]),
    ],
)
def test_arrays_shrink_to_simple_numbers(
    wanted: Callable[[Any], bool], end: list[list[float]], smallest: Callable[..., Any]
) -> None:
    assert smallest(arrays(), wanted).tolist() == end


@pytest.mark.parametrize(
    ("feature", "end"),
    [
        (Feature.ZEROS, [[0.0]]),
        (Feature.NEGATIVE_ZERO, [[-0.0]]),
        (Feature.LARGE, [[30.0]]),
        (Feature.INTEGER, [[0]]),
        (Feature.FLOAT32, [[0.0]]),
        (Feature.FORTRAN, [[0.0, 1.0], [-1.0, 2.0]]),
        (Feature.NON_CONTIGUOUS, [[0.0, 1.0]]),
        (Feature.READ_ONLY, [[0.0]]),
    ],
)
def test_each_feature_shrinks_to_the_smallest_array_that_has_it(
    feature: Feature, end: list[list[float]], smallest: Callable[..., Any]
) -> None:
    found = smallest(adversarial_arrays(), lambda x: feature in features(x))
    assert repr(found.tolist()) == repr(end)


@pytest.mark.parametrize("feature", [Feature.TIES, Feature.DUPLICATES])
def test_ties_shrink_to_two_equal_simple_numbers(
    feature: Feature, smallest: Callable[..., Any]
) -> None:
    found = smallest(adversarial_arrays(), lambda x: feature in features(x))
    # by copying an entry or by copying a column: the two are equally simple
    assert found.tolist() in ([[0.0, 0.0]], [[1.0, 1.0]])


def test_a_feature_that_does_not_matter_is_shrunk_away(smallest: Callable[..., Any]) -> None:
    found = smallest(adversarial_arrays(), lambda x: x.size > 1 and x.max() > 0)
    assert found.tolist() == [[0.0, 1.0]]
    assert features(found) == {Feature.ZEROS}


@pytest.mark.parametrize(
    ("shape", "end"),
    [
        ((), 0.5),
        ((1, 1), [[0.5]]),
        ((1, 2), [[0.5, 1.0]]),
        ((2, 2), [[0.5, 1.0], [1.0, 0.5]]),
    ],
)
def test_cotangents_shrink_to_halves_and_ones(
    shape: tuple[int, ...], end: object, smallest: Callable[..., Any]
) -> None:
    assert smallest(cotangents(shape), lambda _: True).tolist() == end


def test_a_negative_cotangent_shrinks_to_minus_one_half(smallest: Callable[..., Any]) -> None:
    assert smallest(cotangents(), lambda c: c.min() < 0).tolist() == [[-0.5]]


def test_a_softmax_has_a_gradient_under_every_cotangent_as_it_has_not_under_all_ones() -> None:
    A = np.array([[0.2, 0.3], [0.3, 0.3], [0.5, 0.4]])

    def gradient(c: Array) -> Array:
        return A * (c - (c * A).sum(axis=0))

    assert np.abs(gradient(np.ones_like(A))).max() < 1e-15

    @given(cotangents(A.shape))
    def there(c: Array) -> None:
        # neighbours differ by 0.01 or more, so one of them is 0.005 off the column's average
        assert np.all(np.abs(gradient(c)).max(axis=0) >= 0.2 * 0.005 - 1e-15)

    there()
