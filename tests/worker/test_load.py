"""Imports of a file: of its package, of its project, and of what is not there."""

from pathlib import Path

import pytest

from gradlab.worker import Options, check_files
from gradlab.worker.import_path import locate
from gradlab.worker.parent import Worker
from gradlab.worker.proxy import Connection

LAYER = """
class Layer(Base):
    def __init__(self, shape):
        self.A = np.zeros(shape)
    def forward(self, Z):
        self.A = act(Z)
    def backward(self, upstream_grad):
        self.dZ = upstream_grad * (1 - self.A**2)
"""
BASE = "import numpy as np\nclass Base:\n    pass\ndef act(x):\n    return np.tanh(x)\n"


def package(folder, init="", statement="from .base import Base, act", where="project/net"):
    """Write a package of a project, and the file under test in it."""
    home = folder / where
    home.mkdir(parents=True)
    (folder / "project" / "pyproject.toml").write_text("")
    (home / "__init__.py").write_text(init)
    (home / "base.py").write_text(BASE)
    (home / "layer.py").write_text(f"import numpy as np\n{statement}\n{LAYER}")
    return str(home / "layer.py")


def statuses(report):
    return {s.name: s.status.value for s in report.subjects}


@pytest.mark.parametrize(
    "statement",
    [
        "from .base import Base, act",
        "from .base import *",
        "from net.base import Base, act",
        "from base import Base, act",
        "from ..net.base import Base, act",
        "from . import base\nBase, act = base.Base, base.act",
    ],
)
@pytest.mark.parametrize("init", ["", "from .layer import Layer\n", "raise ValueError('no')\n"])
def test_a_file_is_imported_as_part_of_its_package(tmp_path, statement, init):
    report = check_files([package(tmp_path, init, statement)], Options())
    assert statuses(report) == {"Layer": "pass"}
    failed = "raise" in init and "from base" not in statement
    assert any("__init__.py could not be run" in note for note in report.notes) == failed


def test_a_folder_without_init_serves_relative_imports(tmp_path):
    file = package(tmp_path)
    (tmp_path / "project" / "net" / "__init__.py").unlink()
    assert statuses(check_files([file], Options())) == {"Layer": "pass"}


def test_folders_up_to_the_root_are_searched_and_none_above(tmp_path):
    file = package(tmp_path, statement="from shared import Base, act", where="project/a/b")
    (tmp_path / "project" / "a" / "b" / "__init__.py").unlink()
    (tmp_path / "shared.py").write_text(BASE)
    report = check_files([file], Options())
    assert statuses(report) == {"Layer": "error"}
    (tmp_path / "project" / "shared.py").write_text(BASE)
    assert statuses(check_files([file], Options())) == {"Layer": "pass"}


def test_libraries_do_not_see_the_modules_of_a_project(tmp_path):
    # xml.dom.minidom imports xml.dom.domreg, csv imports _csv: neither may come from here.
    file = package(tmp_path, statement="import csv, json.tool\nfrom base import Base, act")
    for name in ("argparse", "_csv"):
        (tmp_path / "project" / "net" / f"{name}.py").write_text("raise ValueError('shadowed')\n")
    assert statuses(check_files([file], Options())) == {"Layer": "pass"}


def missing(tmp_path, statement, **files):
    """The message about a layer whose import of `act` fails."""
    file = package(tmp_path, statement=f"from .base import Base\n{statement}")
    for name, text in files.items():
        (tmp_path / "project" / "net" / f"{name}.py").write_text(text)
    report = check_files([file], Options())
    (subject,) = report.subjects
    return subject.findings[0].message


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("from torch_not_there import act", "for an installed package torch_not_there"),
        ("from tensorflow import act", "it needs the package tensorflow, which is not installed"),
        ("from .gone import act", "looked for gone.py beside layer.py"),
        ("from helper import act", "it needs the package keras, which is not installed here (imp"),
    ],
)
def test_what_is_missing_is_named(tmp_path, statement, said):
    message = missing(tmp_path, statement, helper="import keras\nact = 1\n")
    assert f"act (line 3 of layer.py) is missing, which `{statement}` imports: " in message
    assert said in message


def test_a_star_import_that_failed_is_named_where_a_name_is_used(tmp_path):
    message = missing(tmp_path, "from .gone import *")
    assert "NameError: name 'act' is not defined" in message
    assert "the import of all names, `from .gone import *` (line 3 of layer.py) is missing" in (
        message
    )


def test_a_name_error_without_star_imports_is_left_alone(tmp_path):
    message = missing(tmp_path, "unused = 1")
    assert "NameError: name 'act' is not defined" in message
    assert "import of all names" not in message


def test_the_place_of_a_file(tmp_path):
    file = package(tmp_path, where="project/src/net/deep")
    (tmp_path / "project" / "src" / "net" / "__init__.py").write_text("")
    project = tmp_path / "project"
    location = locate(project / "src" / "net" / "deep" / "layer.py")
    assert str(location.path) == file
    assert location.root == project
    assert location.packages == (project / "src" / "net", project / "src" / "net" / "deep")
    assert location.folders[:2] == (project / "src", project / "src" / "net" / "deep")
    assert set(location.folders[2:]) == {project, project / "src" / "net"}


def test_a_file_outside_of_a_project_has_its_own_folder_only(tmp_path):
    location = locate(tmp_path / "layer.py")
    assert (location.root, location.folders, location.packages) == (tmp_path, (tmp_path,), ())


def test_a_package_that_ends_the_process_is_not_run_for_the_definitions(tmp_path):
    file = package(tmp_path, init="import os\nos._exit(0)\n")
    report = check_files([file], Options())
    assert statuses(report) == {"Layer": "pass"}
    assert "ended its process with exit code 0" in report.notes[0]


def test_a_file_is_executed_once_when_its_package_imports_it(tmp_path):
    file = package(tmp_path, init="from .layer import Layer\n")
    with Path(file).open("a") as end:
        end.write("\nwith open('count', 'a') as f:\n    f.write('x')\n")
    with Worker() as worker:
        loaded = Connection(worker).load(file, seed=0, seconds=60)
    assert loaded.failed == ""
    assert (tmp_path / "project" / "net" / "count").read_text() == "x"
