from __future__ import annotations

import tomllib
from pathlib import Path

HERE = Path(__file__).parent
TABLE = tomllib.loads((HERE / "tolerances.toml").read_text(encoding="utf-8"))


def test_every_tolerance_has_its_reason_and_its_use():
    tests = "".join(path.read_text(encoding="utf-8") for path in HERE.glob("test_*.py"))
    for entry, row in TABLE.items():
        assert row.keys() == {"ulps", "reason"}, entry
        assert len(row["reason"]) > 20, entry
        assert f'"{entry}"' in tests, f"no test uses the tolerance {entry!r}"


def test_the_comparison_sees_one_unit_a_nan_and_an_infinity(close):
    entry = "flatten / torch, jax"
    close(entry, [1.0, float("inf")], [1.0, float("inf")])
    for wrong in (1.0 + 2.0**-52, float("nan"), float("inf"), -1.0):
        failed = False
        try:
            close(entry, [1.0, wrong], [1.0, 1.0])
        except AssertionError:
            failed = True
        assert failed, wrong
