"""The measured populations live with the benchmarks; the tests use a part of them."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "verdict"))
