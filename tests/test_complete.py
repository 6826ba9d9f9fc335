"""Forgotten pieces: a law, fault, layer, cost or convention that is written and not registered.

Each helper returns what is missing, and is also run on a tree with a planted omission.
"""

import importlib
import importlib.util
import inspect
import pkgutil
import re
from types import SimpleNamespace

import pytest

from gradlab import adapters, laws, reference
from gradlab.adapters.cached_functions import Convention
from gradlab.cli import cli
from gradlab.domain import Layout
from gradlab.faults import (
    CATALOGUE,
    TARGETS,
    Evidence,
    Fault,
    NearMiss,
    catalogue,
    mutants,
    near_misses,
    registry,
)
from gradlab.faults import (
    NEAR_MISSES as NEAR,
)
from gradlab.faults.matrix import LawScope, findings, laws_of, scope_of
from gradlab.faults.registry import Label
from gradlab.kinds import Kind
from gradlab.laws import ALL, LAWS, Law, hessian_symmetry
from gradlab.records import Status
from gradlab.reference import costs
from gradlab.reference_table import COSTS, LAYERS, Property
from gradlab.subject import Subject

MUTANTS = registry.variants(label=Label.MUTANT)
NEAR_MISSES = registry.variants(label=Label.NEAR_MISS)
SCOPED = [(scope, law) for scope in LawScope for law in laws_of(scope) if not law.on_request]
#: `check_gradients` alone runs the law on second derivatives, with order=2.
REGISTERED = (*ALL, hessian_symmetry.LAW)
DIFFERENTIABLE = (Kind.LAYER, Kind.COST, Kind.PENALTY)


def modules(package):
    """Every module of a package, imported."""
    names = [info.name for info in pkgutil.iter_modules(package.__path__, f"{package.__name__}.")]
    return [importlib.import_module(name) for name in names]


# A law's file that is not in LAWS


def unregistered_laws(files, registered):
    """The laws that a file defines and `LAWS` does not hold."""
    defined = {id(value): value for file in files for value in vars(file).values()}
    kept = {id(law) for law in registered}
    return [v.name for v in defined.values() if isinstance(v, Law) and id(v) not in kept]


def test_every_law_of_every_file_is_in_laws():
    assert not unregistered_laws(modules(laws), REGISTERED)


def test_a_law_left_out_of_laws_is_reported():
    assert unregistered_laws(modules(laws), REGISTERED[1:]) == [ALL[0].name]


# A law without a fault, or without a near miss


def undemonstrated(scope, law, mutants, near_misses):
    """What is missing: a mutant on which the law fails, a near miss on which it passes."""

    def statuses(variant):
        return {finding.status for finding in findings(variant.name, laws=[law.name])}

    wrong = [each for each in mutants if scope_of(each) is scope]
    # The mutants that the catalogue assigns to this law come first: one is enough.
    wrong.sort(key=lambda each: CATALOGUE[each.made_by].law != law.name)
    kinds = {each.kind for each in wrong}
    near = [each for each in near_misses if each.kind in kinds]
    detects = any(Status.FAIL in statuses(each) for each in wrong)
    passes = any(statuses(each) == {Status.PASS} for each in near)
    return [name for name, found in (("mutant", detects), ("near miss", passes)) if not found]


@pytest.mark.parametrize(("scope", "law"), SCOPED, ids=lambda part: getattr(part, "name", None))
def test_every_law_fails_on_a_mutant_and_passes_a_near_miss(scope, law):
    assert not undemonstrated(scope, law, MUTANTS, NEAR_MISSES)


def test_a_law_without_a_mutant_or_a_near_miss_is_reported():
    descent = next(law for law in laws_of(LawScope.UPDATE) if law.name == "descent")
    others = [each for each in MUTANTS if each.made_by != "update-ascends"]
    assert "mutant" in undemonstrated(LawScope.UPDATE, descent, others, NEAR_MISSES)
    assert undemonstrated(LawScope.UPDATE, descent, MUTANTS, ()) == ["near miss"]


def unknown_laws(faults, names):
    """The faults whose law does not exist."""
    return [fault.name for fault in faults if fault.law not in names]


def test_every_fault_names_a_law():
    assert not unknown_laws(CATALOGUE.values(), {law.name for law in ALL})


def test_a_fault_that_names_no_law_is_reported():
    typo = SimpleNamespace(name="new-fault", law="gradeint")
    assert unknown_laws([typo], {law.name for law in ALL}) == ["new-fault"]


# A fault or a near miss of a file that is in no tuple of the catalogue


def unregistered_records(files, kind, registered):
    """The faults or near misses that a file's tuples hold and `registered` does not."""
    held = [each for file in files for value in vars(file).values() if isinstance(value, tuple)
            for each in value if isinstance(each, kind)]  # fmt: skip
    held += [v for file in files for v in vars(file).values() if isinstance(v, kind)]
    kept = {id(each) for each in registered}
    return sorted({each.name for each in held if id(each) not in kept})


FILES = ((catalogue, Fault, CATALOGUE), (near_misses, NearMiss, NEAR))


@pytest.mark.parametrize(("package", "kind", "registered"), FILES, ids=["faults", "near misses"])
def test_every_fault_and_near_miss_of_every_file_is_registered(package, kind, registered):
    assert not unregistered_records(modules(package), kind, registered.values())


@pytest.mark.parametrize(("package", "kind", "registered"), FILES, ids=["faults", "near misses"])
def test_a_fault_or_near_miss_that_is_not_registered_is_reported(package, kind, registered):
    first, *others = registered.values()
    assert unregistered_records(modules(package), kind, others) == [first.name]


# The pages


def tabulated(page):
    """The names in the first column of the page's tables of laws."""
    tables = re.findall(r"^\| law \|.*\n\|[-| ]+\n((?:\|.*\n)+)", page, flags=re.MULTILINE)
    rows = [row for table in tables for row in table.splitlines()]
    return [row.split("|")[1].strip(" *") for row in rows]


def listed(page, kind):
    """The names under a kind in the list of docs/routines.md."""
    block = re.search(rf"^{kind}\n((?:  .*\n)+)", page, flags=re.MULTILINE)
    return [line.split(":")[0].strip() for line in block[1].splitlines()] if block else []


@pytest.fixture(scope="module")
def docs(request):
    return request.config.rootpath / "docs"


def test_the_page_on_laws_has_a_row_for_each_law_of_a_layer_or_cost(docs):
    rows = tabulated((docs / "laws.md").read_text(encoding="utf-8"))
    assert sorted(rows) == sorted(law.name for law in LAWS[Kind.LAYER])


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in DIFFERENTIABLE])
def test_the_page_on_routines_lists_the_laws_of_each_other_kind(docs, kind):
    page = (docs / "routines.md").read_text(encoding="utf-8")
    assert listed(page, kind) == [law.name for law in LAWS[kind]]


def test_a_law_that_a_page_leaves_out_is_reported(docs):
    page = (docs / "laws.md").read_text(encoding="utf-8")
    without = "".join(line for line in page.splitlines(True) if "purity* |" not in line)
    assert set(tabulated(page)) - set(tabulated(without)) == {"purity"}
    assert listed("update\n  descent: a sentence\n", Kind.UPDATE) == ["descent"]
    assert listed("", Kind.UPDATE) == []


# A layer or cost of the reference without its row


def rowless(package, rows):
    """The layers and costs of the reference that no row of the table describes."""
    described = {row.cls for row in rows.layers} | {row.function for row in rows.costs}
    classes = [
        value
        for name in package.__all__
        if inspect.isclass(value := getattr(package, name))
        and issubclass(value, reference.Layer)
        # The base class, and the one that is constructed from any function.
        and value not in (reference.Layer, reference.ActivationLayer)
    ]
    functions = [
        value
        for name in costs.__all__
        if next(iter(inspect.signature(value := getattr(costs, name)).parameters)).lower() == "y"
    ]
    return [value.__name__ for value in (*classes, *functions) if value not in described]


def unexported(files, exported):
    """The layers that a file of the reference defines and its package does not export."""
    defined = {
        value.__name__
        for file in files
        for value in vars(file).values()
        if inspect.isclass(value) and issubclass(value, reference.Layer)
    }
    return sorted(name for name in defined if name not in exported)


def test_every_layer_of_every_file_is_exported():
    assert not unexported(modules(reference.layers), reference.__all__)


def test_a_layer_that_is_not_exported_is_reported():
    exported = [name for name in reference.__all__ if name != "SinLayer"]
    assert unexported(modules(reference.layers), exported) == ["SinLayer"]


def table(layers=LAYERS, cost_rows=COSTS):
    return SimpleNamespace(layers=layers.values(), costs=cost_rows.values())


def test_every_layer_and_cost_of_the_reference_has_a_row():
    assert not rowless(reference, table())
    assert {*LAYERS, *COSTS} <= set(TARGETS)


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        (table({k: v for k, v in LAYERS.items() if k != "sin"}), "SinLayer"),
        (table(cost_rows={k: v for k, v in COSTS.items() if "soft" not in k}),
         "softmax_cross_entropy"),
    ],
)  # fmt: skip
def test_a_layer_or_cost_without_a_row_is_reported(rows, missing):
    assert rowless(reference, rows) == [missing]


def test_every_layer_has_a_mutant_and_a_near_miss():
    for label in (Label.MUTANT, Label.NEAR_MISS):
        assert {*LAYERS, *COSTS} <= {each.target.name for each in registry.variants(label=label)}


#: Elementwise layers with a derivative that depends on z: what all of them have is general.
CURVED = {
    name
    for name, row in LAYERS.items()
    if Property.ELEMENTWISE in row.properties and Property.CONSTANT_JACOBIAN not in row.properties
}


def without_own(names, records):
    """The layers and costs for which no record has an operator of their own formula."""
    own = {
        target
        for each in records
        if not set(each.operators) >= CURVED
        and (isinstance(each, NearMiss) or each.evidence in (Evidence.GRADIENT, Evidence.FUNCTION))
        for target in each.operators
    }
    return sorted(set(names) - own)


#: The identity has no formula that could be wrong.
FORMULAS = {*LAYERS, *COSTS} - {"identity"}


def test_every_layer_and_cost_has_a_fault_and_a_near_miss_of_its_own_formula():
    assert not without_own(FORMULAS, CATALOGUE.values())
    assert not without_own(FORMULAS, NEAR.values())


def test_a_layer_without_a_fault_or_near_miss_of_its_own_formula_is_reported():
    others = [fault for fault in CATALOGUE.values() if fault.name != "derivative-of-wrong-variable"]
    assert "sin" in without_own(FORMULAS, others)
    others = [near for near in NEAR.values() if near.name != "derivative-as-shifted-wave"]
    assert without_own(FORMULAS, others) == ["cos", "sin"]


def unused_properties(properties, files):
    """The properties of the reference that no law and no mutation operator asks for."""
    text = "".join(inspect.getsource(file) for file in files)
    return [each.name for each in properties if not re.search(rf"Property\.{each.name}\b", text)]


def test_every_property_has_a_law():
    # The mutants of state ask for the constant Jacobian.
    assert not unused_properties(Property, [*modules(laws), *modules(mutants)])


def test_a_property_without_a_law_is_reported():
    new = [*Property, SimpleNamespace(name="CONCAVE")]
    assert unused_properties(new, [*modules(laws), *modules(mutants)]) == ["CONCAVE"]


# A convention without its registration


def unregistered_conventions(files, registered):
    """The conventions that a module of the adapters defines and `CONVENTIONS` does not hold."""
    values = [value for file in files for value in vars(file).values()]
    named = {file.NAME for file in files if hasattr(file, "adapt") and hasattr(file, "NAME")}
    named |= {value.name for value in values if isinstance(value, Convention)}
    return sorted(named - set(registered))


def test_every_convention_is_registered():
    assert not unregistered_conventions(modules(adapters), adapters.CONVENTIONS)


@pytest.mark.parametrize("name", adapters.CONVENTIONS)
def test_a_convention_that_is_not_registered_is_reported(name):
    others = [each for each in adapters.CONVENTIONS if each != name]
    assert unregistered_conventions(modules(adapters), others) == [name]


def untested_conventions(names, text):
    """The conventions of which the test of conventions has no correct layer."""
    right = re.search(r"^RIGHT = \[\n(.*?)^\]", text, flags=re.MULTILINE | re.DOTALL)[1]
    return [name for name in names if f', "{name}")' not in right]


def undocumented_conventions(names, page, helps):
    """The conventions that the table of the page, or a help of --convention, leaves out."""
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    return [
        name
        for name in names
        if not any(row.startswith(f"| `{name}` |") for row in rows)
        or not all(name in text for text in helps)
    ]


@pytest.fixture(scope="module")
def right_layers(docs):
    path = docs.parent / "tests" / "adapters" / "test_conventions.py"
    return path.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def helps():
    """The help of each option --convention."""
    return [
        parameter.help
        for command in cli.commands.values()
        for parameter in command.params
        if "--convention" in parameter.opts
    ]


def test_every_convention_is_tested_and_documented(docs, right_layers, helps):
    page = (docs / "command-line.md").read_text(encoding="utf-8")
    assert helps
    assert not untested_conventions(adapters.CONVENTIONS, right_layers)
    assert not undocumented_conventions(adapters.CONVENTIONS, page, helps)


def test_a_convention_that_is_not_tested_or_documented_is_reported(right_layers):
    assert untested_conventions(["article", "new"], right_layers) == ["new"]
    table = "| `old` | pairs |\n| `new` | classes |\n"
    assert undocumented_conventions(["old", "new"], table, ["old or new"]) == []
    assert undocumented_conventions(["old", "new"], table, ["old or new", "old"]) == ["new"]
    assert undocumented_conventions(["old", "new"], "new\n| `old` | pairs |", ["old, new"]) == [
        "new"
    ]


def test_a_layout_that_is_no_layout_is_refused():
    assert {layout for layout in Layout if layout.examples_first} == {
        Layout.EXAMPLES_FEATURES,
        Layout.EXAMPLES_CLASSES,
        Layout.EXAMPLES_HEIGHT_WIDTH,
    }
    with pytest.raises(ValueError, match="is not a valid Layout"):
        Subject("typo", lambda _values: None, layout=Layout("(example, features)"))


# What docs/adding.md names


def unknown_names(page, root):
    """The modules, attributes and paths in code font that do not exist."""
    dotted = [name for name in re.findall(r"`(gradlab(?:\.\w+)+)`", page) if not exists(name)]
    paths = re.findall(r"`((?:gradlab|tests)/[\w/.]+)`", page)
    return [*dotted, *(p for p in paths if "NAME" not in p and not (root / p).exists())]


def exists(name):
    """Whether a dotted name is a module, or an attribute of one."""
    parent, _, last = name.rpartition(".")
    try:
        module = importlib.import_module(parent)
    except ModuleNotFoundError:
        return False
    return hasattr(module, last) or importlib.util.find_spec(name) is not None


def test_every_name_on_the_page_on_adding_exists(docs):
    assert not unknown_names((docs / "adding.md").read_text(encoding="utf-8"), docs.parent)


def test_a_name_that_does_not_exist_is_reported(docs):
    page = (
        "`gradlab.laws.LAWS` `gradlab.laws.OLD` `gradlab.old.NAME` `tests/old.py` `gradlab/laws/`"
    )
    assert unknown_names(page, docs.parent) == [
        "gradlab.laws.OLD",
        "gradlab.old.NAME",
        "tests/old.py",
    ]
