"""The measured population lives with the benchmarks; the tests use a part of it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "numdiff"))
