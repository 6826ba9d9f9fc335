"""What the report states about a reading."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gradlab.adapters.reading import Reading
    from gradlab.adapters.variants import CallVariant
    from gradlab.domain import Domain


def notes_of(reading: Reading, domain: Domain, variants: list[CallVariant]) -> tuple[str, ...]:
    """State how the object was read: shapes, hyperparameters, and what was found by trying."""
    shapes = ", ".join(f"{t.name} ({', '.join(map(str, t.shape))})" for t in domain)
    settings = ", ".join(f"{name} {text}" for name, text in reading.settings.items())
    others = [variant.text for variant in variants if variant.text]
    if settings or others:
        shapes += f"; {' and '.join([settings or 'the defaults', *others])}"
    notes = [f"checked with {shapes}", *reading.notes]
    if reading.scaled:
        named = " and ".join(f"d{name}" for name in reading.scaled)
        notes.append(
            f"1/m stands in {named}, and not in the gradient of the input: this looks like "
            "convention coursera, where no cost's gradient may be divided by m"
        )
    adding = [name for name, at in reading.gradients.items() if at.adds_up]
    if adding:
        notes.append(f"gradients of {', '.join(adding)} add up from one backward to the next")
    guessed = [a.name for a in reading.backward if a.guess]
    if guessed:
        notes.append(f"what backward takes as {', '.join(guessed)} was found by trying")
    unnamed = [name for name, at in reading.gradients.items() if at.by == "shape"]
    if unnamed:
        notes.append(f"the gradient of {', '.join(unnamed)} was recognized by its shape")
    if reading.outputs.reduction:
        notes.append(f"the gradient is that of the {reading.outputs.reduction} of the outputs")
    return tuple(notes)
