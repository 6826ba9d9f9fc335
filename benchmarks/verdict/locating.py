"""How many calls does it take to name the wrong entries, and are those exactly they?

    python benchmarks/verdict/locating.py --draws 200 --seed 64

One of N entries wrong, k of them, and patterns.  The calls are those beyond what a
passing check of the same layer makes; with the complex step a directional derivative
is one forward.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import TYPE_CHECKING, Any

import graded
import numpy as np
from asking import Answer, ask, quiet, share, table

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZE = 0.1
CASES = [
    (entries, count, way)
    for way in ("as it is", "float64 buffer")
    for entries, count in (
        (100, 1), (10_000, 1), (1_000_000, 1),
        (10_000, 2), (10_000, 5), (10_000, 50), (1_000_000, 5), (1_000_000, 50),
    )
]  # fmt: skip
SMOOTH = [layer for layer in graded.LAYERS.values() if layer.kind == "smooth"]


def _aim(entries: int, count: int) -> str:
    return "6" if count == 1 else f"{2 * count * np.log2(entries) + 20:.0f}"


def entries_line(case: tuple[int, int, str], draws: int, seed: int) -> list[Any]:
    """Return one row of the first table."""
    entries, count, way = case
    exact, partly, fails, extra = 0, 0, 0, []
    for number in range(draws):
        layer = SMOOTH[number % len(SMOOTH)]
        wrong, chosen = graded.planted(
            layer, graded.Error(entries, count, SIZE), way, seed + number
        )
        right, _ = graded.planted(layer, graded.Error(entries, count, 0.0), way, seed + number)
        shape = wrong.values[layer.tensor].shape
        places = {tuple(map(int, np.unravel_index(i, shape))) for i in chosen}
        answer = ask(wrong, seed=number, wrt=[layer.tensor])
        base = ask(right, seed=number, wrt=[layer.tensor])
        named = answer.named(layer.tensor)
        fails += answer.status == "fail"
        exact += named == places
        partly += bool(named) and named < places
        extra.append(answer.forwards - base.forwards)
    aim = _aim(entries, count) if way == "as it is" else "-"
    return [f"{entries:.0e}", count, way, draws, share(fails, draws), share(exact, draws),
            share(partly, draws), f"{np.median(extra):.0f}", max(extra), aim]  # fmt: skip


def told(answer: Answer, tensor: str) -> str:
    """Return everything that a failing report says of a tensor."""
    return " ".join(
        " ".join((f.message, *f.notes)) for f in answer.report.failures if f.tensor == tensor
    )


def pattern_line(name: str, side: int, draws: int, seed: int) -> list[Any]:
    """Return one row of the second table."""
    fails, named, inside, calls = 0, 0, 0, []
    for number in range(draws):
        pattern = graded.PATTERNS[name](np.random.default_rng([seed, number]), side)
        answer = ask(pattern.pair, seed=number, wrt=[pattern.tensor])
        finding = answer.finding(pattern.tensor)
        fails += answer.status == "fail"
        named += pattern.name in told(answer, pattern.tensor)
        if finding is not None and finding.index is not None:
            inside += bool(pattern.wrong[finding.index])
        calls.append(answer.forwards)
    return [name, f"{side} x {side}", draws, share(fails, draws), share(named, draws),
            share(inside, draws), f"{np.median(calls):.0f}", max(calls)]  # fmt: skip


def progress(lines: Iterator[list[Any]]) -> Iterator[list[Any]]:
    """Tell how far it has come, where nobody sees it in the table."""
    began = time.monotonic()
    for line in lines:
        print(f"{line}, {time.monotonic() - began:.0f} s", file=sys.stderr)
        yield line


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    sides = (4, 40)
    each = max(1, options.draws // (len(CASES) + len(sides) * len(graded.PATTERNS)))
    # With few draws the largest layers would take all the time.
    cases = [c for c in CASES if options.draws >= len(CASES) * 2 or c[0] <= 10_000]
    with quiet():
        lines = list(progress(entries_line(case, each, options.seed) for case in cases))
        print("### Single entries, each wrong by a tenth of rms(g)\n")
        head = ["N", "wrong", "forward", "draws", "fail", "exactly these named", "some of them",
                "extra forward calls (median)", "most", "aim"]  # fmt: skip
        print(table(head, lines))
        lines = [
            pattern_line(name, side, each, options.seed)
            for name in graded.PATTERNS
            for side in sides
        ]
    print("\n### Patterns\n")
    head = ["pattern", "tensor", "draws", "fail", "called by its name", "a wrong entry named",
            "forward calls (median)", "most"]  # fmt: skip
    print(table(head, lines))


if __name__ == "__main__":
    main()
