"""The population is what it says: right layers are right by differences, wrong ones wrong."""

import collections

import numpy as np
from grammar import HALF, RIGHT, WRONG, draw

NUMBERS = range(300)


def test_all_sorts_are_drawn():
    drawn = [draw(number) for number in NUMBERS]
    sorts = collections.Counter(layer.truth for layer in drawn)
    assert min(sorts[truth] for truth in (RIGHT, WRONG, HALF)) > 30
    assert len({layer.mistake for layer in drawn}) > 30


def test_a_number_gives_the_same_layer_again():
    assert draw(17) == draw(17)


def test_the_truth_holds_for_the_gradient_of_the_input():
    """Differences of the forward against what backward hands over, in the layer's own form."""
    layers = [layer for layer in map(draw, NUMBERS) if layer.truth != HALF]
    mislabelled = [
        layer.number for layer in layers if is_right(layer) == layer.mistake.startswith("x:")
    ]
    assert mislabelled == []


def is_right(layer):
    namespace = {}
    np.random.seed(layer.number)
    exec(compile(layer.source, layer.name, "exec"), namespace)  # noqa: S102 - our own grammar
    made = make(namespace[layer.name])
    x, upstream, gradient = run(made)
    return np.allclose(gradient, differences(made, x, upstream), rtol=1e-5, atol=1e-6)


def make(cls):
    """Return an instance with every parameter drawn at random."""
    code = cls.__init__.__code__
    return cls(*(4, 5)[: code.co_argcount - 1])


def output(made, x):
    result = made.forward(x)
    if result is None:
        result = next(getattr(made, k) for k in ("A", "Z", "out", "output") if hasattr(made, k))
    return result


def run(made):
    rng = np.random.default_rng(0)
    for shape in ((3, 4), (4, 3)):
        x = rng.standard_normal(shape)
        try:
            out = output(made, x)
        except ValueError:
            continue
        upstream = rng.standard_normal(out.shape)
        result = made.backward(upstream)
        if isinstance(result, tuple):
            result = result[0]
        if result is None:
            result = next(getattr(made, k) for k in ("dX", "dx", "dinputs") if hasattr(made, k))
        return x, upstream, result
    message = "no shape fits"
    raise AssertionError(message)


def differences(made, x, upstream):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = 1e-6
        change = output(made, x + step) - output(made, x - step)
        gradient[index] = np.sum(upstream * change) / 2e-6
    return gradient
