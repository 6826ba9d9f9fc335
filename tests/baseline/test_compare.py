import random

import numpy as np
import pytest

from gradlab.adapters import adapt
from gradlab.baseline.api import compare, make, record
from gradlab.baseline.comparison import compare_array
from gradlab.baseline.evaluate import prepare
from gradlab.baseline.findings import compare_code
from gradlab.baseline.recordable import Code
from gradlab.baseline.store import load
from gradlab.errors import CodeUnderTestError, GradlabError
from gradlab.faults import Evidence, registry
from gradlab.faults.registry import Label
from gradlab.records import Status
from gradlab.reference import LinearLayer, SigmoidLayer, compute_cost

#: What a mutant does otherwise at generic values, on its first call.
SHOWS = {
    *(Evidence.GRADIENT, Evidence.FUNCTION, Evidence.SHAPE, Evidence.SPECIAL_SHAPE),
    Evidence.ROUNDING,
}


def messages(report):
    return [f.message for f in report.findings if f.status is not Status.PASS]


@pytest.mark.parametrize("obj", ["network", LinearLayer, compute_cost, "pair"])
def test_two_recordings_are_identical_to_the_byte(obj, version, tmp_path):
    pair = (lambda x, w: (x @ w, (x, w)), lambda dout, c: (dout @ c[1].T, c[0].T @ dout))
    named = {"network": version("loop"), "pair": pair}
    obj = named[obj] if isinstance(obj, str) else obj
    paths = [tmp_path / f"{i}.json" for i in range(2)]
    for path in paths:
        np.random.standard_normal(3)  # wherever the global generator stands
        record(obj, path, seed=5)
    first, second = (path.read_bytes() for path in paths)
    assert first == second
    report = compare(obj, paths[0])
    assert (report.status, report.seed) == (Status.PASS, 5)
    assert {f.message for f in report.findings} == {"the same bits as recorded"}


def test_another_seed_is_another_baseline(tmp_path):
    first, second = (record(SigmoidLayer, tmp_path / f"{s}.json", seed=s) for s in (0, 1))
    assert first.places[0].results[0].digest != second.places[0].results[0].digest


def test_the_global_generators_are_left_as_they_were(tmp_path, version):
    np.random.seed(3)
    random.seed(3)
    before = np.random.get_state()[1].tolist(), random.getstate()
    record(version("loop"), tmp_path / "a.json")
    assert (np.random.get_state()[1].tolist(), random.getstate()) == before


def test_vectorizing_is_rounding_and_is_measured(recorded, version):
    report = compare(version("vectorized"), recorded(version("loop")))
    assert report.passed
    apart = [f for f in report.findings if f.got is not None]
    assert apart
    assert all(0 < abs(f.got - f.expected) <= f.bound for f in apart)
    assert all(f.bound < 1e-13 for f in apart)
    assert any("within what rounding explains, at most" in n for n in report.subjects[0].notes)


def test_the_update_in_the_wrong_order_is_found_at_its_step(recorded, version):
    report = compare(version("wrong_order"), recorded(version("loop")))
    (failed,) = report.failures
    assert (failed.law, failed.tensor) == ("same trajectory", "W1 after step 1")
    assert failed.index[0] == 0
    assert failed.notes == (
        "off from the same step on: b1",
        "off later: cost at step 2, W2 after step 2, b2 after step 2",
        (
            "outputs and gradients are as recorded, so look at the update: its order, its rate, "
            "and which values it uses"
        ),
    )
    assert {f.law for f in report.findings if f.status is Status.PASS} == {
        "same output",
        "same gradient",
    }


def code(name):
    return Code(name, registry.subject(name), None, {}, lambda: None)


@pytest.fixture(scope="module")
def correct():
    """The baseline of everything correct that has a gradient."""
    names = {e.target.name for e in registry.variants() if e.has_subject}
    return {name: make(code(name), seed=0, made_by="") for name in sorted(names)}


def test_every_near_miss_is_within_rounding(correct):
    entries = [e for e in registry.variants(label=Label.NEAR_MISS) if e.has_subject]
    moved = {
        entry.name: messages(report)
        for entry in entries
        if not (
            report := compare_code(correct[entry.target.name], code(entry.name), rerun="")
        ).passed
    }
    assert moved == {}
    assert len(entries) >= 70


def test_every_mutant_that_computes_something_else_is_found(correct):
    entries = [
        e for e in registry.variants(label=Label.MUTANT) if e.has_subject and e.evidence in SHOWS
    ]
    missed = [
        entry.name
        for entry in entries
        if compare_code(correct[entry.target.name], code(entry.name), rerun="").status
        is not Status.FAIL
    ]
    assert missed == []
    assert len(entries) >= 80


@pytest.mark.parametrize("array", [(3, 5), (40, 50)], ids=["small", "large"])
@pytest.mark.parametrize("factor", [0.1, 10.0])
def test_the_line_is_drawn_where_it_is_said_to_be(array, factor, recorded):
    """An entry is moved by a multiple of what is allowed, and only beyond that it is a change."""
    layer = LinearLayer((array[1], 2), array[0])
    baseline = load(recorded(layer))
    place = baseline.places[0]
    (result,) = [r for r in place.results if r.name == "gradient of W"]
    with_gradient = np.zeros(result.shape)
    same = compare_array(baseline, place, result, with_gradient)
    assert same.beyond > 0  # zeros are none of it
    code_ = Code("L", adapt(layer), None, {}, lambda: None)
    run = prepare(code_, place.sizes, baseline.seed, place.number, training=False)
    now = run.results()["gradient", "W"]
    assert compare_array(baseline, place, result, now).same
    largest = np.max(np.abs(now))
    now[1, 2] += factor * same.sensitivity * largest
    found = compare_array(baseline, place, result, now)
    assert not found.same
    assert bool(found.beyond) == (factor > 1)


def test_what_is_not_repeatable_is_not_recorded(tmp_path):
    class Noisy:
        def forward(self, Z):
            self.A = Z + np.random.default_rng().standard_normal(Z.shape)

        def backward(self, upstream_grad):
            self.dZ = upstream_grad * 1

    with pytest.raises(CodeUnderTestError) as caught:
        record(Noisy, tmp_path / "a.json")
    assert str(caught.value) == (
        "Noisy: output differs in a second evaluation at the same values; seed its "
        "randomness, or take out what it remembers between runs"
    )
    assert list(tmp_path.iterdir()) == []


def test_the_global_generator_is_the_same_for_every_run(recorded):
    class Dropout:
        def forward(self, Z):
            self.mask = np.random.rand(*Z.shape) > 0.5
            self.A = Z * self.mask

        def backward(self, upstream_grad):
            self.dZ = upstream_grad * self.mask

    assert compare(Dropout, recorded(Dropout)).passed


class Single:
    """A linear layer in single precision, that returns double."""

    def __init__(self, input_shape, n_out):
        self.params = {"W": np.zeros((n_out, input_shape[0]))}

    def forward(self, X):
        self.X = X.astype(np.float32)
        self.Z = self.product(self.params["W"].astype(np.float32)).astype(float)

    def product(self, W):
        return W @ self.X

    def backward(self, upstream_grad):
        self.dW = (upstream_grad.astype(np.float32) @ self.X.T).astype(float)


class SingleInAnotherOrder(Single):
    def product(self, W):
        terms = W[:, :, None] * self.X
        return terms[:, ::-1].cumsum(axis=1, dtype=np.float32)[:, -1]


class SingleWithAnOffset(Single):
    def product(self, W):
        return W @ self.X + np.float32(1e-3)


def test_single_precision_inside_is_seen_in_the_results(recorded):
    path = recorded(Single)
    assert {place.precision for place in load(path).places} == {"float32"}
    assert compare(SingleInAnotherOrder, path).passed
    assert messages(compare(SingleWithAnOffset, path))


def test_an_argument_that_is_renamed_and_another_order_of_parameters_change_nothing(recorded):
    class Renamed:
        def __init__(self, input_shape, n_out):
            self.params = {"b": np.zeros((n_out, 1)), "W": np.zeros((n_out, input_shape[0]))}

        def forward(self, inputs):
            self.inputs = inputs
            self.Z = self.params["W"] @ inputs + self.params["b"]

        def backward(self, upstream_grad):
            self.dW = upstream_grad @ self.inputs.T
            self.db = np.sum(upstream_grad, axis=1, keepdims=True)
            self.dinputs = self.params["W"].T @ upstream_grad

    class Original:
        def __init__(self, input_shape, n_out):
            self.params = {"W": np.zeros((n_out, input_shape[0])), "b": np.zeros((n_out, 1))}

        def forward(self, X):
            self.X = X
            self.Z = self.params["W"] @ X + self.params["b"]

        def backward(self, upstream_grad):
            self.dW = upstream_grad @ self.X.T
            self.db = np.sum(upstream_grad, axis=1, keepdims=True)
            self.dX = self.params["W"].T @ upstream_grad

    report = compare(Renamed, recorded(Original))
    assert report.passed
    assert len(report.findings) == 4


def altered(**methods):
    base = {
        "__init__": lambda self, shape: None,
        "forward": lambda self, Z: setattr(self, "A", Z * 2),
        "backward": lambda self, upstream_grad: setattr(self, "dZ", upstream_grad * 2),
    }
    return type("Double", (), {**base, **methods})


def no_gradient(self, upstream_grad):
    self.dA = None
    return np.array(0.0)


def raising(self, upstream_grad):
    msg = "not today"
    raise ValueError(msg)


WHERE = "; at all sizes distinct (n_in=4, m=2)"


@pytest.mark.parametrize(
    ("methods", "status", "message"),
    [
        (
            {"forward": lambda self, Z: setattr(self, "A", np.float32(Z * 2))},
            Status.FAIL,
            "output has dtype float32, recorded float64" + WHERE,
        ),
        (
            {"backward": lambda self, g: setattr(self, "dZ", g.T * 2)},
            Status.FAIL,
            "gradient of Z has shape (2, 4), recorded (4, 2)" + WHERE,
        ),
        (
            {"backward": raising},
            Status.ERROR,
            "Double.backward raised ValueError: not today",
        ),
        (
            {"forward": lambda self, Z: setattr(self, "A", Z * np.nan)},
            Status.FAIL,
            "got nan, recorded",
        ),
        (
            {"forward": lambda self, Z: setattr(self, "A", Z * (2 + 1e-9))},
            Status.FAIL,
            "5.0e-10 of it; rounding explains",
        ),
    ],
    ids=["dtype", "shape", "raises", "nan", "a little"],
)
def test_what_has_changed_is_named(methods, status, message, recorded):
    report = compare(altered(**methods), recorded(altered()))
    assert report.status is status
    assert any(message in told for told in messages(report)), messages(report)


def test_a_change_is_told_in_full(recorded):
    def forward(self, Z):
        self.A = Z * 2
        self.A[-1, -1] *= 1 + 2**-20

    path = recorded(altered())
    report = compare(altered(forward=forward), path)
    (failed,) = report.failures
    # Doubling is exact, and so is this change: the distance is the same on every machine.
    assert 2**31 < abs(failed.got - failed.expected) / np.spacing(abs(failed.expected)) < 2**34
    assert (failed.law, failed.tensor, failed.index) == ("same output", "", (3, 1))
    assert failed.rerun == f"gradlab.compare(Double, {str(path)!r})"
    assert failed.message.startswith("output, entry [3, 1]: got ")
    assert " ulp apart, 9.5e-07 of it; rounding explains " in failed.message
    assert failed.message.endswith(f"; 1 of 8 are off{WHERE}")


def test_other_tensors_are_another_thing(recorded):
    (told,) = messages(compare(SigmoidLayer, recorded(LinearLayer)))[:1]
    assert told == (
        "it takes Z (4, 2); recorded with A_prev (4, 2), W (3, 4), b (3, 1); at all sizes "
        "distinct (n_in=4, m=2, n_out=3)"
    )


def test_zeros_of_another_sign_are_other_bits_and_no_change(recorded):
    class Zero(altered()):
        def forward(self, Z):
            self.A = Z * 0

    class Positive(Zero):
        def forward(self, Z):
            self.A = np.zeros_like(Z)

    report = compare(Positive, recorded(Zero))
    assert report.passed
    assert (
        "output: within what rounding explains, output has other bits in the same numbers"
        in report.subjects[0].notes
    )


def test_values_that_are_drawn_otherwise_are_not_compared(recorded, monkeypatch):
    path = recorded(SigmoidLayer)
    monkeypatch.setattr("gradlab.baseline.evaluate._stream", lambda *_: np.random.default_rng(1))
    report = compare(SigmoidLayer, path)
    assert report.status is Status.INCONCLUSIVE
    assert messages(report)[0].startswith(
        "the values drawn for Z, upstream 0 are not those of the record, although the seed is: "
        "gradlab or NumPy draws otherwise now, so that nothing can be compared; record again"
    )


def test_versions_that_differ_are_said(recorded, monkeypatch):
    path = recorded(SigmoidLayer)
    monkeypatch.setattr("gradlab.baseline.model.np.__version__", "99.0")
    notes = compare(SigmoidLayer, path).subjects[0].notes
    assert any(n.startswith("recorded with numpy ") and n.endswith("numpy 99.0") for n in notes)


def test_what_the_baseline_lacks_is_said(recorded):
    class Layer(altered()):
        def __init__(self, input_shape, n_out):
            self.params = {"W": np.zeros((n_out, input_shape[0]))}

        def forward(self, X):
            self.X, self.Z = X, self.params["W"] @ X

        def backward(self, upstream_grad):
            self.dW = upstream_grad @ self.X.T
            self.dX = self.params["W"].T @ upstream_grad

    class Trained(Layer):
        def update_params(self, learning_rate):
            self.params["W"] = self.params["W"] - learning_rate * self.dW

    path = recorded(Layer)
    assert load(path).left_out == {
        "trajectory": "Layer has no train_step(X, Y), train(X, Y) or update_params(learning_rate)"
    }
    notes = compare(Trained, path).subjects[0].notes
    assert "trajectory can be recorded now, and is not in the baseline: record again" in notes
    report = compare(Layer, recorded(Trained))
    assert report.status is Status.ERROR
    (told,) = messages(report)
    assert told == (
        "Layer has no train_step(X, Y), train(X, Y) or update_params(learning_rate); at training "
        "(n_in=4, m=5, n_out=3)"
    )


def test_what_cannot_be_run_at_all_says_both_reasons(tmp_path):
    with pytest.raises(GradlabError) as caught:
        record(3, tmp_path / "a.json")
    assert str(caught.value).endswith(
        "; nor can it be trained: int keeps no parameters that training could change"
    )


def test_results_that_are_no_real_numbers_are_refused(tmp_path):
    layer = altered(forward=lambda self, Z: setattr(self, "A", Z * 1j))
    with pytest.raises(GradlabError, match=r"^output came as complex128; a baseline holds real"):
        record(layer, tmp_path / "a.json")


def test_a_seed_below_zero_is_refused(tmp_path):
    with pytest.raises(GradlabError, match=r"^a seed is a whole number from 0 on, got -1$"):
        record(SigmoidLayer, tmp_path / "a.json", seed=-1)
