"""``gradlab check`` with laws chosen and left out, on the line and by the project."""

import json

import pytest
from click.testing import CliRunner

from gradlab.cli import cli

LAYERS = """
import numpy as np


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


class InPlace:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = np.tanh(Z)

    def backward(self, upstream_grad):
        upstream_grad *= 1 - self.A**2
        self.dZ = upstream_grad


class Adam:
    def __init__(self, lr=0.001):
        self.lr = lr

    def step(self, params, grads):
        return {k: p - self.lr * grads[k] for k, p in params.items()}
"""
OURS = "purity[upstream gradient]"


@pytest.fixture
def command(tmp_path, monkeypatch):
    """Run the command beside layers.py; the table is the project's [tool.gradlab]."""
    (tmp_path / "layers.py").write_text(LAYERS)
    monkeypatch.chdir(tmp_path)

    def run(*arguments, table=""):
        (tmp_path / "pyproject.toml").write_text(table)
        ran = CliRunner().invoke(cli, ["check", *arguments])
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
        return ran.exit_code, ran.output

    return run


@pytest.fixture
def checked(command):
    """Run the command; give back its code and the report as data."""

    def run(*arguments, table=""):
        code, out = command(*arguments, "--json", "-", table=table)
        return code, json.loads(out)

    return run


def asked(subject):
    return {(finding["law"], finding["tensor"]) for finding in subject["findings"]}


def test_laws_are_chosen_and_left_out(checked):
    options = ("--law", "purity", "--law", "shape", "--exempt", "purity[W]=a view = ours")
    code, report = checked("layers.py::Affine", "layers.py::InPlace", *options)
    affine, in_place = report["subjects"]
    assert (code, affine["status"], in_place["status"]) == (1, "pass", "fail")
    assert {law for law, _ in asked(affine)} == {"purity", "shape"}
    assert ("purity", "W") not in asked(affine)
    assert affine["notes"][-1] == "law 'purity' left out for W: a view = ours"
    assert not [note for note in in_place["notes"] if "left out" in note]
    assert in_place["findings"][0]["rerun"] == (
        "gradlab check layers.py::InPlace --law purity --law shape "
        "--exempt 'purity[W]=a view = ours' --seed 0"
    )
    assert report["notes"] == []


def test_what_fits_nothing_is_said(checked):
    _, report = checked("layers.py::Affine", "--law", "shape", "--exempt", "shape[w]=a slip")
    note = "exempt names 'shape[w]', of which nothing that was checked has a finding"
    assert report["notes"] == [note]


def test_the_projects_seed_and_exemptions_hold(checked, tmp_path, monkeypatch):
    table = f'[tool.gradlab]\nseed = 5\n[tool.gradlab.exempt]\n"{OURS}" = "ours"\ndescent = "no"'
    code, report = checked("layers.py::InPlace", "--law", "purity", table=table)
    (subject,) = report["subjects"]
    assert (code, report["seed"], report["notes"]) == (0, 5, [])
    assert subject["notes"][-1] == "law 'purity' left out for upstream gradient: ours"
    assert subject["findings"][0]["rerun"].endswith("--law purity --seed 5")

    (tmp_path / "below").mkdir()
    monkeypatch.chdir(tmp_path / "below")
    again = ("--seed", "0", "--exempt", f"{OURS}=mine")
    code, report = checked("../layers.py::InPlace", "--law", "purity", *again, table=table)
    (subject,) = report["subjects"]
    assert (code, report["seed"]) == (0, 0)
    assert subject["notes"][-1] == "law 'purity' left out for upstream gradient: mine"


@pytest.mark.parametrize(
    ("arguments", "table", "message"),
    [
        (["--law", "purty"], "", "no law is called 'purty'; did you mean purity?"),
        (["--exempt", "purty=why"], "", "no law is called 'purty'; did you mean purity?"),
        (
            ["--exempt", "purity"],
            "",
            "--exempt purity gives no reason; write --exempt 'purity=why it does not apply'",
        ),
        (
            ["--exempt", "=why"],
            "",
            "--exempt =why names no law; write --exempt 'LAW=why it does not apply'",
        ),
        (
            [],
            "[tool.gradlab]\nsede = 1",
            (
                "pyproject.toml, [tool.gradlab]: there is no key 'sede'; did you mean 'seed'? "
                "known are seed, examples, inconclusive, exempt"
            ),
        ),
        (
            [],
            "[tool.gradlab.exempt]\npurty = 'why'",
            "no law is called 'purty'; did you mean purity?",
        ),
    ],
)
def test_mistakes_are_refused(command, arguments, table, message):
    assert command("layers.py", *arguments, table=table) == (2, f"Error: {message}\n")


def test_companions_change_no_verdict_and_isolated_ignores_projects(checked, tmp_path):
    for name, seed in (("one", 3), ("two", 4)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "layers.py").write_text(LAYERS)
        exempt = f'[tool.gradlab.exempt]\n"{OURS}" = "ours"\n' if name == "one" else ""
        (folder / "pyproject.toml").write_text(f"[tool.gradlab]\nseed = {seed}\n{exempt}")
    law = ("--law", "purity")
    one, two = (f"{name}/layers.py::InPlace" for name in ("one", "two"))

    alone = [checked(target, *law)[1]["subjects"][0] for target in (one, two)]
    assert [(s["status"], s["exempt"]) for s in alone] == [("pass", {OURS: "ours"}), ("fail", {})]
    code, report = checked(one, two, *law)
    assert code == 1
    assert report["notes"] == ["one/layers.py: seed 3", "two/layers.py: seed 4"]
    for together, before in zip(report["subjects"], alone, strict=True):
        assert {**together, "name": before["name"]} == before

    code, report = checked(one, *law, "--isolated")
    (subject,) = report["subjects"]
    assert (code, report["seed"], subject["exempt"]) == (1, 0, {})
    assert subject["findings"][0]["rerun"].endswith("--law purity --isolated --seed 0")
