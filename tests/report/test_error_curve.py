import numpy as np

from gradlab.numdiff import explain
from gradlab.report.error_curve import plot, sparkline


def _picture(f=np.exp, x=1.0, **options):
    return explain(f, np.array([x]), np.array([1.0]), **options)


def test_the_text_shows_a_valley_and_the_step():
    lines = sparkline(_picture(method="differences")).splitlines()
    blocks = lines[2].strip()
    assert len(blocks) == 44
    assert blocks[0] == "█"
    assert "▁" in blocks[12:28]
    assert blocks[-1] in "▅▆▇█"
    assert lines[3].index("^") - 2 in range(8, 30)


def test_gaps_are_dots():
    text = sparkline(_picture(np.log, 1e-3, method="differences"))
    assert text.splitlines()[0].startswith("derivative of output [0]: 1000 ±")
    picture = explain(lambda x: np.log(x - 0.9), np.array([1.0]), np.array([1.0]))
    assert sparkline(picture).splitlines()[2].strip().startswith("·")


def test_a_constant_has_no_picture():
    assert sparkline(_picture(lambda x: 0 * x + 1)).endswith("every step gives the same")


def test_without_a_derivative_the_status_is_said():
    text = sparkline(_picture(np.cbrt, 0.0))
    assert text == "output [0] has no derivative to measure against (differences, unresolved)"


def test_the_plot_holds_the_curve_the_bound_and_the_step(tmp_path):
    picture = _picture(method="differences")
    figure = plot(picture, tmp_path / "picture.png")
    axes = figure.axes[0]
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[0] == "plain central difference"
    assert labels[1].startswith("gradlab's bound")
    assert labels[2].startswith("finest step used")
    assert np.array_equal(axes.lines[0].get_xdata(), picture.steps)
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
