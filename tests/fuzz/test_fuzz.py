"""Random small layers through `check` and through the command: no exception, no wrong verdict.

GRADLAB_PROFILE=deep tox -e deep      2,000 layers, 300 of them through the command
"""

import json
import os

import numpy as np
import pytest
from click.testing import CliRunner
from grammar import HALF, RIGHT, WRONG, draw

from gradlab import GradlabError, Status, check
from gradlab.cli import cli

DEEP = os.environ.get("GRADLAB_PROFILE") == "deep"
CHECKED = range(2000 if DEEP else 60)
#: Of others than `check` has seen, so that both together see more.
COMMANDED = range(2000, 2300 if DEEP else 2040)

BUG = "a bug of gradlab's"
# Not all right layers have to be understood, but most: a tool that refuses makes no mistakes.
UNDERSTOOD = 0.8


def overflows(layer):
    """Whether the grammar's formulas overflow for large numbers, as the law `extremes` reports."""
    return "np.exp(x)" in layer.source or "np.exp(-x)" in layer.source


def problem(layer, failed, status, messages):
    """Return what is wrong with a verdict; empty if nothing is.

    `failed` are the names of the laws that failed.
    """
    text = f"layer {layer.number} ({layer.truth}; {layer.mistake}): {status}"
    if any(BUG in message for message in messages):
        return f"{text}: {[message for message in messages if BUG in message]}"
    if layer.truth == RIGHT and failed - ({"extremes"} if overflows(layer) else set()):
        return f"{text} of {sorted(failed)}"
    if layer.truth in (WRONG, HALF) and status == "pass":
        return text
    return ""


def define(layer):
    np.random.seed(layer.number)
    names = {"__name__": "layers"}
    exec(compile(layer.source, f"layer {layer.number}", "exec"), names)  # noqa: S102 - our own grammar
    return names[layer.name]


def verdict(layer):
    """Check a layer; return the laws that failed, the status and the messages."""
    try:
        report = check(define(layer))
    except GradlabError as error:
        return set(), "refused", [str(error)]
    failed = {finding.law for finding in report.failures}
    return failed, report.status.value, [finding.message for finding in report.findings]


@pytest.mark.parametrize("number", CHECKED)
def test_a_layer_has_the_verdict_that_is_true(number):
    layer = draw(number)
    assert problem(layer, *verdict(layer)) == ""


def test_most_right_layers_pass():
    layers = [layer for layer in map(draw, range(3000, 3040)) if layer.truth == RIGHT]
    layers = [layer for layer in layers if not overflows(layer)][:12]
    passed = [check(define(layer), laws=["gradient"]).status is Status.PASS for layer in layers]
    assert np.mean(passed) >= UNDERSTOOD


@pytest.fixture(scope="module")
def commanded(tmp_path_factory):
    """Check layers through the command, several in a file; return layers, exit code and data."""
    folder = tmp_path_factory.mktemp("layers")
    layers, files = [draw(number) for number in COMMANDED], []
    for layer in layers:
        fitting = [file for file in files if layer.name not in file and len(file) < 8]
        (fitting[0] if fitting else files.append({}) or files[-1])[layer.name] = layer
    found = {}
    for number, file in enumerate(files):
        sources = [layer.source.removeprefix("import numpy as np\n") for layer in file.values()]
        (folder / f"file{number}.py").write_text("import numpy as np\n" + "".join(sources))
        found |= {(f"file{number}.py", layer.name): layer for layer in file.values()}
    ran = CliRunner().invoke(cli, ["check", str(folder), "--json", "-"])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return found, ran.exit_code, json.loads(ran.stdout)


def test_the_command_reports_every_layer(commanded):
    found, code, data = commanded
    names = {tuple(s["name"].split("::")) for s in data["subjects"]}
    assert {(file.split("/")[-1], name) for file, name in names} == set(found)
    assert code == 1  # some of the wrong ones fail


def test_the_command_has_the_verdicts_that_are_true(commanded):
    found, _, data = commanded
    problems = []
    for subject in data["subjects"]:
        file, name = subject["name"].split("::")
        layer = found[file.split("/")[-1], name]
        failed = {f["law"] for f in subject["findings"] if f["status"] == "fail"}
        messages = [f["message"] for f in subject["findings"]]
        problems.append(problem(layer, failed, subject["status"], messages))
    assert list(filter(None, problems)) == []


@pytest.mark.parametrize(
    ("truth", "failed", "status", "messages"),
    [
        (RIGHT, {"gradient"}, "fail", []),
        (RIGHT, {"extremes"}, "fail", []),
        (WRONG, set(), "pass", []),
        (HALF, set(), "pass", []),
        (RIGHT, set(), "error", [f"gradlab failed in law shape ({BUG}; please report it): …"]),
    ],
)
def test_a_wrong_verdict_would_be_noticed(truth, failed, status, messages):
    layer = next(one for one in map(draw, range(99)) if one.truth == truth and not overflows(one))
    assert problem(layer, failed, status, messages)
    assert not problem(layer, set(), "inconclusive", [])
