"""The matrix of outcomes that are written by hand, so that each case occurs."""

from gradlab.faults import CATALOGUE, registry
from gradlab.faults.matrix import (
    CheckOutcome,
    FalseAlarms,
    LawScope,
    Matrix,
    laws_of,
    scope_of,
    text,
)
from gradlab.records import Status

AVERAGED = "mutant:bias-gradient-averaged/linear"
HALF = "mutant:half-missing/squared_error"
STALE = "mutant:stale-cache/sigmoid"
CLIMBS = "mutant:update-ascends/linear"


def matrix(*outcomes):
    seeds = tuple(dict.fromkeys(seed for _, seed, _ in outcomes))
    return Matrix(seeds, tuple(CheckOutcome(*outcome) for outcome in outcomes))


def test_a_fault_detected_by_its_law_is_no_problem():
    assert matrix((AVERAGED, 0, ("gradient", "reference"))).undetected() == ()


def test_a_survivor_is_reported_with_the_number_of_seeds():
    found = matrix((AVERAGED, 0, ("gradient",)), (AVERAGED, 1, ()), (AVERAGED, 2, ()))
    assert found.undetected() == (f"{AVERAGED} survives with 2 of 3 seeds",)


def test_a_fault_that_only_other_laws_detect_is_reported():
    found = matrix((STALE, 4, ("reference", "second forward")), (STALE, 5, ("reference",)))
    assert found.undetected() == (
        f"{STALE} is detected by reference; 1 of 2 times by 'second forward', the expected law",
    )


def test_the_law_reference_counts_only_where_the_catalogue_names_it():
    assert matrix((HALF, 0, ("reference",))).undetected() == ()
    assert matrix((STALE, 0, ("reference",))).undetected() != ()


def test_what_only_one_law_detects():
    found = matrix((HALF, 0, ("reference",)), (AVERAGED, 0, ("gradient", "reference")))
    half, averaged = found.mutants
    assert half.needs_reference
    assert not averaged.needs_reference
    (law,) = [row for row in found.laws if row.law == "reference" and row.detects]
    assert (law.scope, law.detects, law.detects_alone) == (LawScope.SUBJECT, 2, 1)


def test_a_law_that_detects_nothing_is_reported_unless_it_runs_on_request_only():
    unused = matrix((AVERAGED, 0, ("gradient",))).unused_laws()
    assert "the law 'purity' of layers and costs detects no mutant" in unused
    assert "the law 'purity' of optimizers detects no mutant" in unused
    assert not any("'gradient' of layers" in line for line in unused)
    assert not any("fresh process" in line for line in unused)


def test_laws_of_one_name_are_kept_apart_by_their_scope():
    variants = [registry.variant(name) for name in (CLIMBS, STALE, "adam", "linear")]
    scopes = [LawScope.UPDATE, LawScope.SUBJECT, LawScope.OPTIMIZER, LawScope.SUBJECT]
    assert [scope_of(each) for each in variants] == scopes
    names = [{law.name for law in laws_of(scope)} for scope in LawScope]
    assert sum("purity" in each for each in names) >= 4
    assert {scope_of(each) for each in registry.VARIANTS.values()} == set(LawScope)


def test_rows_merge_the_mutants_of_a_fault():
    names = registry.names(label=registry.Label.MUTANT)
    places = [name for name in names if name.startswith("mutant:stale-cache/")]
    found = matrix(*((name, 0, ("second forward", "reference")) for name in places[1:]),
                   (places[0], 0, ("reference",)))  # fmt: skip
    (row,) = text.rows(found)
    total = len(places)
    assert row == (
        "stale-cache",
        "✗",
        str(total),
        str(total),
        f"second forward {total - 1} of {total} ✗",
        "reference",
    )
    (line,) = text.rows(matrix((HALF, 0, ("reference",))))
    assert line[-2:] == ("(reference)", "")


def test_totals_name_what_the_reference_alone_detects():
    totals = text.totals(matrix((HALF, 0, ("reference",)), (AVERAGED, 0, ("gradient",))))
    assert totals == (
        "2 faults, 2 mutants, seed 0",
        "2 of 2 mutants are detected with every seed, 2 by one law alone",
        "textbook gradient checks miss 1 faults; the laws detect 1 of them",
        f"without the law 'reference' 1 of 2 are detected; only the definition detects {HALF}",
    )


def test_false_alarms_keep_fail_error_and_inconclusive_apart():
    outcomes = (
        CheckOutcome("linear", 3, ()),
        CheckOutcome("adam", 3, ("descent",)),
        CheckOutcome("relu", 3, (), (("execution", Status.ERROR),)),
        CheckOutcome("tanh", 3, (), (("subgradient", Status.INCONCLUSIVE),)),
    )
    found = FalseAlarms((3,), outcomes)
    assert found.false_alarms() == ("adam, seed 3: descent", "relu, seed 3: execution")
    assert found.inconclusive() == ("tanh, seed 3: subgradient",)
    assert text.false_alarm_totals(found) == (
        "4 correct targets and near misses, seed 3",
        "2 of 4 reports are false alarms, 1 inconclusive",
    )


def test_every_law_that_the_catalogue_names_is_a_law():
    known = {law.name for scope in LawScope for law in laws_of(scope)}
    assert {fault.law for fault in CATALOGUE.values()} <= known
