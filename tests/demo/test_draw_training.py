from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.image import imread

from gradlab.demo.plot import GREEN, LIGHT_GREEN, LIGHT_RED, RED, draw_training
from gradlab.errors import GradlabError

if TYPE_CHECKING:
    from pathlib import Path

AXIS = np.linspace(-0.5, 1.5, 21)
POINTS = np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]])


def _training(**instead: Any) -> dict[str, Any]:
    """A training whose output grows from bottom to top."""
    return {
        "title": "a title",
        "costs": [0.2, 0.1, 0.05],
        "points": POINTS,
        "labels": np.array([0.0, 1.0, 0.0, 1.0]),
        "axis": AXIS,
        "outputs": np.broadcast_to(np.linspace(0, 1, 21)[:, np.newaxis], (21, 21)),
    } | instead


def _places(picture: np.ndarray, colour: str) -> np.ndarray:
    """Return the rows and columns of the picture's points of a colour."""
    near = np.abs(picture[..., :3] - np.array(to_rgb(colour))).max(axis=-1) < 0.004
    return np.argwhere(near)


def _draw(path: Path, **instead: Any) -> np.ndarray:
    draw_training(path, **_training(**instead))
    picture: np.ndarray = imread(path)
    return picture


def test_the_shaded_part_is_green_above_and_red_below(tmp_path: Path) -> None:
    picture = _draw(tmp_path / "picture.png")
    above, below = _places(picture, LIGHT_GREEN), _places(picture, LIGHT_RED)
    assert min(len(above), len(below)) > 10_000
    assert above[:, 0].max() < below[:, 0].min()  # row 0 of a picture is its top


def test_points_of_label_1_are_green_and_of_label_0_red(tmp_path: Path) -> None:
    picture = _draw(tmp_path / "picture.png")
    legend = picture.shape[0] * 0.93  # the last rows hold the legend
    ones, zeros = (_places(picture, colour) for colour in (GREEN, RED))
    ones, zeros = (places[places[:, 0] < legend] for places in (ones, zeros))
    assert min(len(ones), len(zeros)) > 100
    assert ones[:, 0].max() < zeros[:, 0].min()


def test_the_other_side_is_shaded_when_the_outputs_are_turned_round(tmp_path: Path) -> None:
    picture = _draw(tmp_path / "picture.png", outputs=_training()["outputs"][::-1])
    above, below = _places(picture, LIGHT_RED), _places(picture, LIGHT_GREEN)
    assert above[:, 0].max() < below[:, 0].min()


def test_outputs_all_on_one_side_have_no_boundary_and_no_warning(tmp_path: Path) -> None:
    picture = _draw(tmp_path / "picture.png", outputs=np.full((21, 21), 0.9))
    assert len(_places(picture, LIGHT_GREEN)) > 10_000
    assert len(_places(picture, LIGHT_RED)) == 0


@pytest.mark.parametrize("costs", [[0.1], [0.0, 0.0], [1e-9, 1e-12]])
def test_short_and_tiny_curves_are_drawn(tmp_path: Path, costs: list[float]) -> None:
    picture = _draw(tmp_path / "picture.png", costs=costs)
    curve = _places(picture, "#1f4e8c")
    assert len(curve) > 10
    assert curve[:, 1].max() < picture.shape[1] / 3


def test_the_picture_is_the_same_again(tmp_path: Path) -> None:
    first, again = (_draw(tmp_path / f"{name}.png") for name in ("first", "again"))
    np.testing.assert_array_equal(first, again)


def test_a_missing_matplotlib_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(GradlabError) as caught:
        draw_training(tmp_path / "picture.png", **_training())
    assert str(caught.value) == "plots need matplotlib: python -m pip install matplotlib"


def test_another_ending_is_refused() -> None:
    with pytest.raises(GradlabError, match=r"must end in \.png; got 'picture\.pdf'"):
        draw_training("picture.pdf", **_training())


def test_a_place_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "picture.png"
    with pytest.raises(GradlabError, match=r"cannot be written to .*: No such file"):
        draw_training(path, **_training())
