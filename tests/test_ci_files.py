"""The hook, the action and the GitLab job: read as their tools read them, and run."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
HALF = """
class Half:
    def forward(self, Z):
        raise NotImplementedError

    def backward(self, upstream_grad):
        raise NotImplementedError
"""
WHOLE = """
class Half:
    def __init__(self, shape):
        pass

    def forward(self, Z):
        self.A = Z / 2

    def backward(self, upstream_grad):
        self.dZ = upstream_grad / 2
"""
COMMAND = "python -m pytest "


def load(name):
    return yaml.safe_load((ROOT / name).read_text())


def run(command, folder, **environment):
    """Run a line of a CI file as bash would, with this Python."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=folder,
        env={**os.environ, "PATH": path, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def project(tmp_path):
    """A project with one half-written layer, and tests of its own that must not run."""
    (tmp_path / "layers").mkdir()
    (tmp_path / "layers" / "half.py").write_text(HALF)
    (tmp_path / "conftest.py").write_text("import something_that_the_hook_does_not_have\n")
    (tmp_path / "pyproject.toml").write_text("[tool.pytest.ini_options]\naddopts = '-p nothing'\n")
    return tmp_path


def test_the_hook(project):
    (hook,) = load(".pre-commit-hooks.yaml")
    assert {"id", "name", "entry", "language"} <= set(hook)
    assert hook["language"] == "python"
    (project / "layers" / "__init__.py").write_text("")
    (project / "layers" / "names.py").write_text("NAMES = ['a']\n")
    (project / "layers" / "whole.py").write_text(WHOLE)

    def committing(*files):
        return run(shlex.join([*shlex.split(hook["entry"]), *files]), project)

    half = committing("layers/half.py", "layers/__init__.py")
    assert half.returncode == 2
    assert "ERROR  layers/half.py::Half" in half.stdout
    for harmless in ("layers/__init__.py", "layers/names.py", "layers/whole.py"):
        ran = committing(harmless)
        assert ran.returncode == 0, harmless
        assert "ERROR" not in ran.stdout, harmless


def test_the_action(project):
    (project / "conftest.py").unlink()
    (project / "pyproject.toml").unlink()
    action = load("action.yml")
    assert action["runs"]["using"] == "composite"
    install, check = action["runs"]["steps"]
    assert all(step["shell"] == "bash" for step in action["runs"]["steps"])
    assert install["run"] == 'python -m pip install "$GITHUB_ACTION_PATH"'
    given = {"files": "layers/*.py", "report": action["inputs"]["report"]["default"]}
    environment = {
        name: given[text.removeprefix("${{ inputs.").removesuffix(" }}")]
        for name, text in check["env"].items()
    }
    assert check["run"].startswith(COMMAND)
    ran = run(check["run"], project, **environment)
    assert ran.returncode == 1
    assert {path.name for path in (project / "gradlab-report").iterdir()} == {
        "gradlab.json",
        "junit.xml",
    }


def test_the_gitlab_job(project):
    (project / "conftest.py").unlink()
    (project / "pyproject.toml").unlink()
    job = load("docs/gitlab-ci.yml")["gradlab"]
    install, check = job["script"]
    assert install == 'python -m pip install "$GRADLAB"'
    assert check == load("action.yml")["runs"]["steps"][1]["run"]
    (project / "layers" / "half.py").write_text(WHOLE)
    ran = run(check, project, **job["variables"])
    assert ran.returncode == 0
    assert (project / job["artifacts"]["reports"]["junit"]).is_file()
