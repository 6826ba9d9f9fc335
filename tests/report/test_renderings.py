"""The words of text and HTML, whole."""

from html.parser import HTMLParser

from gradlab.records import Finding, Status, SubjectReport
from gradlab.report import summary
from gradlab.report.report import Report

REPORT = Report(
    (
        SubjectReport(
            "Right<Layer>",
            "article",
            (
                Finding("gradient", "W", Status.PASS, "an error of 1e-9 would have been seen"),
                Finding("shape", "W", Status.PASS, "fine"),
            ),
            ("layout (features, examples)",),
        ),
        SubjectReport(
            "WrongLayer",
            "article",
            (
                Finding("gradient", "W", Status.PASS, "unused"),
                Finding(
                    "gradient",
                    "b",
                    Status.FAIL,
                    "gradient of b, entry [0, 0]: got 1, should be 2 ± 1e-12",
                    rerun="gradlab check x.py::WrongLayer --seed 3",
                    notes=("every entry is 0.5 times what it should be",),
                ),
            ),
        ),
        SubjectReport("Half", "unknown", (Finding("run", "", Status.ERROR, "not there yet"),)),
    ),
    seed=3,
    notes=("about the file",),
)

TEXT = """\
subject        convention   verdict   about
──────────────────────────────────────────────────────────
Right<Layer>   article      pass      gradient, shape of W
WrongLayer     article      FAIL      gradient of b
Half           unknown      ERROR     run

Right<Layer>, W: an error of 1e-9 would have been seen

FAIL  WrongLayer: gradient of b
    gradient of b, entry [0, 0]: got 1, should be 2 ± 1e-12
    every entry is 0.5 times what it should be
    run again: gradlab check x.py::WrongLayer --seed 3

ERROR  Half: run
    not there yet

note: about the file
note: Right<Layer>: layout (features, examples)

1 fail, 1 error, 1 pass  (seed 3)"""


def test_text():
    assert str(REPORT) == TEXT


class Text(HTMLParser):
    """Collects what a browser would show, and checks that tags close in order."""

    def __init__(self):
        super().__init__()
        self.open, self.words = [], []

    def handle_starttag(self, tag, attrs):
        if tag != "br":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


def test_html_is_escaped_balanced_and_says_the_same():
    shown = Text()
    shown.feed(REPORT._repr_html_())
    assert shown.open == []
    words = "\n".join(shown.words)
    for said in (
        "Right<Layer>",
        "FAIL  WrongLayer: gradient of b",
        "gradient of b, entry [0, 0]: got 1, should be 2 ± 1e-12",
        "every entry is 0.5 times what it should be",
        "note: Right<Layer>: layout (features, examples)",
        "note: about the file",
        "1 fail, 1 error, 1 pass (seed 3)",
    ):
        assert said in words


def test_many_laws_are_counted():
    laws = ("gradient", "shape", "purity", "repeat", "aliasing")
    findings = tuple(Finding(law, "W", Status.PASS, "fine") for law in laws)
    few, many = (
        str(Report((SubjectReport("Layer", "article", chosen),)))
        for chosen in (findings[:4], findings)
    )
    assert "gradient, shape, purity, repeat of W" in few
    assert "gradient and 4 more laws of W" in many


def test_what_another_law_has_shown_is_not_told_once_more():
    pairs = [
        ("gradient", "W"), ("adjoint identity", "W"), ("reference", "W"), ("repeat", "x"),
        ("backward twice", "x"), ("adjoint identity", "x"), ("purity", "x"),
    ]  # fmt: skip
    findings = tuple(Finding(law, tensor, Status.FAIL, "wrong") for law, tensor in pairs)
    report = Report((SubjectReport("Layer", "article", findings),))
    spelled_out = {(finding.law, finding.tensor) for _, finding in summary.told(report)}
    assert spelled_out == {
        ("gradient", "W"), ("repeat", "x"), ("adjoint identity", "x"), ("purity", "x"),
    }  # fmt: skip
    assert len(report.failures) == len(pairs)
