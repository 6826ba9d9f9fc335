"""The catalogue in words: the list, one fault explained, and the page of the documentation."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from gradlab.faults.catalogue import CATALOGUE, ROWS, UNPLANTED
from gradlab.faults.fault import FiniteDifferences
from gradlab.faults.near_misses import NEAR_MISSES
from gradlab.faults.plant import fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gradlab.faults.fault import Fault, NearMiss

#: What the columns of `listing` hold.
COLUMNS = ("fault", "row", "finite differences", "law", "planted in")

_SECTIONS = (
    ("Scale and sign", range(1, 10)),
    ("Shape and axis", range(10, 19)),
    ("Local derivative", range(19, 26)),
    ("State and protocol", range(26, 37)),
    ("Numerics", range(37, 43)),
    ("Dropout, as far as a network can have it", range(43, 53)),
    ("Convolution and pooling, as far as a dense layer has it", range(53, 61)),
    ("Training and initial values", range(67, ROWS + 1)),
)

_INTRODUCTION = """\
<!-- Written by `python -m gradlab.faults`; change the catalogue, not this page. -->
# Faults

The mistakes that people make in hand-written layers, collected from course forums, issue threads
and public histories. Each states what is computed and what should be, and names the law
that must detect it. *Finite differences* is what one textbook check does (random upstream
gradient, float64, one generic input): {marks}.

{faults} faults cover {covered} of the {rows} rows of the collection. They can be planted in
{mutants} places of the reference, each a mutant with which the power of a check is measured;
{near} near misses, which are correct and look like a fault, measure its false alarms. The rows
that nothing in the reference can carry yet stand at the end, with the reason.

`gradlab faults` lists them and `gradlab faults NAME` explains one. From Python a fault is planted
in a correct class, for any test suite to run on:

```python
from gradlab import faults
from gradlab.reference import LinearLayer

Broken = faults.plant_class("bias-gradient-averaged", LinearLayer)
layer = Broken((2, 4), n_out=1)
layer.forward([[0, 0, 1, 1], [0, 1, 0, 1]])
layer.backward([[1.0, 1.0, 1.0, 1.0]])
assert layer.db == [[1.0]]  # the mean of the four; their sum is 4
```
"""


def listing() -> list[tuple[str, ...]]:
    """Return one line for each fault, with the columns `COLUMNS`.

    Examples
    --------
    >>> listing()[0][:3]
    ('cost-gradient-not-averaged', '1', '✓')
    """
    return [
        (
            found.name,
            str(found.row),
            found.finite_differences.mark,
            str(found.law),
            ", ".join(found.operators),
        )
        for found in CATALOGUE.values()
    ]


def explain(name: str) -> str:
    """Return the explanation of one fault, as text for a terminal.

    Raises
    ------
    GradlabError
        If there is no such fault; the message lists close ones.
    """
    found = fault(name)
    near = [
        _wrapped(f"  {key}: ", NEAR_MISSES[key].explanation, indent="    ") for key in found.near
    ]
    lines = [
        f"{found.name} (row {found.row} of the collection)",
        "",
        _wrapped("", found.explanation),
        "",
        _wrapped("found by:           ", f"the law '{found.law}'"),
        _wrapped("finite differences: ", found.finite_differences.value),
        _wrapped("what is wrong:      ", found.evidence.value),
        _wrapped("planted in:         ", ", ".join(found.operators), indent=" " * 20),
        _wrapped("seen in:            ", found.source, indent=" " * 20),
        "",
        "correct code that looks like it:",
        *near,
    ]
    return "\n".join(lines)


def document() -> str:
    """Return the page ``docs/faults.md``, written from the catalogue."""
    marks = ", ".join(f"{kind.mark} {kind.value}" for kind in FiniteDifferences)
    faults = CATALOGUE.values()
    introduction = _INTRODUCTION.format(
        marks=marks,
        faults=len(faults),
        covered=len({found.row for found in faults}),
        rows=ROWS,
        mutants=sum(len(found.operators) for found in faults),
        near=sum(len(near.operators) for near in NEAR_MISSES.values()),
    )
    sections = [
        _section(title, [found for found in faults if found.row in rows])
        for title, rows in _SECTIONS
    ]
    return "\n".join([introduction, *sections, _near_misses(), _unplanted()])


def _section(title: str, faults: Sequence[Fault]) -> str:
    return "\n".join([f"## {title}\n", *(_entry(found) for found in faults)])


def _entry(found: Fault) -> str:
    lines = (
        ("row", str(found.row)),
        ("what is wrong", found.evidence),
        ("found by", f"the law *{found.law}*"),
        ("finite differences", f"{found.finite_differences.mark} {found.finite_differences}"),
        ("planted in", ", ".join(f"`{target}`" for target in found.operators)),
        ("correct and alike", ", ".join(f"`{near}`" for near in found.near)),
        ("seen in", found.source),
    )
    items = "".join(f"- {label}: {text}\n" for label, text in lines)
    return f"### {found.name}\n\n{found.explanation}\n\n{items}"


def _near_misses() -> str:
    def line(near: NearMiss) -> tuple[str, ...]:
        return near.name, near.explanation, ", ".join(near.operators)

    rows = [line(near) for near in NEAR_MISSES.values()]
    return "## Near misses\n\n" + _table(("near miss", "why it is right", "variants of"), rows)


def _unplanted() -> str:
    rows = [(str(row.row), row.title, row.reason) for row in UNPLANTED]
    head = "## Rows without a mutation operator\n\n"
    return head + _table(("row", "fault", "why it has none"), rows).rstrip("\n") + "\n"


def _table(columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    heads = list(columns)
    lines = [heads, ["---"] * len(heads), *rows]
    # A bar inside a cell would end it.
    cells = ([cell.replace("|", r"\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in cells)


def _wrapped(label: str, text: str, indent: str = "") -> str:
    return textwrap.fill(text, width=92, initial_indent=label, subsequent_indent=indent)
