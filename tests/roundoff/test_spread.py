"""What is observed over a neighbourhood covers rounding, and hardly covers a mistake."""

import numpy as np
import pytest

from gradlab.errors import GradlabError
from gradlab.roundoff import (
    MARGINS,
    Neighbourhood,
    change,
    spread_beside,
    spread_between,
    spread_of,
)

POINT = {"x": np.array([0.3, 1.7, 12.9, 1e4])}


@pytest.fixture
def rng():
    return np.random.default_rng(5)


def observed(function, usage, rng, point=POINT, **kwargs):
    def results(at):
        return {"y": function(at["x"])}

    return spread_of(results, results(point), Neighbourhood(point, MARGINS[usage]), rng, **kwargs)[
        "y"
    ]


def between(got, expected, rng, usage="equivalence", **kwargs):
    sides = []
    for side in (got, expected):

        def results(at, side=side):
            return {"y": side(at["x"])}

        sides.append((results, results(POINT)))
    return spread_between(*sides, Neighbourhood(POINT, MARGINS[usage], **kwargs), rng)["y"]


def test_moves_by_an_ulp_show_the_condition_of_the_code(rng):
    spread = observed(lambda x: np.exp(x / 100), "gradient claim", rng)
    ulp = np.spacing(POINT["x"]) * np.exp(POINT["x"] / 100) / 100
    assert np.all(spread <= 4 * ulp + np.spacing(np.exp(POINT["x"] / 100)))
    assert spread[3] >= ulp[3] / 4


def test_steps_show_rounding_that_the_last_places_of_the_inputs_do_not(rng):
    def cancels(x):
        return (x + 1e6) - 1e6

    assert observed(cancels, "result", rng)[0] >= np.spacing(1e6) / 2
    assert np.max(observed(cancels, "gradient claim", rng)[:1]) == 0.0


def test_a_smooth_function_contributes_next_to_nothing_to_second_differences(rng):
    spread = observed(lambda x: x * x, "result", rng)
    # x² itself has the second difference 2·(x·2⁻²⁰)².
    assert np.all(spread <= 2.1 * (POINT["x"] * 2.0**-20) ** 2)


def test_a_point_that_the_code_refuses_is_left_out_where_the_caller_says_so(rng):
    def refuses(x):
        if x[0] > POINT["x"][0]:
            msg = "x is beyond its range"
            raise GradlabError(msg)
        return x

    assert np.all(observed(refuses, "baseline", rng, refused=(GradlabError,)) > 0)
    with pytest.raises(GradlabError, match="beyond its range"):
        observed(refuses, "baseline", rng)


def test_two_computations_of_one_function_differ_by_what_is_observed(rng):
    def stable(x):
        return np.log1p(x)

    def cancelling(x):
        return np.log((1e9 + 1e9 * x) / 1e9)

    spread = between(stable, cancelling, rng)
    assert np.all(np.abs(stable(POINT["x"]) - cancelling(POINT["x"])) <= 8 * spread)


def test_a_mistake_of_a_billionth_is_far_beyond_what_is_observed(rng):
    spread = between(lambda x: x * (1 + 1e-9), lambda x: x, rng)
    assert np.all(8 * spread < 1e-10 * POINT["x"])


def test_only_the_change_of_the_difference_counts_over_steps(rng):
    assert np.all(between(np.sin, np.sin, rng) <= 8.1 * np.spacing(POINT["x"]))


def test_inputs_stay_within_their_limits(rng):
    seen = []
    point = {"p": np.array([1.0, 0.0]), "q": np.array([1.0])}
    near = Neighbourhood(point, MARGINS["equivalence"], limits={"p": (0.0, 1.0)}, moving={"p"})
    for at in [*near.ulp_moves(rng), *(p for pair in near.step_pairs(rng) for p in pair)]:
        assert np.all((at["p"] >= 0) & (at["p"] <= 1))
        assert at["q"] is point["q"]
        seen.append(at["p"][0])
    assert min(seen) < 1.0


def test_the_pair_of_a_step_lies_on_both_sides(rng):
    (ahead, behind), *_ = Neighbourhood(POINT, MARGINS["result"]).step_pairs(rng)
    x = POINT["x"]
    np.testing.assert_allclose(ahead["x"] - x, x - behind["x"], rtol=0, atol=np.spacing(x[-1]))
    assert np.all(ahead["x"] != behind["x"])


def test_a_change_without_a_finite_size_is_what_the_caller_says():
    here = np.array([1.0, np.nan])
    for after in (None, np.ones(3), np.array([np.inf, 0.0])):
        assert list(change(after, here)) == [0.0, 0.0]
        assert list(change(after, here, undefined=np.inf)) == [np.inf, np.inf]
    assert list(change(here, here, undefined=np.inf)) == [0.0, 0.0]


def test_a_change_of_integers_does_not_wrap_around():
    assert list(change(np.array([0], np.uint8), np.array([1], np.uint8))) == [1.0]


def test_a_value_at_the_point_alone_or_on_one_side_is_no_spread(rng):
    point = {"x": np.array([0.0, 1.0, 1.0])}

    def special(at):
        return {"y": np.where(at["x"] == [0.0, 1.0, 7.0], 5.0, 3.0) + (at["x"] > 1)}

    near = Neighbourhood(point, MARGINS["gradient claim"])
    assert spread_beside(special, {"y": (3,)}, near, rng)["y"].tolist() == [0.0, 0.0, 0.0]


def test_rounding_beside_the_point_is_observed(rng):
    def rounded(at):
        return {"y": (at["x"] + 1e6) - 1e6, "z": np.ones(2)}

    near = Neighbourhood({"x": np.array([1.0, 1e6])}, MARGINS["gradient claim"])
    spread = spread_beside(rounded, {"y": (2,), "z": (3,)}, near, rng)
    assert spread["y"][1] >= np.spacing(1e6)
    assert spread["z"].tolist() == [0.0, 0.0, 0.0]  # of another shape: not observed
