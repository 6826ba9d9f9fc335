"""Shapes and sizes: every pattern is drawn, and failures end at 1 and 2."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import find, given

from gradlab.domain import Content, Domain, Role, TensorSpec
from gradlab.errors import GradlabError
from gradlab.strategies import shapes, sizes

if TYPE_CHECKING:
    from collections.abc import Callable

LINEAR = Domain(
    (
        TensorSpec("X", ("n_in", "m")),
        TensorSpec("W", ("n_out", "n_in"), Role.PARAMETER),
        TensorSpec("b", ("n_out", 1), Role.PARAMETER),
    )
)


@given(shapes(min_dims=1, max_dims=3, min_side=0, max_side=5))
def test_shapes_keep_to_their_limits(shape: tuple[int, ...]) -> None:
    assert 1 <= len(shape) <= 3
    assert all(0 <= side <= 5 for side in shape)


@given(shapes(min_side=2))
def test_a_minimum_keeps_width_one_away(shape: tuple[int, ...]) -> None:
    assert min(shape) >= 2


@pytest.mark.parametrize(
    ("wanted", "end"),
    [
        (lambda _: True, (1, 1)),
        (lambda shape: shape[0] != shape[1], (1, 2)),
        (lambda shape: shape[0] > shape[1], (2, 1)),
        (lambda shape: shape[0] == shape[1] > 1, (2, 2)),
        (lambda shape: shape[0] * shape[1] >= 3, (1, 3)),
    ],
)
def test_shapes_shrink_to_ones_and_twos(
    wanted: Callable[[Any], bool], end: tuple[int, ...], smallest: Callable[..., Any]
) -> None:
    assert smallest(shapes(), wanted) == end


def test_empty_shapes_come_last_in_shrinking(smallest: Callable[..., Any]) -> None:
    assert smallest(shapes(min_side=0), lambda _: True) == (1, 1)
    assert smallest(shapes(min_side=0), lambda shape: 0 in shape) == (1, 0)


@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ({"min_dims": 3, "max_dims": 2}, "from min_dims=3 to max_dims=2 dimensions: none do"),
        ({"min_side": 5}, "sides are from min_side=5 to max_side=4: none are"),
        (
            {"min_side": 2, "max_side": 2},
            "2 distinct sides do not fit between 2 and 2: give max_side=3 or more",
        ),
    ],
)
def test_limits_that_contradict_are_refused(limits: dict[str, int], message: str) -> None:
    with pytest.raises(GradlabError, match=message):
        find(shapes(**limits), lambda _: True)


@given(sizes(Domain(LINEAR.tensors, minimum={"n_in": 3, "m": 0})))
def test_sizes_have_every_symbol_and_keep_the_minimum(drawn: dict[str, int]) -> None:
    assert set(drawn) == {"n_in", "n_out", "m"}
    assert drawn["n_in"] >= 3
    assert max(drawn.values()) <= 5


@given(sizes(Domain((TensorSpec("A", ("...", "m")), TensorSpec("B", ("...",))), ranks=(0, 3))))
def test_sizes_of_the_ellipsis(drawn: dict[str, int]) -> None:
    assert set(drawn) in ({"m"}, {"m", "...0", "...1", "...2"})


@pytest.mark.parametrize(
    ("wanted", "end"),
    [
        (lambda _: True, {"n_in": 1, "m": 1, "n_out": 1}),
        (lambda drawn: drawn["m"] > 1, {"n_in": 1, "m": 2, "n_out": 1}),
        (lambda drawn: drawn["n_in"] != drawn["n_out"], {"n_in": 1, "m": 1, "n_out": 2}),
        (lambda drawn: len(set(drawn.values())) == 3, {"n_in": 1, "m": 2, "n_out": 3}),
    ],
)
def test_sizes_shrink_to_ones_and_twos(
    wanted: Callable[[Any], bool], end: dict[str, int], smallest: Callable[..., Any]
) -> None:
    assert smallest(sizes(LINEAR), wanted) == end


def test_a_domain_without_symbols_has_no_sizes(smallest: Callable[..., Any]) -> None:
    fixed = Domain((TensorSpec("x", (2,), content=Content.PROBABILITY),))
    assert smallest(sizes(fixed), lambda _: True) == {}
