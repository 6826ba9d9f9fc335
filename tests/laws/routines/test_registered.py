"""What check finds in routines, and what it leaves alone, over the whole registry."""

import os

import pytest

from gradlab import check, registry
from gradlab.adapters.routines import recognise
from gradlab.faults import CATALOGUE, Evidence
from gradlab.laws.routines import ROUTINE_LAWS
from gradlab.records import Status
from gradlab.registry import Standing
from gradlab.routine import Kind
from gradlab.routine_engine import check_routine

SEEDS = range(20 if os.environ.get("GRADLAB_PROFILE") == "deep" else 2)
KINDS = {str(kind) for kind in Kind}
ROUTINES = [entry for entry in registry.ENTRIES.values() if str(entry.kind) in KINDS]
UPDATES = list(registry.entries(evidence=Evidence.UPDATE))
WRONG = [e for e in ROUTINES if e.standing is Standing.MUTANT] + UPDATES
RIGHT = [e for e in ROUTINES if e.standing is not Standing.MUTANT]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("entry", WRONG, ids=str)
def test_a_mutant_is_found_by_the_law_that_the_catalogue_names(entry, seed):
    report = check(registry.build(entry.name), like=entry.target.name, seed=seed)
    broken = {finding.law for finding in report.failures}
    assert str(CATALOGUE[entry.variant].law) in broken
    assert CATALOGUE[entry.variant].law != "reference"


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("entry", RIGHT, ids=str)
def test_what_is_right_passes(entry, seed):
    report = check(registry.build(entry.name), like=entry.target.name, seed=seed)
    assert report.status is Status.PASS, str(report)


def test_every_law_says_what_it_states_where_from_and_of_what():
    for laws in ROUTINE_LAWS.values():
        names = [law.name for law in laws]
        assert len(set(names)) == len(names)
        for law in laws:
            assert law.sentence
            assert law.applies_to


def test_every_kind_has_laws():
    assert set(ROUTINE_LAWS) == set(Kind)


def test_some_laws_are_asked_and_an_exemption_gives_its_reason():
    routine = recognise(registry.build("mutant:optimizer-ascends/adam"), like="adam")
    assert {f.law for f in check_routine(routine, laws=["descent"]).findings} == {"descent"}
    reason = "it climbs on purpose"
    exempt = {"descent": reason, "optimizer trace[W1]": reason}
    report = check_routine(routine, exempt=exempt)
    assert report.status is Status.PASS
    assert {"descent", "optimizer trace"}.isdisjoint({f.law for f in report.findings})
    assert f"law 'descent' left out: {reason}" in report.notes
    assert f"law 'optimizer trace' left out for W1: {reason}" in report.notes


def test_what_the_code_warns_of_is_told(student):
    module = student("optimizers.py", ("return {k: p - l", "np.log(-1.0); return {k: p - l"))
    (subject,) = check(module.SGD).subjects
    assert subject.status is Status.PASS
    assert subject.notes == ("RuntimeWarning from the code: invalid value encountered in log",)
