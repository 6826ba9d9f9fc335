"""How many lines of the code under test a check executes, and which it does not.

    python benchmarks/lines_reached.py [FILE ...]

Without files: every layer and cost of the reference, and the examples.  A table, then
every line that was never run and every condition of which one side was never met.
"""

from __future__ import annotations

import subprocess
import sys
import warnings
from json import loads
from pathlib import Path
from typing import Any

from gradlab import check
from gradlab.reference_table import COSTS, LAYERS

EXAMPLES = Path(__file__).parents[1] / "examples"


def of_reference() -> list[tuple[str, dict[str, Any]]]:
    """Return the coverage of every layer and cost of the reference."""
    found = []
    objects: list[Any] = [row.cls for row in LAYERS.values()]
    objects += [row.function for row in COSTS.values()]
    for obj in objects:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            subjects = check(obj, laws=["gradient", "shape"]).subjects
        found += [(s.name, s.coverage.to_dict()) for s in subjects if s.coverage is not None]
    return found


def of_file(path: Path) -> list[tuple[str, dict[str, Any]]]:
    """Return the coverage of every layer and cost of a file, as the command reports it."""
    command = [sys.executable, "-m", "gradlab", "check", str(path), "--json", "-"]
    # The command of this very interpreter.
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    try:
        subjects = loads(ran.stdout)["subjects"]
    except ValueError:
        return []
    return [(f"{path.name}::{s['name']}", s["coverage"]) for s in subjects if s.get("coverage")]


def row(name: str, found: list[tuple[str, dict[str, Any]]]) -> str:
    """Return one line of the table."""

    def total(key: str) -> int:
        return sum(coverage[key] for _, coverage in found)

    share = 100 * total("lines_run") / (total("lines") or 1)
    return (
        f"| {name} | {len(found)} | {total('lines')} | {total('lines_run')} | {share:.1f}% | "
        f"{total('conditions')} | {total('conditions_met')} |"
    )


def main() -> None:
    """Print the table, then what was not reached."""
    if sys.argv[1:]:
        groups = {"files": [c for path in sys.argv[1:] for c in of_file(Path(path))]}
    else:
        examples = [c for path in sorted(EXAMPLES.rglob("*.py")) for c in of_file(path)]
        groups = {"reference": of_reference(), "examples": examples}
    print("| | subjects | lines | run | share | conditions | met on both sides |")
    print("|---|---|---|---|---|---|---|")
    for name, found in groups.items():
        print(row(name, found))
    print()
    for found in groups.values():
        for name, coverage in found:
            for kind in ("not_run", "one_sided", "unobserved"):
                for each in coverage[kind]:
                    print(f"{name}: {kind.replace('_', ' ')}: {each}")


if __name__ == "__main__":
    main()
