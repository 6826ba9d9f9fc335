"""What becomes of code that the complex step cannot be trusted with.

    python benchmarks/numdiff/guard.py --draws 20

For each construction and draw: what the bare complex step gives (right, wrong,
nothing), and what `derivative` does.  *Let through* means: the bare complex step
is wrong, and `derivative` used it, or reported bounds that miss the truth.
"""

from __future__ import annotations

import argparse
import warnings
from collections import Counter
from typing import Any

import numpy as np
from constructions import ALL, X

from gradlab.numdiff import derivative

H = 1e-30


def bare(f: Any, x: Any, v: Any, truth: Any) -> str:
    """Return what the complex step without a guard gives."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            slope = np.imag(f(x + 1j * H * v)) / H
        except Exception:  # noqa: BLE001 - code under test
            return "raises"
    if not np.all(np.isfinite(slope)):
        return "not finite"
    return "right" if np.all(np.abs(slope - truth) <= 1e-12 * (1 + np.abs(truth))) else "wrong"


def examine(f: Any, slope: Any, draws: int) -> tuple[Counter[str], Counter[str], int, int]:
    """Return the bare outcomes, the methods used, what was let through, and misses."""
    alone: Counter[str] = Counter()
    used: Counter[str] = Counter()
    through = missed = 0
    for number in range(draws):
        rng = np.random.default_rng(number)
        x = X * rng.uniform(0.97, 1.03, X.shape)
        v = rng.choice([-1.0, 1.0], X.shape) * (1 + rng.random(X.shape))
        along = slope(x) * v
        truth = along if np.shape(f(x)) == x.shape else along.sum()
        outcome = bare(f, x, v, truth)
        with np.errstate(all="ignore"):
            estimate = derivative(f, x, v)
        off = np.abs(estimate.value - truth) > estimate.bound + 1e-15 * (1 + np.abs(truth))
        alone[outcome] += 1
        used[estimate.method] += 1
        missed += bool(np.any(off))
        through += outcome == "wrong" and (estimate.method == "complex step" or bool(np.any(off)))
    return alone, used, through, missed


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=20)
    draws = parser.parse_args().draws
    print("| construction | bare complex step | derivative used | let through | bound missed |")
    print("|---|---|---|---|---|")
    total: Counter[str] = Counter()
    for entries in ALL.values():
        for name, f, slope in entries:
            alone, used, through, missed = examine(f, slope, draws)
            show = ", ".join(alone), ", ".join(used)
            print(f"| `{name}` | {show[0]} | {show[1]} | {through} | {missed} |")
            total.update({"constructions": 1, "let through": through, "missed": missed})
            total.update({"wrong": "wrong" in alone, "needless": (
                set(alone) == {"right"} and "complex step" not in used)})  # fmt: skip
    print(f"\n{total['constructions']} constructions, {total['wrong']} silently wrong without a "
          f"guard; let through: {total['let through']}; bound missed: {total['missed']}; "
          f"needlessly sent to differences: {total['needless']}")  # fmt: skip


if __name__ == "__main__":
    main()
