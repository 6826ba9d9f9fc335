"""How often does a check that passes call the code under test?

    python benchmarks/verdict/cost.py --draws 280

All parameters of a network are checked at once.  Calls are counted by wrapping
forward and backward; complex numbers get through the forward, or are cut down by a
buffer of float64.
"""

from __future__ import annotations

import argparse
from typing import Any

import networks
import numpy as np
from asking import ask, quiet, table
from correct import MODIFIERS

WAYS = {"available": "as it is", "not available": "float64 buffer"}


def line(name: str, complex_step: str, draws: int, seed: int) -> list[Any]:
    """Return one row of the table."""
    answers = []
    for number in range(draws):
        rng = np.random.default_rng([seed, number])
        pair = MODIFIERS[WAYS[complex_step]](networks.NETWORKS[name](rng), rng)
        answers.append(ask(pair, seed=number))
    size = sum(x.size for x in pair.values.values())
    passed = [a for a in answers if a.report.passed]
    head = [name, size, len(pair.values), complex_step, f"{len(passed)} of {draws}"]
    if not passed:
        return [*head, "-", "-", "-"]
    forwards, backwards = [a.forwards for a in passed], [a.backwards for a in passed]
    calls = [a.calls for a in passed]
    spans = [f"{np.median(x):.0f}, {max(x)}" for x in (forwards, backwards, calls)]
    return [*head, *spans]


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=28)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    each = max(1, options.draws // (len(networks.NETWORKS) * len(WAYS)))
    with quiet():
        lines = [
            line(name, complex_step, each, options.seed)
            for name in networks.NETWORKS
            for complex_step in WAYS
        ]
    head = ["network", "parameters", "tensors", "complex step", "passes",
            "forward calls (median, most)", "backward calls", "all"]  # fmt: skip
    print(table(head, lines))


if __name__ == "__main__":
    main()
