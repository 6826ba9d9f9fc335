"""Layers as people write them are read: the tensors, the settings, and what the gradients are."""

import importlib.util
import sys
import tempfile
import textwrap
import zlib
from pathlib import Path

import pytest

from gradlab import Status, adapt, check
from gradlab.adapters.target import PairByName
from gradlab.errors import NoResultError, NotADerivativeError, NotImplementedYetError

FOLDER = tempfile.TemporaryDirectory()

DENSE = """
class {name}:
    def __init__(self, {n_in}, {n_out}):
        self.{W} = np.random.randn({n_in}, {n_out})
        self.{b} = np.zeros({n_out})
    def {forward}(self, data{flag}):
        self.kept = data
        return data @ self.{W} + self.{b}
    def {backward}(self, {upstream}):
        self.{dW} = {wrong}(self.kept.T @ {upstream})
        self.{db} = {upstream}.sum(axis=0)
        return {upstream} @ self.{W}.T
"""
PLAIN = {
    "name": "Mixer",
    "n_in": "n_in",
    "n_out": "n_out",
    "W": "W",
    "b": "b",
    "flag": "",
    "forward": "forward",
    "backward": "backward",
    "upstream": "dout",
    "dW": "dW",
    "db": "db",
    "wrong": "",
}


def load(source):
    """Import a source from a file, so that it can be read again."""
    name = f"student_{zlib.crc32(source.encode())}"
    path = Path(FOLDER.name, f"{name}.py")
    path.write_text("import numpy as np\n" + textwrap.dedent(source))
    spec = importlib.util.spec_from_file_location(name, path)
    sys.modules[name] = made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def dense(**changed):
    return load(DENSE.format(**{**PLAIN, **changed}))


WAYS = {
    "11-785": {"W": "W", "dW": "dLdW", "db": "dLdb", "upstream": "dLdZ"},
    "suffix": {"W": "weight", "b": "bias", "dW": "weight_grad", "db": "bias_grad"},
    "prefix": {"W": "kernel", "dW": "grad_kernel", "db": "grad_b"},
    "nnfs": {
        "W": "weights",
        "b": "biases",
        "dW": "dweights",
        "db": "dbiases",
        "flag": ", training",
    },
    "passes": {"forward": "forward_pass", "backward": "backward_pass", "upstream": "accum_grad"},
    "props": {"forward": "fprop", "backward": "bprop", "upstream": "gy"},
    "call": {"forward": "__call__", "upstream": "grad_output", "flag": ", training=True"},
    "sizes": {"n_in": "in_features", "n_out": "num_units", "W": "_w", "dW": "_dw"},
    "unheard-of": {"W": "alpha", "b": "omega", "dW": "dalpha", "db": "domega"},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_dense_layer_is_read_whatever_its_names(way):
    layer = dense(**WAYS[way]).Mixer
    subject = adapt(layer)
    wanted = {"data", *(WAYS[way].get(key, PLAIN[key]) for key in ("W", "b"))}
    assert set(subject.checked) == wanted
    report = check(layer)
    assert report.status is Status.PASS, str(report)


@pytest.mark.parametrize("way", WAYS)
def test_half_a_gradient_of_a_parameter_fails_whatever_its_name(way):
    report = check(dense(**WAYS[way], wrong="0.5 * ").Mixer, laws=["gradient"])
    name = WAYS[way].get("W", "W")
    assert {f.tensor for f in report.failures} == {name}, str(report)


HOLDERS = {
    "dictionary": ("self.params = {'W': W}", "self.params['W']", "self.grads = {'W': g}"),
    "other dictionary": ("self.parts = {'W': W}", "self.parts['W']", "self.d_parts = {'dW': g}"),
    "list": ("self.params = [W]", "self.params[0]", "self.grads = [g]"),
    "object": ("self.W = Box(W)", "self.W.data", "self.W.grad = g"),
    "buffer": (
        "self.params, self.grads = [W], [np.zeros_like(W)]",
        "self.params[0]",
        "self.grads[0][...] = g",
    ),
    "two names": ("self.W = W; self.params = [W]", "self.W", "self.dW = g"),
}
HELD = """
class Box:
    def __init__(self, data):
        self.data, self.grad = data, None
class Held:
    def __init__(self, n_in, n_out):
        W = np.random.randn(n_in, n_out)
        {hold}
    def forward(self, x):
        self.x = x
        return x @ {W}
    def backward(self, dout):
        g = {wrong}(self.x.T @ dout)
        {store}
        return dout @ {W}.T
"""


@pytest.mark.parametrize("holder", HOLDERS)
@pytest.mark.parametrize(("wrong", "status"), [("", Status.PASS), ("0.5 * ", Status.FAIL)])
def test_parameters_are_found_wherever_they_are_held(holder, wrong, status):
    hold, W, store = HOLDERS[holder]
    layer = load(HELD.format(hold=hold, W=W, store=store, wrong=wrong)).Held
    report = check(layer, laws=["gradient", "aliasing"])
    assert report.status is status, str(report)
    assert len({f.tensor for f in report.findings if f.law == "gradient"}) == 2


def test_an_array_may_be_the_default_of_a_constructor():
    source = """
    class Product:
        def __init__(self, W=np.linspace(-1, 1, 15).reshape(5, 3)):
            self.params, self.grads = [W], [np.zeros_like(W)]
        def forward(self, x):
            self.x = x
            return x @ self.params[0]
        def backward(self, dout):
            self.grads[0][...] = FACTOR * self.x.T @ dout
            return dout @ self.params[0].T
    """
    for factor, status in (("1", Status.PASS), ("0.5", Status.FAIL)):
        assert check(load(source.replace("FACTOR", factor)).Product).status is status


def test_a_python_float_is_a_parameter_where_backward_has_a_gradient_for_it():
    source = """
    class Scale:
        def __init__(self, gamma=1.5, shift=0.25):
            self.gamma, self.shift = gamma, shift
        def forward(self, x):
            self.x = x
            return self.gamma * x + self.shift
        def backward(self, dout):
            self.dgamma = (dout * self.x).{how}
            return self.gamma * dout
    """
    right, wrong = (load(source.format(how=how)).Scale for how in ("sum(axis=0)", "mean()"))
    assert set(adapt(right).checked) == {"x", "gamma"}
    assert check(right).status is Status.PASS
    assert {f.tensor for f in check(wrong, laws=["gradient"]).failures} == {"gamma"}


def test_an_array_that_has_no_gradient_is_named_and_nothing_passes():
    source = """
    class Shift:
        def __init__(self, n_in):
            self.offset = np.ones(n_in)
        def forward(self, x):
            return x + self.offset
        def backward(self, dout):
            return dout
    """
    report = check(load(source).Shift, laws=["gradient"])
    (finding,) = [f for f in report.findings if f.tensor == "offset"]
    assert finding.status is Status.INCONCLUSIVE


def test_a_backward_that_takes_the_step_itself_is_read_by_its_step():
    source = """
    class Dense:
        def __init__(self, input_size, output_size):
            self.w = np.random.randn(output_size, input_size)
        def forward(self, input):
            self.input = input
            return self.w @ input
        def backward(self, output_gradient, learning_rate):
            back = self.w.T @ output_gradient
            self.w -= learning_rate * {wrong}(output_gradient @ self.input.T)
            return back
    """
    assert check(load(source.format(wrong="")).Dense).status is Status.PASS
    report = check(load(source.format(wrong="2 * ")).Dense, laws=["gradient"])
    assert {f.tensor for f in report.failures} == {"w"}


FUNCTIONS = """
def tanh(z):
    return np.tanh(z)
def tanh_prime(z):
    return 1 - np.tanh(z) ** 2
def cube(x, derivative=False):
    return 3 * x**2 if derivative else x**3
def embedding_forward(idx, W):
    return W[idx], (idx, W.shape)
def embedding_backward(dout, cache):
    dW = np.zeros(cache[1])
    np.add.at(dW, cache[0], dout)
    return dW
def cell_step_forward(x, prev_h, prev_c, Wx, Wh):
    n = prev_h.shape[1]
    a = x @ Wx[:, :n] + prev_h @ Wh[:, :n]
    next_c = prev_c * np.tanh(a)
    next_h = np.sin(next_c)
    return next_h, next_c, (x, prev_h, prev_c, Wx, Wh, a, next_c)
def cell_step_backward(dnext_h, dnext_c, cache):
    x, prev_h, prev_c, Wx, Wh, a, next_c = cache
    n = prev_h.shape[1]
    dc = dnext_c + dnext_h * np.cos(next_c)
    da = dc * prev_c * (1 - np.tanh(a) ** 2)
    dWx, dWh = np.zeros_like(Wx), np.zeros_like(Wh)
    dWx[:, :n], dWh[:, :n] = x.T @ da, prev_h.T @ da
    return da @ Wx[:, :n].T, da @ Wh[:, :n].T, dc * np.tanh(a), dWx, dWh
"""


@pytest.mark.parametrize(
    ("names", "checked"),
    [
        (("tanh", "tanh_prime"), {"z"}),
        (("embedding_forward", "embedding_backward"), {"W"}),
        (
            ("cell_step_forward", "cell_step_backward"),
            {"x", "prev_h", "prev_c", "Wx", "Wh"},
        ),
    ],
)
def test_pairs_of_functions_are_read(names, checked):
    made = load(FUNCTIONS)
    pair = tuple(getattr(made, name) for name in names)
    assert set(adapt(pair).checked) == checked
    assert check(pair, laws=["gradient", "shape"]).status is Status.PASS


def test_a_function_with_a_flag_is_its_own_derivative():
    assert check(load(FUNCTIONS).cube, laws=["gradient"]).status is Status.PASS


def test_a_pair_by_a_loose_name_that_disagrees_everywhere_is_no_derivative():
    made = load("def area(x):\n    return x**2\ndef d_area(x):\n    return np.cos(x)\n")
    with pytest.raises(NotADerivativeError, match="was not taken for the derivative of"):
        adapt(PairByName((made.area, made.d_area)))
    assert check((made.area, made.d_area), laws=["gradient"]).status is Status.FAIL


@pytest.mark.parametrize(
    ("factor", "status"), [("", Status.PASS), (" * 2", Status.FAIL), (" * c[0].size", Status.FAIL)]
)
def test_a_pair_that_is_handed_over_is_judged_whatever_its_names(factor, status):
    made = load(
        "forward = lambda x, w: (x @ w, (x, w))\n"
        f"backward = lambda g, c: (g @ c[1].T, c[0].T @ g{factor})\n"
    )
    report = check((made.forward, made.backward), laws=["gradient"])
    assert report.status is status
    assert {finding.tensor for finding in report.failures} == ({"w"} if factor else set())


LOSSES = """
def hinge(scores, y):
    n = len(y)
    slack = np.maximum(0, 1 + scores - scores[np.arange(n), y][:, None])
    slack[np.arange(n), y] = 0
    grad = (slack > 0) / n
    grad[np.arange(n), y] -= grad.sum(axis=1)
    return slack.sum() / n, grad
def model_loss(W, X, y, reg):
    n = X.shape[0]
    s = X @ W
    p = np.exp(s - s.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    loss = -np.log(p[np.arange(n), y]).mean() + reg * (W**2).sum()
    p[np.arange(n), y] -= 1
    dW = X.T @ p / n + 2 * reg * W
    return loss, dW
class SquaredLoss:
    def forward(self, A, Y):
        self.A, self.Y = A, Y
        return ((A - Y) ** 2).mean()
    def backward(self):
        return 2 * (self.A - self.Y) / self.A.size
class Rowwise:
    def forward(self, y_pred, y_true):
        return ((y_pred - y_true) ** 2).mean(axis=-1)
    def backward(self, dvalues, y_true):
        self.dinputs = 2 * (dvalues - y_true) / dvalues.size
"""


@pytest.mark.parametrize(
    ("name", "checked"),
    [
        ("hinge", {"scores"}),
        ("model_loss", {"W"}),
        ("SquaredLoss", {"A"}),
        ("Rowwise", {"y_pred"}),
    ],
)
def test_losses_are_read(name, checked):
    loss = getattr(load(LOSSES), name)
    assert set(adapt(loss).checked) == checked
    assert check(loss, laws=["gradient", "shape"]).status is Status.PASS


NETWORK = """
def forward_propagation(X, parameters):
    A1 = np.tanh(parameters["W1"] @ X + parameters["b1"])
    Z2 = parameters["W2"] @ A1 + parameters["b2"]
    return 1 / (1 + np.exp(-Z2)), {"A1": A1, "A2": 1 / (1 + np.exp(-Z2))}
def compute_cost(A2, Y):
    return -np.sum(Y * np.log(A2) + (1 - Y) * np.log(1 - A2)) / Y.shape[1]
def backward_propagation(parameters, cache, X, Y):
    m = X.shape[1]
    d2 = cache["A2"] - Y
    d1 = parameters["W2"].T @ d2 * (1 - cache["A1"] ** 2)
    return {
        "dW1": d1 @ X.T / m, "db1": d1.sum(axis=1, keepdims=True) / m,
        "dW2": d2 @ cache["A1"].T / m, "db2": FACTOR * d2.sum(axis=1, keepdims=True) / m,
    }
"""


def test_a_whole_network_is_read_and_each_gradient_is_checked():
    for factor, failing in (("1", set()), ("2", {"b2"})):
        made = load(NETWORK.replace("FACTOR", factor))
        pair = (made.forward_propagation, made.backward_propagation)
        report = check(pair, laws=["gradient"])
        assert {f.tensor for f in report.findings} == {"W1", "b1", "W2", "b2"}
        assert {f.tensor for f in report.failures} == failing, str(report)


POOL = """
class Pool:
    def __init__(self, size=2, stride=1):
        self.k, self.s = size, stride
    def forward(self, x):
        self.x, k, s = x, self.k, self.s
        h, w = (x.shape[2] - k) // s + 1, (x.shape[3] - k) // s + 1
        out = np.zeros((*x.shape[:2], h, w))
        for i in range(h):
            for j in range(w):
                out[:, :, i, j] = x[:, :, i*s:i*s+k, j*s:j*s+k].mean(axis=(2, 3))
        return out
    def backward(self, dout):
        dx, k, s = np.zeros_like(self.x), self.k, STRIDE
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                dx[:, :, i*s:i*s+k, j*s:j*s+k] += dout[:, :, i:i+1, j:j+1] / k**2
        return dx
"""


def test_a_mistake_that_only_another_stride_shows_is_found():
    right, wrong = (load(POOL.replace("STRIDE", s)).Pool for s in ("self.s", "1"))
    (note,) = [note for note in adapt(right).notes if note.startswith("checked with")]
    assert note == "checked with x (m, c, h, w); size 2, stride 1 and size 3 and stride 2"
    assert check(right, laws=["gradient"]).status is Status.PASS
    assert check(wrong, laws=["gradient"]).status is Status.FAIL


def test_a_mistake_that_only_three_dimensions_show_is_found():
    source = """
    def center_forward(x):
        return x - x.mean(axis=-1, keepdims=True), x.shape
    def center_backward(dout, cache):
        return dout - dout.sum(axis=-1, keepdims=True) / ROW
    """
    for row, status in (("cache[-1]", Status.PASS), ("dout[0].size", Status.FAIL)):
        made = load(source.replace("ROW", row))
        pair = (made.center_forward, made.center_backward)
        assert check(pair, laws=["gradient"]).status is status


def test_examples_are_rows_or_columns_as_the_code_has_them():
    source = """
    class Shares:
        def forward(self, x):
            e = np.exp(x - x.max(axis=AXIS, keepdims=True))
            self.p = e / e.sum(axis=AXIS, keepdims=True)
            return self.p
        def backward(self, dout):
            return self.p * (dout - (dout * self.p).sum(axis=AXIS, keepdims=True))
    """
    for axis in ("0", "1"):
        report = check(load(source.replace("AXIS", axis)).Shares)
        assert report.status is Status.PASS, str(report)


def test_dropout_is_checked_at_a_fixed_mask_and_that_is_stated():
    source = """
    class Drop:
        def __init__(self, rate=0.4):
            self.keep = 1 - rate
        def forward(self, x):
            self.mask = (np.random.rand(*x.shape) < self.keep) / self.keep
            return x * self.mask
        def backward(self, dout):
            return dout * MASK
    """
    right, wrong = (load(source.replace("MASK", m)).Drop for m in ("self.mask", "1"))
    assert check(right).status is Status.PASS
    assert any("it is random" in note for note in adapt(right).notes)
    assert check(wrong, laws=["gradient"]).status is Status.FAIL


@pytest.mark.parametrize(
    ("body", "error"), [("pass", NotImplementedYetError), ("self.x.sum()", NoResultError)]
)
def test_a_backward_that_leaves_nothing_is_not_read(body, error):
    source = f"""
    class Half:
        def forward(self, x):
            self.x = x
            return 2 * x
        def backward(self, dout):
            {body}
    """
    with pytest.raises(error):
        adapt(load(source).Half)
