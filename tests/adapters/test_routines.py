"""What is recognised without `like`, what is refused, and in which words."""

import functools

import numpy as np
import pytest

from gradlab import GradlabError, Status, check, reference
from gradlab.adapters import adapt_any, recognition
from gradlab.adapters.recognition import NAMES, recognise
from gradlab.faults import TARGETS
from gradlab.kinds import Kind

#: Each in another way of writing: the file, the name, what it is.
WRITTEN = [
    ("optimizers.py", "DictAdam", "adam"),
    ("optimizers.py", "InPlaceAdam", "adam"),
    ("optimizers.py", "ListMomentum", "momentum"),
    ("optimizers.py", "ArrayRMSprop", "rmsprop"),
    ("optimizers.py", "TupleBetasAdam", "adam"),
    ("optimizers.py", "FixedRMSprop", "rmsprop"),
    ("optimizers.py", "SGD", "gradient_descent"),
    ("optimizers.py", "update_parameters_with_gd", "gradient_descent"),
    ("optimizers.py", "update_parameters_with_momentum", "momentum"),
    ("optimizers.py", "update_parameters_with_adam", "adam"),
    ("optimizers.py", "sgd_momentum", "momentum"),
    ("optimizers.py", "rmsprop", "rmsprop"),
    ("initializers.py", "initialize_parameters_he", "he"),
    ("initializers.py", "xavier_init", "xavier"),
    ("initializers.py", "init_weights_plain", "plain"),
    ("initializers.py", "glorot_truncated", "xavier"),
    ("batching.py", "random_mini_batches", "batches"),
    ("batching.py", "iterate_batches", "batches"),
    ("networks.py", "TwoLayerNet", "network"),
    ("networks.py", "fit", "train"),
    ("networks.py", "fit_in_batches", "train"),
    ("networks.py", "Value", "graph"),
]


@pytest.mark.parametrize(("file", "name", "like"), WRITTEN)
def test_what_people_write_right_passes_and_is_recognised_by_its_shape(student, file, name, like):
    obj = getattr(student(file), name)
    assert recognise(obj).like == like
    report = check(obj)
    assert report.status is Status.PASS, str(report)
    assert report.to_json() == check(obj).to_json()
    assert check(obj, like=like).passed


def test_an_instance_keeps_the_settings_that_it_has(student):
    module = student("optimizers.py")
    optimizer = module.DictAdam(lr=0.02, beta1=0.7)
    routine = recognise(optimizer, like="adam")
    assert routine.interface.fixed["learning_rate"] == 0.02
    assert routine.interface.settable == frozenset()
    report = check(optimizer, like="adam")
    assert report.passed
    assert "optimizer trace" in {finding.law for finding in report.findings}
    assert optimizer.t == 0  # copies of it were asked


def test_like_may_name_every_target_without_a_gradient():
    differentiable = (Kind.LAYER, Kind.COST, Kind.PENALTY)
    wanted = {name for name, target in TARGETS.items() if target.kind not in differentiable}
    assert wanted == set(NAMES)


def test_a_layer_a_cost_and_a_subject_are_no_routines():
    for obj in (reference.LinearLayer, reference.compute_cost, (np.sin, np.cos), 3):
        assert recognise(obj) is None
    assert recognise(reference.LinearLayer, like="linear") is None


def test_an_optimizer_of_no_name_is_asked_what_holds_for_all(student):
    module = student("optimizers.py", ("class DictAdam:", "class Mine:"), ("(DictAdam)", "(Mine)"))
    report = check(module.Mine)
    assert report.passed
    assert "optimizer trace" not in {finding.law for finding in report.findings}
    assert report.subjects[0].notes == (
        "which optimizer it is meant to be is unknown; with like='adam' more laws apply",
    )


def test_a_convention_says_how_layers_are_written(student):
    with pytest.raises(GradlabError) as caught:
        check(student("optimizers.py").SGD, like="adam", convention="coursera")
    assert str(caught.value) == (
        "convention is for layers and costs; with like='adam' leave it out"
    )
    assert recognise(student("optimizers.py").SGD, convention="coursera") is None


def test_a_partial_function_goes_by_the_name_of_the_whole():
    drawn = functools.partial(reference.initialize_parameters, ini_type="he")
    assert recognise(drawn, like="he").name == "initialize_parameters"


class Unmakeable:
    def __init__(self, learning_rate, schedule):
        self.learning_rate = learning_rate

    def step(self, params, grads):
        return params


class NoArguments:
    def step(self):
        return None


class Blank:
    def __init__(self):
        self.params = {}

    def loss(self, X, y):
        return 0.0, {}


@pytest.mark.parametrize(
    ("obj", "like", "message"),
    [
        (
            Unmakeable,
            "adam",
            (
                "Unmakeable: no value is known for the argument 'schedule' (of an optimizer); give "
                "it a default, or wrap the code in a function without it"
            ),
        ),
        (NoArguments, "adam", "NoArguments.step takes (); parameters and gradients go in"),
        (
            3,
            "adam",
            (
                "int has none of the methods step, update, update_params, update_parameters, "
                "apply, optimize; an optimizer has one that takes parameters and gradients"
            ),
        ),
        (
            lambda shape: None,
            "he",
            (
                "<lambda> is no initializer that gradlab can call; one is a function of (n_in, "
                "n_out) or of layer_dims, the sizes of all layers from the input on"
            ),
        ),
        (
            lambda X, Y: None,
            "batches",
            (
                "<lambda> is no mini-batching that gradlab can call; one is a function "
                "of X, Y and the size of a batch, under names like batch_size"
            ),
        ),
        (
            lambda X, Y, epochs: None,
            "train",
            (
                "<lambda> is no training loop that gradlab can call; one is a function of "
                "(network, X, Y, epochs) and an optimizer or a learning rate"
            ),
        ),
        (
            lambda network, X, Y, epochs: None,
            "train",
            "<lambda> takes neither an optimizer nor a learning rate, so its steps are unknown",
        ),
        (
            3,
            "network",
            (
                "int has none of the methods cost_and_gradients, loss_and_gradients, "
                "loss_and_grads, loss; a network has one that takes X and Y and returns the cost "
                "and a dict of gradients"
            ),
        ),
        (
            Blank(),
            "network",
            "",
        ),
        (
            3,
            "graph",
            (
                "int is no graph that gradlab can call; one is a class of nodes with +, *, "
                "backward() and grad, or a function from a gradlab.reference.graph.Node to "
                "gradients"
            ),
        ),
    ],
)
def test_what_cannot_be_called_is_refused_in_a_sentence(obj, like, message):
    if like == "network" and not message:
        report = check(obj, like=like)
        assert report.status is Status.ERROR
        assert report.findings[0].message == "Blank.params is no dict of parameters"
        return
    with pytest.raises(GradlabError) as caught:
        check(obj, like=like)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("file", "name", "change", "message"),
    [
        (
            "optimizers.py",
            "SGD",
            ("return {k: p -", "raise RuntimeError('no'); return {k: p -"),
            "SGD.step raised RuntimeError: no (student_optimizers.py, line ",
        ),
        (
            "optimizers.py",
            "DictAdam",
            ("        self.t += 1", "        raise NotImplementedError"),
            "DictAdam.step is not implemented yet (student_optimizers.py, line ",
        ),
        (
            "optimizers.py",
            "SGD",
            ("return {k: p - learning_rate * grads[k]", "return {k: np.sum(p)"),
            "W1 has shape () in the result of SGD.step; it was handed over with shape (3, 2)",
        ),
        (
            "initializers.py",
            "init_weights_plain",
            ("return np.random.RandomState(seed).randn(n_out, n_in) * 0.01", "return None"),
            "init_weights_plain returned None, where weights were expected",
        ),
        (
            "initializers.py",
            "init_weights_plain",
            ("randn(n_out, n_in)", "randn(n_out)"),
            (
                "W from init_weights_plain has shape (3,); for 5 inputs and 3 outputs it should be "
                "(3, 5) or (5, 3)"
            ),
        ),
        (
            "batching.py",
            "random_mini_batches",
            ("    return mini_batches", "    return None"),
            "random_mini_batches returned None, where the batches were expected",
        ),
        (
            "batching.py",
            "iterate_batches",
            ("yield inputs[chosen], targets[chosen]", "yield inputs[chosen]"),
            "iterate_batches yields a ndarray, where a pair (X, Y) was expected",
        ),
        (
            "networks.py",
            "TwoLayerNet",
            ('"b2": dscores.sum(axis=0),', ""),
            "TwoLayerNet.loss returned no gradient of b2; it returned: W2, W1, b1",
        ),
    ],
)
def test_what_the_code_does_wrong_in_being_called_is_an_error_and_no_failure(
    student, file, name, change, message
):
    report = check(getattr(student(file, change), name))
    assert report.status is Status.ERROR
    assert report.findings[0].message.startswith(message)
    assert report.findings[0].rerun == f"gradlab.check({name}, seed=0)"


@pytest.mark.parametrize(("n_out", "l2"), [(1, 0.0), (2, 0.7)])
def test_an_instance_of_a_network_is_copied_and_its_sizes_are_read_off_its_weights(n_out, l2):
    rng = np.random.default_rng(0)
    layers = [
        reference.LinearLayer((2, 4), 3, rng=rng),
        reference.SigmoidLayer((3, 4)),
        reference.LinearLayer((3, 4), n_out, rng=rng),
    ]
    network = reference.Network(layers, l2=l2)
    before = network.parameters["W1"].copy()
    report = check(network)
    assert report.passed, str(report)
    assert report.subjects[0].convention == "article"
    assert np.array_equal(network.parameters["W1"], before)


def test_a_square_network_of_rows_keeps_its_units_apart_from_its_inputs(student):
    module = student("networks.py")
    for sizes in ((4, 4, 3), (4, 4, 4), (3, 4, 4)):
        report = check(module.TwoLayerNet(*sizes))
        assert report.passed, str(report)


def test_no_recognizer_of_routines_is_tried_on_a_layer(monkeypatch):
    def refuse(obj):
        raise AssertionError(obj)

    monkeypatch.setattr(recognition, "kind_of", refuse)
    assert adapt_any(reference.LinearLayer).kind is Kind.LAYER
    with pytest.raises(AssertionError):
        adapt_any(reference.Adam)
