"""How much `import gradlab` costs on top of NumPy, in milliseconds.

Each figure is the median over fresh interpreters, started in turn so that all
see the same machine: nothing, NumPy, NumPy and gradlab, the command's help.

    python benchmarks/import_time.py [--runs 20]
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time

STARTS = {
    "nothing": ["-c", "pass"],
    "numpy": ["-c", "import numpy"],
    "numpy and gradlab": ["-c", "import numpy, gradlab"],
    "numpy and gradlab's check": ["-c", "import numpy, gradlab; gradlab.check"],
    "gradlab --version": ["-m", "gradlab", "--version"],
    "gradlab check --help": ["-m", "gradlab", "check", "--help"],
}


def seconds(arguments: list[str]) -> float:
    """Time one fresh interpreter from start to end."""
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)  # noqa: S603
    return time.perf_counter() - began


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    runs = parser.parse_args().runs
    taken: dict[str, list[float]] = {name: [] for name in STARTS}
    for _ in range(runs):
        for name, arguments in STARTS.items():
            taken[name].append(seconds(arguments))
    base = statistics.median(taken["numpy"])
    print(f"{'start':28}{'median ms':>10}{'over numpy':>12}   ({runs} runs each)")
    for name, times in taken.items():
        median = statistics.median(times)
        print(f"{name:28}{1e3 * median:10.1f}{1e3 * (median - base):12.1f}")


if __name__ == "__main__":
    main()
