"""Each law of training loops, graphs and updates is broken by a fault."""

import numpy as np
import pytest

from gradlab import Status, check
from gradlab.faults import registry
from gradlab.laws import autograd_graph, parameter_update, training
from gradlab.reference import LinearLayer

STEP = "model.parameters = {k: p - lr * grads[k] for k, p in model.parameters.items()}"
ONE_BY_ONE = (
    "for k, p in list(model.parameters.items()): "
    "model.parameters = {**model.parameters, k: p - lr * model.cost_and_gradients(X, y)[1][k]}"
)
SUMMED = (
    "total = {k: g + total.get(k, 0) for k, g in grads.items()} if 'total' in locals() else grads; "
    + STEP.replace("grads", "total")
)
FAULTS = [
    (
        "update order",
        "fit",
        (f"        {STEP}\n\n\ndef fit_in", f"        {ONE_BY_ONE}\n\n\ndef fit_in"),
    ),
    (
        "two-step trace",
        "fit",
        (f"        {STEP}\n\n\ndef fit_in", f"        {SUMMED}\n\n\ndef fit_in"),
    ),
    (
        "purity",
        "fit",
        (
            "    for _ in range(epochs):\n        _,",
            "    X -= X.mean()\n    for _ in range(epochs):\n        _,",
        ),
    ),
    (
        "every example once",
        "fit_in_batches",
        ("range(0, m, batch_size)", "range(0, m - batch_size + 1, batch_size)"),
    ),
    ("pairs kept", "fit_in_batches", ("y[:, chosen]", "y[:, rng.permutation(chosen)]")),
    ("one seed, one training", "fit_in_batches", ("default_rng(seed)", "default_rng()")),
]
ALIKE = [
    ("fit", ("_, grads = model", "model.forward(X); _, grads = model")),
    ("fit_in_batches", ("default_rng(seed)", "default_rng([seed, epochs])")),
    (
        "fit_in_batches",
        ("lr=0.1, batch_size=32, seed=0", "optimizer, batch_size=32, seed=0"),
        (
            f"            {STEP}",
            "            model.parameters = optimizer.step(model.parameters, grads)",
        ),
    ),
    (
        "fit_in_batches",
        (
            "for start in range(0, m, batch_size):",
            "for chosen in np.array_split(order, -(-m // batch_size)):",
        ),
        ("            chosen = order[start : start + batch_size]\n", ""),
    ),
]


@pytest.mark.parametrize(("law", "name", "change"), FAULTS)
def test_a_fault_of_training_breaks_its_law(broken_laws, law, name, change):
    assert law in broken_laws("networks.py", name, change)


@pytest.mark.parametrize(("name", "changes"), [(a[0], a[1:]) for a in ALIKE])
def test_training_that_looks_like_a_fault_breaks_none(student, name, changes):
    report = check(getattr(student("networks.py", *changes), name))
    assert report.status is Status.PASS, str(report)


def test_every_law_of_training_has_its_fault():
    assert {fault[0] for fault in FAULTS} == {law.name for law in training.LAWS}


def test_gradients_that_add_up_are_named():
    report = check(registry.build("mutant:gradients-not-cleared/train"), like="train")
    (finding,) = report.failures
    assert finding.notes == (
        "this is the step of both gradients' sum: they are not cleared between the steps",
    )


@pytest.mark.parametrize(
    ("law", "change"),
    [
        (
            "shared parameters",
            ("other.grad += self.data * out.grad", "other.grad = self.data * out.grad"),
        ),
        ("gradient", ("self.grad += other.data * out.grad", "self.grad += self.data * out.grad")),
    ],
)
def test_a_fault_of_a_graph_breaks_its_law(broken_laws, law, change):
    assert law in broken_laws("networks.py", "Value", change)


def test_a_graph_that_adds_in_another_way_breaks_none(student):
    change = ("self.grad += out.grad", "self.grad = self.grad + 1.0 * out.grad")
    assert check(student("networks.py", change).Value).status is Status.PASS


def test_every_law_of_graphs_is_tested():
    assert {law.name for law in autograd_graph.LAWS} == {"shared parameters", "gradient"}


@pytest.mark.parametrize(
    ("fault", "law"), [("update-ascends", "descent"), ("parameters-share-memory", "two instances")]
)
def test_a_fault_of_an_update_breaks_its_law(fault, law):
    report = check(registry.build(f"mutant:{fault}/linear"), like="linear")
    assert {finding.law for finding in report.failures} == {law}
    assert law in {found.name for found in parameter_update.LAWS}


class InPlace(LinearLayer):
    """Updates its own arrays in place, which is nobody else's affair."""

    def update_params(self, learning_rate=0.1):
        for name in self.params:
            self.params[name] += learning_rate * -self.gradients[name]


def test_an_update_in_place_of_ones_own_arrays_breaks_none():
    report = check(InPlace, like="linear")
    assert report.status is Status.PASS, str(report)
    assert ("descent", "W") in {(finding.law, finding.tensor) for finding in report.findings}


def test_an_update_that_raises_is_an_error_and_no_failure():
    class Raising(LinearLayer):
        def update_params(self, learning_rate=0.1):
            raise ZeroDivisionError

    report = check(Raising, like="linear")
    assert report.status is Status.ERROR
    errors = [f.message for f in report.findings if f.status is Status.ERROR]
    assert all(m.startswith("Raising.update_params raised ZeroDivisionError (") for m in errors)


def test_a_training_moves_the_global_stream_of_nobody(student):
    np.random.seed(3)
    expected = np.random.RandomState(3).random_sample()
    check(student("networks.py").fit)
    assert np.random.random_sample() == expected
