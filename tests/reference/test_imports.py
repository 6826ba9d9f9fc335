"""The wall: the reference imports NumPy and itself, so that nothing checks itself."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gradlab.reference

ROOT = Path(gradlab.reference.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
ALLOWED = {"numpy", *sys.stdlib_module_names}


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: relative imports hide where they lead"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_imports_only_numpy_and_the_reference(path):
    for name in imported(path):
        own = name.startswith("gradlab.reference.")
        assert own or name.partition(".")[0] in ALLOWED, f"{path.name} imports {name}"


def test_every_file_was_looked_at():
    assert len(FILES) > 15
    assert ROOT / "layers" / "linear.py" in FILES


def test_importing_it_loads_no_other_part_of_gradlab():
    code = "import gradlab.reference, sys; print(*sorted(m for m in sys.modules if 'gradlab' in m))"
    output = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    others = {name for name in output if not name.startswith("gradlab.reference")}
    assert others <= {"gradlab", "gradlab._version"}


def test_the_face_names_what_it_gives():
    for name in gradlab.reference.__all__:
        assert hasattr(gradlab.reference, name), name
