"""Planting in reference and foreign classes; and that every plant changes something."""

import copy
import inspect

import numpy as np
import pytest

from gradlab import GradlabError, faults
from gradlab.faults import CATALOGUE, Kind, registry
from gradlab.faults.registry import Label
from gradlab.reference import LinearLayer, Network, ReLULayer, SigmoidLayer, compute_cost
from gradlab.reference.graph import Node

PLANTED = [entry for entry in registry.VARIANTS.values() if entry.label is Label.MUTANT]
VARIANTS = [entry for entry in registry.VARIANTS.values() if entry.label is not Label.CORRECT]


def observed(action):
    """What an action gives, or which exception."""
    with np.errstate(all="ignore"):
        try:
            return copy.deepcopy(action())
        except (ValueError, TypeError, RuntimeError) as error:
            return type(error).__name__


def inputs(entry, truth):
    """Points all over the domain: sizes, kinks, integers, extremes, certain predictions."""
    for pattern in truth.PATTERNS:
        yield truth.sample(entry.target, 0, pattern)
    values, cotangent = truth.sample(entry.target)
    last = entry.domain.tensors[0 if entry.kind is Kind.LAYER else -1].name
    numbers = values[last]
    specials = [np.zeros_like(numbers), np.round(3 * numbers).astype(int), 800 * numbers]
    if entry.target.name == "binary_cross_entropy":
        specials = [values["Y"].copy()]
    for special in specials:
        yield {**values, last: special}, cotangent


def life(entry, obj, truth):
    """All that can be seen of a layer or cost, at all of those points and at another size."""
    seen = [days(entry, obj, truth, *copy.deepcopy(point)) for point in inputs(entry, truth)]
    if entry.target.name == "linear":
        seen.append(observed(lambda: two_layers(obj)))
    if entry.kind is Kind.LAYER:
        values, _ = truth.sample(entry.target)
        run = truth.Run(entry.target, obj, values)
        sizes = {**truth.sizes(entry.domain), "m": 8}
        bigger = entry.domain.sample(sizes, np.random.default_rng(0))
        seen.append(observed(lambda: run.forward(bigger)))
    return seen


def days(entry, obj, truth, values, cotangent):
    """Results, repeats, and what became of the arrays, at one point."""
    later = {name: np.roll(array, 1) for name, array in copy.deepcopy(values).items()}
    run, other = (truth.Run(entry.target, obj, values) for _ in range(2))
    kept = []

    def backward(upstream):
        kept.append(run.backward(upstream))
        return kept[-1]

    seen = [
        observed(lambda: run.forward(values)),
        observed(lambda: other.forward(later)),
        observed(lambda: backward(cotangent)),
        observed(lambda: backward(cotangent)),
        observed(lambda: run.forward(later)),
        observed(lambda: backward(2 * cotangent)),
    ]
    if entry.target.name == "linear":
        seen.append(observed(lambda: (run.layer.update_params(0.5), run.layer.params)))
    return [*seen, values, cotangent, kept]


def two_layers(obj):
    """The parameters of a layer after a step of another one."""
    one, other = obj((2, 3), 2), obj((2, 3), 2)
    one.forward(np.ones((2, 3)))
    one.backward(np.ones((2, 3)))
    one.update_params(0.5)
    return other.params


def network():
    rng = np.random.default_rng(2)
    layers = [LinearLayer((2, 4), 3), SigmoidLayer((3, 4)), LinearLayer((3, 4), 1)]
    for layer in layers[::2]:
        layer.params = {name: rng.normal(size=p.shape) for name, p in layer.params.items()}
    return layers


def behaviour(entry, obj, truth, tmp_path):
    """What can be seen of anything in the registry, at many points of its domain."""
    rng = np.random.default_rng(1)
    X, Y = rng.normal(size=(2, 7)), rng.normal(size=(1, 7))
    match entry.kind:
        case Kind.LAYER | Kind.COST | Kind.PENALTY:
            return life(entry, obj, truth)
        case Kind.OPTIMIZER:
            optimizer, other, g = obj(0.1), obj(0.1), {"w": X.copy()}
            turns = [optimizer, other, optimizer, optimizer]
            return [each.step({"w": X}, g) for each in turns] + [g]
        case Kind.INITIALIZER:
            return [obj(3, 4, rng=np.random.default_rng(seed)) for seed in range(3)]
        case Kind.MINIBATCHES:
            asked = [(size, seed) for size in (2, 3, 7, 9) for seed in (0, 1)]
            dealt = [list(obj(X, Y, size, np.random.default_rng(seed))) for size, seed in asked]
            return [dealt, X, Y]
        case Kind.NETWORK:
            networks = [obj(network(), l2=l2) for l2 in (0.0, 0.5)]
            networks[1].parameters = {n: 2 * p for n, p in networks[1].parameters.items()}
            networks[1].save(tmp_path / "saved.npz")
            networks[1].load(tmp_path / "saved.npz")
            turns = [networks[0], networks[1], networks[0]]
            return [[each.cost_and_gradients(X, Y) for each in turns], Y]
        case Kind.TRAINING:
            trained = Network(network())
            options = {"batch_size": 3, "rng": np.random.default_rng(0)}
            return [obj(trained, X, Y, 3), obj(trained, X, Y, 2, **options), trained.parameters, X]
        case Kind.GRAPH:
            b = Node(2.0)
            return [float(obj(b * (b + 1.0))[b])]


def printed(things):
    with np.printoptions(precision=17, threshold=10_000):
        return repr(things)


@pytest.mark.parametrize("entry", registry.variants(label=Label.CORRECT), ids=str)
def test_a_plant_of_nothing_would_be_seen(entry, truth, tmp_path):
    # The behaviour is reproducible, so that equal behaviour means that nothing was planted.
    np.random.seed(0)
    first = printed(behaviour(entry, entry.target.correct, truth, tmp_path))
    np.random.seed(0)
    assert printed(behaviour(entry, entry.target.correct, truth, tmp_path)) == first


@pytest.mark.parametrize("entry", PLANTED, ids=str)
def test_every_plant_changes_the_behaviour(entry, truth, tmp_path):
    np.random.seed(0)
    original = printed(behaviour(entry, entry.target.correct, truth, tmp_path))
    np.random.seed(0)
    assert printed(behaviour(entry, registry.build(entry.name), truth, tmp_path)) != original


@pytest.mark.parametrize("entry", VARIANTS, ids=str)
def test_variants_keep_the_interface_and_have_a_name_of_their_own(entry):
    correct, built = entry.target.correct, registry.build(entry.name)
    assert built.__name__.endswith(entry.made_by.replace("-", "_"))
    assert built.__name__ == built.__qualname__
    assert entry.made_by in built.__doc__
    if not inspect.isclass(correct):
        assert callable(built)
        return
    assert issubclass(built, correct)
    for name in ("__init__", "forward", "backward", "step", "cost_and_gradients"):
        if hasattr(correct, name):
            expected = inspect.signature(getattr(correct, name)).parameters
            assert list(inspect.signature(getattr(built, name)).parameters) == list(expected)


def test_the_source_of_a_planted_method_is_that_of_the_plant():
    planted = faults.plant_class("update-ascends", LinearLayer)
    assert "-learning_rate" in inspect.getsource(planted.update_params)


class StudentsLinear:
    """A correct layer of the article's convention that is not the reference's."""

    def __init__(self, input_shape, n_out, ini_type="plain"):
        self.params = {"W": np.ones((n_out, input_shape[0])), "b": np.zeros((n_out, 1))}

    def forward(self, A_prev):
        self.A_prev = A_prev
        self.Z = self.params["W"] @ A_prev + self.params["b"]

    def backward(self, upstream_grad):
        self.dW = upstream_grad @ self.A_prev.T
        self.db = np.sum(upstream_grad, axis=1, keepdims=True)
        self.dA_prev = self.params["W"].T @ upstream_grad

    def update_params(self, learning_rate=0.1):
        self.params["W"] = self.params["W"] - learning_rate * self.dW
        self.params["b"] = self.params["b"] - learning_rate * self.db


@pytest.mark.parametrize(
    "name", [name for name, fault in CATALOGUE.items() if "linear" in fault.operators]
)
def test_faults_can_be_planted_in_a_layer_that_is_not_the_references(name):
    planted = faults.plant_class(name, StudentsLinear, target="linear")
    assert planted.__name__ == f"StudentsLinear_{name.replace('-', '_')}"
    layer = planted(input_shape=(2, 2), n_out=2)
    layer.forward(A_prev=np.array([[0.0, 1.0], [2.0, 3.0]]))
    layer.backward(upstream_grad=np.array([[1.0, 2.0], [3.0, 5.0]]))
    layer.update_params(learning_rate=0.1)
    assert layer.dW.shape == (2, 2)


def test_a_class_of_a_known_name_is_recognised():
    named = type("LinearLayer", (StudentsLinear,), {})
    layer = faults.plant_class("bias-gradient-averaged", named)((3, 2), 1)
    layer.forward(np.ones((3, 2)))
    layer.backward(np.array([[2.0, 4.0]]))
    assert layer.db.tolist() == [[3.0]]


def test_a_planted_subject_is_the_planted_class():
    subject = faults.plant("summed-not-averaged", "squared_error")
    values = {"Y": np.zeros((1, 2)), "Y_hat": np.ones((1, 2))}
    assert subject.name == "mutant:summed-not-averaged/squared_error"
    planted = faults.plant_class("summed-not-averaged", compute_cost)
    assert subject.forward(values)[0] == planted(**values)[0] == 1.0
    assert subject.convention == "article"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: faults.plant_class("bias-gradient-avraged", LinearLayer),
            (
                "no fault is called 'bias-gradient-avraged'; did you mean bias-gradient-averaged, "
                "cost-gradient-not-averaged, shared-gradient-replaced? `gradlab faults` lists all "
                "of them"
            ),
        ),
        (
            lambda: faults.plant_class("xyzzy", LinearLayer),
            (
                "no fault is called 'xyzzy', and nothing comes close; `gradlab faults` lists all "
                "of them"
            ),
        ),
        (
            lambda: faults.plant_class("bias-gradient-averaged", ReLULayer),
            "bias-gradient-averaged cannot be planted in relu; it can in: linear",
        ),
        (
            lambda: faults.plant("bias-gradient-averaged", "linaer"),
            "no target is called 'linaer'; did you mean linear? known are "
            + ", ".join(faults.TARGETS),
        ),
        (
            lambda: faults.plant("tail-dropped", "batches"),
            (
                "batches is of the kind minibatches, which has no gradient of its own to make a "
                "subject of; gradlab.faults.registry.build gives the object itself"
            ),
        ),
        (
            lambda: faults.plant_class("upstream-ignored", StudentsLinear),
            (
                f"StudentsLinear is not known as any of {', '.join(faults.TARGETS)}; say which it "
                "is with target=…"
            ),
        ),
        (
            lambda: faults.near_miss_class("bias-as-colum", LinearLayer),
            (
                "no near miss is called 'bias-as-colum'; did you mean bias-as-column-of-weights? "
                "docs/faults.md lists all of them"
            ),
        ),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, message):
    with pytest.raises(GradlabError) as raised:
        call()
    assert str(raised.value) == message
