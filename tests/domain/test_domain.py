"""Domains: the sizes that tensors share, what contradicts itself, and who reads them."""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.domain import Content, Domain, Exemption, Role, Sizes, TensorSpec, Where
from gradlab.errors import GradlabError

LINEAR = Domain(
    (
        TensorSpec("X", ("n_in", "m")),
        TensorSpec("W", ("n_out", "n_in"), Role.PARAMETER),
        TensorSpec("b", ("n_out", 1), Role.PARAMETER),
    )
)
X = TensorSpec("X", ("n", "m"))

CONTRADICTIONS = [
    ({"tensors": (X, X)}, "each tensor is named once, but 'X' occurs 2 times"),
    (
        {"exemptions": (Exemption("gradient", "a"), Exemption("gradient", "b"))},
        "each exemption from the law is named once, but 'gradient' occurs 2 times",
    ),
    ({"ranks": ()}, "ranks are numbers of dimensions from 0 on, at least one, got ()"),
    ({"ranks": (-1,)}, "ranks are numbers of dimensions from 0 on, at least one, got (-1,)"),
    (
        {"minimum": {"classes": 2}},
        "the minimum names the size 'classes', which no shape has: n, m",
    ),
    ({"minimum": {"n": -1}}, "the minimum of 'n' is a size from 0 on, got -1"),
    ({"batch": "examples"}, "the batch is the size 'examples', which no shape has: n, m"),
    (
        {"tensors": (X, TensorSpec("i", ("m",), Role.INDEX, Content.INTEGER, high="v"))},
        "tensor 'i': the range ends at 'v', which no shape has: n, m",
    ),
]


@pytest.mark.parametrize(("fields", "message"), CONTRADICTIONS)
def test_a_contradiction_is_refused_by_name(fields: dict[str, object], message: str) -> None:
    with pytest.raises(GradlabError) as raised:
        Domain(**({"tensors": (X,)} | fields))  # type: ignore[arg-type]
    assert str(raised.value) == message


def test_an_unknown_tensor_is_named_with_the_known_ones() -> None:
    with pytest.raises(GradlabError, match="no tensor is called 'w' here; the tensors are: X, W"):
        LINEAR["w"]
    assert LINEAR["W"].role is Role.PARAMETER


def test_the_empty_domain_is_a_domain() -> None:
    assert Domain(()).sizes(Sizes.DISTINCT, np.random.default_rng(0)) == {}
    assert Domain(()).searches == ()


@pytest.mark.parametrize("seed", range(30))
@pytest.mark.parametrize("minimum", [None, {"n_out": 3}, {"n_out": 4, "n_in": 4, "m": 2}])
def test_each_pattern_of_sizes_is_what_it_says(seed: int, minimum: dict[str, int] | None) -> None:
    domain = Domain(LINEAR.tensors, minimum=minimum)
    rng = np.random.default_rng(seed)
    sizes = {pattern: domain.sizes(pattern, rng) for pattern in Sizes}
    least = minimum or {}
    for drawn in sizes.values():
        assert set(drawn) == {"n_in", "n_out", "m"}
        assert all(drawn[symbol] >= size for symbol, size in least.items())
        assert max(drawn.values()) <= 7
    assert len(set(sizes[Sizes.DISTINCT].values())) == 3
    assert len(set(sizes[Sizes.SQUARE].values())) == 1
    assert sizes[Sizes.ONE_EXAMPLE]["m"] == least.get("m", 1)
    assert sizes[Sizes.ONE_FEATURE]["n_in"] == least.get("n_in", 1)
    one = sizes[Sizes.NON_SQUARE]
    assert one["n_out"] != one["n_in"] != one["m"]


def test_non_square_sizes_agree_between_tensors_now_and_then() -> None:
    rng = np.random.default_rng(0)
    drawn = [LINEAR.sizes(Sizes.NON_SQUARE, rng) for _ in range(50)]
    assert {sizes["n_out"] == sizes["m"] for sizes in drawn} == {True, False}


def test_the_ellipsis_gives_every_rank_that_is_allowed() -> None:
    tensors = (TensorSpec("A", ("...", "m")), TensorSpec("B", ("...", 2)))
    domain = Domain(tensors, ranks=(0, 1, 3))
    rng = np.random.default_rng(0)
    shapes = set()
    for pattern in list(Sizes) * 10:
        values = domain.sample(domain.sizes(pattern, rng), rng)
        assert values["A"].shape[:-1] == values["B"].shape[:-1]
        shapes.add(values["A"].ndim)
    assert shapes == {1, 2, 4}
    assert domain.symbols == ("m",)


def test_searches_are_the_kinds_that_make_a_difference() -> None:
    assert LINEAR.searches == (Where.GENERIC, Where.TIES, Where.ZEROS, Where.EXTREMES)
    relu = Domain((TensorSpec("Z", ("n", "m"), kinks=(0.0,)),))
    assert relu.searches == tuple(Where)
    positive = Domain((TensorSpec("x", ("m",), low=1.0),))
    assert Where.ZEROS not in positive.searches


def test_labels_are_not_scaled() -> None:
    cost = Domain((X, TensorSpec("Y", ("n", "m"), Role.LABEL)))
    sizes = {"n": 20, "m": 20}
    values = cost.sample(sizes, np.random.default_rng(0), power=9)
    assert np.abs(values["X"]).max() > 1e8
    assert np.abs(values["Y"]).max() < 10


def test_an_exemption_is_asked_by_its_law() -> None:
    domain = Domain((X,), exemptions=(Exemption("batch duplication", "the cost is a sum"),))
    assert domain.exemption("batch duplication") == "the cost is a sum"
    assert domain.exemption("gradient") == ""
