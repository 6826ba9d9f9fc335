"""Where the examples stand."""

import numpy as np
import pytest

from gradlab.domain import Domain, Role, TensorSpec, Where
from gradlab.faults import registry
from gradlab.laws.batch_axis import examples_of, extreme_values, is_cost, meant_to_be
from gradlab.laws.case import Case


def case_of(name, sizes):
    subject = registry.subject(name)
    values = subject.domain.sample(sizes, np.random.default_rng(0))
    outputs = subject.forward(values)
    cotangents = tuple(np.ones(out.shape) for out in outputs)
    return Case(subject, values, cotangents, outputs, {}, "here", 0)


@pytest.mark.parametrize(
    ("name", "sizes", "axes", "outputs"),
    [
        ("linear", {"n_in": 3, "m": 3, "n_out": 3}, {"A_prev": 1}, (1,)),
        ("flatten", {"m": 4, "height": 2, "width": 2}, {"A_prev": 0}, (1,)),
        (
            "mutant:reshape-for-transpose/flatten",
            {"m": 4, "height": 2, "width": 2},
            {"A_prev": 0},
            (1,),
        ),
        ("softmax", {"classes": 2, "m": 2}, {"Z": 1}, (1,)),
        ("squared_error", {"n": 2, "m": 3}, {"Y": 1, "Y_hat": 1}, (None,)),
    ],
)
def test_the_axes_of_the_examples(name, sizes, axes, outputs):
    examples = examples_of(case_of(name, sizes))
    assert (examples.count, examples.axes, examples.outputs) == (sizes["m"], axes, outputs)


def test_a_penalty_has_no_examples():
    assert examples_of(case_of("l2_penalty", {"n_out": 2, "n_in": 3})) is None


def test_examples_are_taken_in_order_from_every_tensor_that_has_them():
    case = case_of("linear", {"n_in": 2, "m": 3, "n_out": 4})
    taken = examples_of(case).take(case.values, [2, 0])
    assert np.array_equal(taken["A_prev"], case.values["A_prev"][:, [2, 0]])
    assert np.array_equal(taken["W"], case.values["W"])


def test_sizes_behind_an_ellipsis():
    domain = Domain((TensorSpec("x", ("m", "...", 2)), TensorSpec("b", ("k",), Role.PARAMETER)))
    values = {"x": np.ones((5, 3, 4, 2)), "b": np.ones(7)}
    assert domain.sizes_at(values) == {"m": 5, "...0": 3, "...1": 4, "k": 7}


def test_purposes():
    assert meant_to_be(case_of("near-miss:sigmoid-as-tanh/sigmoid", {"n": 1, "m": 1})) == "sigmoid"
    assert is_cost(case_of("squared_error", {"n": 1, "m": 1}))
    assert not is_cost(case_of("l2_penalty", {"n_out": 1, "n_in": 1}))
    assert not is_cost(case_of("sigmoid", {"n": 1, "m": 1}))


@pytest.mark.parametrize("sizes", [{"n": 1, "m": 1}, {"n": 2, "m": 2}, {"n": 4, "m": 3}])
def test_every_extreme_value_comes_up(sizes):
    case = case_of("sigmoid", sizes)
    seen = {z for values in extreme_values(case) for z in values["Z"].ravel()}
    assert seen == set(case.subject.domain["Z"].specials(Where.EXTREMES, sizes))
