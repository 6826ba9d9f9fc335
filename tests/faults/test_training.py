"""Faults around the layers: optimizers and updates, batches, initial weights."""

import numpy as np
import pytest

from gradlab.faults import Evidence, Kind, registry

RATE = 0.1


def right_trace(name, start, gradients):
    """The closed forms, written out for a constant learning rate of 0.1."""
    theta, v, s, trace = start, 0 * start, 0 * start, []
    for t, g in enumerate(gradients, start=1):
        if name == "gradient_descent":
            step = g
        elif name == "momentum":
            step = v = 0.9 * v + g
        elif name == "rmsprop":
            s = 0.99 * s + 0.01 * g**2
            step = g / (np.sqrt(s) + 1e-8)
        else:
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
            step = (v / (1 - 0.9**t)) / (np.sqrt(s / (1 - 0.999**t)) + 1e-8)
        theta = theta - RATE * step
        trace.append(theta)
    return np.array(trace)


def uncorrected_adam(start, gradients):
    theta, v, s, trace = start, 0 * start, 0 * start, []
    for g in gradients:
        v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
        theta = theta - RATE * v / (np.sqrt(s) + 1e-8)
        trace.append(theta)
    return np.array(trace)


def adaptive(name, start, gradients, direction):
    """RMSprop's or Adam's steps along ``direction(mean, square)``."""
    theta, v, s, trace = start, 0 * start, 0 * start, []
    for t, g in enumerate(gradients, start=1):
        if name == "rmsprop":
            s = 0.99 * s + 0.01 * g**2
            step = direction(g, s)
        else:
            v, s = 0.9 * v + 0.1 * g, 0.999 * s + 0.001 * g**2
            step = direction(v / (1 - 0.9**t), s / (1 - 0.999**t))
        theta = theta - RATE * step
        trace.append(theta)
    return np.array(trace)


#: The faults of ε = 1e-8, whose steps differ from the right ones by less than is printed.
EPSILON = {
    "epsilon-outside-the-quotient": lambda mean, square: mean / np.sqrt(square) + 1e-8,
    "epsilon-missing": lambda mean, square: mean / np.sqrt(square),
}


START = np.array([1.0, -2.0, 0.5])
GRADIENTS = np.random.default_rng(0).normal(size=(5, 3))


def trace(entry):
    """The parameters after each of five steps, and the gradients as they were left."""
    optimizer = registry.build(entry.name)(RATE)
    theta, seen = {"w": START.copy()}, []
    left = GRADIENTS.copy()
    for g in left:
        theta = optimizer.step(theta, {"w": g})
        seen.append(theta["w"])
    return np.array(seen), left


OF_EPSILON = [e for e in registry.variants(Kind.OPTIMIZER) if e.made_by in EPSILON]


@pytest.mark.parametrize("mutant", OF_EPSILON, ids=str)
def test_epsilon_does_not_stand_where_it_should(mutant):
    name, direction = mutant.target.name, EPSILON[mutant.made_by]
    got, _ = trace(mutant)
    assert np.allclose(got, adaptive(name, START, GRADIENTS, direction), rtol=1e-14, atol=1e-15)
    apart = np.abs(got - right_trace(name, START, GRADIENTS))
    assert 1e-10 < np.max(apart) < 1e-5
    stepped = registry.build(mutant.name)(RATE).step({"w": START}, {"w": 0 * START})
    assert np.all(np.isnan(stepped["w"]))


@pytest.mark.parametrize(
    "mutant",
    [
        e
        for e in registry.variants(Kind.OPTIMIZER, evidence=Evidence.OPTIMIZER)
        if e not in OF_EPSILON
    ],
    ids=str,
)
def test_the_steps_are_those_of_the_fault(mutant):
    right = right_trace(mutant.target.name, START, GRADIENTS)
    wrong = {
        "optimizer-ascends": 2 * START - right,
        "adam-uncorrected": uncorrected_adam(START, GRADIENTS),
    }[mutant.made_by]
    got, left = trace(mutant)
    assert np.allclose(got, wrong, rtol=1e-12)
    assert not np.allclose(got, right, rtol=1e-2)
    assert np.array_equal(left, GRADIENTS)


def test_the_first_step_without_correction_is_too_large_by_the_factor_explained():
    factor = uncorrected_adam(START, GRADIENTS)[0] - START
    factor /= right_trace("adam", START, GRADIENTS)[0] - START
    assert factor == pytest.approx(0.1 / np.sqrt(0.001), rel=1e-5)


@pytest.mark.parametrize(
    "mutant", registry.variants(Kind.OPTIMIZER, evidence=Evidence.MUTATION), ids=str
)
def test_the_gradients_hold_the_steps_afterwards(mutant):
    right = right_trace(mutant.target.name, START, GRADIENTS)
    got, left = trace(mutant)
    assert np.allclose(got, right, rtol=1e-12)
    assert np.allclose(left, -np.diff([START, *right], axis=0), rtol=1e-12)


@pytest.mark.parametrize("entry", registry.correct(Kind.OPTIMIZER), ids=str)
def test_correct_optimizers_follow_their_closed_forms(entry):
    got, left = trace(entry)
    assert np.allclose(got, right_trace(entry.target.name, START, GRADIENTS), rtol=1e-12)
    assert np.array_equal(left, GRADIENTS)


def updated(entry, truth):
    """W and b after one step with rate 0.5, and the right ones."""
    values, cotangent = truth.sample(entry.target)
    start = np.hstack([values["W"], values["b"]])
    _, slopes = truth.right(entry.target, values, cotangent)
    run = truth.Run(entry.target, registry.build(entry.name), values)
    run.both(values, cotangent)
    run.layer.update_params(0.5)
    got = np.hstack([run.layer.params["W"], run.layer.params["b"]])
    return got, start, np.hstack([slopes["W"], slopes["b"]])


def biases_after_step_of_other(entry, truth):
    """A layer's own bias before and after another instance took a step."""
    values, cotangent = truth.sample(entry.target)
    build = registry.build(entry.name)
    shape, n_out = values["A_prev"].shape, values["b"].shape[0]
    mine, other = build(shape, n_out), build(shape, n_out)
    before = mine.params["b"].copy()
    other.forward(values["A_prev"])
    other.backward(cotangent)
    other.update_params(0.5)
    assert np.allclose(abs(other.params["b"]), abs(0.5 * cotangent.sum(axis=1, keepdims=True)))
    return before, mine.params["b"]


@pytest.mark.parametrize("mutant", registry.variants(Kind.LAYER, evidence=Evidence.UPDATE), ids=str)
def test_an_update_climbs_or_moves_another_layer(mutant, truth):
    got, start, slopes = updated(mutant, truth)
    climbs = mutant.made_by == "update-ascends"
    assert np.allclose(got, start + (0.5 if climbs else -0.5) * slopes, rtol=1e-12)
    before, after = biases_after_step_of_other(mutant, truth)
    assert np.array_equal(before, after) == climbs


@pytest.mark.parametrize(
    "entry", [e for e in registry.correct(Kind.LAYER) if e.target.name == "linear"], ids=str
)
def test_the_update_of_a_correct_layer_descends_and_moves_no_other(entry, truth):
    got, start, slopes = updated(entry, truth)
    assert np.allclose(got, start - 0.5 * slopes, rtol=1e-12)
    assert np.array_equal(*biases_after_step_of_other(entry, truth))


X, Y = np.arange(10.0)[None, :], 100 + np.arange(10.0)[None, :]


def dealt(entry, size, *, shuffled=True):
    rng = np.random.default_rng(1) if shuffled else None
    return [(x.ravel(), y.ravel()) for x, y in registry.build(entry.name)(X, Y, size, rng)]


def count_and_pairs(pairs):
    """How often each example was used, and whether each had its own label."""
    x, y = (np.concatenate(side) for side in zip(*pairs, strict=True))
    return np.bincount(x.astype(int), minlength=10), bool(np.all(y - x == 100))


@pytest.mark.parametrize(
    "mutant", registry.variants(Kind.MINIBATCHES, evidence=Evidence.BATCHES), ids=str
)
def test_the_batches_do_not_hold_every_pair_once(mutant):
    counts, paired = count_and_pairs(dealt(mutant, 4))
    if mutant.made_by == "tail-dropped":
        assert paired
        assert sorted(counts) == [0, 0, *[1] * 8]
        assert not dealt(mutant, 11)
    elif mutant.made_by == "empty-batch":
        assert paired
        assert np.array_equal(counts, np.ones(10))
        assert [len(x) for x, _ in dealt(mutant, 5)] == [5, 5, 0]
        assert [len(x) for x, _ in dealt(mutant, 4)] == [4, 4, 2]
    elif mutant.made_by == "tail-unshuffled":
        assert paired
        assert (counts.min(), counts.max()) == (0, 2)
        assert np.array_equal(dealt(mutant, 4)[-1][0], [8, 9])
    else:
        assert not paired
        assert np.array_equal(counts, np.ones(10))
        assert np.array_equal(np.concatenate([y for _, y in dealt(mutant, 4)]), Y.ravel())


@pytest.mark.parametrize("size", [None, 1, 3, 4, 5, 10, 11])
@pytest.mark.parametrize("shuffled", [True, False])
@pytest.mark.parametrize("entry", registry.correct(Kind.MINIBATCHES), ids=str)
def test_correct_batches_hold_every_pair_once(entry, shuffled, size):
    pairs = dealt(entry, size, shuffled=shuffled)
    counts, paired = count_and_pairs(pairs)
    assert paired
    assert np.array_equal(counts, np.ones(10))
    assert {len(x) for x, _ in pairs[:-1]} <= {size}


N_IN, N_OUT = 200, 300


def deviation(name):
    return {"plain": 0.01, "xavier": N_IN**-0.5, "he": (2 / N_IN) ** 0.5}[name]


def drawn(entry, bias=0.0):
    parameters = registry.build(entry.name)(N_IN, N_OUT, rng=np.random.default_rng(0))
    assert np.all(parameters["b"] == bias)
    assert parameters["b"].shape == (N_OUT, 1)
    assert parameters["W"].shape == (N_OUT, N_IN)
    return parameters["W"]


@pytest.mark.parametrize(
    "mutant", registry.variants(Kind.INITIALIZER, evidence=Evidence.DISTRIBUTION), ids=str
)
def test_the_weights_do_not_have_the_distribution(mutant):
    ones = mutant.made_by == "biases-of-ones"
    W, s = drawn(mutant, bias=float(ones)), deviation(mutant.target.name)
    wrong = {"plain": 1.0, "xavier": 1 / N_IN, "he": 2 / N_IN}[mutant.target.name]
    if mutant.made_by == "weights-zero":
        assert not W.any()
    elif mutant.made_by == "units-identical":
        assert np.all(W[0] == W)
        assert W[0].std() == pytest.approx(s, rel=0.25)  # of 200 numbers: 5 standard errors
    elif ones:  # the weights are right
        assert W.std() == pytest.approx(s, rel=0.02)
    elif mutant.made_by == "weights-all-positive":
        assert (W.min(), W.max()) == pytest.approx((0, s), abs=s / 1000)
        assert W.mean() == pytest.approx(s / 2, rel=0.02)
    elif mutant.made_by == "weights-wrong-scale":
        assert W.std() == pytest.approx(wrong, rel=0.02)
    else:
        assert W.std() == pytest.approx(s * (N_IN / N_OUT) ** 0.5, rel=0.02)


@pytest.mark.parametrize("entry", registry.correct(Kind.INITIALIZER), ids=str)
def test_correct_weights_have_the_distribution(entry):
    W, s = drawn(entry), deviation(entry.target.name)
    # Of 60,000 numbers: 7 standard errors of the deviation, 5 of the mean.
    assert W.std() == pytest.approx(s, rel=0.02)
    assert abs(W.mean()) < 5 * s / np.sqrt(W.size)
    assert len(np.unique(W, axis=0)) == N_OUT
