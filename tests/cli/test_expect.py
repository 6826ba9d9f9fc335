"""``--expect``, ``--strict``, and what a report lists as not checked."""

import json

import pytest
from click.testing import CliRunner

from gradlab.cli import cli

FILE = """import numpy as np


class Squash:
    def forward(self, x):
        self.x = x
        return np.tanh(x)

    def backward(self, g):
        return g * (1 - np.tanh(self.x) ** 2)


def relu_forward_naive(x):
    return np.maximum(x, 0), x
"""

# No draw makes this array of three axes: the line stays.
NEVER = FILE.replace(
    "        return g *", "        if g.ndim == 7:\n            g = 2 * g\n        return g *"
)


@pytest.fixture
def run(tmp_path, monkeypatch):
    """Check the code as a file; return the exit code, the text and the data."""
    monkeypatch.chdir(tmp_path)

    def check(code, *options):
        (tmp_path / "layers.py").write_text(code)
        command = ["check", "layers.py", "--law", "gradient", *options]
        ran = CliRunner().invoke(cli, [*command, "--json", "out.json"])
        return ran.exit_code, ran.output, json.loads((tmp_path / "out.json").read_text())

    return check


def test_what_is_not_checked_is_in_the_text_and_in_the_data(run):
    code, text, data = run(FILE)
    assert code == 0
    (skipped,) = data["skipped"]
    assert skipped["name"] == "layers.py::relu_forward_naive"
    assert f"note: not checked: {skipped['name']}: {skipped['reason']}" in text
    assert "1 pass, 1 not checked" in text


def test_what_is_named_by_itself_lists_nothing_else(run, tmp_path):
    (tmp_path / "layers.py").write_text(FILE)
    ran = CliRunner().invoke(cli, ["check", "layers.py::Squash", "--law", "gradient"])
    assert ran.exit_code == 0
    assert "not checked" not in ran.output


def test_expected_names_that_are_there_change_nothing(run):
    assert run(FILE, "--expect", "Squash")[0] == 0


@pytest.mark.parametrize("name", ["Linear", "relu_forward_naive"])
def test_an_expected_name_that_is_not_checked_is_an_error(run, name):
    code, _, data = run(FILE, "--expect", f"Squash, {name}")
    assert code == 2
    (error,) = [subject for subject in data["subjects"] if subject["status"] == "error"]
    assert error["name"] == name
    (finding,) = error["findings"]
    why = "no backward belongs to it" if "naive" in name else "the files hold Squash"
    assert finding["message"].startswith(f"{name} is expected and was not checked: {why}")


def test_a_line_that_never_ran_is_inconclusive_where_that_is_strict(run):
    code, text, _ = run(NEVER)
    assert code == 0
    assert "never run: backward" in text
    code, text, data = run(NEVER, "--strict")
    assert code == 3
    assert {f["law"] for s in data["subjects"] for f in s["findings"]} == {"gradient", "coverage"}
    assert run(FILE, "--strict")[0] == 0
