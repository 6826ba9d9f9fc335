"""The kill matrix in short, and in full length with GRADLAB_PROFILE=deep.

What `gradlab faults --matrix` and `--right` ask with as many seeds as they are
given is asked here with one: every fault wherever it is planted, and all that is right.
"""

import itertools
import os

import pytest

from gradlab import check, reference
from gradlab.faults import CATALOGUE, Evidence, registry
from gradlab.faults.matrix import Alarms, Matrix, Room, answers, findings, laws_of, room_of, text
from gradlab.faults.registry import Standing
from gradlab.records import Status

DEEP = os.environ.get("GRADLAB_PROFILE") == "deep"
SEEDS = tuple(range(20 if DEEP else 1))
#: A thousand seeds in parts, so that the parts can share the processors.
PARTS = [range(first, first + 50) for first in range(0, 1000, 50)] if DEEP else [range(1)]
LAYERS = [
    name
    for name in reference.__all__
    if name.endswith("Layer") and name not in ("Layer", "ActivationLayer")
]
COSTS = [
    "compute_cost",
    "binary_cross_entropy",
    "binary_cross_entropy_from_logits",
    "softmax_cross_entropy",
]
MUTANTS = registry.entries(standing=Standing.MUTANT)
LAWS = [(room, law) for room in Room for law in laws_of(room) if not law.on_request]


@pytest.fixture(scope="module")
def page(request):
    """The lines of the documentation's matrix."""
    return (request.config.rootpath / "docs" / "matrix.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_is_found_wherever_it_is_planted_and_by_the_law_named(name, page):
    mutants = [entry.name for entry in MUTANTS if entry.variant == name]
    found = Matrix(SEEDS, answers(mutants, SEEDS, jobs=1))
    assert not found.unfound()
    shown = Matrix((0,), tuple(answer for answer in found.answers if answer.seed == 0))
    *_, line = text.document(shown).splitlines()
    assert _stable(name, line) in {_stable(name, each) for each in page}, (
        "run `python -m gradlab.faults.matrix` and put what it prints into docs/matrix.md"
    )


def _stable(name, line):
    """Leave out who else finds an error of the size of rounding: that hangs on the processor."""
    rounding = CATALOGUE[name].evidence is Evidence.ROUNDING
    return line.rsplit(" | ", 1)[0] if rounding else line


def test_the_page_has_a_line_for_each_fault_and_no_more(page):
    head = page.index(text.document(Matrix((0,), ())).splitlines()[0])
    lines = list(itertools.takewhile(lambda line: line.startswith("|"), page[head + 2 :]))
    assert [line.split(" | ")[0].removeprefix("| ") for line in lines] == list(CATALOGUE)


@pytest.mark.parametrize("part", PARTS, ids=str)
@pytest.mark.parametrize("entry", registry.right(), ids=str)
def test_no_law_finds_fault_with_what_is_right(entry, part):
    found = Alarms(tuple(part), answers([entry.name], part, jobs=1))
    assert not found.complaints()
    assert not found.doubts()


@pytest.mark.parametrize("name", [*LAYERS, *COSTS])
def test_check_passes_the_reference_as_a_user_hands_it_over(name):
    report = check(getattr(reference, name))
    assert report.status is Status.PASS, str(report)


def statuses(entry, law):
    return {finding.status for finding in findings(entry.name, laws=[law.name])}


@pytest.mark.parametrize(("room", "law"), LAWS, ids=lambda part: getattr(part, "name", None))
def test_every_law_has_a_fault_that_trips_it_and_a_near_miss_that_does_not(room, law):
    wrong = [entry for entry in MUTANTS if room_of(entry) is room]
    # Those that the catalogue gives to the law first: one of them is enough.
    wrong.sort(key=lambda entry: CATALOGUE[entry.variant].law != law.name)
    assert any(Status.FAIL in statuses(entry, law) for entry in wrong)
    kinds = {entry.kind for entry in wrong}
    near = [e for e in registry.right() if e.kind in kinds and e.standing is Standing.NEAR_MISS]
    assert any(statuses(entry, law) == {Status.PASS} for entry in near)
