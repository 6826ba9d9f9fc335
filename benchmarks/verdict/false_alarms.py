"""How often is a correct backward called wrong, and how often is the check inconclusive?

    python benchmarks/verdict/false_alarms.py --draws 20000 --seed 61

Every cell of the population (family, sort of point, modifier) gets the same number of
draws, those with 10⁵ entries a quarter of it.  `--part i/n` runs every n-th cell from
the i-th on, `--keep FILE` writes one line for each draw, and `--from FILE` prints the
tables from such files.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import correct
import numpy as np
from asking import ask, interval, quiet, share, table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

#: Where the arithmetic of the code itself limits what can be seen.
HARDER = ("+ 1e8", "+ 1e6 - 1e6", "float32 inside")


@dataclass(frozen=True)
class Row:
    """One draw's outcome."""

    cell: str
    number: int
    seed: int
    status: str
    calls: int
    seconds: float
    why: str

    @property
    def of(self) -> correct.Cell:
        """The cell that was drawn from."""
        return correct.CELLS[self.cell]


def run(draws: int, seed: int, part: tuple[int, int]) -> Iterator[Row]:
    """Ask about `draws` draws, spread evenly over the cells; large ones get a quarter."""
    cells = list(correct.CELLS.values())
    weights = np.array([0.25 if cell.place.large else 1.0 for cell in cells])
    ends = np.rint(draws * np.cumsum(weights) / np.sum(weights)).astype(int)
    counts = np.diff(ends, prepend=0)
    for cell, count in list(zip(cells, counts, strict=True))[part[0] :: part[1]]:
        for number in range(count):
            answer = ask(correct.draw(cell, number, seed), seed=number)
            found = [f for f in answer.report.findings if f.status is answer.report.status]
            why = "" if answer.report.passed else f"{found[0].tensor}: {found[0].message}"
            yield Row(cell.name, number, seed, answer.status, answer.calls, answer.seconds, why)


HEAD = ["", "draws", "false alarms", "95% range", "errors", "inconclusive", "95% range"]


def counted(label: list[str], rows: list[Row]) -> list[Any]:
    """Return one line of a table."""
    count = {s: sum(r.status == s for r in rows) for s in ("fail", "error", "inconclusive")}
    return [
        *label, len(rows), count["fail"], interval(count["fail"], len(rows)), count["error"],
        share(count["inconclusive"], len(rows)), interval(count["inconclusive"], len(rows)),
    ]  # fmt: skip


def grouped(rows: list[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    """Return the rows by a key, in the order in which keys come up."""
    groups: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    return groups


def sample(row: Row) -> str:
    """Say whether a draw's family is held out."""
    return "held out" if row.of.held_out else "in sample"


def report(rows: list[Row]) -> None:
    """Print every table."""

    def put(title: str, head: list[str], lines: list[list[Any]]) -> None:
        print(f"\n### {title}\n\n{table(head, lines)}")

    sides = grouped(
        rows, lambda r: ("offset or cast inside" if r.of.modifier in HARDER else "plain", sample(r))
    )
    lines = [counted([" ".join(key)], group) for key, group in sorted(sides.items())[::-1]]
    put("In short", HEAD, [*lines, counted(["all"], rows)])
    changed = grouped(rows, lambda r: (r.of.modifier, sample(r)))
    put("By what was done to the pair", ["modifier", "families", *HEAD[1:]],
        [counted(list(key), group) for key, group in changed.items()])  # fmt: skip
    points = grouped(
        [r for r in rows if r.of.modifier not in HARDER[:2]],
        lambda r: (r.of.place.condition, r.of.arithmetic),
    )
    put("By the sort of point, offsets left out", ["point", "arithmetic", *HEAD[1:]],
        [counted(list(key), group) for key, group in sorted(points.items())])  # fmt: skip
    unsure = grouped(
        [r for r in rows if r.of.modifier not in HARDER],
        lambda r: (r.of.place.name, sample(r)),
    )
    worst = [(k, g, [r for r in g if r.status == "inconclusive"]) for k, g in unsure.items()]
    worst = sorted((w for w in worst if w[2]), key=lambda w: -len(w[2]) / len(w[1]))
    put("Where nothing could be said, plain", ["place", "families", "inconclusive", "for example"],
        [[*k, f"{len(found)}/{len(g)}", found[0].why[:90]] for k, g, found in worst])  # fmt: skip
    wrong = [r for r in rows if r.status in ("fail", "error")]
    put("Every false alarm and error", ["cell", "number", "status", "message"],
        [[r.cell, r.number, r.status, r.why[:140]] for r in wrong])  # fmt: skip
    print(f"\nSeed {rows[0].seed}; median {sorted(r.calls for r in rows)[len(rows) // 2]} calls "
          f"of the code under test, {sum(r.seconds for r in rows):.0f} s in all.")  # fmt: skip


def main() -> None:
    """Run the draws, or read them, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3400)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="0/1", help="i/n: every n-th cell from the i-th on")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--from", dest="source", type=Path, nargs="*")
    options = parser.parse_args()
    if options.source:
        lines = [line for path in options.source for line in path.read_text().splitlines()]
        report([Row(**json.loads(line)) for line in lines])
        return
    first, count = map(int, options.part.split("/"))
    rows, reported = [], time.monotonic()
    with quiet():
        for row in run(options.draws, options.seed, (first, count)):
            rows.append(row)
            if options.keep:
                with options.keep.open("a") as file:
                    file.write(json.dumps(asdict(row)) + "\n")
            if time.monotonic() - reported > 60:
                reported = time.monotonic()
                print(f"{len(rows)} draws, at {row.cell}", file=sys.stderr)
    report(rows)


if __name__ == "__main__":
    main()
