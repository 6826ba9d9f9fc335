"""How small a mistake in one entry is seen, and does a pass ever claim too much?

    python benchmarks/verdict/power.py --draws 2400 --seed 63

First table: one entry of N wrong by a given part of rms(g), on smooth and on
rectified layers, with the complex step available or not.  The rows of the targets get
most of the draws.  Second table: the same on the population of hard cases (`correct`),
where a pass counts as false if the mistake is larger than what it says it would have
seen.  At kinks a small mistake can be a valid subgradient: those rows are apart.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import correct
import graded
import numpy as np
import proof
from asking import Answer, ask, interval, quiet, share, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SMOOTH = [name for name, layer in graded.LAYERS.items() if layer.kind == "smooth"]
RELU = [name for name, layer in graded.LAYERS.items() if layer.kind == "relu"]
EITHER = [*SMOOTH, *RELU]
REAL = ("float64 buffer", "asarray(float)")


@dataclass(frozen=True)
class Group:
    """A row of the first table: errors of one size on several layers; `aim` is its target."""

    name: str
    layers: list[str]
    entries: int
    size: float
    ways: tuple[str, ...]
    aim: str = ""

    @property
    def weight(self) -> int:
        """How many draws it gets, relative to the others."""
        return 10 if self.aim else 1


YES = "available"
NO = "not available"
GROUPS = [
    Group(YES, EITHER, 1_000_000, 1e-6, ("as it is",), ">= 99.9%"),
    Group(NO, SMOOTH, 1_000_000, 1e-3, REAL, ">= 99%"),
    Group(NO, RELU, 1_000_000, 1e-2, REAL, ">= 90%"),
    *(Group(YES, EITHER, 1_000_000, s, ("as it is",)) for s in (1e-4, 1e-7, 1e-8)),
    *(Group(NO, SMOOTH, 1_000_000, s, REAL) for s in (1e-2, 1e-4)),
    *(Group(NO, RELU, 1_000_000, s, REAL) for s in (1e-1, 1e-3)),
    *(Group(YES, EITHER, n, s, ("as it is",)) for n in (100, 10_000) for s in (1e-6, 1e-8)),
    *(Group(NO, SMOOTH, n, s, REAL) for n in (100, 10_000) for s in (1e-3, 1e-5)),
    *(Group(NO, RELU, n, s, REAL) for n in (100, 10_000) for s in (1e-2, 1e-4)),
]


@dataclass
class Tally:
    """What became of planted errors."""

    found: Counter[str] = field(default_factory=Counter)
    named: int = 0
    false_passes: list[str] = field(default_factory=list)

    def enter(self, answer: Answer, tensor: str, wrong: tuple[int, ...], size: float) -> None:
        """Count one draw; a pass is false if it says that it would have seen less than `size`."""
        self.found[answer.status] += 1
        finding = answer.finding(tensor)
        self.named += bool(answer.report.failures and finding and finding.index == wrong)
        if answer.status == "pass" and answer.detection_limit(tensor) < size:
            self.false_passes.append(f"{tensor} {list(wrong)}: {finding.message[:80]}")

    def cells(self) -> list[Any]:
        """Return the figures as text."""
        total, fails = self.found.total(), self.found["fail"]
        return [
            total, share(fails, total, 2), interval(fails, total), self.named,
            self.found["inconclusive"], self.found["pass"], len(self.false_passes),
        ]  # fmt: skip


HEAD = ["draws", "fail", "95% range", "the entry named", "inconclusive", "pass", "false passes"]


def one_group(group: Group, draws: int, seed: int) -> Tally:
    """Plant `draws` errors, layers and ways taking turns."""
    tally = Tally()
    for number in range(draws):
        layer = graded.LAYERS[group.layers[number % len(group.layers)]]
        way = group.ways[number // len(group.layers) % len(group.ways)]
        error = graded.Error(group.entries, 1, group.size)
        pair, chosen = graded.planted(layer, error, way, seed + number)
        place = np.unravel_index(int(chosen[0]), pair.values[layer.tensor].shape)
        answer = ask(pair, seed=number, wrt=[layer.tensor])
        tally.enter(answer, layer.tensor, tuple(map(int, place)), group.size)
    return tally


def first(draws: int, seed: int) -> Iterator[list[Any]]:
    """Yield the rows of the first table."""
    total = sum(group.weight for group in GROUPS)
    # With few draws the largest layers would take all the time.
    groups = [g for g in GROUPS if draws >= total or g.entries <= 10_000]
    for group in groups:
        began = time.monotonic()
        tally = one_group(group, max(1, draws * group.weight // total), seed)
        spent = time.monotonic() - began
        kinds = {tuple(SMOOTH): "smooth", tuple(RELU): "relu", tuple(EITHER): "both"}
        line = [kinds[tuple(group.layers)], group.name, f"{group.entries:.0e}",
                f"{group.size:.0e}", group.aim or "-", *tally.cells()]  # fmt: skip
        print(f"{line} in {spent:.0f} s", file=sys.stderr)
        yield line


def _points(kind: str) -> list[correct.Cell]:
    apart = ("kink", "ties", "rectified", "kinks")
    return [
        cell
        for cell in correct.CELLS.values()
        if not cell.place.large and cell.place.condition != "empty"
        and cell.place.condition.startswith(apart) == (kind == "at or beside a kink")
    ]  # fmt: skip


def one_in_population(cell: correct.Cell, size: float, number: int, seed: int) -> Tally:
    """Plant one error in a hard pair; none where the gradient is 0, and rms(g) with it."""
    pair, tally = correct.draw(cell, number, seed), Tally()
    rng = np.random.default_rng([seed, number])
    tensor = str(rng.choice(proof.floating(pair.values)))
    entry = int(rng.integers(pair.values[tensor].size))
    cotangents = proof.cotangents(pair.forward(pair.values), rng)
    if not np.any(proof.backward(pair, pair.values, cotangents, float)[tensor]):
        return tally
    wrong = graded.spoiled(pair, tensor, np.array([entry]), size, rng)
    answer = ask(wrong, seed=number)
    place = np.unravel_index(entry, pair.values[tensor].shape)
    tally.enter(answer, tensor, tuple(map(int, place)), size)
    tally.false_passes = [f"{cell.name}, {number}, {size:g}: {f}" for f in tally.false_passes]
    return tally


SIZES = (1.0, 1e-2, 1e-4)


def second(draws: int, seed: int) -> Iterator[tuple[list[Any], list[str]]]:
    """Yield the rows of the second table, each with its false passes."""
    kinds = ("clear of kinks", "at or beside a kink")
    each = max(1, draws // (len(kinds) * len(SIZES)))
    for kind in kinds:
        cells = _points(kind)
        for size in SIZES:
            rng, sum_ = np.random.default_rng(seed), Tally()
            for number in range(each):
                cell = cells[int(rng.integers(len(cells)))]
                tally = one_in_population(cell, size, number, seed)
                sum_.found += tally.found
                sum_.named += tally.named
                sum_.false_passes += tally.false_passes
            yield [kind, f"{size:g}", *sum_.cells()], sum_.false_passes


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with quiet():
        lines = list(first(options.draws, options.seed))
        print("### One entry of N wrong\n")
        print(table(["layers", "complex step", "N", "error / rms g", "aim", *HEAD], lines))
        rows = list(second(options.draws, options.seed))
    print("\n### One entry wrong in a hard case\n")
    print(table(["point", "error / rms g", *HEAD], [line for line, _ in rows]))
    false = [[text] for _, texts in rows for text in texts]
    print(f"\n### False passes\n\n{table(['cell, number, size: message of the pass'], false)}")


if __name__ == "__main__":
    main()
