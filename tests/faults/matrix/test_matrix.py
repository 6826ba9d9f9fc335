"""What the matrix makes of answers: written by hand here, so that each case is there."""

from gradlab.faults import Law, registry
from gradlab.faults.matrix import Alarms, Answer, Matrix, Room, laws_of, room_of, text
from gradlab.records import Status

AVERAGED = "mutant:bias-gradient-averaged/linear"
HALF = "mutant:half-missing/squared_error"
STALE = "mutant:stale-cache/sigmoid"
CLIMBS = "mutant:update-ascends/linear"


def matrix(*answers):
    seeds = tuple(dict.fromkeys(seed for _, seed, _ in answers))
    return Matrix(seeds, tuple(Answer(*answer) for answer in answers))


def test_a_fault_found_by_its_law_is_no_complaint():
    assert matrix((AVERAGED, 0, ("gradient", "reference"))).unfound() == ()


def test_a_survivor_is_told_with_how_many_seeds():
    found = matrix((AVERAGED, 0, ("gradient",)), (AVERAGED, 1, ()), (AVERAGED, 2, ()))
    assert found.unfound() == (f"{AVERAGED} survives with 2 of 3 seeds",)


def test_a_fault_that_others_find_is_told():
    found = matrix((STALE, 4, ("reference", "second forward")), (STALE, 5, ("reference",)))
    assert found.unfound() == (
        f"{STALE} is found by reference; 1 of 2 times by 'second forward', named",
    )


def test_the_law_reference_counts_only_where_the_catalogue_names_it():
    assert matrix((HALF, 0, ("reference",))).unfound() == ()
    assert matrix((STALE, 0, ("reference",))).unfound() != ()


def test_what_only_one_law_finds():
    found = matrix((HALF, 0, ("reference",)), (AVERAGED, 0, ("gradient", "reference")))
    half, averaged = found.mutants
    assert half.needs_reference
    assert not averaged.needs_reference
    (law,) = [row for row in found.laws if row.law == "reference" and row.finds]
    assert (law.room, law.finds, law.alone) == (Room.SUBJECT, 2, 1)


def test_a_law_that_finds_nothing_is_told_unless_it_is_asked_on_request():
    idle = matrix((AVERAGED, 0, ("gradient",))).idle()
    assert "the law 'purity' of layers and costs finds nothing" in idle
    assert "the law 'purity' of optimizers finds nothing" in idle
    assert not any("'gradient' of layers" in line for line in idle)
    assert not any("fresh process" in line for line in idle)


def test_laws_of_one_name_are_kept_apart_by_what_they_are_asked_of():
    entries = [registry.entry(name) for name in (CLIMBS, STALE, "adam", "linear")]
    rooms = [Room.UPDATE, Room.SUBJECT, Room.OPTIMIZER, Room.SUBJECT]
    assert [room_of(entry) for entry in entries] == rooms
    names = [{law.name for law in laws_of(room)} for room in Room]
    assert sum("purity" in each for each in names) >= 4
    assert {room_of(entry) for entry in registry.ENTRIES.values()} == set(Room)


def test_rows_merge_the_places_of_a_fault():
    names = registry.names(standing=registry.Standing.MUTANT)
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


def test_totals_say_what_the_reference_alone_finds():
    said = text.totals(matrix((HALF, 0, ("reference",)), (AVERAGED, 0, ("gradient",))))
    assert said == (
        "2 faults in 2 places, seed 0",
        "2 of 2 mutants are found with every seed, 2 by one law alone",
        "textbook gradient checks miss 1 faults; the laws find 1 of them",
        f"without the law 'reference' 1 of 2 are found; only the definition tells of {HALF}",
    )


def test_alarms_tell_fault_error_and_doubt_apart():
    answers = (
        Answer("linear", 3, ()),
        Answer("adam", 3, ("descent",)),
        Answer("relu", 3, (), (("run", Status.ERROR),)),
        Answer("tanh", 3, (), (("subgradient", Status.INCONCLUSIVE),)),
    )
    found = Alarms((3,), answers)
    assert found.complaints() == ("adam, seed 3: descent", "relu, seed 3: run")
    assert found.doubts() == ("tanh, seed 3: subgradient",)
    assert text.alarm_totals(found) == (
        "4 correct things and near misses, seed 3",
        "2 of 4 reports find fault, 1 cannot tell",
    )


def test_every_law_that_the_catalogue_names_is_a_law():
    known = {law.name for room in Room for law in laws_of(room)}
    assert {str(law) for law in Law} <= known
