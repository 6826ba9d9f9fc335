"""What a run leaves behind: the section, the report and the JUnit file, with workers too."""

import importlib.util
import json
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location("junit", Path(__file__).with_name("junit.py"))
junit = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(junit)

TESTS = """
    from gradlab.testing import conforms_to
    from layers import *

    @conforms_to("sigmoid")
    def right():
        return SigmoidLayer

    def test_wrong(gradcheck):
        gradcheck(square, wrong_backward, POINT)

    def test_none(gradcheck):
        gradcheck(square, no_backward, POINT)

    def test_of_something_else():
        pass
"""


@pytest.fixture
def alone(run, project):
    """One run without workers: what it showed, its report and its JUnit file."""
    seen = run("--gradlab-report", "one", "--junitxml", "one/junit.xml", test=TESTS, code=1)
    return seen, project.path / "one"


def test_workers_change_nothing_but_the_time(alone, project):
    seen, folder = alone
    options = ("-q", "-n", "2", "--gradlab-report", "two", "--junitxml", "two/junit.xml")
    ran = project.runpytest_subprocess(*options)
    assert ran.ret == 1
    at = ran.outlines.index(next(line for line in ran.outlines if line.strip("= ") == "gradlab"))
    assert ran.outlines[at + 1 : at + 1 + len(seen.section)] == seen.section
    one, two = folder, project.path / "two"
    assert (one / "gradlab.json").read_bytes() == (two / "gradlab.json").read_bytes()
    assert properties(one) == properties(two)


def test_the_report_has_the_documented_schema(alone):
    _, folder = alone
    report = json.loads((folder / "gradlab.json").read_text())
    assert (report["schema"], report["status"], report["seed"]) == (1, "fail", 0)
    assert {subject["name"]: subject["status"] for subject in report["subjects"]} == {
        "test_it.py::right[sigmoid]": "pass",
        "test_it.py::test_none: square": "inconclusive",
        "test_it.py::test_wrong: square": "fail",
    }


def test_the_junit_file_is_one_that_readers_accept(alone):
    _, folder = alone
    root = junit.checked(folder / "junit.xml")
    cases = {f"{c.attrib['classname']}::{c.attrib['name']}": c for c in root.iter("testcase")}
    assert "test_it::right[sigmoid]" in cases
    failure = cases["test_it::test_wrong"].find("failure")
    assert failure.attrib["message"].startswith("AssertionError: square: gradient of x: FAIL")
    assert "run again: pytest test_it.py::test_wrong" in failure.text


def properties(folder):
    root = junit.checked(folder / "junit.xml")
    return {p.attrib["name"]: p.attrib["value"] for p in root.iter("property")}


def test_the_suite_has_properties(alone):
    told = properties(alone[1])
    assert told["gradlab.status"] == "fail"
    assert told["gradlab.seed"] == "0"
    assert told["gradlab.status.test_it.py::right[sigmoid]"] == "pass"
    assert int(told["gradlab.evaluations"]) > 0
    assert {"gradient", "purity"} <= set(told["gradlab.laws"].split(", "))


def test_without_the_option_nothing_is_written(run, project):
    run("--junitxml", "junit.xml", "-k", "something_else", test=TESTS, code=0)
    assert properties(project.path) == {}
    assert not list(project.path.glob("**/gradlab.json"))


def test_a_folder_that_cannot_be_written_is_said(run, project):
    project.makefile(".txt", taken="")
    seen = run("--gradlab-report", "taken.txt", test=TESTS, code=pytest.ExitCode.USAGE_ERROR)
    said = "ERROR: --gradlab-report taken.txt cannot be written: File exists"
    assert seen.result.errlines[0] == said


def test_a_run_without_gradlab_has_no_section(run):
    assert run("-k", "something_else", test=TESTS, code=0).section is None
