"""Old names are gone: one word names one thing, and the field's own terms are used."""

import ast
import io
import re
import tokenize
from collections import defaultdict
from pathlib import Path

# The checkout, and not the installed package: the pages lie beside the sources only.
ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "gradlab"
FILES = [path for path in sorted(PACKAGE.rglob("*.py")) if "_properties" not in path.parts]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def words(text):
    return frozenset(text.split())


#: Former names of modules and folders that nothing is called by now.
OLD_MODULES = words(
    """
    agree alarms aliasing allowed asking backward_twice bisect blame choice closed_forms commands
    complexes complexstep construct decode describe differences directions distance ending engine
    estimate explain extrapolate graded graphs intervals judge kinks ladder lend like line located
    loops make marked mirror missing mistakes near neighbours network_point others pair pairs
    picture planting plants process promotion purity pytest_plugin pytesting remote repeat rooms
    routine routine_engine ruler runner runs second second_forward sides stepping structure stuck
    tails told tracer trial two_instances units updates watch wire words
    """
)
#: Former paths whose last name is that of another module now.
OLD_PATHS = words(
    """
    adapters/attributes.py adapters/functions.py adapters/routines.py adapters/training.py
    baseline/code.py baseline/observe.py baseline/text.py baseline/verdict.py faults/record.py
    laws/compare.py laws/examples.py laws/routines.py testing/ending.py testing/files.py
    testing/fixture.py testing/names.py
    """
)

#: Former identifiers that nothing is called by now.
OLD_IDENTIFIERS = words(
    """
    Borrowed Claim Course Difference Drawn Each Entry Face Gap Ledger Lens Link Maker Net
    Place Places Room Ruler Standing TOGETHER Trial Way _House _IN_PYTHON _Rungs _blinder _metered
    _obituary alarms asked_of asking audible blame borrow buried carried climb dealt elsewhere
    far_grid gentle judge lend merged mirror named_plainly nudged other_door plants record_here
    rooms torn uphill
    """
)
#: Former identifiers that mean something else in other rooms.
OLD_IN_ROOM = {
    "checker": words("beside natural picture seen simple stuck sums ways"),
    "faults": words("deal right"),
    "laws": words("hold"),
    "numdiff": words("grid hold picture run stretch"),
}
#: Verbs of speech: a function reports, warns, requests or finds.
SPEECH = words("asked asks dealt said saying says tell tells told")

#: Words that the field does not use for what they meant here.
OLD_WORDS = (
    *sorted(SPEECH), "ask", "blames", "blinder", "dealing", "deals", "hearsay", "lends", "nobody",
    "obituary", "stand in for", "stands in for", "whoever",
)  # fmt: skip


def names_in(source):
    """Return every name that code binds or reads, attributes included."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {token.string for token in tokens if token.type == tokenize.NAME}


def prose(source):
    """Return the strings and comments of a module, where words are written for people."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    kinds = {tokenize.STRING, tokenize.COMMENT, getattr(tokenize, "FSTRING_MIDDLE", -1)}
    return "\n".join(token.string for token in tokens if token.type in kinds)


def old_names(source, room=""):
    """Return the old identifiers in a module's code, and those that are verbs of speech."""
    names = names_in(source)
    spoken = {name for name in names if SPEECH & set(name.lower().split("_"))}
    return (names & (OLD_IDENTIFIERS | OLD_IN_ROOM.get(room, frozenset()))) | spoken


def old_words(text):
    return [word for word in OLD_WORDS if re.search(rf"\b{word}\b", text, re.IGNORECASE)]


def old_modules(paths):
    """Return the paths, relative to the package, that are called by an old name."""
    return [
        path
        for path in paths
        if path in OLD_PATHS or OLD_MODULES & set(path.removesuffix(".py").split("/"))
    ]


def relative(path):
    return path.relative_to(PACKAGE).as_posix()


def test_no_module_has_an_old_name():
    assert old_modules(map(relative, FILES)) == []


def test_no_identifier_is_an_old_one():
    found = {relative(p): old_names(p.read_text(), relative(p).split("/")[0]) for p in FILES}
    assert {path: names for path, names in found.items() if names} == {}


def test_strings_and_comments_use_the_terms_of_the_field():
    found = {relative(path): old_words(prose(path.read_text())) for path in FILES}
    assert {path: names for path, names in found.items() if names} == {}


def test_pages_use_the_terms_of_the_field():
    found = {page.name: old_words(page.read_text()) for page in PAGES}
    assert {name: names for name, names in found.items() if names} == {}


def test_one_word_names_one_class():
    defined = defaultdict(set)
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                defined[node.name].add(relative(path))
    assert {name: files for name, files in defined.items() if len(files) > 1} == {}


def test_old_names_would_be_found():
    assert old_names("def climb(x): return x.told") == {"climb", "told"}
    assert old_names("natural = asked_less", "checker") == {"natural", "asked_less"}
    assert old_names("natural = rightly", "laws") == set()
    assert old_modules(["laws/agree.py", "runner/load.py", "laws/compare.py"]) == [
        "laws/agree.py",
        "runner/load.py",
        "laws/compare.py",
    ]
    assert old_modules(["checker/compare.py", "files.py", "worker/load.py"]) == []


def test_old_words_would_be_found():
    assert old_words(prose('x = "which is told"  # nobody')) == ["told", "nobody"]
    assert old_words(prose("message = f'{law} asked'")) == ["asked"]
    assert old_words(prose("asked = told('retold')")) == []
