"""Does the bound cover the truth?  The tables, by method, kind and width of the bound.

    python benchmarks/numdiff/coverage.py --draws 200000

A draw is one function (with its weights), one point and one direction, and one
call of `derivative`.  It counts as covered if the truth of *every* output that
was given a value lies in what was reported for it.  It counts as refused if any
output got a status in place of a value.  `auto` and real differences alone
share the draws.  `--keep FILE` writes one line for each draw, and `--from FILE`
prints the tables from such a file.
"""

from __future__ import annotations

import argparse
import json
import warnings
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import population
from judge import REFUSALS, Verdict, compare

from gradlab.numdiff import derivative

if TYPE_CHECKING:
    from collections.abc import Iterator

WIDTHS = ((1e-9, "<1e-9"), (1e-6, "<1e-6"), (1e-2, "<1e-2"), (np.inf, "wider"))
Row = tuple[str, Verdict]


def run(draws: int, seed: int, part: tuple[int, int] = (0, 1)) -> Iterator[Row]:
    """Judge `draws` draws, spread evenly over the families, by both methods."""
    each = -(-draws // len(population.FAMILIES))
    for family in population.FAMILIES.values():
        for number in range(part[0], each, part[1]):
            truth = population.draw(family, number, seed).truth()
            for method in ("auto", "differences"):
                draw = population.draw(family, number, seed)
                estimate = derivative(draw.case.code, draw.case.x, draw.v, method=method)
                yield method, compare(family.name, estimate, *truth)


def summary(verdicts: list[Verdict]) -> list[str]:
    """Return one row's figures."""
    given = [v for v in verdicts if np.isfinite(v.width) or v.excess > 0]
    refused = sum(v.status in REFUSALS for v in verdicts)
    cells = [f"{len(verdicts)}", f"{100 * refused / len(verdicts):.1f}%"]
    low = 0.0
    for high, _ in WIDTHS:
        here = [v for v in given if low <= v.width < high or (high == np.inf and v.width >= low)]
        wrong = sum(not v.excess <= 1 for v in here)
        cells.append(f"{wrong}/{len(here)}")
        low = high
    wrong = sum(not v.excess <= 1 for v in verdicts)
    far = sum(not v.excess <= 10 for v in verdicts)
    ratios = [v.ratio for v in verdicts if np.isfinite(v.ratio) and not v.kinked]
    errors = [v.error for v in verdicts if np.isfinite(v.error) and not v.kinked]
    cells += [f"{100 * (1 - wrong / len(verdicts)):.3f}%", str(far)]
    cells.append(f"{np.median(ratios):.1f}" if ratios else "-")
    cells.append(f"{np.median(errors):.0e}" if errors else "-")
    cells.append(f"{np.mean([v.evaluations for v in verdicts]):.1f}")
    return cells


HEAD = [
    "method", "kind", "draws", "refused", *(name for _, name in WIDTHS), "covered", ">10",
    "bound/error", "error", "calls",
]  # fmt: skip


def table(head: list[str], rows: list[list[str]]) -> str:
    """Return a table in Markdown."""
    rows = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def label(method: str, verdict: Verdict) -> str:
    """Return the row's name: how the value was reached, and under which method."""
    if method == "differences":
        return "real only"
    return "auto: complex step" if verdict.method == "complex step" else "auto: differences"


def by_kind(rows: list[Row], *, held_out: bool) -> str:
    """Return the table of coverage for the tuned or the held-out families."""
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for method, verdict in rows:
        family = population.FAMILIES[verdict.family]
        if family.held_out == held_out and family.kind != "hostile":
            groups[label(method, verdict), family.kind].append(verdict)
            groups[label(method, verdict), "~ all of the above"].append(verdict)
    found = sorted(groups.items())
    return table(HEAD, [[m, k.lstrip("~ "), *summary(v)] for (m, k), v in found])


def by_family(rows: list[Row], pick: Any, show: Any) -> list[list[str]]:
    """Return a list of families for which `pick` finds something, under each method."""
    groups: dict[tuple[str, str], list[Verdict]] = defaultdict(list)
    for method, verdict in rows:
        groups[method, verdict.family].append(verdict)
    lines = []
    for (method, name), verdicts in sorted(groups.items()):
        found = [v for v in verdicts if pick(v)]
        if found:
            family = population.FAMILIES[name]
            note = ", held out" if family.held_out else ""
            lines.append([method, f"{name}{note}", family.kind, *show(found, verdicts)])
    return lines


def report(rows: list[Row]) -> None:
    """Print every table."""
    for held_out, title in ((False, "tuned families"), (True, "held-out families")):
        print(f"\n### Coverage: {title}\n\n{by_kind(rows, held_out=held_out)}")
    smooth = [r for r in rows if population.FAMILIES[r[1].family].kind != "hostile"]
    half = [r for r in smooth if "float16" not in population.FAMILIES[r[1].family].kind]
    for method in ("auto", "differences"):
        mine = [v for m, v in half if m == method]
        refused = sum(v.status in REFUSALS for v in mine)
        wrong = sum(not v.excess <= 1 for v in mine)
        print(f"\n{method}, hostile and float16 apart: {len(mine)} draws, {refused} refused "
              f"({100 * refused / len(mine):.2f}%), {wrong} violations "
              f"({100 * (1 - wrong / len(mine)):.4f}% covered)")  # fmt: skip
    head = ["method", "family", "kind"]
    refusals = by_family(
        smooth, lambda v: v.status in REFUSALS,
        lambda found, every: [f"{100 * len(found) / len(every):.1f}%"],
    )  # fmt: skip
    print(f"\n### Refused, by family\n\n{table([*head, 'refused'], refusals)}")
    violations = by_family(
        rows, lambda v: not v.excess <= 1,
        lambda found, every: [f"{len(found)}/{len(every)}", f"{max(v.excess for v in found):.3g}",
                              f"{min(v.width for v in found):.0e}"],
    )  # fmt: skip
    print("\n### Functions that defeat the estimator\n")
    print(table([*head, "violations", "worst error/bound", "tightest bound"], violations))
    print(f"\n### Kinks\n\n{kinks(rows)}")
    print(f"\n### Hostile functions\n\n{hostile(rows)}")


def kinks(rows: list[Row]) -> str:
    """Return whether the true one-sided interval lies in the reported one, family by family."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for method, verdict in rows:
        if method == "differences" and population.FAMILIES[verdict.family].expect == "kink":
            groups[verdict.family].append(verdict)
    lines = []
    for name, verdicts in groups.items():
        given = [v for v in verdicts if v.status not in REFUSALS]
        inside = sum(v.excess <= 1 for v in given)
        seen = sum(v.status == "kink" for v in given)
        lines.append([name, str(len(verdicts)), str(len(verdicts) - len(given)), str(seen),
                      f"{inside}/{len(given)}"])  # fmt: skip
    return table(["family", "draws", "refused", "reported as a kink", "interval holds"], lines)


def hostile(rows: list[Row]) -> str:
    """Return the statuses of the hostile functions, and the wrong numbers among them."""
    groups: dict[str, list[Verdict]] = defaultdict(list)
    for method, verdict in rows:
        if method == "auto" and population.FAMILIES[verdict.family].kind == "hostile":
            groups[verdict.family].append(verdict)
    lines = []
    for name, verdicts in groups.items():
        counts = {s: sum(v.status == s for v in verdicts) for s in ("ok", "kink", *REFUSALS)}
        shown = ", ".join(f"{status} {count}" for status, count in counts.items() if count)
        wrong = sum(not v.excess <= 1 for v in verdicts)
        lines.append([name, shown, str(wrong)])
    return table(["family", "statuses", "wrong numbers"], lines)


def main() -> None:
    """Run the draws, or read them, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--part", default="0/1", help="i/n: every n-th draw from the i-th on")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--from", dest="source", type=Path, nargs="*")
    options = parser.parse_args()
    if options.source:
        lines = [line for path in options.source for line in path.read_text().splitlines()]
        report([(m, Verdict(**v)) for m, v in map(json.loads, lines)])
        return
    first, count = map(int, options.part.split("/"))
    rows = []
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        for row in run(options.draws, options.seed, (first, count)):
            rows.append(row)
            if options.keep:
                with options.keep.open("a") as file:
                    file.write(json.dumps([row[0], asdict(row[1])]) + "\n")
    report(rows)


if __name__ == "__main__":
    main()
