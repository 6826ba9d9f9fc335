"""Are the catalogue's faults found, on every reference layer, at every seed?

    python benchmarks/verdict/catalogue.py --draws 860

The faults that a gradient check can see: those that a textbook check catches
(✓ in the catalogue), and those whose law is the gradient.  A draw is one mutant at
one seed; it counts as found if the gradient or the shape of one has been called
wrong, which is all that a gradient check asks.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from typing import Any

from asking import interval, quiet, share, table

from gradlab.faults import CATALOGUE, FiniteDifferences, registry
from gradlab.faults.registry import Label
from gradlab.records import Status
from gradlab.report.report import Report
from gradlab.run_laws import check_subject

ASKED = ("gradient", "shape", "execution")


def mutants() -> list[registry.Entry]:
    """Return the mutants that a gradient check can see."""
    return [
        entry
        for entry in registry.variants(label=Label.MUTANT)
        if entry.has_subject
        and (
            CATALOGUE[entry.made_by].finite_differences is FiniteDifferences.CATCHES
            or CATALOGUE[entry.made_by].law == "gradient"
        )
    ]


def outcome(entry: registry.Entry, seed: int) -> Status:
    """Check one mutant; only what a gradient check asks counts."""
    report = Report((check_subject(registry.subject(entry.name), seed=seed),), seed)
    return Status.worst(f.status for f in report.findings if f.law in ASKED)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=45)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    every = mutants()
    seeds = options.draws // len(every)
    chosen = every if seeds else every[:: -(-len(every) // options.draws)]
    found: dict[str, Counter[str]] = defaultdict(Counter)
    missed: list[list[Any]] = []
    with quiet():
        for entry in chosen:
            for seed in range(options.seed, options.seed + max(seeds, 1)):
                status = outcome(entry, seed)
                found[entry.made_by][str(status)] += 1
                if status is not Status.FAIL:
                    missed.append([entry.name, seed, status])
    head = ["fault", "textbook", "mutants", "draws", "fail", "inconclusive", "pass", "error"]
    lines = [
        [name, CATALOGUE[name].finite_differences.mark,
         sum(e.made_by == name for e in chosen), count.total(),
         share(count["fail"], count.total()), count["inconclusive"], count["pass"], count["error"]]
        for name, count in found.items()
    ]  # fmt: skip
    print(table(head, lines))
    total = sum(count.total() for count in found.values())
    fails = sum(count["fail"] for count in found.values())
    print(f"\n{fails} of {total} fail ({interval(fails, total)})")
    if missed:
        print(f"\n### Not found\n\n{table(['mutant', 'seed', 'status'], missed)}")


if __name__ == "__main__":
    main()
