"""Are subgradients accepted at exact kinks, and slopes that are none rejected?

    python benchmarks/verdict/kinks.py --draws 6400 --seed 62

ReLUs and absolute values exactly at 0, maxima of three that tie.  The draws are
spread evenly over the layers, what the backward does at the kink, and how many
units are kinked.
"""

from __future__ import annotations

import argparse
from collections import Counter
from typing import TYPE_CHECKING, Any

import subgradients
from asking import ask, quiet, share, table

if TYPE_CHECKING:
    from collections.abc import Iterator

Cell = tuple[subgradients.Layer, subgradients.Choice, tuple[int, int]]


def cells() -> Iterator[Cell]:
    """Yield every layer with every choice and every number of kinked units."""
    for layer in subgradients.LAYERS:
        for choice in layer.choices:
            for count in layer.counts:
                yield layer, choice, count


def line(cell: Cell, draws: int, seed: int) -> list[Any]:
    """Return one row of the table."""
    layer, choice, count = cell
    found: Counter[str] = Counter()
    for number in range(draws):
        answer = ask(subgradients.draw(layer, choice, count, number, seed), seed=number)
        found[answer.status] += 1
    wanted = "pass" if choice.valid else "fail"
    return [
        layer.name, choice.name, f"{count[0]} of {count[1]}", wanted, draws,
        share(found[wanted], draws), found["pass"], found["fail"], found["inconclusive"],
        found["error"],
    ]  # fmt: skip


HEAD = ["layer", "slope or share at the kink", "kinked", "wanted", "draws", "as wanted", "pass",
        "fail", "inconclusive", "error"]  # fmt: skip


def summary(lines: list[list[Any]]) -> list[list[Any]]:
    """Add up the rows, for each layer, by what was wanted."""
    totals: dict[tuple[str, str], Counter[str]] = {}
    for name, _, _, wanted, draws, _, *counts in lines:
        total = totals.setdefault((name, wanted), Counter())
        total.update(draws=draws)
        total.update(dict(zip(("pass", "fail", "inconclusive", "error"), counts, strict=True)))
    return [
        [*key, t["draws"], share(t[key[1]], t["draws"]), t["pass"], t["fail"], t["inconclusive"],
         t["error"]]
        for key, t in totals.items()
    ]  # fmt: skip


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    every = list(cells())
    each = options.draws // len(every)
    # Fewer draws than cells: small cells spread over the list, one draw each.
    small = [cell for cell in every if cell[2][1] <= 1000]
    chosen = every if each else small[:: -(-len(small) // options.draws)]
    with quiet():
        lines = [line(cell, max(each, 1), options.seed) for cell in chosen]
    print(f"### In short\n\n{table([HEAD[0], *HEAD[3:]], summary(lines))}")
    print(f"\n### By what is done at the kink\n\n{table(HEAD, lines)}")


if __name__ == "__main__":
    main()
