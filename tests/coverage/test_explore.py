import numpy as np
import pytest

from gradlab.coverage.explore import candidates, explore
from gradlab.domain import Content, Domain, Role, TensorSpec


def explored(layer, **options):
    rng = np.random.default_rng(0)
    return explore(layer.subject.domain, layer.observe, rng, start=layer.observe(), **options)


BRANCH = """
    class Layer:
        def __init__(self, shape):
            self.shape = shape

        def forward(self, Z):
            self.Z = Z
            self.A = 2 * Z

        def backward(self, upstream):
            if {condition}:
                upstream = 1 * upstream
            self.dZ = 2 * upstream
"""


@pytest.mark.parametrize(
    "condition",
    [
        "np.max(self.Z) > 20",
        "np.any(self.Z == 0)",
        "np.all(self.Z > 0)",
        "np.all(self.Z < 0)",
        "np.max(np.abs(self.Z)) < 0.01",
        "self.Z.shape[1] > 20",
        "self.Z.shape[1] == 1",
        "self.Z.shape[0] == self.Z.shape[1]",
        "np.array_equal(self.Z, np.rint(self.Z))",
    ],
)
def test_a_branch_that_generic_points_do_not_enter_is_entered(write, condition):
    layer = write(BRANCH.format(condition=condition))
    found = explored(layer)
    assert found.seen.not_run == ()
    assert found.points


def test_a_branch_that_no_input_enters_stays_unrun_and_the_budget_is_kept(write):
    layer = write(BRANCH.format(condition="self.Z.ndim == 7"))
    found = explored(layer, budget=12)
    assert [line.describe() for line in found.seen.not_run] == [
        "backward, line 14, `upstream = 1 * upstream`"
    ]
    assert found.calls == 12
    assert found.points == ()


def test_what_is_complete_is_not_explored(write):
    layer = write("""
        class Layer:
            def __init__(self, shape):
                self.shape = shape

            def forward(self, Z):
                self.A = 2 * Z

            def backward(self, upstream):
                self.dZ = 2 * upstream
    """)
    assert explored(layer).calls == 0


def test_points_at_which_the_code_overflows_are_not_kept(write):
    layer = write("""
        class Layer:
            def __init__(self, shape):
                self.shape = shape

            def forward(self, Z):
                self.A = np.exp(np.where(Z > 500, np.inf, Z))

            def backward(self, upstream):
                self.dZ = upstream * self.A
    """)
    found = explored(layer)
    assert found.points == ()
    assert len(found.seen.one_sided) == 1


def test_candidates_stay_in_the_range():
    domain = Domain(
        (
            TensorSpec("p", ("n", "m"), content=Content.PROBABILITY),
            TensorSpec("x", ("n", "m"), low=-0.5, high=2.0),
            TensorSpec("y", ("m",), Role.INDEX, Content.INTEGER, 0, "n"),
        )
    )
    for values, _ in candidates(domain, np.random.default_rng(0)):
        assert np.all((values["p"] > 0) & (values["p"] < 1))
        assert np.all((values["x"] >= -0.5) & (values["x"] <= 2))
        assert np.all((values["y"] >= 0) & (values["y"] < values["p"].shape[0]))


def test_the_same_seed_gives_the_same_candidates():
    domain = Domain((TensorSpec("x", ("n", "m")),))
    one, two = (list(candidates(domain, np.random.default_rng(5))) for _ in range(2))
    assert [how for _, how in one] == [how for _, how in two]
    for (a, _), (b, _) in zip(one, two, strict=True):
        np.testing.assert_array_equal(a["x"], b["x"])
