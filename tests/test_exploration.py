"""Points that reach further than generic draws: mistakes that only show there."""

import numpy as np
import pytest

from gradlab import Status, adapt, check
from gradlab.run_laws import check_subject


class HardSwish:
    """x·clip(x + 3, 0, 6)/6; generic draws do not come as far as 3."""

    slope = 1.0

    def __init__(self, shape):
        self.shape = shape

    def forward(self, Z):
        self.Z = Z
        self.A = Z * np.clip(Z + 3, 0, 6) / 6

    def backward(self, upstream):
        inside = (2 * self.Z + 3) / 6
        slopes = np.where(self.Z < -3, 0.0, np.where(self.Z > 3, self.slope, inside))
        self.dZ = upstream * slopes


class SteepHardSwish(HardSwish):
    slope = 1.5


class LargeBatch(HardSwish):
    def backward(self, upstream):
        super().backward(upstream)
        if upstream.shape[1] > 30:
            self.dZ = 2 * self.dZ


class Modes:
    """A branch that no input enters."""

    mode = "train"

    def __init__(self, shape):
        self.shape = shape

    def forward(self, Z):
        self.A = 2 * Z

    def backward(self, upstream):
        if self.mode == "test":
            upstream = 7 * upstream
        self.dZ = 2 * upstream


@pytest.mark.parametrize("layer", [SteepHardSwish, LargeBatch])
def test_a_mistake_in_a_branch_that_generic_draws_do_not_enter_fails(layer):
    report = check(layer)
    assert report.status is Status.FAIL
    assert {finding.tensor for finding in report.failures} == {"Z"}


def test_the_right_layer_passes_and_every_side_was_met():
    report = check(HardSwish)
    assert report.status is Status.PASS
    assert report.subjects[0].coverage.describe() == (
        "every line ran, both sides of 3 of 3 conditions were met"
    )


def test_a_line_that_never_ran_is_named():
    report = check(Modes)
    assert report.status is Status.PASS
    (line,) = report.subjects[0].coverage.not_run_backward
    assert line.startswith("backward, line ")
    assert line.endswith("`upstream = 7 * upstream`")
    assert f"never run: {line}" in str(report)


def test_only_the_gradient_explores():
    assert check(Modes, laws=["purity"]).subjects[0].coverage is None


def test_a_subject_made_by_hand_is_not_observed():
    assert check_subject(adapt(Modes)).coverage is None
