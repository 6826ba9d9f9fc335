"""What is right, computed without gradlab: formulas in plain NumPy, and their derivatives.

The gradients are complex steps through these formulas, one entry at a time, so
that neither the reference nor the checker has a say in what a fault does wrong.
"""

from types import SimpleNamespace

import numpy as np
import pytest

from gradlab.faults import Kind

STEP = 1e-30
LAMBDA, M = 2.0, 5  # of the penalty's subject


def log_sigmoid(Z):
    return -np.log1p(np.exp(-Z))


def softmax(Z):
    powers = np.exp(Z - Z.real.max(axis=0))
    return powers / powers.sum(axis=0)


def flatten(images):
    m, height, width = images.shape
    columns = np.empty((height * width, m), images.dtype)
    for example in range(m):
        for i in range(height):
            for j in range(width):
                columns[i * width + j, example] = images[example, i, j]
    return columns


def bce(Y, p):
    return -np.sum(Y * np.log(p) + (1 - Y) * np.log(1 - p)) / Y.shape[1]


def squared(Y, Y_hat):
    return np.sum((Y_hat - Y) ** 2) / 2


#: The forward of each target, from its values; complex numbers go through.
FORWARD = {
    "linear": lambda v: v["W"] @ v["A_prev"] + v["b"],
    "sigmoid": lambda v: 1 / (1 + np.exp(-v["Z"])),
    "tanh": lambda v: np.tanh(v["Z"]),
    "relu": lambda v: np.where(v["Z"].real > 0, v["Z"], 0),
    "leaky_relu": lambda v: np.where(v["Z"].real > 0, v["Z"], v["Z"] / 100),
    "sin": lambda v: np.sin(v["Z"]),
    "cos": lambda v: np.cos(v["Z"]),
    "identity": lambda v: v["Z"] + 0,
    "softmax": lambda v: softmax(v["Z"]),
    "flatten": lambda v: flatten(v["A_prev"]),
    "squared_error": lambda v: squared(v["Y"], v["Y_hat"]) / v["Y"].shape[1],
    "squared_error_loss": lambda v: squared(v["y"], v["y_hat"]),
    "binary_cross_entropy": lambda v: bce(v["Y"], v["Y_hat"]),
    "binary_cross_entropy_from_logits": lambda v: (
        -np.sum(v["Y"] * log_sigmoid(v["Z"]) + (1 - v["Y"]) * log_sigmoid(-v["Z"]))
        / v["Y"].shape[1]
    ),
    "softmax_cross_entropy": lambda v: -np.sum(v["Y"] * np.log(softmax(v["Z"]))) / v["Y"].shape[1],
    "l2_penalty": lambda v: LAMBDA / (2 * M) * np.sum(v["W"] ** 2),
}


def vjp(forward, values, cotangent, wrt):
    """Σ cotangent·∂forward/∂entry for each entry of the tensors `wrt`, by complex steps."""
    gradients = {}
    for name in wrt:
        gradients[name] = np.empty(values[name].shape)
        for index in np.ndindex(values[name].shape):
            moved = {**values, name: values[name].astype(complex)}
            moved[name][index] += 1j * STEP
            gradients[name][index] = np.sum(cotangent * np.imag(forward(moved))) / STEP
    return gradients


def central(forward, values, cotangent, wrt, step=1e-6):
    """The same by central differences, of a forward that may be code under test."""
    gradients = {}
    for name in wrt:
        gradients[name] = np.empty(values[name].shape)
        for index in np.ndindex(values[name].shape):
            above, below = ({**values, name: values[name].copy()} for _ in "ab")
            above[name][index] += step
            below[name][index] -= step
            difference = forward(above) - forward(below)
            gradients[name][index] = np.sum(cotangent * difference) / (2 * step)
    return gradients


class Run:
    """One instance of a layer class, or one cost, called as its author's tests would."""

    def __init__(self, target, obj, values):
        self.target = target
        self.kind = target.kind
        self.obj = obj
        self.wrt = tuple(tensor.name for tensor in target.domain if tensor.differentiable)
        self.source = target.domain.tensors[0].name
        self.gradient = None
        if self.kind is Kind.LAYER:
            extra = {"n_out": values["W"].shape[0]} if target.name == "linear" else {}
            self.layer = obj(values[self.source].shape, **extra)

    def forward(self, values):
        if self.kind is Kind.LAYER:
            if self.target.name == "linear":
                self.layer.params = {"W": values["W"], "b": values["b"]}
            self.layer.forward(values[self.source])
            return self.layer.Z if self.target.name == "linear" else self.layer.A
        if self.kind is Kind.PENALTY:
            value, (self.gradient,) = self.obj([values["W"]], M, LAMBDA)
        else:
            value, self.gradient = self.obj(*(values[t.name] for t in self.target.domain))
        return value

    def backward(self, cotangent):
        if self.kind is not Kind.LAYER:
            return {self.wrt[0]: self.gradient}
        self.layer.backward(cotangent)
        return {name: getattr(self.layer, f"d{name}") for name in self.wrt}

    def both(self, values, cotangent):
        return self.forward(values), self.backward(cotangent)


#: Sizes for the symbols of a domain, in order: all distinct first.
PATTERNS = {
    "distinct": (4, 3, 5),
    "square": (3, 3, 3),
    "one example": None,
    "one feature": None,
}


def sizes(domain, pattern="distinct"):
    symbols = domain.symbols
    drawn = dict(zip(symbols, PATTERNS[pattern] or PATTERNS["distinct"], strict=False))
    if pattern == "one example" and domain.batch in drawn:
        drawn[domain.batch] = 1
    if pattern == "one feature":
        drawn |= {symbol: 1 for symbol in symbols if symbol != domain.batch}
    return {s: max(n, (domain.minimum or {}).get(s, n)) for s, n in drawn.items()}


def sample(target, seed=0, pattern="distinct"):
    """Values inside the domain, and an upstream gradient (1 for a cost)."""
    rng = np.random.default_rng(seed)
    values = target.domain.sample(sizes(target.domain, pattern), rng)
    out = np.shape(FORWARD[target.name](values))
    cotangent = rng.normal(size=out) if target.kind is Kind.LAYER else np.ones(())
    return values, cotangent


def right(target, values, cotangent):
    """The right output and the right gradients."""
    forward = FORWARD[target.name]
    wrt = [tensor.name for tensor in target.domain if tensor.differentiable]
    return forward(values), vjp(forward, values, cotangent, wrt)


def same(got, expected, rtol=1e-10):
    """Whether two results have one shape and agree to rounding."""
    return np.shape(got) == np.shape(expected) and np.allclose(got, expected, rtol, rtol * 1e-2)


@pytest.fixture
def truth():
    return SimpleNamespace(
        FORWARD=FORWARD,
        Run=Run,
        PATTERNS=tuple(PATTERNS),
        sizes=sizes,
        sample=sample,
        right=right,
        same=same,
        vjp=vjp,
        central=central,
        softmax=softmax,
        M=M,
    )
