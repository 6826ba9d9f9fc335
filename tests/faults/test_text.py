import subprocess
import sys

import pytest

from gradlab import GradlabError
from gradlab.faults import CATALOGUE, NEAR_MISSES, UNPLANTED, document, explain, listing
from gradlab.faults.text import COLUMNS


def test_the_page_is_current(root):
    written = (root / "docs" / "faults.md").read_text(encoding="utf-8")
    assert written == document(), "run `python -m gradlab.faults > docs/faults.md`"


def test_the_command_writes_the_page(root):
    command = [sys.executable, "-m", "gradlab.faults"]
    ran = subprocess.run(
        command, capture_output=True, check=True, cwd=root, env={"PYTHONIOENCODING": "utf-8"}
    )
    assert ran.stdout.decode() == document()


def test_the_page_has_everything():
    page = document()
    for name, fault in CATALOGUE.items():
        assert f"### {name}\n" in page
        assert fault.explanation in page
        assert fault.source in page
    assert all(near.explanation.replace("|", "\\|") in page for near in NEAR_MISSES.values())
    assert all(row.reason in page for row in UNPLANTED)
    assert "—" not in page


def test_the_list_has_a_line_for_each_fault():
    lines = listing()
    assert [line[0] for line in lines] == list(CATALOGUE)
    assert all(len(line) == len(COLUMNS) and all(line) for line in lines)


@pytest.mark.parametrize("name", CATALOGUE)
def test_an_explanation_says_all_and_fits_a_terminal(name):
    text, fault = explain(name), CATALOGUE[name]
    words = " ".join(text.split())
    assert fault.explanation in words
    assert fault.law in words
    assert fault.source in words
    assert all(near in words for near in fault.near)
    assert max(map(len, text.splitlines())) <= 92


WHOLE = """\
bias-gradient-averaged (row 2 of the collection)

db is the mean of the upstream gradient over the batch; the bias is added once for every
example, so its gradient is the sum.

found by:           the law 'gradient'
finite differences: catches
what is wrong:      the forward is right and a gradient is wrong
planted in:         linear
seen in:            github.com/kvfrans/notes/issues/5

correct code that looks like it:
  bias-gradient-as-m-times-mean: The mean is taken and multiplied by m again, which is the
    sum.
  bias-gradient-as-product: dZ times a column of ones adds up the examples, which is the sum
    over them."""


def test_one_explanation_whole():
    assert explain("bias-gradient-averaged") == WHOLE


def test_an_unknown_name_lists_close_ones():
    with pytest.raises(GradlabError) as raised:
        explain("softmax-elementwize")
    assert str(raised.value) == (
        "no fault is called 'softmax-elementwize'; did you mean softmax-elementwise, "
        "softmax-overflows? `gradlab faults` lists all of them"
    )
