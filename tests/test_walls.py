"""The walls between the rooms, read off the imports."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import gradlab

PACKAGE = Path(gradlab.__file__).parent


def module_name(path):
    parts = ("gradlab", *path.relative_to(PACKAGE).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Every module of gradlab that a file imports at run time, lazily or not."""
    tree = ast.parse(path.read_text())
    typing_only = {
        id(node)
        for guard in ast.walk(tree)
        if isinstance(guard, ast.If) and ast.unparse(guard.test) == "TYPE_CHECKING"
        for node in ast.walk(guard)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
            found |= {a.value for a in node.args if isinstance(a, ast.Constant)}
    return {name for name in found if name.split(".")[0] == "gradlab"}


GRAPH = {module_name(path): imports(path) for path in PACKAGE.rglob("*.py")}


def room(name):
    return ".".join(name.split(".")[:2])


def reached_from(start):
    """Every module that code in a room can reach, straight or through others."""
    waiting = [name for name in GRAPH if room(name) == start]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        waiting += [target for target in GRAPH.get(name, ()) if target in GRAPH]
    return {room(name) for name in seen} - {start, "gradlab"}


#: What each room may reach.
ALLOWED = {
    "gradlab.errors": set(),
    "gradlab.records": set(),
    "gradlab.report": {"gradlab._version", "gradlab.records"},
    "gradlab.numdiff": {"gradlab.errors"},
    "gradlab.roundoff": {"gradlab.errors"},
    "gradlab.checker": {
        "gradlab.numdiff",
        "gradlab.roundoff",
        "gradlab.errors",
        "gradlab.records",
    },
    "gradlab.reference": set(),
    "gradlab.domain": {"gradlab.errors"},
}


@pytest.mark.parametrize("start", ALLOWED)
def test_a_room_reaches_only_what_it_may(start):
    assert start in {room(name) for name in GRAPH}
    assert reached_from(start) <= ALLOWED[start]


def test_the_walls_would_be_seen_to_fall():
    # The engine does reach the adapters: the graph is no empty one.
    assert {"gradlab.adapters", "gradlab.checker"} <= reached_from("gradlab.checks")


def test_only_the_strategies_import_hypothesis():
    importing = {
        room(module_name(path))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if (name or "").split(".")[0] == "hypothesis"
    }
    # The property suites travel in the wheel as gradlab._properties.
    assert importing <= {"gradlab.strategies", "gradlab._properties"}


@pytest.mark.parametrize("statement", ["import gradlab", "import gradlab.cli"])
def test_importing_loads_nothing_heavy(statement):
    script = f"import sys; {statement}; print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in ran.stdout.split()}
    assert not loaded & {"numpy", "hypothesis", "rich", "matplotlib", "scipy", "pytest"}


@pytest.mark.parametrize("name", gradlab.__all__)
def test_every_name_of_the_face_is_there(name):
    assert getattr(gradlab, name) is not None
    assert name in dir(gradlab)
