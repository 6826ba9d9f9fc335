"""The walls between the rooms: imports go down the floors, there is no cycle and no exemption."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import gradlab

PACKAGE = Path(gradlab.__file__).parent

#: The rooms from the lowest floor to the highest.  A module may import its own room and
#: rooms on lower floors, nothing else.
FLOORS = (
    ("_version", "errors", "files", "kinds"),
    ("roundoff", "numdiff", "reference", "records"),
    ("arguments", "settings", "domain", "checker", "report", "golden"),
    ("subject",),
    ("interfaces", "reference_table", "coverage", "random_state"),
    ("adapters", "laws"),
    ("run_laws",),
    ("worker",),
    ("in_process", "pair_check"),
    ("checks", "strategies", "demo"),
    ("baseline", "faults"),
    ("testing",),
    ("cli",),
    ("__main__", "gradlab"),
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

#: What these rooms may reach, straight or through others: a mistake in the reference must
#: not leak into a verdict on a gradient, and `numdiff` knows only callables.
REACHES = {
    "errors": set(),
    "records": set(),
    "reference": set(),
    "roundoff": {"errors"},
    "numdiff": {"errors"},
    "domain": {"errors"},
    "checker": {"errors", "roundoff", "numdiff", "records"},
    "report": {"_version", "errors", "records"},
}


def module_name(path, package):
    parts = ("gradlab", *path.relative_to(package).with_suffix("").parts)
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def docstrings(tree):
    """Yield the constants that are docstrings: what they name is not imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield id(node.value)


def imports(tree, modules):
    """Return every module of gradlab that code imports at run time.

    Imports inside functions count, and so does each string that is a module's name,
    as `importlib.import_module` takes it; imports under TYPE_CHECKING do not.
    """
    skipped = set(docstrings(tree)) | {
        id(node)
        for guard in ast.walk(tree)
        if isinstance(guard, ast.If) and ast.unparse(guard.test) == "TYPE_CHECKING"
        for statement in guard.body
        for node in ast.walk(statement)
    }
    found = set()
    for node in ast.walk(tree):
        if id(node) in skipped:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "an import is relative"
            # Importing a package's submodule runs the package as well, but the face is empty.
            named = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = named & modules
            found |= submodules | ({node.module} if named - submodules else set())
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found |= {node.value} & (modules - {"gradlab"})
    return {name for name in found if name.split(".")[0] == "gradlab"}


def graph_of(package):
    """Return what each module under a folder imports, by name."""
    trees = {module_name(p, package): ast.parse(p.read_text()) for p in package.rglob("*.py")}
    # The property suites travel in the wheel as gradlab._properties; they are tests.
    trees = {name: tree for name, tree in trees.items() if room(name) != "_properties"}
    return {name: imports(tree, set(trees)) for name, tree in trees.items()}


def room(name):
    """Return a module's room; the package's own `__init__` is the room `gradlab`."""
    return [*name.split("."), "gradlab"][1] if "." in name else "gradlab"


GRAPH = graph_of(PACKAGE)


def climbs(graph):
    """Return the imports that do not go down, as sentences."""
    return [
        f"{name} imports {target}"
        for name, targets in sorted(graph.items())
        for target in sorted(targets)
        if room(target) != room(name) and not FLOOR[room(target)] < FLOOR[room(name)]
    ]


def cycle(graph):
    """Return modules that import each other in a circle; empty where none do.

    A package's `__init__` and its own modules may: Python runs the package first.
    """
    inside = {
        name: {t for t in targets if not name.startswith(f"{t}.")}
        for name, targets in graph.items()
    }
    try:
        TopologicalSorter(inside).prepare()
    except CycleError as error:
        return error.args[1]
    return []


def reached_from(graph, start):
    """Return every room that code in a room can reach, straight or through others."""
    waiting = [name for name in graph if room(name) == start]
    seen = set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting += [target for target in graph.get(name, ()) if target in graph]
    return {room(name) for name in seen} - {start}


def test_every_room_stands_on_a_floor():
    assert {room(name) for name in GRAPH} == set(FLOOR)


def test_imports_go_down():
    assert climbs(GRAPH) == []


def test_no_modules_import_each_other_in_a_circle():
    assert cycle(GRAPH) == []


@pytest.mark.parametrize("start", REACHES)
def test_a_room_reaches_only_what_it_may(start):
    assert reached_from(GRAPH, start) <= REACHES[start]


def test_an_import_that_goes_up_is_found():
    graph = {"gradlab.laws.shape": {"gradlab.worker.parent"}, "gradlab.worker.parent": set()}
    assert climbs(graph) == ["gradlab.laws.shape imports gradlab.worker.parent"]


def test_an_import_across_a_floor_is_found():
    graph = {"gradlab.laws.shape": {"gradlab.adapters.costs"}, "gradlab.adapters.costs": set()}
    assert climbs(graph) == ["gradlab.laws.shape imports gradlab.adapters.costs"]


def test_a_circle_inside_of_a_room_is_found():
    graph = {"gradlab.laws.a": {"gradlab.laws.b"}, "gradlab.laws.b": {"gradlab.laws.a"}}
    assert set(cycle(graph)) == {"gradlab.laws.a", "gradlab.laws.b"}


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import gradlab.laws.shape", {"gradlab.laws.shape"}),
        ("def f():\n    from gradlab.laws import shape", {"gradlab.laws.shape"}),
        ("def f():\n    from gradlab.laws import LAWS", {"gradlab.laws"}),
        ("import_module('gradlab.laws.shape')", {"gradlab.laws.shape"}),
        ("NAMES = {'check': 'gradlab.laws.shape'}", {"gradlab.laws.shape"}),
        ("if TYPE_CHECKING:\n    from gradlab.laws import LAWS", set()),
        ("if TYPE_CHECKING:\n    import os\nelse:\n    import gradlab.laws", {"gradlab.laws"}),
        ("def f():\n    '''gradlab.laws'''", set()),
        ("import numpy", set()),
    ],
)
def test_imports_are_read_wherever_they_stand(code, expected):
    assert imports(ast.parse(code), {"gradlab.laws", "gradlab.laws.shape"}) == expected


def test_only_the_strategies_import_hypothesis():
    importing = {
        room(module_name(path, PACKAGE))
        for path in PACKAGE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [node.module] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names]
        )
        if (name or "").split(".")[0] == "hypothesis"
    }
    assert importing <= {"strategies", "_properties"}


@pytest.mark.parametrize(
    "statement", ["import gradlab", "import gradlab.cli", "import gradlab.testing.plugin"]
)
def test_importing_loads_nothing_heavy(statement):
    script = f"import sys; import pytest; before = set(sys.modules); {statement}; "
    script += "print(*(set(sys.modules) - before))"
    if "testing" not in statement:
        script = script.replace("import pytest; ", "")
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    loaded = {name.split(".")[0] for name in ran.stdout.split()}
    assert "gradlab" in loaded
    assert not loaded & {"numpy", "hypothesis", "rich", "matplotlib", "scipy", "pytest"}


@pytest.mark.parametrize("name", gradlab.__all__)
def test_every_name_of_the_face_is_there(name):
    assert getattr(gradlab, name) is not None
    assert name in dir(gradlab)


@pytest.mark.parametrize("package", ["gradlab", "gradlab.baseline"])
def test_no_submodule_takes_the_name_of_what_loads_when_it_is_used(package):
    """Importing `gradlab.baseline.compare` would set the attribute `compare` to the module."""
    lazy = importlib.import_module(package)
    submodules = {module.name for module in pkgutil.iter_modules(lazy.__path__)}
    assert submodules
    assert not submodules & set(lazy.__all__)


def test_no_module_is_longer_than_300_lines():
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text().splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    assert {name: length for name, length in lengths.items() if length > 300} == {}
