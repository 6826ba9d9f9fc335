from __future__ import annotations

import doctest
from pathlib import Path


def test_the_readmes_example_runs() -> None:
    path = Path(__file__).parents[2] / "golden" / "README.md"
    failed, attempted = doctest.testfile(str(path), module_relative=False)
    assert (failed, attempted) == (0, 4)
