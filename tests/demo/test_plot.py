from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import pytest

from gradlab.demo import EXAMPLES, plot, run
from gradlab.demo.plot import AXIS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("name", [example.name for example in EXAMPLES])
def test_the_picture_gets_what_the_network_puts_out(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = {}
    monkeypatch.setattr(
        sys.modules["gradlab.demo.plot"], "draw_training", lambda _path, **data: drawn.update(data)
    )
    outcome = run(name, epochs=2000)
    plot(outcome, "picture.png")
    example = outcome.example
    assert drawn["costs"] == outcome.costs
    for x1, x2, y in zip(*example.points, example.Y[0], strict=True):
        row, column = (int(np.flatnonzero(np.isclose(AXIS, x))[0]) for x in (x2, x1))
        expected = outcome.network.forward(example.features(np.array([[x1], [x2]]))).item()
        assert drawn["outputs"][row, column] == pytest.approx(expected, rel=1e-12)
        assert (drawn["outputs"][row, column] > 0.5) == bool(y)


def test_a_picture_is_written(tmp_path: Path) -> None:
    plot(run("or", epochs=0), tmp_path / "or.png")
    assert (tmp_path / "or.png").read_bytes().startswith(b"\x89PNG")


def test_matplotlib_is_not_loaded_without_a_picture() -> None:
    program = (
        "import sys\n"
        "from gradlab.demo import run, walk\n"
        "walk(run('or', epochs=1))\n"
        "sys.exit('matplotlib' in sys.modules)\n"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
