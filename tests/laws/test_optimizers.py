"""Each law of optimizers is broken by a fault, and left alone by what looks like it."""

import numpy as np
import pytest

from gradlab import Status, check
from gradlab.adapters.recognition import recognise
from gradlab.laws import optimizers
from gradlab.laws.optimizer_formulas import FORMS
from gradlab.laws.routine_case import RoutineCase

FAULTS = [
    (
        "optimizer trace",
        "DictAdam",
        ("        self.t += 1\n", ""),
        ("            self.m[k] =", "            self.t += 1\n            self.m[k] ="),
    ),
    ("optimizer trace", "update_parameters_with_adam", ("v[d] / (1 - beta1**t)", "v[d]")),
    ("optimizer trace", "ListMomentum", ("self.momentum * self.velocity[i] - ", "-")),
    (
        "optimizer trace",
        "DictAdam",
        ("self.lr, self.beta1, ", "self.lr, self.ignored, "),
        ("class DictAdam:", "class DictAdam:\n    beta1 = 0.9\n"),
    ),
    ("epsilon", "DictAdam", ("(np.sqrt(v_hat) + self.eps)", "(np.sqrt(v_hat) - self.eps)")),
    (
        "zero gradient",
        "FixedRMSprop",
        ("(np.sqrt(self.cache[k]) + 1e-7)", "np.sqrt(self.cache[k])"),
    ),
    ("descent", "SGD", ("p - learning_rate", "p + learning_rate")),
    ("purity", "InPlaceAdam", ('g = grads["d" + k]', 'g = grads["d" + k]; np.clip(g, -1, 1, g)')),
    (
        "two instances",
        "DictAdam",
        ("class DictAdam:", "class DictAdam:\n    kept = {}, {}\n"),
        ("self.m, self.v, self.t = {}, {}, 0", "(self.m, self.v), self.t = self.kept, 0"),
    ),
]
ALIKE = [
    ("DictAdam", ("(np.sqrt(v_hat) + self.eps)", "np.sqrt(v_hat + self.eps)")),
    ("FixedRMSprop", ("+ 1e-7", "+ 1e-12")),
    ("SGD", ("p - learning_rate * grads[k]", "p + learning_rate * -grads[k]")),
    (
        "InPlaceAdam",
        ('g = grads["d" + k]', 'g = grads["d" + k].copy(); np.clip(g, -9e99, 9e99, g)'),
    ),
    ("DictAdam", ("class DictAdam:", "class DictAdam:\n    m, v, t = {}, {}, 0\n")),
    ("update_parameters_with_momentum", ("(1 - beta) * grads", "grads")),
]


@pytest.mark.parametrize(("law", "name", "changes"), [(f[0], f[1], f[2:]) for f in FAULTS])
def test_a_fault_breaks_its_law(broken_laws, law, name, changes):
    assert law in broken_laws("optimizers.py", name, *changes)


@pytest.mark.parametrize(("name", "changes"), [(a[0], a[1:]) for a in ALIKE])
def test_what_looks_like_a_fault_breaks_none(student, name, changes):
    report = check(getattr(student("optimizers.py", *changes), name))
    assert report.status is Status.PASS, str(report)


def test_every_law_has_its_fault():
    assert {fault[0] for fault in FAULTS} == {law.name for law in optimizers.LAWS}


@pytest.mark.parametrize(
    ("changes", "mistake"),
    [
        (
            (("v[d] / (1 - beta1**t)", "v[d]"), ("s[d] / (1 - beta2**t)", "s[d]")),
            "no correction of either average",
        ),
        ((("v[d] / (1 - beta1**t)", "v[d]"),), "only the average of the squares is corrected"),
        ((("s[d] / (1 - beta2**t)", "s[d]"),), "only the average of the gradients is corrected"),
        (
            (("    v_corrected, s", "    t = 1\n    v_corrected, s"),),
            "the t of the corrections stays 1",
        ),
        ((("    v_corrected, s", "    t += 1\n    v_corrected, s"),), "t starts at 2"),
    ],
)
def test_a_wrong_correction_is_named(student, changes, mistake):
    module = student("optimizers.py", *changes)
    (finding,) = [
        f for f in check(module.update_parameters_with_adam).failures if f.law == "optimizer trace"
    ]
    assert finding.notes == (f"these are the steps with this mistake: {mistake}",)


def test_nesterovs_steps_are_named(student):
    nesterov = "self.momentum * self.velocity[i] + g; self.velocity[i] = v; p = self.momentum * v"
    module = student(
        "optimizers.py",
        ("            self.velocity[i] = self.momentum", "            v = self.momentum"),
        ("self.momentum * self.velocity[i] - self.lr * g", nesterov),
        ("params[i] += self.velocity[i]", "params[i] -= self.lr * (g + p)"),
    )
    (finding,) = check(module.ListMomentum).failures
    mistake = "g + β·v is subtracted, which is Nesterov's momentum"
    assert finding.notes == (f"these are the steps with this mistake: {mistake}",)


def test_an_adam_with_decoupled_decay_is_another_optimizer_and_goes_downhill(student):
    module = student(
        "optimizers.py",
        ("class DictAdam:", "class AdamW:"),
        ("(DictAdam)", "(AdamW)"),
        ("new[k] = params[k] - self.lr *", "new[k] = (1 - 0.01 * self.lr) * params[k] - self.lr *"),
    )
    report = check(module.AdamW)
    assert report.passed
    assert "optimizer trace" not in {finding.law for finding in report.findings}
    (found,) = check(module.AdamW, like="adam").subjects
    assert "optimizer trace" in {f.law for f in found.findings if f.status is Status.FAIL}


def test_sgd_that_takes_a_momentum_is_asked_with_one(student):
    module = student(
        "optimizers.py",
        ("class ListMomentum:", "class SGDList:"),
        ("lr, momentum=0.9", "lr, momentum=0.0"),
    )
    assert recognise(module.SGDList).like == "momentum"
    assert check(module.SGDList).passed


def test_an_optimizer_that_divides_zero_by_zero_is_told_of_epsilon(student):
    module = student("optimizers.py", ("(np.sqrt(self.cache[k]) + 1e-7)", "np.sqrt(self.cache[k])"))
    (finding,) = check(module.FixedRMSprop).failures
    assert finding.message.startswith(
        "after a first step with gradient 0, W1, entry [0, 0]: got nan"
    )
    assert finding.notes == ("0/0 comes of a division by √0 without ε",)


def recursive(name, start, gradients, beta):
    """The textbook recursions, in double precision."""
    theta, v, trace = start, 0 * start, []
    for g in gradients:
        v = beta * v + (g if name == "momentum" else (1 - beta) * g**2)
        theta = theta - 0.125 * (v if name == "momentum" else g / np.sqrt(v))
        trace.append(theta)
    return trace


@pytest.mark.parametrize("name", ["momentum", "rmsprop"])
@pytest.mark.parametrize("seed", range(20))
def test_the_closed_forms_are_the_recursions_within_their_bounds(name, seed):
    rng = np.random.default_rng(seed)
    start, gradients = rng.standard_normal(50), list(rng.standard_normal((8, 50)))
    form = FORMS[name][0]
    named = [{"w": g} for g in gradients]
    steps = optimizers.path({"w": start}, named, form, {"beta": 0.8}, 0.125)
    for theta, (exact, bound) in zip(recursive(name, start, gradients, 0.8), steps, strict=True):
        apart = np.abs(theta - exact["w"])
        assert np.all(apart <= bound["w"])
        assert np.all(bound["w"] <= 1e-12 * (1 + np.abs(exact["w"])))  # and means something


def test_an_unknown_setting_is_tried_at_its_usual_values(student):
    module = student("optimizers.py", ("0.99 * self", "0.97 * self"), ("+ 0.01 * g", "+ 0.03 * g"))
    report = check(module.FixedRMSprop)
    assert {f.law for f in report.failures} == {"optimizer trace"}
    assert "beta" not in recognise(module.FixedRMSprop).interface.settable


def test_the_laws_draw_the_same_for_the_same_seed(student):
    routine = recognise(student("optimizers.py").SGD)
    one, other = (optimizers.draw_start(RoutineCase(routine, seed)) for seed in (3, 3))
    assert all(np.array_equal(one[name], other[name]) for name in one)
    different = optimizers.draw_start(RoutineCase(routine, 4))
    assert not np.array_equal(one["W1"], different["W1"])
