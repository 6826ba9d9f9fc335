"""Random small layers as source code, each with the truth about it.

A layer is drawn from a grammar: what it computes, how its examples lie, under which
names and in which containers it holds parameters, how results and gradients are handed
over, and whether it is right, carries one mistake, or is half-written.  The truth is
known because the mistake is put in by the grammar.

    python tests/fuzz/grammar.py 17      prints layer 17
"""

from __future__ import annotations

import sys
import textwrap
from dataclasses import dataclass, field

import numpy as np

RIGHT, WRONG, HALF = "right", "wrong", "half-written"

ELEMENTWISE = {
    "Tanh": ("np.tanh(x)", "(1 - np.tanh(x) ** 2)"),
    "Sigmoid": ("1 / (1 + np.exp(-x))", "np.exp(-x) / (1 + np.exp(-x)) ** 2"),
    "Relu": ("np.maximum(x, 0)", "(x > 0)"),
    "Leaky": ("np.where(x > 0, x, 0.1 * x)", "np.where(x > 0, 1.0, 0.1)"),
    "Square": ("x ** 2", "2 * x"),
    "Softplus": ("np.logaddexp(0, x)", "1 / (1 + np.exp(-x))"),
    "Sine": ("np.sin(x)", "np.cos(x)"),
    "Elu": ("np.where(x > 0, x, np.exp(np.minimum(x, 0)) - 1)",
            "np.where(x > 0, 1.0, np.exp(np.minimum(x, 0)))"),
}  # fmt: skip

#: What a mistake does to the expression of a gradient.
MISTAKES = {
    "twice": "2 * ({})",
    "half": "0.5 * ({})",
    "sign": "-({})",
    "zero": "0 * ({})",
    "thousandth": "1.001 * ({})",
    "offset": "({}) + 0.25",
}

WEIGHT_NAMES = ("W", "w", "weights", "weight", "kernel", "theta", "W_xh", "matrix")
BIAS_NAMES = ("b", "bias", "biases", "beta", "offset", "b_h")
SCALE_NAMES = ("gamma", "alpha", "scale", "slope", "temperature")
HOLDERS = ("attribute", "params", "parameters", "_params", "list", "nested")
CONSTRUCTORS = (
    ("n_in", "n_out"), ("in_features", "out_features"), ("input_size", "output_size"),
    ("input_dim", "output_dim"), ("fan_in", "fan_out"), ("n_inputs", "n_neurons"),
)  # fmt: skip
INPUTS = ("x", "X", "inputs", "A_prev", "Z", "input")
UPSTREAM = ("dout", "grad", "upstream_grad", "dvalues", "grad_output", "dZ", "dA")


@dataclass
class Layer:
    """One drawn layer.

    Attributes
    ----------
    truth
        ``"right"``, ``"wrong"`` or ``"half-written"``.
    mistake
        What was put in, and into which gradient.
    """

    number: int
    name: str
    source: str
    truth: str
    mistake: str = ""


@dataclass
class _Draw:
    """The choices that are made on the way."""

    rng: np.random.Generator
    notes: list[str] = field(default_factory=list)

    def one(self, options):
        return options[int(self.rng.integers(len(options)))]

    def chance(self, probability):
        return bool(self.rng.random() < probability)


def draw(number: int, seed: int = 2026) -> Layer:
    """Draw layer `number` of the population."""
    choose = _Draw(np.random.default_rng([seed, number]))
    kind = choose.one(("elementwise", "elementwise", "linear", "linear", "linear", "scale", "rows"))
    truth = choose.one((RIGHT, RIGHT, RIGHT, WRONG, WRONG, HALF))
    body = {"elementwise": _elementwise, "linear": _linear, "scale": _scale, "rows": _rowwise}[kind]
    name, arguments, setup, forward, gradients, holder = body(choose)
    mistake = ""
    if truth == WRONG:
        target = choose.one(list(gradients))
        which = choose.one(list(MISTAKES))
        gradients[target] = MISTAKES[which].format(gradients[target])
        mistake = f"{target}: {which}"
    source = _class(choose, name, arguments, setup, forward, gradients, holder)
    if truth == HALF:
        source, mistake = _half(choose, source)
    return Layer(number, name, "import numpy as np\n\n\n" + source, truth, mistake)


def _elementwise(choose):
    name = choose.one(list(ELEMENTWISE))
    forward, slope = ELEMENTWISE[name]
    named = choose.one((name, f"{name}Layer", f"My{name}", f"Act{number_of(choose)}"))
    return named, (), {}, forward, {"x": f"g * {slope}"}, "attribute"


def number_of(choose):
    return int(choose.rng.integers(10, 99))


def _linear(choose):
    rows = choose.chance(0.7)
    out_first = choose.chance(0.5)
    weight, bias = choose.one(WEIGHT_NAMES), choose.one(BIAS_NAMES)
    arguments = choose.one(CONSTRUCTORS)
    n_in, n_out = arguments
    shape = f"({n_out}, {n_in})" if out_first else f"({n_in}, {n_out})"
    if rows:
        product, dx, dW = (
            ("x @ W.T", "g @ W", "g.T @ x") if out_first else ("x @ W", "g @ W.T", "x.T @ g")
        )
        biases = {f"(1, {n_out})": "np.sum(g, axis=0, keepdims=True)", f"({n_out},)": "g.sum(0)"}
    else:
        product, dx, dW = (
            ("W @ x", "W.T @ g", "g @ x.T") if out_first else ("W.T @ x", "W @ g", "x @ g.T")
        )
        biases = {f"({n_out}, 1)": "np.sum(g, axis=1, keepdims=True)"}
    setup = {weight: f"0.1 * np.random.randn{shape}"}
    gradients = {"x": dx, weight: dW}
    if choose.chance(0.75):
        form = choose.one(list(biases))
        setup[bias] = choose.one((f"np.zeros({form})", f"np.random.randn(*{form})"))
        product += " + b"
        gradients[bias] = biases[form]
    name = choose.one(("Linear", "Dense", "FC", "Affine", "MyLayer", "FullyConnected", "Block"))
    return name, arguments, setup, product, gradients, choose.one(HOLDERS)


def _scale(choose):
    name = choose.one(SCALE_NAMES)
    start = choose.one(("0.5", "np.array(0.5)", "np.array([0.5])", "np.ones(1)"))
    forward, dx, own = choose.one(
        (
            ("p * x", "p * g", "np.sum(g * x)"),
            ("np.tanh(p * x)", "g * p * (1 - np.tanh(p * x) ** 2)",
             "np.sum(g * x * (1 - np.tanh(p * x) ** 2))"),
            ("np.where(x > 0, x, p * x)", "g * np.where(x > 0, 1.0, p)",
             "np.sum(g * np.where(x > 0, 0.0, x))"),
        )
    )  # fmt: skip
    if "(1)" in start or "[" in start:
        own = f"np.reshape({own}, (1,))"
    setup = {name: start}
    held = choose.one(("attribute", "attribute", "params", "nested"))
    return choose.one(("Scale", "Gain", "PReLU", "Gate")), (), setup, forward, {
        "x": dx, name: own
    }, held  # fmt: skip


def _rowwise(choose):
    axis = choose.one((0, 1, -1))
    forward, dx = choose.one(
        (
            (f"np.exp(x) / np.sum(np.exp(x), axis={axis}, keepdims=True)",
             (f"(lambda s: s * (g - np.sum(g * s, axis={axis}, keepdims=True)))"
              f"(np.exp(x) / np.sum(np.exp(x), axis={axis}, keepdims=True))")),
            (f"x - np.mean(x, axis={axis}, keepdims=True)",
             f"g - np.mean(g, axis={axis}, keepdims=True)"),
            (f"x / np.sqrt(np.sum(x ** 2, axis={axis}, keepdims=True) + 1.0)",
             (f"(lambda r: g / r - x * np.sum(g * x, axis={axis}, keepdims=True) / r ** 3)"
              f"(np.sqrt(np.sum(x ** 2, axis={axis}, keepdims=True) + 1.0))")),
        )
    )  # fmt: skip
    return (
        choose.one(("Normalize", "Center", "Attn", "Rows")),
        (),
        {},
        forward,
        {"x": dx},
        "attribute",
    )


def _held(holder, position, name):
    """Write where a parameter is held."""
    return {
        "attribute": f"self.{name}",
        "params": f"self.params['{name}']",
        "parameters": f"self.parameters['{name}']",
        "_params": f"self._params['{name}']",
        "list": f"self.params[{position}]",
        "nested": f"self.state.{name}",
    }[holder]


_GRADIENT_FORMS = ("d{}", "grad_{}", "{}_grad", "dL{}", "grads[{!r}]", "gradients[{!r}]")


def _class(choose, name, arguments, setup, forward, gradients, holder):
    x, g = choose.one(INPUTS), choose.one(UPSTREAM)
    lines = [f"class {name}:", f"    def __init__({', '.join(('self', *arguments))}):"]
    lines += {
        "params": ["        self.params = {}"],
        "parameters": ["        self.parameters = {}"],
        "_params": ["        self._params = {}"],
        "list": [f"        self.params = [None] * {len(setup)}"],
        "nested": ["        self.state = type('State', (), {})()"],
        "attribute": [],
    }[holder]
    form = "list" if holder == "list" else choose.one(_GRADIENT_FORMS)
    if "[" in form:
        lines.append(f"        self.{form.split('[')[0]} = {{}}")
    lines += [
        f"        {_held(holder, position, p)} = {value}"
        for position, (p, value) in enumerate(setup.items())
    ] or ["        self.calls = 0"]
    read = [f"        {p} = {_held(holder, i, key)}" for i, (p, key) in _symbols(setup)]
    lines += [f"    def forward(self, {x}):", f"        self.saved = x = {x}", *read]
    if choose.chance(0.7):
        lines.append(f"        return {forward}")
    else:
        lines.append(f"        self.{choose.one(('A', 'Z', 'out', 'output'))} = {forward}")
    lines += [f"    def backward(self, {g}):", "        x = self.saved", f"        g = {g}", *read]
    own = {key: value for key, value in gradients.items() if key != "x"}
    if form == "list" and own:
        lines.append(f"        self.grads = [{', '.join(own.values())}]")
    elif choose.chance(0.25) and own and holder != "list":
        returned = ", ".join((gradients["x"], *own.values()))
        lines.append(f"        return {returned}")
        return "\n".join(lines) + "\n"
    else:
        lines += [f"        self.{form.format(key)} = {value}" for key, value in own.items()]
    if choose.chance(0.7):
        lines.append(f"        return {gradients['x']}")
    else:
        lines.append(f"        self.{choose.one(('dX', 'dx', 'dinputs'))} = {gradients['x']}")
    return "\n".join(lines) + "\n"


def _symbols(setup):
    """Return the letters under which formulas use parameters, with positions and names."""
    letters = ("W", "b") if len(setup) == 2 else ("p",)
    if len(setup) == 1 and "randn" in next(iter(setup.values())):
        letters = ("W",)
    return [(i, (letter, key)) for i, (letter, key) in enumerate(zip(letters, setup, strict=False))]


_HALVES = {
    "backward passes": ("def backward", "pass"),
    "backward raises": ("def backward", "raise NotImplementedError"),
    "backward returns None": ("def backward", "return None"),
    "backward returns zeros": ("def backward", "return np.zeros((2, 2))"),
    "backward returns a string": ("def backward", "return 'todo'"),
    "forward passes": ("def forward", "pass"),
    "forward returns None": ("def forward", "return None"),
    "forward raises": ("def forward", "raise NotImplementedError('todo')"),
    "forward keeps its input": ("def forward", "self.Z = 0"),
    "forward needs what is not there": ("def forward", "return self.not_there"),
}


def _half(choose, source):
    """Replace the body of forward or backward."""
    which = choose.one(list(_HALVES))
    marker, body = _HALVES[which]
    lines, out, inside = source.splitlines(), [], False
    for line in lines:
        starts = line.strip().startswith("def ")
        if starts:
            inside = line.strip().startswith(marker)
            out.append(line)
            if inside:
                out.append(f"        {body}")
        elif not inside:
            out.append(line)
    return "\n".join(out) + "\n", which


def main():
    for number in map(int, sys.argv[1:]):
        layer = draw(number)
        sys.stdout.write(f"# {layer.truth}; {layer.mistake}\n{textwrap.dedent(layer.source)}\n")


if __name__ == "__main__":
    main()
