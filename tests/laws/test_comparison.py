"""How two ways to compute one thing are compared."""

import numpy as np
import pytest

from gradlab.domain import Domain, TensorSpec
from gradlab.kinds import Kind
from gradlab.laws import LAWS, batch, comparison, costs, extremes, labels, symmetries
from gradlab.laws.case import Case, entry
from gradlab.records import Status
from gradlab.subject import Subject

OURS = (*batch.LAWS, extremes.LAW, *symmetries.LAWS, *costs.LAWS, labels.LAW)


class _Identity:
    def forward(self, values):
        return (values["x"],)

    def backward(self, values, cotangents):
        return {"x": cotangents[0]}


def compare(got, expected, x):
    """Return the one finding of the equivalence that `got(x)` is `expected(x)`."""
    x = np.asarray(x, dtype=float)
    subject = Subject("f", lambda _: _Identity(), Domain((TensorSpec("x", ("m",)),)))
    case = Case(subject, {"x": x}, (np.ones_like(x),), (x,), {"x": np.ones_like(x)}, "here", 0)

    def describe(name, index, got, expected):
        return f"{entry(name, index)}: got {got}, should be {expected}"

    claim = comparison.Equivalence(
        lambda v: {"output": got(v["x"])},
        lambda v: {"output": expected(v["x"])},
        case.values,
        describe,
    )
    (finding,) = comparison.assert_equivalent(case, "some law", claim)
    return finding


POINT = [0.3, 1.7, 12.9, 1e4]


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (lambda x: x * x, lambda x: x * x),
        (lambda x: (x + 1e6) - 1e6, lambda x: x),  # loses ten digits, and shows it when moved
        (lambda x: np.sin(x + np.pi / 2), np.cos),
        (lambda x: np.exp(np.log(x)), lambda x: x),
        (lambda x: (x * 3).astype(np.float32), lambda x: x * 3),
        (lambda x: np.where(x > 1, np.nan, x), lambda x: np.where(x > 1, np.nan, x)),
        (lambda x: x / 0.0, lambda x: np.full(x.shape, np.inf)),
    ],
)
def test_rounding_is_no_difference(got, expected):
    with np.errstate(divide="ignore"):
        assert compare(got, expected, POINT).status is Status.PASS


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (lambda x: x * (1 + 1e-9), lambda x: x),
        (lambda x: x + 1e-9, lambda x: x),
        (lambda x: np.where(x > 1, np.nan, x), lambda x: x),
        (lambda x: x, lambda x: np.where(x > 1, np.nan, x)),
        (lambda x: np.where(x > 1, np.inf, x), lambda x: x),
        (lambda x: x[:2], lambda x: x),
    ],
)
def test_a_difference_is_found_however_small(got, expected):
    assert compare(got, expected, POINT).status is Status.FAIL


def test_the_message_of_a_mismatch():
    found = compare(lambda x: 2 * x, lambda x: x, [0.5, 1.5])
    assert found.message.startswith("the output, entry [1]: got 3, should be 1.5 ± ")
    assert found.message.endswith("; at here")
    assert (found.got, found.expected, found.index) == (3.0, 1.5, (1,))
    found = compare(lambda x: x[:1], lambda x: x, [0.5, 1.5])
    assert found.message == (
        "the output: got an array of shape (1,), should be one of (2,); at here"
    )


def test_digits_that_agree_are_followed_by_those_that_do_not():
    found = compare(lambda x: x * (1 + 2.0**-30), lambda x: x, [1.0])
    # The fewest digits that distinguish the two: one less writes 1 for both.
    assert "got 1.000000001, should be 1 ± " in found.message


@pytest.mark.parametrize("law", OURS, ids=lambda law: law.name)
def test_every_law_says_where_it_comes_from_and_to_what_it_applies(law):
    assert law in LAWS[Kind.LAYER]
    assert law.sentence
    assert law.source
    assert law.applies_to
