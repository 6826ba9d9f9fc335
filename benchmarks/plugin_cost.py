"""What the pytest plugin costs a project that does not use it.

1,000 empty tests, with the plugin and without (`-p no:gradlab`), in fresh
interpreters that take turns, so that both see the same machine.  Each pair runs
in the other order than the pair before, and a third run of the same kind as the
second, `-p no:gradlab` again, shows how far two equal runs lie apart.

    python benchmarks/plugin_cost.py [--pairs 15]
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

TESTS = 1000
KINDS = {"with": [], "without": ["-p", "no:gradlab"], "without again": ["-p", "no:gradlab"]}
HEAVY = ("numpy", "hypothesis", "click", "rich", "tomllib", "unittest")


def seconds(folder: Path, options: list[str]) -> float:
    """Run pytest from start to end; return the seconds of processor time that it took."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options]
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, cwd=folder, stdout=subprocess.DEVNULL)  # noqa: S603
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime


def imported(module: str) -> dict[str, int]:
    """Return what importing a module loads, with the microseconds that Python says it took."""
    code = f"import pytest, sys; sys.stderr.write('here\\n'); import {module}"
    ran = subprocess.run(  # noqa: S603
        [sys.executable, "-X", "importtime", "-c", code], capture_output=True, text=True, check=True
    )
    lines = ran.stderr.partition("here\n")[2]
    found = re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", lines)
    return {name: int(own) for own, name in found}


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=15)
    pairs = parser.parse_args().pairs
    os.environ["PYTHONDONTWRITEBYTECODE"] = ""  # as after pip install
    imported("gradlab.testing.plugin")
    loaded = imported("gradlab.testing.plugin")
    listed = ", ".join(f"{name} ({own} µs)" for name, own in loaded.items())
    print(f"the plugin module loads, pytest being there: {listed}")
    print(f"heavy ones among them: {', '.join(set(HEAVY) & set(loaded)) or 'none'}\n")
    times: dict[str, list[float]] = {kind: [] for kind in KINDS}
    with tempfile.TemporaryDirectory() as folder:
        test = "def test_{0}():\n    pass\n\n\n"
        Path(folder, "test_empty.py").write_text("".join(map(test.format, range(TESTS))))
        for options in KINDS.values():
            seconds(Path(folder), options)
        for number in range(pairs):
            order = list(KINDS) if number % 2 else list(KINDS)[::-1]
            for kind in order:
                times[kind].append(seconds(Path(folder), KINDS[kind]))
    print("seconds are of processor time, so that other programs count less\n")
    print(f"{TESTS:,} empty tests    median s   fastest s   ratio to 'without': median, quartiles")
    for kind, taken in times.items():
        ratios = [a / b for a, b in zip(taken, times["without"], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        print(
            f"{kind:20}{statistics.median(taken):10.3f}{min(taken):12.3f}   "
            f"{middle:.3f} ({low:.3f} to {high:.3f})"
        )


if __name__ == "__main__":
    main()
