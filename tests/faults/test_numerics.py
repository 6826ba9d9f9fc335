"""Faults of floating point: integers, single precision, extreme values."""

import mpmath
import numpy as np
import pytest

from gradlab.faults import Evidence, Kind, registry

CORRECT = [entry for entry in registry.correct() if entry.has_subject]
LAYERS = registry.correct(Kind.LAYER)


def at_integers(entry, truth):
    """The output at an integer input, and the right one."""
    values, _ = truth.sample(entry.target)
    source = entry.domain.tensors[0].name
    values[source] = np.random.default_rng(0).integers(-2, 4, values[source].shape)
    run = truth.Run(entry.target, registry.build(entry.name), values)
    return run.forward(values), truth.FORWARD[entry.target.name](values)


@pytest.mark.parametrize("mutant", registry.variants(evidence=Evidence.INTEGERS), ids=str)
def test_fractions_are_cut_off(mutant, truth):
    got, right = at_integers(mutant, truth)
    assert np.array_equal(got, np.trunc(right))
    assert not np.allclose(got, right, atol=0.01)


@pytest.mark.parametrize("entry", LAYERS, ids=str)
def test_what_is_correct_keeps_the_fractions(entry, truth):
    got, right = at_integers(entry, truth)
    assert truth.same(got, right)


def relative_error(entry, truth):
    values, _ = truth.sample(entry.target)
    right = truth.FORWARD[entry.target.name](values)
    got = truth.Run(entry.target, registry.build(entry.name), values).forward(values)
    assert np.asarray(got).dtype == np.float64
    return np.abs(got - right).max() / np.abs(right).max()


@pytest.mark.parametrize("mutant", registry.variants(evidence=Evidence.ROUNDING), ids=str)
def test_the_error_is_that_of_single_precision(mutant, truth):
    assert 1e-10 < relative_error(mutant, truth) < 1e-6


@pytest.mark.parametrize("entry", CORRECT, ids=str)
def test_the_error_of_what_is_correct_is_that_of_double_precision(entry, truth):
    assert relative_error(entry, truth) < 1e-14


@pytest.mark.parametrize(
    "entry",
    [e for e in registry.variants() if e.has_subject and e.made_by != "bias-along-examples"],
    ids=str,
)
def test_float32_stays_float32_in_what_is_correct_and_what_is_broken(entry, truth):
    # A mutant is wrong in one thing; its results have the dtype that they should have.
    values, cotangent = truth.sample(entry.target)
    single = {name: array.astype(np.float32) for name, array in values.items()}
    run = truth.Run(entry.target, registry.build(entry.name), single)
    output, gradients = run.both(single, cotangent.astype(np.float32))
    if entry.kind is Kind.LAYER:  # a cost is a scalar, whose dtype is NumPy's own affair
        assert output.dtype == np.float32
    assert {gradient.dtype for gradient in gradients.values()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("entry", LAYERS, ids=str)
def test_what_is_correct_takes_no_examples_too(entry, truth):
    values = entry.domain.sample({**truth.sizes(entry.domain), "m": 0}, np.random.default_rng(0))
    run = truth.Run(entry.target, registry.build(entry.name), values)
    output = run.forward(values)
    assert output.shape == truth.FORWARD[entry.target.name](values).shape
    for name, gradient in run.backward(np.zeros_like(output)).items():
        assert truth.same(gradient, np.zeros_like(values[name]))


def column(*numbers):
    return np.array(numbers, dtype=float)[:, np.newaxis]


def exact_sigmoid(z):
    return 1 / (1 + mpmath.exp(-mpmath.mpf(z)))


def each(function, values):
    return [function(z) for z in values["Z"].ravel()]


def exact_softmax(z):
    powers = [mpmath.exp(mpmath.mpf(number)) for number in z.ravel()]
    return [power / sum(powers) for power in powers]


def exact_log_loss(y, z):
    """-log σ(z) for a label of 1, -log σ(-z) for 0."""
    with mpmath.workdps(1000):
        return -mpmath.log(exact_sigmoid(z if y else -z))


def exact_cross_entropy(Y, Z):
    with mpmath.workdps(1000):
        weights = zip(Y.ravel(), exact_softmax(Z), strict=True)
        return -sum(mpmath.mpf(y) * mpmath.log(p) for y, p in weights)


ONE_HOT = column(1, 0, 0)
#: For each target: values at the extremes, and the limit there, of the output or a gradient.
EXTREMES = {
    "sigmoid": [
        (
            {"Z": column(-800, -30, 0, 30, 800)},
            "output",
            lambda v: map(exact_sigmoid, v["Z"].ravel()),
        ),
        (
            {"Z": column(-800, -30, 0)},
            "gradient",
            lambda v: (exact_sigmoid(z) * exact_sigmoid(-z) for z in v["Z"].ravel()),
        ),
    ],
    "tanh": [({"Z": column(-800, -1, 0, 800)}, "output", lambda v: each(mpmath.tanh, v))],
    "softmax": [
        ({"Z": column(800, 0, -800)}, "output", lambda v: exact_softmax(v["Z"])),
        ({"Z": column(1e4, 1e4, -1e4)}, "output", lambda v: exact_softmax(v["Z"])),
    ],
    "binary_cross_entropy": [
        ({"Y": column(1, 0), "Y_hat": column(1, 0)}, "output", lambda v: [0]),
        ({"Y": column(1, 0), "Y_hat": column(1, 0)}, "gradient", lambda v: [-1, 1]),
    ],
    "binary_cross_entropy_from_logits": [
        (
            {"Y": column(y), "Z": column(z)},
            "output",
            lambda v: [exact_log_loss(v["Y"].item(), v["Z"].item())],
        )
        for y in (0, 1)
        for z in (-800, 800)
    ],
    "softmax_cross_entropy": [
        ({"Y": ONE_HOT, "Z": Z}, "output", lambda v: [exact_cross_entropy(v["Y"], v["Z"])])
        for Z in (column(800, 0, -800), column(-800, 0, 800))
    ],
}


def at_extremes(entry, truth):
    """What came out at the extremes, and the limits, as two lists of arrays."""
    got, limits = [], []
    build = registry.build(entry.name)
    for values, what, limit in EXTREMES[entry.target.name]:
        run = truth.Run(entry.target, build, values)
        output = run.forward(values)
        if what == "gradient":
            (output,) = run.backward(np.ones(np.shape(output))).values()
        got.append(np.ravel(output))
        limits.append(np.array([float(mpmath.mpf(number)) for number in limit(values)]))
    return got, limits


@pytest.mark.parametrize("mutant", registry.variants(evidence=Evidence.EXTREMES), ids=str)
def test_the_result_at_an_extreme_is_not_finite(mutant, truth):
    got, limits = at_extremes(mutant, truth)
    assert all(np.isfinite(limit).all() for limit in limits)
    assert not all(np.isfinite(numbers).all() for numbers in got)


@pytest.mark.parametrize(
    "entry", [entry for entry in CORRECT if entry.target.name in EXTREMES], ids=str
)
def test_what_is_correct_reaches_its_limits(entry, truth):
    for numbers, limit in zip(*at_extremes(entry, truth), strict=True):
        assert numbers == pytest.approx(limit, rel=1e-12, abs=1e-15)
