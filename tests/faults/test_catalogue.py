import re
from pathlib import Path

import pytest

from gradlab.faults import (
    CATALOGUE,
    NEAR_MISSES,
    ROWS,
    TARGETS,
    UNPLANTED,
    Evidence,
    FiniteDifferences,
    Kind,
    registry,
)
from gradlab.faults.fault import COLLECTED, CONSTRUCTED
from gradlab.faults.registry import Label
from gradlab.laws import ALL

FAULTS = [pytest.param(fault, id=name) for name, fault in CATALOGUE.items()]
NEAR = [pytest.param(near, id=name) for name, near in NEAR_MISSES.items()]


#: A thread that is kept, with a remark where it takes one, or the collection as a whole.
SOURCE = re.compile(
    r"github\.com/[\w.-]+/[\w.-]+/(issues|pull)/\d+( \(.+\))?"
    r"|community\.deeplearning\.ai/t/\d+ \(a course forum\)"
    rf"|{COLLECTED}"
    rf"|{CONSTRUCTED}"
)


def is_sentence(text):
    return len(text.split()) >= 5 and text[-1] == "." and "  " not in text


def test_every_row_is_planted_or_says_why_not():
    planted = {fault.row for fault in CATALOGUE.values()}
    reasoned = {row.row for row in UNPLANTED}
    assert planted | reasoned == set(range(1, ROWS + 1))
    assert not planted & reasoned
    assert len(reasoned) == len(UNPLANTED)


@pytest.mark.parametrize("row", UNPLANTED, ids=lambda row: str(row.row))
def test_a_row_without_operator_has_title_and_reason(row):
    assert row.title
    assert row.reason.startswith("the reference has no ")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_all_that_it_needs(fault):
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", fault.name)
    assert 1 <= fault.row <= ROWS
    assert is_sentence(fault.explanation)
    assert fault.explanation.count(". ") == 0, "one sentence"
    assert fault.law in {law.name for law in ALL}
    assert isinstance(fault.evidence, Evidence)
    assert isinstance(fault.finite_differences, FiniteDifferences)
    assert SOURCE.fullmatch(fault.source), fault.source
    assert fault.operators
    assert set(fault.operators) <= set(TARGETS)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_has_near_misses_of_its_targets(fault):
    variants = {target for name in fault.near for target in NEAR_MISSES[name].operators}
    assert variants & set(fault.operators)


@pytest.mark.parametrize("near", NEAR)
def test_a_near_miss_says_why_it_is_right(near):
    assert is_sentence(near.explanation)
    assert near.operators
    assert set(near.operators) <= set(TARGETS)


def test_every_near_miss_stands_beside_a_fault():
    used = {name for fault in CATALOGUE.values() for name in fault.near}
    assert used == set(NEAR_MISSES)


def test_names_are_given_once():
    assert not set(CATALOGUE) & set(NEAR_MISSES)
    assert len({fault.explanation for fault in CATALOGUE.values()}) == len(CATALOGUE)


@pytest.mark.parametrize("kind", Evidence)
def test_every_kind_of_evidence_is_looked_for(kind):
    texts = [path.read_text() for path in Path(__file__).parent.glob("test_*.py")]
    wanted = f"Evidence.{kind.name}"
    assert any(re.search(rf"{wanted}\b", text) for text in texts), f"no test shows {wanted}"


#: For each kind of thing, the evidence that the tests beside this one look for.
SHOWN = {
    Kind.LAYER: set(Evidence)
    - {
        Evidence.TRAINING,
        Evidence.OPTIMIZER,
        Evidence.BATCHES,
        Evidence.DISTRIBUTION,
        Evidence.UNREPEATABLE,
        Evidence.UNSEEDED,
        Evidence.SAVED,
    },
    Kind.COST: {
        Evidence.GRADIENT,
        Evidence.FUNCTION,
        Evidence.MUTATION,
        Evidence.ROUNDING,
        Evidence.EXTREMES,
    },
    Kind.PENALTY: {Evidence.GRADIENT, Evidence.FUNCTION},
    Kind.NETWORK: {
        Evidence.GRADIENT,
        Evidence.FUNCTION,
        Evidence.SHAPE,
        Evidence.REPEAT,
        Evidence.MUTATION,
        Evidence.INSTANCES,
        Evidence.UNREPEATABLE,
        Evidence.SAVED,
    },
    Kind.GRAPH: {Evidence.GRADIENT},
    Kind.TRAINING: {
        Evidence.TRAINING,
        Evidence.BATCHES,
        Evidence.MUTATION,
        Evidence.UNREPEATABLE,
    },
    Kind.OPTIMIZER: {Evidence.OPTIMIZER, Evidence.MUTATION, Evidence.INSTANCES},
    Kind.MINIBATCHES: {
        Evidence.BATCHES,
        Evidence.MUTATION,
        Evidence.UNREPEATABLE,
        Evidence.UNSEEDED,
    },
    Kind.INITIALIZER: {Evidence.DISTRIBUTION, Evidence.UNREPEATABLE},
}


@pytest.mark.parametrize("mutant", registry.variants(label=Label.MUTANT), ids=str)
def test_no_mutant_is_left_out_by_the_tests(mutant):
    assert mutant.evidence in SHOWN[mutant.kind]


def test_there_are_at_least_150_mutants():
    assert len({(f.name, target) for f in CATALOGUE.values() for target in f.operators}) >= 150
