"""Standard output that is closed, full, or of another encoding; exit codes and levels of detail."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from gradlab.cli import cli
from gradlab.records import Finding, Status, SubjectReport
from gradlab.report.report import Report

REPORT = Report(
    (
        SubjectReport("Right", "article", (Finding("gradient", "σ", Status.PASS, "± fine"),)),
        SubjectReport("Half", "article", (Finding("gradient", "", Status.INCONCLUSIVE, "noise"),)),
    )
)


@pytest.fixture
def report_of(monkeypatch):
    """Let `gradlab check` report what the test says, without running a file."""

    def give(*statuses):
        findings = ((Finding("gradient", "W", status, "stated"),) for status in statuses)
        subjects = tuple(
            SubjectReport(f"L{number}", "article", found) for number, found in enumerate(findings)
        )
        report = Report(subjects)
        monkeypatch.setattr("gradlab.worker.check_files", lambda *_: report)
        return report

    return give


def invoke(*arguments):
    return CliRunner().invoke(cli, ["check", "x.py", *arguments])


PASS, FAIL, ERROR, UNCLEAR = Status.PASS, Status.FAIL, Status.ERROR, Status.INCONCLUSIVE


@pytest.mark.parametrize(
    ("statuses", "own", "on_fail", "on_error", "on_inconclusive"),
    [
        ((PASS,), 0, 0, 0, 0),
        ((PASS, UNCLEAR), 3, 0, 0, 1),
        ((UNCLEAR, ERROR), 2, 0, 1, 1),
        ((ERROR, FAIL, PASS), 1, 1, 1, 1),
    ],
)
def test_exit_codes(report_of, statuses, own, on_fail, on_error, on_inconclusive):
    report_of(*statuses)
    assert invoke().exit_code == own
    assert invoke("--fail-on", "fail").exit_code == on_fail
    assert invoke("--fail-on", "error").exit_code == on_error
    assert invoke("--fail-on", "inconclusive").exit_code == on_inconclusive


def test_a_status_that_cannot_be_failed_on_is_wrong_usage(report_of):
    report_of(PASS)
    ran = invoke("--fail-on", "pass")
    assert ran.exit_code == 2
    assert "'pass' is not one of 'fail', 'error', 'inconclusive'" in ran.output


def test_levels_of_detail(report_of):
    report_of(PASS, FAIL)
    quiet, normal, verbose = (invoke(*o).output for o in (["-q"], [], ["-v"]))
    assert quiet.startswith("FAIL  L1: gradient of W\n    stated\n")
    assert normal.startswith("subject   convention   verdict   about\n")
    assert "L0, W: stated" not in normal
    assert "L0, W: stated" in verbose
    report_of(PASS)
    assert invoke("-q").output == ""
    both = invoke("-q", "-v")
    assert both.exit_code == 2
    assert both.output == "Error: --verbose and --quiet exclude each other; give one of them\n"


#: Writes a report as the command does.
WRITER = """
import sys
from gradlab.cli import output
from gradlab.cli.check import _print
from gradlab.report.summary import Detail
import click
sys.path.insert(0, {folder!r})
from test_output import REPORT

output.prepare_streams()
try:
    _print(REPORT, {json!r}, Detail.VERBOSE)
except click.ClickException as error:
    error.show()
    sys.exit(error.exit_code)
sys.exit(7)
"""


def written(stdout, *, encoding="utf-8", json_to=None):
    script = WRITER.format(folder=os.path.dirname(__file__), json=json_to)  # noqa: PTH120
    return subprocess.run(
        [sys.executable, "-c", script],
        stdout=stdout,
        stderr=subprocess.PIPE,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )


def test_a_full_disk_is_one_line_and_code_2():
    with open("/dev/full", "wb") as full:  # noqa: PTH123
        ran = written(full)
    said = "Error: standard output cannot be written: No space left on device\n"
    assert (ran.returncode, ran.stderr.decode()) == (2, said)


def test_a_closed_pipe_is_nothing_to_report_and_the_code_stays():
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        ran = written(pipe)
    assert (ran.returncode, ran.stderr) == (7, b"")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii", "latin-1"])
def test_any_encoding_carries_the_report(encoding):
    ran = written(subprocess.PIPE, encoding=encoding)
    text = ran.stdout.decode(encoding)
    assert ran.returncode == 7
    assert text.splitlines()[1] == "-" * len(text.splitlines()[1])
    assert "Right, \\u03c3: " in text
    carried = written(subprocess.PIPE, encoding=encoding, json_to="-").stdout.decode(encoding)
    assert json.loads(carried) == REPORT.to_dict()


def test_the_json_goes_to_a_device_and_leaves_it_there(report_of):
    report_of(PASS)
    assert invoke("--json", os.devnull).exit_code == 0
    assert not os.path.isfile(os.devnull)  # noqa: PTH113


def test_json_that_cannot_be_written_is_said(report_of, tmp_path):
    report_of(PASS)
    ran = invoke("--json", str(tmp_path / "missing" / "a.json"))
    assert ran.exit_code == 2
    assert "cannot be written: No such file or directory" in ran.output


def test_the_picture_of_a_demo_is_drawn_after_the_reader_has_gone(tmp_path):
    path = tmp_path / "or.png"
    command = [sys.executable, "-m", "gradlab", "demo", "or", "--epochs", "0", "--plot", str(path)]
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "wb") as pipe:
        ran = subprocess.run(command, stdout=pipe, stderr=subprocess.PIPE, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert path.read_bytes().startswith(b"\x89PNG")


def test_the_current_folder_cannot_replace_a_package_of_the_commands(tmp_path):
    for name in ("click", "numpy"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('imported from the folder')")
    ran = subprocess.run(
        [sys.executable, "-m", "gradlab", "faults", "bias-gradient-averaged"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.startswith("bias-gradient-averaged ")
