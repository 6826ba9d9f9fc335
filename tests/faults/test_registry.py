import inspect

import numpy as np
import pytest

from gradlab import GradlabError, reference
from gradlab.adapters import reference_twin
from gradlab.domain import Sizes
from gradlab.faults import CATALOGUE, NEAR_MISSES, TARGETS, Kind, registry
from gradlab.faults.registry import Label
from gradlab.reference import graph
from gradlab.subject import draw_cotangents

#: Public names of the reference that are no entry, and why.
NO_ENTRY = {
    "ActivationLayer": "takes its function and derivative from the caller",
    "Layer": "abstract",
    "Optimizer": "abstract",
    "cost_jacobian": "a derivative written out for reading, without a backward of its own",
    "dot_product_tensor": "a derivative written out for reading, without a backward of its own",
    "one_hot": "prepares labels",
    "softmax": "the forward of SoftmaxLayer",
}
SUBJECTS = [entry for entry in registry.VARIANTS.values() if entry.has_subject]
RIGHT = [entry for entry in SUBJECTS if entry.label is not Label.MUTANT]


def test_everything_in_the_reference_is_in_the_registry_or_says_why_not():
    held = {getattr(target.correct, "func", target.correct) for target in TARGETS.values()}
    public = {
        name: getattr(reference, name)
        for name in reference.__all__
        if callable(getattr(reference, name))
    }
    missing = {name for name, thing in public.items() if thing not in held}
    assert missing == set(NO_ENTRY)
    assert held <= {*public.values(), graph.backward}


def test_every_variant_of_the_catalogue_is_in_the_registry():
    mutants = {f"mutant:{n}/{t}" for n, fault in CATALOGUE.items() for t in fault.operators}
    near = {f"near-miss:{n}/{t}" for n, miss in NEAR_MISSES.items() for t in miss.operators}
    assert set(registry.names()) == {*TARGETS, *mutants, *near}
    assert set(registry.names(label=Label.MUTANT)) == mutants
    assert set(registry.names(label=Label.NEAR_MISS)) == near
    assert len(mutants) >= 150


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.UPDATE])
def test_every_kind_has_something_correct_a_near_miss_and_a_mutant(kind):
    for label in Label:
        assert registry.names(kind, label), label


def test_every_correct_thing_has_a_mutant_and_a_near_miss():
    for label in (Label.MUTANT, Label.NEAR_MISS):
        assert {entry.target.name for entry in registry.variants(label=label)} == set(TARGETS)


@pytest.mark.parametrize("name", registry.names())
def test_every_name_can_be_built(name):
    entry, built = registry.variant(name), registry.build(name)
    assert str(entry) == entry.name == name
    assert callable(built)
    assert inspect.isclass(built) == inspect.isclass(entry.target.correct)
    if entry.label is Label.CORRECT:
        assert built is entry.target.correct
    else:
        assert built is not entry.target.correct
        assert built is not registry.build(name)  # no state is shared between two tests


@pytest.mark.parametrize("pattern", Sizes)
@pytest.mark.parametrize("entry", RIGHT, ids=str)
def test_correct_subjects_accept_their_whole_domain(entry, pattern):
    rng = np.random.default_rng(0)
    subject = registry.subject(entry.name)
    assert subject.name == entry.name
    assert subject.domain == entry.domain
    assert subject.twin.name == f"reference {entry.target.name}"
    values = entry.domain.sample(entry.domain.sizes(pattern, rng), rng)
    outputs = subject.forward(values)
    gradients = subject.vjp(values, draw_cotangents(outputs, rng))
    assert all(np.isfinite(output).all() for output in outputs)
    for name in subject.checked:
        assert gradients[name].shape == values[name].shape
        assert np.isfinite(gradients[name]).all()


@pytest.mark.parametrize(
    "entry", [entry for entry in SUBJECTS if entry.made_by != "bias-along-examples"], ids=str
)
def test_a_subject_gives_what_its_class_gives(entry):
    rng = np.random.default_rng(1)
    values = entry.domain.sample(entry.domain.sizes(Sizes.DISTINCT, rng), rng)
    subject, built = registry.subject(entry.name), registry.build(entry.name)
    copies = [{name: array.copy() for name, array in values.items()} for _ in range(3)]
    (output,) = subject.forward(copies[0])
    (cotangent,) = draw_cotangents((output,), rng)
    gradients = subject.vjp(copies[1], (cotangent.copy(),))
    given = copies[2]
    if entry.kind is Kind.LAYER:
        source = entry.domain.tensors[0].name
        extra = {"n_out": given["W"].shape[0]} if entry.target.name == "linear" else {}
        layer = built(given[source].shape, **extra)
        if extra:
            layer.params = {"W": given["W"], "b": given["b"]}
        layer.forward(given[source])
        direct = np.copy(layer.value)
        layer.backward(cotangent.copy())
        claimed = {name: getattr(layer, f"d{name}") for name in subject.checked}
    elif entry.kind is Kind.COST:
        direct, gradient = built(*given.values())
        claimed = {subject.checked[0]: gradient}
    else:
        direct, (gradient,) = built([given["W"]], 5, 2.0)
        claimed = {"W": gradient}
    assert np.array_equal(output, direct)
    for name in subject.checked:
        assert np.array_equal(gradients[name], claimed[name]), name


def test_the_global_stream_is_left_alone():
    np.random.seed(7)
    before = np.random.get_state()[1].copy()
    subject = registry.subject("linear")
    subject.forward({"A_prev": np.ones((2, 3)), "W": np.ones((1, 2)), "b": np.ones((1, 1))})
    assert np.array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: registry.build("liner"),
            (
                "no variant is called 'liner'; did you mean linear, plain? "
                "gradlab.faults.registry.names() lists all of them"
            ),
        ),
        (
            lambda: registry.subject("adam"),
            (
                "adam is of the kind optimizer, which has no gradient of its own to make a subject "
                "of; gradlab.faults.registry.build gives the object itself"
            ),
        ),
    ],
)
def test_errors_say_what_came_and_what_to_do(call, message):
    with pytest.raises(GradlabError) as raised:
        call()
    assert str(raised.value) == message


@pytest.mark.parametrize("name", reference_twin.NAMES)
def test_what_like_names_is_here_under_the_same_name(name):
    assert TARGETS[name].kind in (Kind.LAYER, Kind.COST)


def test_every_layer_and_cost_of_a_batch_can_be_named_by_like():
    batched = {t.name for t in TARGETS.values() if t.kind in (Kind.LAYER, Kind.COST)}
    assert batched - set(reference_twin.NAMES) == {"squared_error_loss"}  # the loss of one example
