"""What Python accepts, files accept: optimizers, initializers, networks, … of a file."""

import numpy as np
import pytest

from gradlab import check
from gradlab.interfaces import InitialParameters, TrainingConfig
from gradlab.records import Status
from gradlab.worker import Options, check_files
from gradlab.worker.remote_interfaces import decode, encode
from gradlab.worker.shared_arrays import Registry

FILES = ("optimizers.py", "initializers.py", "batching.py", "networks.py")


@pytest.fixture
def checked(root, tmp_path):
    """Check an example as a file, with pieces of its text replaced."""

    def run(example, *replacements, name="", **options):
        source = (root / "examples" / example).read_text()
        for old, new in replacements:
            assert old in source, f"{example} has no {old!r}"
            source = source.replace(old, new)
        file = tmp_path / f"student_{example}"
        file.write_text(source)
        return check_files([f"{file}::{name}" if name else str(file)], Options(**options))

    return run


def content(subject):
    """The report of a subject, less how it is run again."""
    findings = [(f.law, f.tensor, f.status, f.message, f.evaluations) for f in subject.findings]
    return subject.name, subject.convention, findings, subject.notes


@pytest.mark.parametrize("file", FILES)
def test_a_file_gets_the_verdicts_that_its_objects_get(checked, student, file):
    module = student(file)
    report = checked(file)
    assert report.passed
    assert len(report.subjects) >= 2
    for subject in report.subjects:
        (in_python,) = check(getattr(module, subject.name)).subjects
        assert content(subject) == content(in_python)


@pytest.mark.parametrize(
    ("file", "name", "changes", "law"),
    [
        ("optimizers.py", "SGD", [("p - learning_rate", "p + learning_rate")], "descent"),
        (
            "initializers.py",
            "xavier_init",
            [("6 / (fan_in + fan_out)", "60 / fan_in")],
            "initial variance",
        ),
        (
            "batching.py",
            "iterate_batches",
            [("targets[chosen]", "targets[:len(chosen)]")],
            "pairs kept",
        ),
        (
            "networks.py",
            "Value",
            [
                ("other.grad += self.data * out.grad", "other.grad = self.data * out.grad"),
                # A set's order follows addresses, and with it which gradient is overwritten.
                ("set(children)", "dict.fromkeys(children)"),
            ],
            "shared parameters",
        ),
    ],
)
def test_a_fault_in_a_file_breaks_the_law_that_it_breaks_in_python(
    checked, student, file, name, changes, law
):
    report = checked(file, *changes, name=name)
    assert law in {finding.law for finding in report.failures}
    (in_python,) = check(getattr(student(file, *changes), name)).subjects
    assert content(report.subjects[0]) == content(in_python)


def written(tmp_path, code, name, **options):
    file = tmp_path / "student.py"
    file.write_text(f"import numpy as np\n{code}")
    return check_files([f"{file}::{name}"], Options(**options))


STEP = """
def update_sgd(params, grads, learning_rate=0.1):
    {first}
    return {{k: params[k] - learning_rate * grads[k] for k in params}}
"""


def test_what_the_code_does_to_its_arguments_shows_in_the_parent(tmp_path):
    clips = STEP.format(first="[np.clip(g, -0.1, 0.1, out=g) for g in grads.values()]")
    report = written(tmp_path, clips, "update_sgd", laws=("purity",))
    assert [finding.law for finding in report.failures] == ["purity"]
    copies = STEP.format(first="grads = {k: np.clip(g, -0.1, 0.1) for k, g in grads.items()}")
    assert written(tmp_path, copies, "update_sgd", laws=("purity",)).passed


def test_memory_that_two_optimizers_share_is_found(tmp_path):
    code = """
class Momentum:
    memory = {}
    def __init__(self, learning_rate=0.1, beta=0.9):
        self.learning_rate, self.beta = learning_rate, beta
    def step(self, params, grads):
        for k, g in grads.items():
            self.memory[k] = self.beta * self.memory.get(k, 0) + g
        return {k: p - self.learning_rate * self.memory[k] for k, p in params.items()}
"""
    report = written(tmp_path, code, "Momentum")
    assert "two instances" in {finding.law for finding in report.failures}
    own = code.replace("    memory = {}\n", "").replace(
        "= learning_rate, beta", "= learning_rate, beta\n        self.memory = {}"
    )
    assert written(tmp_path, own, "Momentum").passed


@pytest.mark.parametrize(
    ("first", "message"),
    [
        ("raise ValueError('no')", "update_sgd raised ValueError: no (student.py, line 4: raise"),
        ("while True: pass", "update_sgd did not finish within 2 s of CPU time; look for"),
        ("import os; os._exit(3)", "update_sgd ended its process with exit code 3, without a"),
    ],
)
def test_code_that_gives_no_result_is_an_error(tmp_path, first, message):
    report = written(tmp_path, STEP.format(first=first), "update_sgd", deadline=2.0)
    assert report.status is Status.ERROR
    assert report.findings[0].message.startswith(message)


LAYER = """
class Affine:
    def __init__(self, input_shape, n_out):
        self.params = {"W": np.ones((n_out, input_shape[0])), "b": np.zeros((n_out, 1))}

    def forward(self, A_prev):
        self.A_prev = A_prev
        self.Z = self.params["W"] @ A_prev + self.params["b"]

    def backward(self, upstream_grad):
        self.dW = upstream_grad @ self.A_prev.T
        self.db = np.sum(upstream_grad, axis=1, keepdims=True)
        self.dA_prev = self.params["W"].T @ upstream_grad

    def update_params(self, learning_rate):
        self.params["W"] = self.params["W"] - learning_rate * self.dW
        self.params["b"] = self.params["b"] - learning_rate * self.db
"""


def test_the_update_of_a_layer_is_checked_along_with_it(tmp_path):
    right = written(tmp_path, LAYER, "Affine", laws=("descent", "shape"))
    assert right.passed
    assert {finding.law for finding in right.findings} == {"descent", "shape"}
    ascends = LAYER.replace('self.params["b"] - learning', 'self.params["b"] + learning')
    wrong = written(tmp_path, ascends, "Affine", laws=("descent", "shape"))
    assert [(f.law, f.tensor) for f in wrong.failures] == [("descent", "b")]


def test_a_subject_to_which_no_named_law_applies_is_left_out_with_a_note(checked):
    report = checked("networks.py", laws=("update order",))
    assert [subject.name for subject in report.subjects] == ["fit", "fit_in_batches"]
    left_out = "TwoLayerNet is left out: it is a network, to which no law that was named applies"
    assert report.notes[0].endswith(left_out)


def test_like_and_exemptions_hold_for_a_file(checked):
    ascends = ("p - learning_rate", "p + learning_rate")
    exempt = {"descent": "it climbs", "optimizer trace": "it climbs", "two instances[W9]": "none"}
    report = checked("optimizers.py", ascends, name="SGD", like="gradient_descent", exempt=exempt)
    assert report.passed
    assert "law 'descent' left out: it climbs" in report.subjects[0].notes


VALUES = (
    None,
    True,
    3,
    0.1 + 0.2,
    float("inf"),
    "adam",
    [1, (2.5, "a")],
    {"W1": (1, 2), "b1": None},
    frozenset(("beta",)),
    TrainingConfig(3, 0.5, None, 7),
)


@pytest.mark.parametrize("value", VALUES, ids=str)
def test_plain_values_and_records_arrive_as_they_left(value):
    registry = Registry(0, weak=False)
    assert decode(encode(value, registry, id), registry, int) == value


def test_arrays_arrive_as_the_arrays_that_both_sides_share():
    registry = Registry(0, weak=False)
    W, b = np.eye(2), np.zeros(2)
    plain = encode((InitialParameters("layer", W, b), {"W": W}, np.float64(0.5)), registry, id)
    layer, named, half = decode(plain, registry, int)
    assert layer.W is named["W"] is W
    assert layer.b is b
    assert half == 0.5


def test_any_other_object_travels_as_a_number():
    registry, kept = Registry(0, weak=False), {}

    def keep(value):
        kept[len(kept)] = value
        return len(kept) - 1

    node = object()
    assert decode(encode([node], registry, keep), registry, kept.__getitem__) == [node]


@pytest.mark.parametrize("plain", [{"other": 1}, ["a bare list"], {"array": "1"}])
def test_what_encodes_no_value_is_refused(plain):
    with pytest.raises(TypeError):
        decode(plain, Registry(0, weak=False), int)
