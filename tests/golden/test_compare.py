"""Every entry is reproduced, by something that depends on what it is given."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gradlab.golden import (
    BEHAVIOURS,
    REPRODUCTIONS,
    Behaviour,
    Value,
    article,
    computed,
    matches,
    mismatch,
)

ARTICLE = article()
ENTRIES = [*ARTICLE.values.values(), *ARTICLE.behaviours.values()]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_the_entry_is_reproduced(entry: Value | Behaviour) -> None:
    assert mismatch(entry) == ""


@pytest.mark.parametrize("entry", ARTICLE.values.values(), ids=lambda entry: entry.id)
def test_another_last_digit_is_not_reproduced(entry: Value) -> None:
    last = entry.printed[-1]
    other = "7" if last in "²³" else last[:-1] + str((int(last[-1]) + 5) % 10)
    changed = replace(entry, printed=(*entry.printed[:-1], other))
    # The costs are compared at 1e-12, so their last digits are free.
    expected_to_hold = entry.rounding == "double" and len(last) > 15
    assert (mismatch(changed) == "") is expected_to_hold


def test_an_entry_of_the_wrong_length_is_not_reproduced() -> None:
    entry = ARTICLE.values["or.dW_second"]
    message = mismatch(replace(entry, printed=entry.printed[:1]))
    assert message.startswith(
        "or.dW_second: -0.044 is printed (rounded), or_steps computes -0.0442"
    )


def test_a_behaviour_that_does_not_happen_is_told() -> None:
    entry = replace(ARTICLE.behaviours["rate_low.behaviour"], shows="diverges")
    assert mismatch(entry) == "rate_low.behaviour: diverges is stated, many steps happens"


def test_no_reproduction_is_orphaned() -> None:
    used = {(entry.by, entry.result) for entry in ARTICLE.values.values()}
    produced = set()
    for by, function in REPRODUCTIONS.items():
        entry = next((value for value in ARTICLE.values.values() if value.by == by), None)
        assert entry is not None, f"{by} reproduces no entry"
        inputs = {name: ARTICLE.inputs[name].number for name in entry.given}
        produced |= {(by, result) for result in function(**inputs)}
    assert produced == used


def test_no_behaviour_is_orphaned() -> None:
    assert set(BEHAVIOURS) == {entry.by for entry in ARTICLE.behaviours.values()}


def test_entries_of_one_reproduction_give_it_the_same_inputs() -> None:
    given: dict[str, tuple[str, ...]] = {}
    for entry in ARTICLE.values.values():
        assert given.setdefault(entry.by, entry.given) == entry.given


@pytest.mark.parametrize("name", sorted({n for v in ARTICLE.values.values() for n in v.given}))
def test_another_input_gives_another_value(name: str) -> None:
    """A printed input that nothing depends on would be held by nothing."""
    number = ARTICLE.inputs[name].number
    users = [entry for entry in ARTICLE.values.values() if name in entry.given]
    assert any(
        not _still_holds(entry, name, instead)
        for instead in (number + 1, -number)
        for entry in users
    )


def test_every_input_is_used() -> None:
    used = {name for entry in ARTICLE.values.values() for name in entry.given}
    used |= {name for entry in ARTICLE.behaviours.values() for name in entry.of}
    used |= {entry.id for entry in ARTICLE.inputs.values() if entry.derived}
    assert used == set(ARTICLE.inputs)


def _still_holds(entry: Value, name: str, instead: float) -> bool:
    try:
        numbers = computed(entry, {name: instead})
    except (ValueError, IndexError):  # an input that no network accepts is noticed too
        return False
    pairs = zip(entry.printed, numbers, strict=False)
    return len(numbers) == len(entry.printed) and all(
        matches(printed, entry.rounding, number) for printed, number in pairs
    )
