"""The targets of the numerical derivative beside what is measured: one row each.

    python benchmarks/numdiff/targets.py --draws 200000

Draws as in `coverage.py`; hostile functions and float16 inside are left out.
`--from FILE ...` reads draws that `coverage.py --keep FILE` has written.
"""

from __future__ import annotations

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import population
from coverage import Row, run, table
from judge import REFUSALS, Verdict
from scipy.stats import beta

SMOOTH = ("smooth, elementwise", "smooth, scalar", "layer")
APART = ("hostile", "float16 inside")
NAMES = {"auto": "auto", "differences": "real only"}


def chosen(
    rows: list[Row],
    method: str,
    *,
    held_out: bool | None = None,
    kinds: tuple[str, ...] | None = None,
    reached_by: str | None = None,
) -> list[Verdict]:
    """Return the verdicts of one method, on some kinds of families."""
    found = []
    for name, verdict in rows:
        family = population.FAMILIES[verdict.family]
        if name != method or family.kind in APART:
            continue
        if held_out is not None and family.held_out != held_out:
            continue
        if kinds is not None and family.kind not in kinds:
            continue
        if reached_by is None or verdict.method == reached_by:
            found.append(verdict)
    return found


def median_ratio(verdicts: list[Verdict]) -> float:
    """Return the median of bound over error; a kink's bound is its own width and left out."""
    ratios = [v.ratio for v in verdicts if np.isfinite(v.ratio) and not v.kinked]
    return float(np.median(ratios)) if ratios else np.nan


def exact_range(wrong: int, count: int) -> str:
    """Return the 95% range of the share that is covered (Clopper and Pearson, 1934)."""
    low = 1 - beta.ppf(0.975, wrong + 1, count - wrong) if wrong < count else 0.0
    high = 1 - beta.ppf(0.025, wrong, count - wrong + 1) if wrong else 1.0
    return f"{100 * low:.4f} to {100 * high:.4f}%"


def covered(rows: list[Row]) -> list[list[str]]:
    """Return the rows on coverage: all families, the tuned ones, the held-out ones."""
    lines = []
    for method, name in NAMES.items():
        for held_out, which in ((None, "all"), (False, "tuned"), (True, "held out")):
            verdicts = chosen(rows, method, held_out=held_out)
            wrong = sum(not v.excess <= 1 for v in verdicts)
            share = (
                f"{100 * (1 - wrong / len(verdicts)):.4f}% ({wrong} of {len(verdicts)} wrong; "
                f"95% range {exact_range(wrong, len(verdicts))})"
            )
            lines.append([f"bound covers the truth, {name}, {which}", "≥ 99.99%", share])
    return lines


def per_method(rows: list[Row]) -> list[list[str]]:
    """Return the rows on violations beyond ten bounds, refusals and bound over error."""
    far, refused, ratio, over = [], [], [], []
    for method, name in NAMES.items():
        mine = chosen(rows, method)
        far.append(f"{sum(not v.excess <= 10 for v in mine)} {name}")
        share = 100 * sum(v.status in REFUSALS for v in mine) / len(mine)
        refused.append(f"{share:.2f}% {name}")
        ratio.append(f"{median_ratio(mine):.1f} {name}")
        for kind in sorted({f.kind for f in population.FAMILIES.values()} - set(APART)):
            here = median_ratio(chosen(rows, method, kinds=(kind,)))
            if here > 25:
                over.append(f"{name}, {kind}: {here:.0f}")
    return [
        ["violations beyond 10 bounds", "0", ", ".join(far)],
        ["refused", "≤ 8%", ", ".join(refused)],
        ["median bound over error", "≤ 25", ", ".join(ratio)],
        ["the same, kind by kind: above it", "none", "; ".join(over) or "none"],
    ]


def precise(rows: list[Row]) -> list[list[str]]:
    """Return the rows on error and cost."""
    analytic = chosen(rows, "auto", kinds=SMOOTH, reached_by="complex step")
    errors = [v.error for v in analytic]
    calls = max(v.evaluations for v in analytic)
    real = chosen(rows, "differences", kinds=SMOOTH)
    mean = np.mean([v.evaluations for v in real])
    return [
        [
            "analytic code: error, relative to the norm; calls",
            "≤ 1e-14; 2 complex + 2 real",
            f"median {np.median(errors):.0e}, largest {np.max(errors):.0e}; {calls} calls",
        ],
        [
            "smooth, real only: median error; mean calls",
            "≤ 1e-11; ≤ 16",
            f"{np.median([v.error for v in real]):.0e}; {mean:.1f}",
        ],
    ]


def kinked(rows: list[Row]) -> list[str]:
    """Return the row on kinks, both methods together."""
    verdicts = [v for _, v in rows if population.FAMILIES[v.family].expect == "kink"]
    given = [v for v in verdicts if v.status not in REFUSALS]
    inside = sum(v.excess <= 1 for v in given)
    return [
        "the true one-sided interval lies in the reported one",
        "100%",
        f"{inside}/{len(given)}",
    ]


def main() -> None:
    """Run the draws, or read them, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--from", dest="source", type=Path, nargs="*")
    options = parser.parse_args()
    if options.source:
        lines = [line for path in options.source for line in path.read_text().splitlines()]
        rows = [(m, Verdict(**v)) for m, v in map(json.loads, lines)]
    else:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            rows = list(run(options.draws, options.seed))
    lines = [*covered(rows), *per_method(rows), *precise(rows), kinked(rows)]
    print(table(["what", "to reach", "measured"], lines))


if __name__ == "__main__":
    main()
