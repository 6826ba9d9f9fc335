"""Faults of state and protocol: right at the first call, wrong at a later one or elsewhere."""

import copy

import numpy as np
import pytest

from gradlab.faults import Evidence, Kind, registry


def mutants(evidence):
    return [entry for entry in registry.variants(evidence=evidence) if entry.has_subject]


CORRECT = [entry for entry in registry.correct() if entry.has_subject]
LAYERS = registry.correct(Kind.LAYER)


def other_input(target, values, truth):
    """The same parameters, another input."""
    drawn, _ = truth.sample(target, seed=9)
    source = target.domain.tensors[0].name
    return {**values, source: drawn[source]}


def all_same(got, expected, truth):
    return all(truth.same(got[name], expected[name]) for name in expected)


def after_second_forward(entry, truth):
    """Gradients after forwards at two inputs, and the right ones at each."""
    values, cotangent = truth.sample(entry.target)
    later = other_input(entry.target, values, truth)
    run = truth.Run(entry.target, registry.build(entry.name), values)
    run.forward(values)
    run.forward(later)
    first, second = (truth.right(entry.target, v, cotangent)[1] for v in (values, later))
    return run.backward(cotangent), first, second


@pytest.mark.parametrize("mutant", mutants(Evidence.STALE), ids=str)
def test_backward_differentiates_at_the_first_input(mutant, truth):
    got, first, second = after_second_forward(mutant, truth)
    assert all_same(got, first, truth)
    assert not all_same(got, second, truth)


@pytest.mark.parametrize("entry", LAYERS, ids=str)
def test_what_is_correct_differentiates_at_the_latest_input(entry, truth):
    got, _, second = after_second_forward(entry, truth)
    assert all_same(got, second, truth)


def two_backwards(entry, truth):
    values, cotangent = truth.sample(entry.target)
    run = truth.Run(entry.target, registry.build(entry.name), values)
    run.forward(values)
    first = copy.deepcopy(run.backward(cotangent))
    second = run.backward(cotangent)
    return first, second, truth.right(entry.target, values, cotangent)[1]


@pytest.mark.parametrize("mutant", mutants(Evidence.REPEAT), ids=str)
def test_a_second_backward_gives_another_result(mutant, truth):
    first, second, right = two_backwards(mutant, truth)
    assert all_same(first, right, truth)
    assert not all_same(second, right, truth)
    if mutant.made_by == "gradients-accumulate":
        assert all_same(second, {name: 2 * g for name, g in right.items()}, truth)


@pytest.mark.parametrize("mutant", mutants(Evidence.REPEAT), ids=str)
def test_only_work_in_the_cache_changes_the_output(mutant, truth):
    values, cotangent = truth.sample(mutant.target)
    run = truth.Run(mutant.target, registry.build(mutant.name), values)
    output = run.forward(values)
    run.backward(cotangent)
    untouched = truth.same(output, truth.right(mutant.target, values, cotangent)[0])
    assert untouched == (mutant.made_by == "gradients-accumulate")


@pytest.mark.parametrize("entry", CORRECT, ids=str)
def test_what_is_correct_gives_the_same_twice(entry, truth):
    first, second, right = two_backwards(entry, truth)
    assert all_same(first, right, truth)
    assert all(np.array_equal(first[name], second[name]) for name in first)


def changed_arrays(entry, truth):
    """Names of the arrays that were handed in and changed; the results must be right."""
    values, cotangent = truth.sample(entry.target)
    output, right = truth.right(entry.target, values, cotangent)
    given = {name: value.copy() for name, value in values.items()}
    upstream = cotangent.copy()
    run = truth.Run(entry.target, registry.build(entry.name), given)
    got = run.forward(given)
    kept = np.array(got)
    gradients = run.backward(upstream)
    assert truth.same(kept, output)
    assert all_same(gradients, right, truth)
    changed = {name for name in values if not np.array_equal(values[name], given[name])}
    changed |= set() if np.array_equal(upstream, cotangent) else {"upstream"}
    return changed | (set() if np.array_equal(got, kept) else {"output"})


@pytest.mark.parametrize("mutant", mutants(Evidence.MUTATION), ids=str)
def test_an_array_handed_in_is_changed_and_the_results_are_right(mutant, truth):
    source = mutant.domain.tensors[-1 if mutant.kind is Kind.COST else 0].name
    expected = {"input-overwritten": {source}, "upstream-overwritten": {"upstream"}}
    assert changed_arrays(mutant, truth) == expected[mutant.made_by]


@pytest.mark.parametrize("entry", CORRECT, ids=str)
def test_what_is_correct_changes_nothing(entry, truth):
    assert not changed_arrays(entry, truth)


def overwritten(entry, truth):
    """Names of the first gradients that a second forward and backward changed."""
    values, cotangent = truth.sample(entry.target)
    run = truth.Run(entry.target, registry.build(entry.name), values)
    _, first = run.both(values, cotangent)
    before = copy.deepcopy(first)
    run.both(other_input(entry.target, values, truth), 2 * cotangent)
    assert all_same(before, truth.right(entry.target, values, cotangent)[1], truth)
    return {name for name in first if not np.array_equal(first[name], before[name])}


@pytest.mark.parametrize("mutant", mutants(Evidence.OVERWRITTEN), ids=str)
def test_gradients_that_were_kept_change_later(mutant, truth):
    assert overwritten(mutant, truth) == {t.name for t in mutant.domain if t.differentiable}


@pytest.mark.parametrize("entry", CORRECT, ids=str)
def test_gradients_of_what_is_correct_can_be_kept(entry, truth):
    assert not overwritten(entry, truth)


def interleaved(entry, truth):
    """One instance's gradients when another ran forward in between; the right ones of both."""
    values, cotangent = truth.sample(entry.target)
    others = other_input(entry.target, values, truth)
    build = registry.build(entry.name)
    mine, other = truth.Run(entry.target, build, values), truth.Run(entry.target, build, others)
    mine.forward(values)
    other.forward(others)
    right, of_other = (truth.right(entry.target, v, cotangent)[1] for v in (values, others))
    return mine.backward(cotangent), right, of_other


@pytest.mark.parametrize("mutant", mutants(Evidence.INSTANCES), ids=str)
def test_one_instance_changes_another(mutant, truth):
    got, right, of_other = interleaved(mutant, truth)
    assert all_same(got, of_other, truth)
    assert not all_same(got, right, truth)


@pytest.mark.parametrize("entry", LAYERS, ids=str)
def test_instances_of_what_is_correct_are_independent(entry, truth):
    got, right, _ = interleaved(entry, truth)
    assert all_same(got, right, truth)


def with_examples(entry, m, truth):
    """Values with another number of examples, and what a layer made for three or five gives."""
    built, _ = truth.sample(entry.target)
    run = truth.Run(entry.target, registry.build(entry.name), built)
    sizes = {**truth.sizes(entry.domain), "m": m}
    values = {**entry.domain.sample(sizes, np.random.default_rng(3))}
    return run, values


@pytest.mark.parametrize("mutant", mutants(Evidence.BATCH_SIZE), ids=str)
def test_another_number_of_examples_goes_wrong(mutant, truth):
    run, values = with_examples(mutant, 7, truth)
    with pytest.raises(ValueError, match="broadcast"):
        run.forward(values)
    run, values = with_examples(mutant, 1, truth)
    right = truth.FORWARD[mutant.target.name](values)
    assert truth.same(run.forward(values), np.tile(right, truth.sizes(mutant.domain)["m"]))


@pytest.mark.parametrize("m", [1, 2, 7])
@pytest.mark.parametrize("entry", LAYERS, ids=str)
def test_what_is_correct_takes_any_number_of_examples(entry, m, truth):
    run, values = with_examples(entry, m, truth)
    cotangent = np.random.default_rng(4).normal(size=truth.FORWARD[entry.target.name](values).shape)
    output, right = truth.right(entry.target, values, cotangent)
    got, gradients = run.both(values, cotangent)
    assert truth.same(got, output)
    assert all_same(gradients, right, truth)
