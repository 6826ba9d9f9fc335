"""The kill matrix in short, and in full length with GRADLAB_PROFILE=deep.

What `gradlab faults --matrix` and `--correct` check with any number of seeds is checked
here with one: every mutant, every near miss and every correct target.
"""

import itertools
import os

import pytest

from gradlab import check, reference
from gradlab.faults import CATALOGUE, Evidence, registry
from gradlab.faults.matrix import (
    FalseAlarms,
    Matrix,
    run,
    text,
)
from gradlab.faults.registry import Label
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
MUTANTS = registry.variants(label=Label.MUTANT)


@pytest.fixture(scope="module")
def page(request):
    """The lines of the documentation's matrix."""
    return (request.config.rootpath / "docs" / "matrix.md").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_fault_is_found_wherever_it_is_planted_and_by_the_law_named(name, page):
    mutants = [entry.name for entry in MUTANTS if entry.made_by == name]
    found = Matrix(SEEDS, run(mutants, SEEDS, jobs=1))
    assert not found.undetected()
    shown = Matrix((0,), tuple(outcome for outcome in found.outcomes if outcome.seed == 0))
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
@pytest.mark.parametrize("entry", registry.correct(), ids=str)
def test_no_law_finds_fault_with_what_is_right(entry, part):
    found = FalseAlarms(tuple(part), run([entry.name], part, jobs=1))
    assert not found.false_alarms()
    assert not found.inconclusive()


@pytest.mark.parametrize("name", [*LAYERS, *COSTS])
def test_check_passes_the_reference_as_a_user_hands_it_over(name):
    report = check(getattr(reference, name))
    assert report.status is Status.PASS, str(report)
