"""Faults whose gradient, function or shape is wrong: each gives the wrong values it says.

The right values come from `truth` (plain formulas and complex steps); the wrong
ones are written down here a second time, from the explanations.
"""

import numpy as np
import pytest

from gradlab.faults import Evidence, registry


def mutants(evidence):
    return [entry for entry in registry.variants(evidence=evidence) if entry.has_subject]


CORRECT = [entry for entry in registry.correct() if entry.has_subject]


def m_of(v):
    labels = v.get("Y", v.get("y", np.zeros((1, 5))))  # the penalty's m is 5
    return labels.shape[1]


def only(change):
    """The wrong gradient of whatever single tensor there is."""
    return lambda v, c, right: {name: change(v, c, g) for name, g in right.items()}


def elementwise(**slopes):
    def wrong(v, c, right, *, target):
        return {"Z": c * slopes[target](v["Z"], c)}

    wrong.by_target = True
    return wrong


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=0)


def moved_weights(v, c, right):
    """W after a step with the default rate, 0.1."""
    return {**right, "A_prev": (v["W"] - 0.1 * c @ v["A_prev"].T).T @ c}


#: From values, upstream gradient and right gradients to the wrong ones.
WRONG_GRADIENT = {
    "cost-gradient-not-averaged": only(lambda v, c, g: g * m_of(v)),
    "averaged-twice": lambda v, c, g: {
        **g,
        "W": g["W"] / c.shape[1],
        "b": g["b"] / c.shape[1],
    },
    "bias-gradient-averaged": lambda v, c, g: {**g, "b": g["b"] / c.shape[1]},
    "square-factor-kept": only(lambda v, c, g: 2 * g),
    "gradient-sign-flipped": only(lambda v, c, g: -g),
    "decay-missing-from-gradient": only(lambda v, c, g: 0 * g),
    "weight-gradient-transposed": lambda v, c, g: {**g, "W": g["W"].T},
    "weights-reshaped-in-backward": lambda v, c, g: {
        **g,
        "A_prev": v["W"].reshape(v["W"].shape[::-1]) @ c,
    },
    "columns-reshaped-in-backward": lambda v, c, g: {"A_prev": c.reshape(v["A_prev"].shape)},
    "derivative-of-wrong-variable": elementwise(
        sigmoid=lambda z, c: z * (1 - z),
        tanh=lambda z, c: 1 - z**2,
        sin=lambda z, c: np.cos(np.sin(z)),
        cos=lambda z, c: -np.sin(np.cos(z)),
    ),
    "activated-twice-in-derivative": elementwise(
        sigmoid=lambda z, c: sigmoid(sigmoid(z)) * (1 - sigmoid(sigmoid(z))),
        tanh=lambda z, c: 1 - np.tanh(np.tanh(z)) ** 2,
    ),
    "factor-dropped": elementwise(
        sigmoid=lambda z, c: sigmoid(z),
        tanh=lambda z, c: 1 - np.tanh(z),
        leaky_relu=lambda z, c: z > 0,
        softmax=lambda z, c: (c - (c * softmax(z)).sum(axis=0)) / c,
    ),
    "mask-from-upstream": elementwise(
        relu=lambda z, c: c > 0, leaky_relu=lambda z, c: np.where(c > 0, 1, 0.01)
    ),
    "mask-always-true": elementwise(relu=lambda z, c: np.ones_like(z)),
    "softmax-elementwise": elementwise(softmax=lambda z, c: softmax(z) * (1 - softmax(z))),
    "updated-before-input-gradient": moved_weights,
}


def wrong_gradient(entry, truth, values, cotangent, right):
    if entry.made_by == "upstream-ignored":
        return truth.right(entry.target, values, np.ones_like(cotangent))[1]
    formula = WRONG_GRADIENT[entry.made_by]
    if hasattr(formula, "by_target"):
        return formula(values, cotangent, right, target=entry.target.name)
    return formula(values, cotangent, right)


@pytest.mark.parametrize("pattern", ["distinct", "square"])
@pytest.mark.parametrize("mutant", mutants(Evidence.GRADIENT), ids=str)
def test_the_gradient_is_wrong_in_the_way_explained(mutant, pattern, truth):
    values, cotangent = truth.sample(mutant.target, pattern=pattern)
    output, right = truth.right(mutant.target, values, cotangent)
    got, gradients = truth.Run(mutant.target, registry.build(mutant.name), values).both(
        values, cotangent
    )
    assert truth.same(got, output)
    wrong = wrong_gradient(mutant, truth, values, cotangent, right)
    for name, gradient in gradients.items():
        assert truth.same(gradient, wrong[name]), name
    assert any(
        wrong[name].shape != right[name].shape
        or np.abs(wrong[name] - right[name]).max() > 1e-3 * np.abs(right[name]).max()
        for name in right
    )


def every_pair(v, loss):
    """Each prediction, a row of one number, against the labels of all examples."""
    return sum(
        loss(y[None, :], p[:, None]).sum() for y, p in zip(v["Y"], v["Y_hat"], strict=True)
    ) / m_of(v)


def softmax_rows(z):
    return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)


def log_loss(y, p):
    return -(y * np.log(p) + (1 - y) * np.log(1 - p))


#: From values and the right output to the wrong one.
WRONG_FUNCTION = {
    "averaged-in-forward": lambda v, out: (out - v["b"]) / v["A_prev"].shape[1] + v["b"],
    "summed-not-averaged": lambda v, out: out * m_of(v),
    "cost-negated": lambda v, out: -out,
    "last-example-skipped/squared_error": lambda v, out: (
        out - ((v["Y"] - v["Y_hat"])[:, -1] ** 2).sum() / 2 / m_of(v)
    ),
    "last-example-skipped/binary_cross_entropy": lambda v, out: (
        out - log_loss(v["Y"], v["Y_hat"])[:, -1].sum() / m_of(v)
    ),
    "last-example-skipped/binary_cross_entropy_from_logits": lambda v, out: (
        out - log_loss(v["Y"], sigmoid(v["Z"]))[:, -1].sum() / m_of(v)
    ),
    "last-example-skipped/softmax_cross_entropy": lambda v, out: (
        out + np.sum(v["Y"] * np.log(softmax(v["Z"])), axis=0)[-1] / m_of(v)
    ),
    "last-column-skipped": lambda v, out: np.hstack([out[:, :-1], np.zeros((len(out), 1))]),
    "capped-at-one": lambda v, out: np.clip(v["Z"], 0, 1),
    "stable-form-incomplete/binary_cross_entropy_from_logits": lambda v, out: (
        np.sum(np.maximum(v["Z"], 0) - v["Y"] * v["Z"] + np.log(1 + np.exp(-v["Z"]))) / m_of(v)
    ),
    "stable-form-incomplete/softmax_cross_entropy": lambda v, out: (
        out - v["Z"].max(axis=0).sum() / m_of(v)
    ),
    "half-missing": lambda v, out: out * 2,
    "global-batch-size": lambda v, out: out * m_of(v) / 4,
    "labels-broadcast/squared_error": lambda v, out: every_pair(v, lambda y, p: (p - y) ** 2 / 2),
    "labels-broadcast/binary_cross_entropy": lambda v, out: every_pair(v, log_loss),
    "softmax-over-examples": lambda v, out: softmax_rows(v["Z"]),
    "cross-entropy-over-examples": lambda v, out: (
        -np.sum(v["Y"] * np.log(softmax_rows(v["Z"]))) / m_of(v)
    ),
    "flatten-in-column-order": lambda v, out: np.stack(
        [image.ravel(order="F") for image in v["A_prev"]], axis=1
    ),
    "reshape-for-transpose": lambda v, out: v["A_prev"].ravel().reshape(out.shape),
    "max-for-maximum": lambda v, out: np.ones_like(out) * np.max(v["Z"], 0),
    "activated-before-cost/softmax_cross_entropy": lambda v, out: (
        -np.sum(v["Y"] * np.log(softmax(softmax(v["Z"])))) / m_of(v)
    ),
    "activated-before-cost/binary_cross_entropy_from_logits": lambda v, out: (
        log_loss(v["Y"], sigmoid(sigmoid(v["Z"]))).sum() / m_of(v)
    ),
}


@pytest.mark.parametrize("mutant", mutants(Evidence.FUNCTION), ids=str)
def test_the_function_is_wrong_and_the_gradient_is_its_own(mutant, truth):
    values, cotangent = truth.sample(mutant.target)
    output, _ = truth.right(mutant.target, values, cotangent)
    build = registry.build(mutant.name)

    def forward(v):
        return truth.Run(mutant.target, build, v).forward(v)

    got, gradients = truth.Run(mutant.target, build, values).both(values, cotangent)
    by_fault = WRONG_FUNCTION.get(mutant.made_by)
    wrong = by_fault or WRONG_FUNCTION[f"{mutant.made_by}/{mutant.target.name}"]
    assert truth.same(got, wrong(values, output))
    assert not np.allclose(got, output, rtol=1e-2)
    for name, slope in truth.central(forward, values, cotangent, gradients).items():
        assert np.allclose(gradients[name], slope, rtol=1e-6, atol=1e-7), name


WRONG_SHAPE = {
    "bias-gradient-per-example": lambda v, c: {"b": c},
    "bias-gradient-over-every-axis": lambda v, c: {"b": np.full((1, 1), c.sum())},
    "bias-gradient-loses-axis": lambda v, c: {"b": c.sum(axis=1)},
}


@pytest.mark.parametrize("mutant", mutants(Evidence.SHAPE), ids=str)
def test_the_shape_is_wrong_and_the_numbers_are_those_explained(mutant, truth):
    pattern = "one example" if mutant.made_by == "squeezed" else "distinct"
    values, cotangent = truth.sample(mutant.target, pattern=pattern)
    output, right = truth.right(mutant.target, values, cotangent)
    got, gradients = truth.Run(mutant.target, registry.build(mutant.name), values).both(
        values, cotangent
    )
    assert truth.same(got, output)
    squeezed = {name: np.squeeze(gradient) for name, gradient in right.items()}
    wrong = WRONG_SHAPE.get(mutant.made_by, lambda _v, _c: squeezed)(values, cotangent)
    for name, expected in {**right, **wrong}.items():
        assert truth.same(gradients[name], expected), name
    assert any(gradients[name].shape != values[name].shape for name in wrong)


@pytest.mark.parametrize("mutant", mutants(Evidence.SPECIAL_SHAPE), ids=str)
def test_some_shapes_raise_and_square_ones_are_silently_wrong(mutant, truth):
    values, cotangent = truth.sample(mutant.target)
    with pytest.raises(ValueError, match="broadcast"):
        truth.Run(mutant.target, registry.build(mutant.name), values).forward(values)
    values, cotangent = truth.sample(mutant.target, pattern="square")
    output, _ = truth.right(mutant.target, values, cotangent)
    got = truth.Run(mutant.target, registry.build(mutant.name), values).forward(values)
    assert truth.same(got, output - values["b"] + values["b"].T)
    assert not np.allclose(got, output, rtol=1e-2)


def slopes_at_zero(target, obj, truth):
    values, cotangent = truth.sample(target)
    values["Z"].flat[::2] = 0.0
    run = truth.Run(target, obj, values)
    run.forward(values)
    return values["Z"], run.backward(cotangent)["Z"] / cotangent


@pytest.mark.parametrize("mutant", mutants(Evidence.KINK), ids=str)
def test_the_value_at_the_kink_is_no_subgradient(mutant, truth):
    z, slopes = slopes_at_zero(mutant.target, registry.build(mutant.name), truth)
    below = 0.0 if mutant.target.name == "relu" else 0.01
    at_kink = slopes[z == 0]
    assert at_kink.size
    assert not np.any((at_kink >= below) & (at_kink <= 1))
    assert np.allclose(slopes[z != 0], np.where(z > 0, 1.0, below)[z != 0], rtol=1e-12)


@pytest.mark.parametrize("entry", [e for e in CORRECT if "relu" in e.target.name], ids=str)
def test_correct_slopes_at_the_kink_are_subgradients(entry, truth):
    z, slopes = slopes_at_zero(entry.target, registry.build(entry.name), truth)
    below = 0.0 if entry.target.name == "relu" else 0.01
    assert np.all((slopes >= below * (1 - 1e-12)) & (slopes <= 1 + 1e-12))
    assert np.allclose(slopes[z != 0], np.where(z > 0, 1.0, below)[z != 0], rtol=1e-12)


@pytest.mark.parametrize("pattern", ["distinct", "square", "one example", "one feature"])
@pytest.mark.parametrize("entry", CORRECT, ids=str)
def test_what_is_correct_has_the_right_values_and_shapes(entry, pattern, truth):
    for seed in range(3):
        values, cotangent = truth.sample(entry.target, seed, pattern)
        output, right = truth.right(entry.target, values, cotangent)
        got, gradients = truth.Run(entry.target, registry.build(entry.name), values).both(
            values, cotangent
        )
        assert truth.same(got, output)
        for name, gradient in gradients.items():
            assert truth.same(gradient, right[name]), name
