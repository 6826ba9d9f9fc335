"""Exceptions of gradlab's own become findings; everything else is checked all the same."""

import json
import sys
from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

from gradlab import Status, check, check_gradients, laws, run_laws
from gradlab.adapters import reference_twin
from gradlab.cli import cli
from gradlab.errors import GradlabError, InternalError, internal_errors
from gradlab.kinds import Kind

CHECKED = ("gradient", "shape", "reference", "purity")
BUG = "(a bug of gradlab's; please report it)"

TANH = """import numpy as np


class {name}:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = np.tanh(Z)

    def backward(self, upstream_grad):
        self.dZ = upstream_grad * (1 - self.A**2)
"""

# In the worker: an adapter that raises, in a line of gradlab's, for objects of one name.
BREAKS_ADAPTER = """
import gradlab.adapters.reference_twin as room

room._DECORATION = None
"""


class TanhLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)

    def forward(self, Z):
        self.A = np.tanh(Z)

    def backward(self, upstream_grad):
        self.dZ = upstream_grad * (1 - self.A**2)


def raise_value_error(*_args, **_kwargs):
    message = "planted"
    raise ValueError(message)


def raise_runtime_error(*_args, **_kwargs):
    message = "planted"
    raise RuntimeError(message)


@pytest.fixture
def broken_law(monkeypatch):
    """Let the law `shape` raise."""
    known = tuple(
        replace(law, check=raise_value_error) if law.name == "shape" else law
        for law in laws.LAWS[Kind.LAYER]
    )
    monkeypatch.setitem(laws.LAWS, Kind.LAYER, known)


@pytest.fixture
def broken_twin(monkeypatch):
    """Let the reference that a layer is compared with raise: no refusal, which is a ValueError."""
    monkeypatch.setattr(reference_twin._LayerSession, "forward", raise_runtime_error)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Two files: a layer named like a reference, and one that is not."""
    (tmp_path / "first.py").write_text(TANH.format(name="TanhLayer"))
    (tmp_path / "second.py").write_text(TANH.format(name="Squash"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def errors(report):
    return [finding for finding in report.findings if finding.status is Status.ERROR]


def run(*arguments):
    laws_evaluated = [part for name in CHECKED for part in ("--law", name)]
    ran = CliRunner().invoke(cli, ["check", *arguments, *laws_evaluated, "--json", "-"])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran.exit_code, json.loads(ran.stdout)


def statuses(data):
    return {subject["name"]: subject["status"] for subject in data["subjects"]}


def test_an_exception_is_named_with_its_line():
    with pytest.raises(InternalError) as caught, internal_errors("law shape"):
        laws.selection.split(3)
    assert str(caught.value).startswith(f"gradlab failed in law shape {BUG}: TypeError: expected")
    assert ", at gradlab.laws.selection:" in str(caught.value)


@pytest.mark.parametrize("error", [GradlabError, KeyboardInterrupt, SystemExit])
def test_errors_in_use_and_interrupts_pass_through(error):
    with pytest.raises(error) as caught, internal_errors("law shape"):
        raise error
    assert type(caught.value) is error


@pytest.mark.usefixtures("broken_law")
def test_a_law_that_raises_is_an_error_and_the_other_laws_are_evaluated():
    report = check(TanhLayer, laws=CHECKED)
    (error,) = errors(report)
    assert error.law == "shape"
    assert error.message.startswith(f"gradlab failed in law shape {BUG}: ValueError: planted, at ")
    assert {f.law for f in report.findings} >= set(CHECKED)
    assert report.status is Status.ERROR


@pytest.mark.usefixtures("broken_twin")
def test_a_twin_that_raises_is_an_error_of_the_laws_that_use_it():
    report = check(TanhLayer, laws=CHECKED)
    assert "reference" in {finding.law for finding in errors(report)}
    assert all(BUG in finding.message for finding in errors(report))
    passed = {f.law for f in report.findings if f.status is Status.PASS}
    assert "gradient" in passed


def test_an_adapter_that_raises_is_an_error(monkeypatch):
    monkeypatch.setattr("gradlab.checks.adapt_any", raise_value_error)
    (error,) = errors(check(TanhLayer, laws=CHECKED))
    assert f"gradlab failed in the adaptation of TanhLayer {BUG}: ValueError" in error.message


def test_a_search_that_raises_is_an_error(monkeypatch):
    monkeypatch.setattr(run_laws, "explore", raise_value_error)
    report = check(TanhLayer, laws=CHECKED)
    (error,) = errors(report)
    assert error.message.startswith("gradlab failed in the search for points")
    assert "gradient" in {finding.law for finding in report.findings}


def test_an_exception_of_the_engine_is_an_error(monkeypatch):
    monkeypatch.setattr(run_laws, "summarize", raise_value_error)
    (error,) = errors(check(TanhLayer, laws=CHECKED))
    assert f"gradlab failed in the check of TanhLayer {BUG}" in error.message


def test_an_exception_in_the_check_of_a_pair_is_an_error(monkeypatch):
    monkeypatch.setattr("gradlab.pair_check.summarize", raise_value_error)
    report = check_gradients(
        lambda v: v["x"] ** 2, lambda v, c: {"x": 2 * c * v["x"]}, {"x": np.ones(3)}
    )
    (error,) = errors(report)
    assert BUG in error.message


def test_an_interrupt_ends_the_check(monkeypatch):
    def interrupt(*_args, **_kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(run_laws, "summarize", interrupt)
    with pytest.raises(KeyboardInterrupt):
        check(TanhLayer, laws=CHECKED)


@pytest.mark.usefixtures("broken_law", "files")
def test_the_command_reports_every_file_when_a_law_raises():
    code, data = run("first.py", "second.py")
    assert code == 2
    assert statuses(data) == {"first.py::TanhLayer": "error", "second.py::Squash": "error"}
    for subject in data["subjects"]:
        assert {f["law"] for f in subject["findings"] if f["status"] == "error"} == {"shape"}


@pytest.mark.usefixtures("broken_twin", "files")
def test_the_command_reports_every_file_when_a_twin_raises():
    code, data = run("first.py", "second.py")
    assert code == 2
    assert statuses(data) == {"first.py::TanhLayer": "error", "second.py::Squash": "pass"}


def test_the_command_reports_every_file_when_an_adapter_raises(files):
    with (files / "first.py").open("a") as file:
        file.write(BREAKS_ADAPTER)
    (files / "third.py").write_text(BREAKS_ADAPTER + TANH.format(name="Squash"))
    code, data = run("first.py", "second.py", "third.py")
    assert code == 2
    found = statuses(data)
    assert found["second.py::Squash"] == "pass"
    assert found["first.py::TanhLayer"] == found["third.py::Squash"] == "error"
    messages = [f["message"] for s in data["subjects"] for f in s["findings"]]
    expected = f"gradlab failed in the request 'adapt' for TanhLayer {BUG}: AttributeError: "
    assert any(message.startswith(expected) for message in messages)


@pytest.mark.usefixtures("files")
def test_the_command_reports_every_file_when_discovery_raises(monkeypatch):
    monkeypatch.setattr("gradlab.worker.file_process.FileProcess.resolve", raise_value_error)
    code, data = run("first.py", "second.py")
    assert code == 2
    assert statuses(data) == {"first.py": "error", "second.py": "error"}


def test_pytest_reports_every_file_when_an_adapter_raises(files, pytester):
    (files / "first.py").write_text(TANH.format(name="TanhLayer") + BREAKS_ADAPTER)
    for name in ("first.py", "second.py"):
        (pytester.path / name).write_text((files / name).read_text())
    ran = pytester.run(
        sys.executable, "-m", "pytest", "--gradlab", "first.py", "second.py",
        "--junit-xml", "out.xml", "-p", "no:cacheprovider",
    )  # fmt: skip
    ran.assert_outcomes(failed=1, passed=1)
    assert BUG in ran.stdout.str()
    assert "INTERNALERROR" not in ran.stdout.str()
    assert "please report it" in (pytester.path / "out.xml").read_text()
