"""How many of gradlab's files a check enters: those of which a function or class body runs.

Module bodies are left out, so that an import alone counts for nothing.

    python benchmarks/files_entered.py [--list]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from click.testing import CliRunner

import gradlab
from gradlab import reference
from gradlab.cli import cli

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

_PACKAGE = Path(gradlab.__file__).parent
_EXAMPLES = _PACKAGE.parent / "examples"


def entered(run: Callable[[], object]) -> list[str]:
    """Return the files of gradlab in which a function was called while `run` ran, sorted."""
    files: set[str] = set()

    def profile(frame: FrameType, event: str, _arg: Any) -> None:
        if event == "call" and frame.f_code.co_flags & 0x2:  # CO_NEWLOCALS: no module body
            files.add(frame.f_code.co_filename)

    run()  # imports, and what is made once, are done
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(None)
    package = f"{_PACKAGE}/"
    return sorted(f.removeprefix(package) for f in files if f.startswith(package))


def _pair(factor: float) -> gradlab.Report:
    values = {"x": np.linspace(0.1, 2.0, 12).reshape(3, 4)}
    return gradlab.check_gradients(
        lambda v: np.sin(v["x"]),
        lambda v, c: {"x": c * np.cos(v["x"]) * np.where(v["x"] > 1.95, factor, 1.0)},
        values,
    )


RUNS: dict[str, Callable[[], object]] = {
    "check_gradients, right": lambda: _pair(1.0),
    "check_gradients, one entry wrong": lambda: _pair(2.0),
    "check(LinearLayer)": lambda: gradlab.check(reference.LinearLayer),
    "gradlab check linear_bias_mean.py": lambda: CliRunner().invoke(
        cli, ["check", str(_EXAMPLES / "linear_bias_mean.py")]
    ),
    "gradlab check optimizers.py": lambda: CliRunner().invoke(
        cli, ["check", str(_EXAMPLES / "optimizers.py")]
    ),
}


if __name__ == "__main__":
    for name, run in RUNS.items():
        found = entered(run)
        print(f"{len(found):4}  {name}")
        if "--list" in sys.argv:
            print(*(f"        {file}" for file in found), sep="\n")
