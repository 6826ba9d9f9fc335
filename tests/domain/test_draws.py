"""The seeded sampler: inside the range, off the kinks, and adversarial when asked."""

from __future__ import annotations

import numpy as np
import pytest

from gradlab.domain import Content, Role, TensorSpec, Where, draw
from gradlab.errors import GradlabError

SHAPE = (20, 30)
INFINITE = np.inf


def rng() -> np.random.Generator:
    return np.random.default_rng(48)


RANGES = [
    (-INFINITE, INFINITE, (0.0,)),
    (0.0, INFINITE, ()),
    (0.0, INFINITE, (0.0, 1.0)),
    (-INFINITE, 2.0, (-1.0, 2.0)),
    (-1.0, 1.0, (0.0, 0.01)),
    (1e-3, 2e-3, ()),
]


@pytest.mark.parametrize("power", [-6, 0, 6])
@pytest.mark.parametrize("ties", [False, True])
@pytest.mark.parametrize(("low", "high", "kinks"), RANGES)
def test_generic_entries_are_in_the_range_and_off_kinks_and_ends(
    low: float, high: float, kinks: tuple[float, ...], ties: bool, power: int
) -> None:
    spec = TensorSpec("x", SHAPE, low=low, high=high, kinks=kinks, ties=ties)
    drawn = draw(spec, {}, rng(), power=power)
    assert drawn.shape == SHAPE
    edges = [edge for edge in (low, high, *kinks) if np.isfinite(edge)]
    assert np.all((drawn >= low) & (drawn <= high))
    ordered = np.sort(np.asarray([*edges, -INFINITE, INFINITE]))
    width = float(np.diff(np.unique(ordered)).min())
    margin = 0.05 * min(10.0**power, width)
    for edge in edges:
        assert np.abs(drawn - edge).min() >= margin * (1 - 1e-6)


def test_between_near_kinks_the_margin_is_a_share_of_the_gap() -> None:
    spec = TensorSpec("x", (5000,), kinks=(0.0, 0.04))
    drawn = draw(spec, {}, rng())
    between = drawn[(drawn > 0) & (drawn < 0.04)]
    assert between.size > 0
    assert between.min() >= 0.002
    assert between.max() <= 0.038


@pytest.mark.parametrize("power", [-9, -3, 0, 3, 9])
def test_power_scales_the_entries(power: int) -> None:
    drawn = draw(TensorSpec("x", (1000,), scale=2.0), {}, rng(), power=power)
    assert np.sqrt(np.mean(drawn**2)) == pytest.approx(2.0 * 10.0**power, rel=0.1)


def test_power_stays_in_a_range_with_two_ends() -> None:
    drawn = draw(TensorSpec("x", (1000,), low=-1.0, high=3.0), {}, rng(), power=5)
    assert drawn.min() < -0.7
    assert drawn.max() > 2.7
    assert drawn.min() >= -1.0
    assert drawn.max() <= 3.0


@pytest.mark.parametrize("power", [-100, 3, 100])
@pytest.mark.parametrize(("low", "high"), [(2.0, 2.0), (1.0, 3.0), (0.0, INFINITE)])
def test_any_power_stays_in_the_range(low: float, high: float, power: int) -> None:
    drawn = draw(TensorSpec("x", (100,), low=low, high=high), {}, rng(), power=power)
    assert np.all((drawn >= low) & (drawn <= high))
    assert np.isfinite(drawn).all()


def test_a_power_that_would_overflow_is_refused() -> None:
    with pytest.raises(GradlabError, match="exponent of ten from -100 to 100, got 101"):
        draw(TensorSpec("x", (1,)), {}, rng(), power=101)


def test_generic_entries_of_a_max_are_apart() -> None:
    drawn = np.sort(draw(TensorSpec("x", (100,), ties=True), {}, rng()))
    assert np.diff(drawn).min() >= 0.5 * 4 / 100 * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("shape", [(1,), (2, 1), (3, 4)])
def test_at_kinks_at_least_one_entry_is_at_a_kink(seed: int, shape: tuple[int, ...]) -> None:
    spec = TensorSpec("x", shape, kinks=(0.0, 1.0))
    drawn = draw(spec, {}, np.random.default_rng(seed), Where.KINKS)
    assert np.isin(drawn, [0.0, 1.0]).any()


def test_at_kinks_about_half_are_at_kinks() -> None:
    drawn = draw(TensorSpec("x", SHAPE, kinks=(0.5,)), {}, rng(), Where.KINKS)
    assert 0.4 < np.mean(drawn == 0.5) < 0.6


def test_without_kinks_the_draw_is_generic() -> None:
    spec = TensorSpec("x", SHAPE)
    assert np.array_equal(draw(spec, {}, rng(), Where.GENERIC), draw(spec, {}, rng()))
    assert not spec.allows(Where.KINKS)
    assert len(np.unique(draw(spec, {}, rng(), Where.KINKS))) == 600


@pytest.mark.parametrize("seed", range(20))
def test_ties_tie_the_largest_entry(seed: int) -> None:
    drawn = draw(TensorSpec("x", (3, 1)), {}, np.random.default_rng(seed), Where.TIES)
    assert np.sum(drawn == drawn.max()) >= 2


def test_zeros_have_both_signs() -> None:
    drawn = draw(TensorSpec("x", SHAPE), {}, rng(), Where.ZEROS)
    zeros = drawn[drawn == 0]
    assert np.signbit(zeros).any()
    assert not np.signbit(zeros).all()


def test_extremes_are_large_or_at_the_ends() -> None:
    drawn = draw(TensorSpec("x", SHAPE), {}, rng(), Where.EXTREMES)
    assert drawn.max() == 1e4
    assert drawn.min() == -1e4
    closed = draw(TensorSpec("x", SHAPE, low=0.0, high=1.0), {}, rng(), Where.EXTREMES)
    assert closed.min() == 0.0
    assert closed.max() == 1.0


def test_extreme_probabilities_stay_inside_the_open_interval() -> None:
    spec = TensorSpec("p", SHAPE, content=Content.PROBABILITY)
    drawn = draw(spec, {}, rng(), Where.EXTREMES)
    assert drawn.min() == 1e-100
    assert 1 - 1e-11 < drawn.max() < 1


def test_probabilities_keep_to_a_narrower_range() -> None:
    spec = TensorSpec("p", SHAPE, content=Content.PROBABILITY, low=0.25, high=0.5)
    for where in Where:
        drawn = draw(spec, {}, rng(), where)
        assert drawn.min() >= 0.25
        assert drawn.max() <= 0.5


def test_integers_exclude_the_end_and_reach_both_extremes() -> None:
    spec = TensorSpec("i", SHAPE, Role.INDEX, Content.INTEGER, low=-1, high="v")
    drawn = draw(spec, {"v": 3}, rng())
    assert set(np.unique(drawn)) == {-1, 0, 1, 2}
    assert drawn.dtype == np.int64
    repeated = draw(spec, {"v": 3}, rng(), Where.TIES)
    assert repeated.dtype == np.int64


def test_an_empty_range_of_indices_is_named() -> None:
    spec = TensorSpec("i", (2,), Role.INDEX, Content.INTEGER, high="v")
    with pytest.raises(GradlabError, match=r"'i': no integer lies in \[0, 0\)"):
        draw(spec, {"v": 0}, rng())


@pytest.mark.parametrize("axis", [0, 1, -1])
@pytest.mark.parametrize("where", list(Where))
@pytest.mark.parametrize("content", [Content.ONE_HOT, Content.DISTRIBUTION])
def test_one_hot_and_distributions_sum_to_one(content: Content, where: Where, axis: int) -> None:
    spec = TensorSpec("Y", (3, 4), Role.LABEL, content, axis=axis)
    drawn = draw(spec, {}, rng(), where)
    assert np.allclose(drawn.sum(axis=axis), 1.0, rtol=1e-15, atol=0)
    assert np.all(drawn >= 0)
    if content is Content.DISTRIBUTION:
        assert drawn.min() > 0


def test_adversarial_labels_are_all_of_one_class() -> None:
    hot = TensorSpec("Y", (3, 10), Role.LABEL, Content.ONE_HOT)
    assert sorted(draw(hot, {}, rng(), Where.TIES).sum(axis=1)) == [0, 0, 10]
    assert np.count_nonzero(draw(hot, {}, rng()).sum(axis=1)) == 3
    binary = TensorSpec("y", (1, 20), Role.LABEL, Content.BINARY)
    assert len(np.unique(draw(binary, {}, rng(), Where.EXTREMES))) == 1
    assert len(np.unique(draw(binary, {}, rng()))) == 2


def test_tied_distributions_are_uniform_and_extreme_ones_nearly_one_hot() -> None:
    spec = TensorSpec("q", (4, 3), Role.LABEL, Content.DISTRIBUTION)
    assert np.all(draw(spec, {}, rng(), Where.TIES) == 0.25)
    assert np.all(draw(spec, {}, rng(), Where.EXTREMES).max(axis=0) > 1 - 1e-11)


@pytest.mark.parametrize("where", list(Where))
@pytest.mark.parametrize("content", list(Content))
def test_a_tensor_without_entries_can_be_drawn(content: Content, where: Where) -> None:
    role = Role.INDEX if content is Content.INTEGER else Role.LABEL
    high = 3 if content is Content.INTEGER else np.inf
    spec = TensorSpec("x", ("n", 2), role, content, high=high)
    assert draw(spec, {"n": 0}, rng(), where).shape == (0, 2)


@pytest.mark.parametrize("where", list(Where))
def test_the_same_seed_gives_the_same_draw(where: Where) -> None:
    spec = TensorSpec("x", SHAPE, kinks=(0.0,))
    assert np.array_equal(draw(spec, {}, rng(), where), draw(spec, {}, rng(), where))
