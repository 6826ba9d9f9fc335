"""What a tensor's description accepts, and how it refuses what cannot be."""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.domain import Content, Exemption, Role, TensorSpec, Where
from gradlab.errors import GradlabError

IMPOSSIBLE = [
    ({"low": 1.0, "high": 0.0}, "tensor 'x': no number lies in [1.0, 0.0]: low is above high"),
    ({"low": np.nan}, "tensor 'x': the range has a NaN: low=nan, high=inf"),
    ({"scale": 0.0}, "tensor 'x': the scale is a positive number, got 0.0"),
    ({"name": " "}, "tensor ' ': a tensor needs a name, by which reports call it"),
    (
        {"shape": ["n", "m"]},
        "tensor 'x': the shape is a tuple of sizes and symbols, got ['n', 'm']",
    ),
    (
        {"shape": ("n", -1)},
        "tensor 'x': a size is an integer from 0 on or a symbol such as 'm', got -1",
    ),
    (
        {"shape": ("...", "...")},
        "tensor 'x': '...' occurs once in a shape, got ('...', '...')",
    ),
    (
        {"shape": (2,), "content": Content.ONE_HOT, "axis": 1},
        "tensor 'x': axis 1 is none of the 1 axes of shape (2,)",
    ),
    (
        {"high": "n"},
        "tensor 'x': only integers take a symbol as the end of their range, got high='n'",
    ),
    (
        {"content": Content.INTEGER, "role": Role.INDEX},
        "tensor 'x': integers need an end of their range: give high=, a number or a symbol",
    ),
    (
        {"content": Content.INTEGER, "role": Role.INDEX, "low": 2, "high": 2},
        "tensor 'x': no integer lies in [2, 2): high is excluded",
    ),
    (
        {"content": Content.INTEGER, "role": Role.INDEX, "high": 2.5},
        "tensor 'x': the range of integers ends at a whole number, got high=2.5",
    ),
    (
        {"content": Content.INTEGER, "role": Role.INDEX, "low": np.nan, "high": 2},
        "tensor 'x': the range of integers starts at a whole number, got low=nan",
    ),
    (
        {"content": Content.PROBABILITY, "low": 1.0},
        "tensor 'x': no probability of the open interval (0, 1) lies in [1.0, inf]",
    ),
    (
        {"kinks": (0.0,), "low": 1.0},
        "tensor 'x': the kink 0.0 lies outside the range [1.0, inf]",
    ),
    (
        {"kinks": (0.0,), "content": Content.BINARY},
        "tensor 'x': entries that are binary have no kinks, got (0.0,)",
    ),
    (
        {"content": Content.INTEGER, "high": 3},
        (
            "tensor 'x': integers have no gradient, but the role is 'input': "
            "use Role.INDEX or Role.LABEL"
        ),
    ),
    ({"role": Role.INDEX}, "tensor 'x': an index is an integer, got content 'real'"),
]


@pytest.mark.parametrize(("fields", "message"), IMPOSSIBLE)
def test_what_cannot_be_is_refused_by_name(fields: dict[str, object], message: str) -> None:
    with pytest.raises(GradlabError) as raised:
        TensorSpec(**({"name": "x", "shape": ("n", "m")} | fields))  # type: ignore[arg-type]
    assert str(raised.value) == message


def test_a_range_of_one_number_is_a_range() -> None:
    assert TensorSpec("x", (), low=2.0, high=2.0).limits({}) == (2.0, 2.0)


@pytest.mark.parametrize(("law", "reason"), [("gradient", " "), ("", "by design")])
def test_an_exemption_needs_a_law_and_a_reason(law: str, reason: str) -> None:
    with pytest.raises(GradlabError, match="say in a sentence why"):
        Exemption(law, reason)


def test_a_missing_size_is_named() -> None:
    with pytest.raises(GradlabError) as raised:
        TensorSpec("W", ("n_out", "n_in")).resolve({"n_out": 2, "m": 3})
    assert str(raised.value) == (
        "tensor 'W' needs a size for 'n_in'; sizes were given for: n_out, m"
    )


def test_the_ellipsis_takes_its_sizes_in_order() -> None:
    spec = TensorSpec("X", ("n", "...", 2))
    assert spec.resolve({"...1": 5, "n": 3, "...0": 4}) == (3, 4, 5, 2)
    assert spec.resolve({"n": 3}) == (3, 2)
    assert spec.symbols == ("n",)


def test_symbolic_ends_of_an_index_follow_the_sizes() -> None:
    index = TensorSpec("i", ("m",), Role.INDEX, Content.INTEGER, high="v")
    assert index.limits({"v": 7}) == (0, 7)
    assert index.specials(Where.EXTREMES, {"v": 7}) == (0, 6)


def test_special_values_stay_in_the_range() -> None:
    positive = TensorSpec("x", ("n",), low=0.5, high=0.75, scale=2.0)
    assert positive.specials(Where.ZEROS, {}) == ()
    assert not positive.allows(Where.ZEROS)
    assert positive.specials(Where.EXTREMES, {}) == (0.5, 0.75)
    half_open = TensorSpec("x", ("n",), low=0.0, scale=2.0)
    assert half_open.specials(Where.EXTREMES, {}) == (0.0, 60.0, 2e3, 2e4)
    probability = TensorSpec("p", ("n",), content=Content.PROBABILITY, low=0.25)
    assert probability.specials(Where.EXTREMES, {}) == (1 - 1e-12, 0.25)
    assert TensorSpec("x", ("n",)).specials(Where.TIES, {}) == ()


def test_labels_and_indices_are_not_differentiable() -> None:
    assert TensorSpec("W", (1,), Role.PARAMETER).differentiable
    assert not TensorSpec("Y", (1,), Role.LABEL).differentiable
