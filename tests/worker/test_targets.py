"""What the command line names: files, objects, patterns, folders."""

import json
import subprocess
import sys

import pytest

from gradlab import GradlabError
from gradlab.worker import Options, check_files
from gradlab.worker.targets import defines_nothing, expand, parse

LAYER = """import numpy as np
class SigmoidLayer:
    def __init__(self, shape):
        self.A = np.zeros(shape)
    def forward(self, Z):
        self.A = 1 / (1 + np.exp(-Z))
    def backward(self, upstream_grad):
        self.dZ = upstream_grad * self.A * (1 - self.A)
"""


@pytest.mark.parametrize(
    ("text", "file", "names"),
    [
        ("layer.py", "layer.py", ()),
        ("layer.py::A::B", "layer.py", ("A", "B")),
        (r"C:\path\layer.py::A", r"C:\path\layer.py", ("A",)),
        ("C:/path/layer.py", "C:/path/layer.py", ()),
    ],
)
def test_a_target_is_a_file_and_names(text, file, names):
    assert parse(text) == (file, names)


@pytest.mark.parametrize(("text", "lacks"), [("a.py::", "object"), ("::A", "file"), ("", "file")])
def test_a_target_that_names_nothing(text, lacks):
    with pytest.raises(GradlabError, match=f"names no {lacks}; expected FILE or FILE::NAME"):
        parse(text)


@pytest.fixture
def folder(tmp_path):
    """A folder with layers, and with what a search must leave alone."""
    for name in (
        "a.py",
        "sub/b.py",
        ".hidden/c.py",
        "venv/d.py",
        "node_modules/e.py",
        "ignored.py",
    ):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(LAYER)
    (tmp_path / "venv" / "pyvenv.cfg").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / "train.py").write_text("raise SystemExit(3)\n")
    (tmp_path / "__init__.py").write_text("")
    return tmp_path


def files(targets, folder):
    return [target.file.removeprefix(f"{folder}/") for target in targets]


def test_a_folder_outside_of_git_is_walked(folder):
    found = files(expand([str(folder)]), folder)
    assert found == ["__init__.py", "a.py", "ignored.py", "sub/b.py", "train.py"]


def test_what_git_ignores_is_left_out(folder):
    (folder / ".gitignore").write_text("ignored.py\nvenv/\nnode_modules/\n.hidden/\n")
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    found = files(expand([str(folder)]), folder)
    assert found == ["__init__.py", "a.py", "sub/b.py", "train.py"]


def test_a_repository_under_test_starts_no_program_of_its_own(folder):
    subprocess.run(["git", "init", "-q"], cwd=folder, check=True)
    subprocess.run(
        ["git", "config", "core.fsmonitor", "touch started; false"], cwd=folder, check=True
    )
    expand([str(folder)])
    assert not (folder / "started").exists()


def test_a_pattern_is_matched_where_the_shell_has_not(folder):
    assert files(expand([f"{folder}/*.py"]), folder) == [
        "__init__.py",
        "a.py",
        "ignored.py",
        "train.py",
    ]
    (none,) = expand([f"{folder}/*.ipynb"])
    assert none.error == f"{folder}/*.ipynb matches no file"


def test_a_folder_is_checked_and_what_holds_nothing_is_a_note(folder):
    report = check_files([str(folder)], Options())
    assert [s.name.removeprefix(f"{folder}/") for s in report.subjects] == [
        "a.py::SigmoidLayer",
        "ignored.py::SigmoidLayer",
        "sub/b.py::SigmoidLayer",
    ]
    assert report.passed
    assert report.notes == (f"nothing to check in {folder}/__init__.py, {folder}/train.py",)


def check(folder, *arguments):
    ran = subprocess.run(
        [sys.executable, "-m", "gradlab", "check", *arguments, "--json", "-"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.stderr == ""
    return ran.returncode, json.loads(ran.stdout)


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["__init__.py"], 0),
        (["helper.py", "__init__.py"], 0),
        (["helper.py", "--allow-empty"], 0),
        (["helper.py"], 2),
    ],
)
def test_nothing_to_check_is_an_error_in_a_file_named_by_itself_only(tmp_path, arguments, code):
    (tmp_path / "helper.py").write_text("def helper(x):\n    return x\n")
    (tmp_path / "__init__.py").write_text("")
    exit_code, report = check(tmp_path, *arguments)
    assert exit_code == code
    if code:
        (subject,) = report["subjects"]
        assert "holds nothing to check; gradlab looks for" in subject["findings"][0]["message"]
    else:
        assert report["notes"][-1].startswith("nothing to check in ")


@pytest.mark.parametrize(
    ("code", "nothing"),
    [("x = 1\nprint(x)\n", True), ("if 1:\n    def f(): ...\n", False), ("f = lambda x: x", False)],
)
def test_a_file_without_definitions_need_not_run(tmp_path, code, nothing):
    (tmp_path / "file.py").write_text(code)
    assert defines_nothing(str(tmp_path / "file.py")) == nothing


@pytest.mark.parametrize("name", ["click", "numpy", "rich", "typing", "json"])
def test_the_parent_imports_nothing_from_the_folder_under_test(tmp_path, name):
    (tmp_path / "student.py").write_text(LAYER)
    (tmp_path / f"{name}.py").write_text("open('imported', 'w').close()\nraise SystemExit(9)\n")
    exit_code, report = check(tmp_path, "student.py")
    assert (exit_code, report["status"]) == (0, "pass")
    assert not (tmp_path / "imported").exists()


@pytest.mark.parametrize("option", ["--deadline", "--memory"])
@pytest.mark.parametrize("value", ["nan", "inf", "0", "-1", "soon"])
def test_a_limit_that_is_no_positive_number(tmp_path, option, value):
    (tmp_path / "student.py").write_text(LAYER)
    ran = subprocess.run(
        [sys.executable, "-m", "gradlab", "check", "student.py", option, value],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2
    assert f"Invalid value for '{option}'" in ran.stderr


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 0.0, -1.0])
@pytest.mark.parametrize("name", ["deadline", "memory"])
def test_options_refuse_a_limit_that_is_no_positive_number(name, value):
    with pytest.raises(GradlabError, match=f"^{name} is .*, where a positive finite number was"):
        Options(**{name: value})
