import numpy as np
import pytest

from gradlab import GradlabError
from gradlab.faults import ERROR_PATTERNS, registry, sized_error

SIZES = [10.0**-k for k in range(9)]
TENSORS = ["W", "b", "A_prev"]


@pytest.fixture
def linear():
    return registry.subject("linear")


def at(subject, truth):
    values, cotangent = truth.sample(registry.variant("linear").target)
    return values, (cotangent,), subject.vjp(values, (cotangent,))


def spoiled(linear, kind, size, tensor, truth, seed=0):
    """The error of one gradient, relative to its root mean square; the others must be right."""
    values, cotangents, right = at(linear, truth)
    subject = sized_error(linear, kind, size, tensor, seed)
    got = subject.vjp(values, cotangents)
    assert all(np.array_equal(got[name], right[name]) for name in right if name != tensor)
    assert np.array_equal(subject.forward(values)[0], linear.forward(values)[0])
    rms = np.sqrt(np.mean(right[tensor] ** 2))
    return (got[tensor] - right[tensor]) / rms, right[tensor] / rms


@pytest.mark.parametrize("tensor", TENSORS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ERROR_PATTERNS)
def test_the_error_has_the_size_asked_for(linear, kind, size, tensor, truth):
    error, _ = spoiled(linear, kind, size, tensor, truth)
    wrong = np.abs(error)[np.abs(error) > size / 100]
    if kind in ("one entry", "one row", "all entries"):
        assert wrong == pytest.approx(size, rel=1e-6)
    else:
        assert np.sqrt(np.mean(error**2)) == pytest.approx(size, rel=1e-6)


@pytest.mark.parametrize("tensor", TENSORS)
def test_each_kind_is_wrong_where_it_says(linear, tensor, truth):
    def wrong(kind):
        return np.abs(spoiled(linear, kind, 1.0, tensor, truth)[0]) > 1e-6

    shape = wrong("one entry").shape
    assert wrong("one entry").sum() == 1
    assert wrong("one row").sum() == shape[1]
    assert wrong("one row").any(axis=1).sum() == 1
    assert wrong("all entries").all()
    assert wrong("low rank").all()


def test_low_rank_is_rank_one(linear, truth):
    error, _ = spoiled(linear, "low rank", 1e-2, "W", truth)
    assert np.linalg.matrix_rank(error, tol=1e-10) == 1
    assert np.linalg.matrix_rank(spoiled(linear, "all entries", 1e-2, "W", truth)[0]) > 1


def test_permuted_entries_are_the_same_numbers_in_other_places(linear, truth):
    unit, gradient = spoiled(linear, "permuted entries", 1.0, "W", truth)
    # There is a scale at which the way towards the other entries is gone all along.
    scale = -(unit * gradient).sum() * 2 / (unit**2).sum()
    assert np.sort((gradient + scale * unit).ravel()) == pytest.approx(np.sort(gradient.ravel()))
    assert unit.sum() == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("kind", ERROR_PATTERNS)
def test_seeds_choose_the_place_and_keep_it(linear, kind, truth):
    first, again, other = (spoiled(linear, kind, 0.1, "W", truth, seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.allclose(first, other, atol=1e-3)


@pytest.mark.parametrize("kind", ERROR_PATTERNS)
@pytest.mark.parametrize("pattern", ["one example", "one feature"])
def test_narrow_tensors_can_be_spoiled(linear, kind, pattern, truth):
    values, cotangent = truth.sample(registry.variant("linear").target, pattern=pattern)
    got = sized_error(linear, kind, 1.0, "A_prev").vjp(values, (cotangent,))
    assert got["A_prev"].shape == values["A_prev"].shape


def test_the_cost_of_one_number_can_be_spoiled():
    subject = registry.subject("squared_error")
    values = {"Y": np.zeros((1, 1)), "Y_hat": np.full((1, 1), 3.0)}
    for kind in ERROR_PATTERNS:
        got = sized_error(subject, kind, 0.5, "Y_hat").vjp(values, (np.ones(()),))["Y_hat"]
        # A permutation of one number changes nothing, as the docstring says.
        expected = {3.0} if kind == "permuted entries" else {1.5, 4.5}
        assert got.item() in expected


@pytest.mark.parametrize(
    ("kind", "tensor", "message"),
    [
        (
            "one enty",
            "W",
            (
                "no error pattern is called 'one enty'; known are one entry, one row, low rank, "
                "permuted entries, all entries"
            ),
        ),
        ("one row", "X", "linear has no gradient of 'X'; it has: A_prev, W, b"),
    ],
)
def test_unknown_names_get_the_known_ones(linear, kind, tensor, message):
    with pytest.raises(GradlabError) as raised:
        sized_error(linear, kind, 1e-3, tensor)
    assert str(raised.value) == message
