"""``gradlab record`` and ``gradlab compare`` on files."""

import shutil

import pytest
from click.testing import CliRunner

from gradlab.baseline import load
from gradlab.baseline.api import compare
from gradlab.cli import cli


@pytest.fixture
def command(tmp_path, root, monkeypatch):
    """Run the command in a folder that has the three versions of the network."""
    for path in (root / "examples" / "refactor").glob("*.py"):
        shutil.copy(path, tmp_path)
    monkeypatch.chdir(tmp_path)

    def run(*arguments):
        ran = CliRunner().invoke(cli, arguments)
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
        return ran.exit_code, ran.output

    return run


def test_the_three_versions(command, tmp_path):
    code, out = command("record", "loop.py::Network", "net.json")
    assert code == 0
    assert out.splitlines()[-1] == "written: net.json"
    first = (tmp_path / "net.json").read_bytes()
    assert load(tmp_path / "net.json").made_by == "gradlab record loop.py::Network --seed 0"
    command("record", "loop.py::Network", "net.json")
    assert (tmp_path / "net.json").read_bytes() == first

    assert command("compare", "loop.py", "net.json")[0] == 0
    code, out = command("compare", "vectorized.py::Network", "net.json")
    assert code == 0
    assert " ulp apart, " in out
    code, out = command("compare", "wrong_order.py::Network", "net.json")
    assert code == 1
    assert "FAIL  Network: same trajectory of W1 after step 1" in out
    assert "run again: gradlab compare wrong_order.py::Network net.json" in out


def test_a_worker_records_what_python_records(command, tmp_path, version):
    command("record", "vectorized.py::Network", "net.json", "--seed", "3")
    report = compare(version("vectorized"), tmp_path / "net.json")
    assert report.seed == 3
    # The worker has one thread and this process may have more, so that only the bits may differ.
    assert report.passed


MANY = """
import numpy as np
class A:
    def __init__(self, shape): pass
    def forward(self, Z): self.A = np.exp(Z)
    def backward(self, upstream_grad): self.dZ = upstream_grad * self.A
class B(A):
    def forward(self, Z): self.A = 1 / 0
class C(A):
    def forward(self, Z):
        while True: pass
def train(X, Y):
    rng = np.random.randn(3)
    return list(rng)
"""


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["record", "many.py", "x.json"], "many.py holds A, B, C; say which, as in many.py::A"),
        (["record", "many.py::Z", "x.json"], "many.py has no Z; it has A, B, C"),
        (["record", "none.py::A", "x.json"], "none.py does not exist; look for a slip in the path"),
        (
            ["record", "many.py::B", "x.json"],
            "B.forward raised ZeroDivisionError: division by zero (many.py, line 8: def forward",
        ),
        (
            ["record", "many.py::C", "x.json", "--deadline", "1.5"],
            "C.forward did not finish within 1.5 s of CPU time; look for a loop that never ends",
        ),
        (
            ["record", "many.py::A", "loop.py"],
            "loop.py is no gradlab baseline: it is no JSON; give another path; it is not overwr",
        ),
        (["compare", "many.py::A", "x.json"], "x.json does not exist; record a baseline there fi"),
        (
            ["record", "many.py::A", "x.json", "--convention", "b"],
            "--convention b is not known; known are article, coursera, cs231n",
        ),
    ],
    ids=["several", "no name", "no file", "raises", "loops", "in the way", "missing", "convention"],
)
def test_a_mistake_is_one_line(command, tmp_path, arguments, message):
    (tmp_path / "many.py").write_text(MANY)
    before = (tmp_path / "loop.py").read_bytes()
    code, out = command(*arguments)
    assert code == 2
    assert out.startswith(f"Error: {message}"), out
    assert len(out.splitlines()) == 1
    assert (tmp_path / "loop.py").read_bytes() == before
    assert not (tmp_path / "x.json").exists()


def test_unseeded_global_randomness_is_the_same_in_every_run(command, tmp_path):
    (tmp_path / "many.py").write_text(MANY)
    code, out = command("record", "many.py::train", "x.json")
    assert code == 0
    assert out.splitlines()[0] == "train: trajectory of cost over 3 steps, by train(X, Y)"
    assert command("compare", "many.py::train", "x.json")[0] == 0
