"""Values of a domain: the sampler's description, drawn by Hypothesis."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradlab.domain import Content, Domain, Role, TensorSpec, Where
from gradlab.strategies import parameters, sizes, values

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = ("n", "m")
ONE_OF_EACH = Domain(
    (
        TensorSpec("X", SHAPE, kinks=(0.0, 1.0)),
        TensorSpec("P", SHAPE, low=0.0, scale=10.0),
        TensorSpec("B", ("n", 1), low=-1.0, high=1.0),
        TensorSpec("p", SHAPE, content=Content.PROBABILITY),
        TensorSpec("y", SHAPE, Role.LABEL, Content.BINARY),
        TensorSpec("Y", SHAPE, Role.LABEL, Content.ONE_HOT),
        TensorSpec("Q", SHAPE, Role.LABEL, Content.DISTRIBUTION, axis=-1),
        TensorSpec("i", ("m",), Role.INDEX, Content.INTEGER, high="n"),
    )
)


def check_contents(drawn: dict[str, Any], n: int, m: int) -> None:
    assert list(drawn) == [tensor.name for tensor in ONE_OF_EACH]
    assert {
        name: array.shape for name, array in drawn.items() if name not in "Bi"
    } == dict.fromkeys(("X", "P", "p", "y", "Y", "Q"), (n, m))
    assert drawn["P"].min() >= 0
    assert np.abs(drawn["B"]).max() <= 1
    assert np.all((drawn["p"] > 0) & (drawn["p"] < 1))
    assert np.isin(drawn["y"], [0.0, 1.0]).all()
    assert np.isin(drawn["Y"], [0.0, 1.0]).all()
    assert np.all(drawn["Y"].sum(axis=0) == 1)
    assert drawn["Q"].min() > 0
    assert np.allclose(drawn["Q"].sum(axis=1), 1, rtol=1e-15, atol=0)
    assert drawn["i"].dtype == np.int64
    assert np.isin(drawn["i"], np.arange(n)).all()


@given(st.data())
def test_values_are_in_the_domain(data: st.DataObject) -> None:
    given_sizes = data.draw(sizes(ONE_OF_EACH))
    check_contents(data.draw(values(ONE_OF_EACH, sizes=given_sizes)), **given_sizes)


@pytest.mark.parametrize("where", list(Where))
def test_every_kind_of_draw_stays_in_the_domain(where: Where) -> None:
    @given(values(ONE_OF_EACH, sizes={"n": 2, "m": 3}, where=where))
    def stays(drawn: dict[str, Any]) -> None:
        check_contents(drawn, 2, 3)

    stays()


@given(values(ONE_OF_EACH, where=Where.GENERIC))
def test_generic_values_are_off_kinks_and_ends_without_ties(drawn: dict[str, Any]) -> None:
    for kink in (0.0, 1.0):
        assert np.abs(drawn["X"] - kink).min() >= 0.05
    assert len(np.unique(drawn["X"])) == drawn["X"].size
    assert drawn["p"].min() >= 0.05


@given(values(ONE_OF_EACH, where=Where.KINKS))
def test_at_kinks_some_entry_is_at_a_kink(drawn: dict[str, Any]) -> None:
    assert np.isin(drawn["X"], [0.0, 1.0]).any()


@given(values(ONE_OF_EACH, sizes={"n": 2, "m": 2}, where=Where.TIES))
def test_ties_are_among_the_largest(drawn: dict[str, Any]) -> None:
    for name in "XPp":
        assert np.sum(drawn[name] == drawn[name].max()) >= 2
    assert len(np.unique(drawn["y"])) == 1
    assert drawn["Y"].sum(axis=1).max() == 2
    assert np.all(drawn["Q"] == 0.5)


@given(values(ONE_OF_EACH, where=Where.EXTREMES))
def test_extremes_are_the_sampler_s(drawn: dict[str, Any]) -> None:
    assert np.abs(drawn["X"]).max() >= 30
    assert drawn["P"].max() >= 300 or drawn["P"].min() == 0
    assert np.abs(drawn["B"]).max() == 1
    assert drawn["p"].max() > 1 - 1e-11 or drawn["p"].min() < 1e-11
    assert np.all(drawn["Q"].max(axis=1) > 1 - 1e-10)


@given(
    values(Domain((TensorSpec("x", ("n", 0)), TensorSpec("Y", (0, "n"), content=Content.ONE_HOT))))
)
def test_tensors_without_entries(drawn: dict[str, Any]) -> None:
    assert drawn["x"].shape[1] == 0
    assert drawn["Y"].shape[0] == 0


@given(values(Domain((TensorSpec("x", ()),))))
def test_scalars(drawn: dict[str, Any]) -> None:
    assert drawn["x"].shape == ()


@given(values(Domain((TensorSpec("x", ("...", "m")),), ranks=(0, 1, 2))))
def test_any_rank(drawn: dict[str, Any]) -> None:
    assert 1 <= drawn["x"].ndim <= 3


@pytest.mark.parametrize("where", [Where.GENERIC, Where.EXTREMES])
def test_values_shrink_to_the_smallest_sizes(where: Where, smallest: Callable[..., Any]) -> None:
    found = smallest(values(ONE_OF_EACH, where=where), lambda _: True)
    assert all(array.size == 1 for array in found.values())


@pytest.mark.parametrize(
    ("wanted", "end"),
    [
        (lambda z: z.size > 0, [[1.0]]),
        (lambda z: z.min() < 0, [[-1.0]]),
        (lambda z: (z == 0).any(), [[0.0]]),
        (lambda z: np.abs(z).max() >= 30, [[30.0]]),
        (lambda z: len(np.unique(z)) < z.size, [[1.0, 1.0]]),
    ],
)
def test_values_shrink_to_simple_numbers(
    wanted: Callable[[Any], bool], end: list[list[float]], smallest: Callable[..., Any]
) -> None:
    relu = Domain((TensorSpec("Z", SHAPE, kinks=(0.0,)),))
    assert smallest(values(relu), lambda drawn: wanted(drawn["Z"]))["Z"].tolist() == end


@given(parameters(3, 2))
def test_parameters_have_the_shapes_of_a_linear_layer(drawn: dict[str, Any]) -> None:
    assert {name: array.shape for name, array in drawn.items()} == {"W": (2, 3), "b": (2, 1)}


@given(parameters(2, 2, where=Where.ZEROS))
def test_parameters_can_be_dead(drawn: dict[str, Any]) -> None:
    assert (drawn["W"] == 0).any()
    assert (drawn["b"] == 0).any()
