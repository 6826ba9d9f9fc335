"""The words of text and HTML, whole."""

import json
from html.parser import HTMLParser

import pytest

from gradlab.records import ErrorCurve, Finding, Status, SubjectReport
from gradlab.report import assertion, summary
from gradlab.report.report import Report
from gradlab.report.summary import Detail

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
                    error_curve=ErrorCurve((1e-1, 1e-2), (1e-2, 1e-4)),
                ),
            ),
        ),
        SubjectReport(
            "Half", "unknown", (Finding("execution", "", Status.ERROR, "not there yet"),)
        ),
    ),
    seed=3,
    notes=("about the file",),
)

FINDINGS = """\
FAIL  WrongLayer: gradient of b
    gradient of b, entry [0, 0]: got 1, should be 2 ± 1e-12
    every entry is 0.5 times what it should be
    run again: gradlab check x.py::WrongLayer --seed 3

ERROR  Half: execution
    not there yet
"""
TABLE = """\
subject        convention   verdict   about
──────────────────────────────────────────────────────────
Right<Layer>   article      pass      gradient, shape of W
WrongLayer     article      FAIL      gradient of b
Half           unknown      ERROR     execution
"""
TOTALS = "1 fail, 1 error, 1 pass  (seed 3)"


def test_the_table_findings_and_notes_about_the_run_by_default():
    assert str(REPORT) == f"{TABLE}\n{FINDINGS}\nnote: about the file\n\n{TOTALS}"


def test_quiet_is_only_what_did_not_pass():
    assert REPORT.to_text(Detail.QUIET) == f"{FINDINGS}\n{TOTALS}"
    assert Report(REPORT.subjects[:1]).to_text(Detail.QUIET) == ""


def test_verbose_adds_sensitivities_error_curves_and_notes_about_subjects():
    curve = (
        "    error of plain differences, steps 1e-01 to 1e-02: █▁ (errors 1e-02 to 1e-04)\n"
        "    (a block for each step, its height the logarithm of the error: truncation error on "
        "the\n    left, roundoff error on the right; a derivative exists where the curve dips "
        "between them)\n"
    )
    before, after = FINDINGS.split("    run again")
    assert REPORT.to_text(Detail.VERBOSE) == (
        f"{TABLE}\nRight<Layer>, W: an error of 1e-9 would have been seen\n\n"
        f"{before}{curve}    run again{after}\nnote: about the file\n"
        f"note: Right<Layer>: layout (features, examples)\n\n{TOTALS}"
    )


def test_exemptions_are_counted_beside_the_verdict():
    passed = Finding("shape", "W", Status.PASS, "fine")
    subject = SubjectReport("Layer", "article", (passed,), exempt=(("purity", "a"), ("dtype", "b")))
    lines = str(Report((subject,))).splitlines()
    assert lines[2] == "Layer     article      pass, 2 exempt   shape"
    assert lines[-1] == "1 pass, 2 exempt  (seed 0)"


@pytest.mark.parametrize("length", [1, 40, 96, 97, 98, 99, 100, 101, 150, 400])
def test_a_name_is_never_broken(length):
    name = "Q" * length
    subject = SubjectReport(name, "article", (Finding("gradient", name, Status.FAIL, "wrong"),))
    table = str(Report((subject,))).split("\n\n", maxsplit=1)[0]
    assert table.count(name) == 2
    assert sum(line.count("Q") for line in table.splitlines()) == 2 * length


def test_a_long_list_of_laws_is_wrapped_between_words():
    findings = tuple(Finding(f"law {i}", "tensor", Status.FAIL, "wrong") for i in range(20))
    lines = (
        str(Report((SubjectReport("Layer", "article", findings),))).split("\n\n")[0].splitlines()
    )
    assert len(lines) > 4
    assert max(map(len, lines)) <= 100
    words = " ".join(line[len("Layer     article      FAIL      ") :] for line in lines[2:])
    assert words == "; ".join(f"law {i} of tensor" for i in range(20))


def test_strings_of_the_code_under_test_cannot_forge_a_line():
    forged = "\x1b[2J\n1 pass  (seed 0)\r\x9b"
    finding = Finding(f"gradient{forged}", "W", Status.FAIL, forged, notes=(forged,), rerun=forged)
    subject = SubjectReport(forged, forged, (finding,), (forged,))
    report = Report((subject,), notes=(forged,))
    for text in (report.to_text(Detail.VERBOSE), assertion.render(report)):
        assert not set(text) & set("\x1b\r\x9b")
        assert "1 pass  (seed 0)" not in [line.split("\\r")[0] for line in text.split("\n")]
    assert not set(report.to_json()) & set("\x1b\r\x9b")
    assert json.loads(report.to_json())["notes"] == [forged]


def test_json_can_be_encoded_whatever_a_string_holds():
    report = Report((), notes=("half of a pair: \ud83d",))
    assert json.loads(report.to_json().encode())["notes"] == list(report.notes)


def test_a_long_text_is_cut():
    message = "\n".join(["x" * 10_000] * 500)
    report = Report((SubjectReport("L", "", (Finding("gradient", "", Status.FAIL, message),)),))
    text = str(report)
    assert len(text) < 200_000
    assert "(10,000 characters)" in text
    assert "(500 lines)" in text


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
        "note: about the file",
        "note: Right<Layer>: layout (features, examples)",
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


def test_a_finding_that_another_law_implies_is_left_out():
    pairs = [
        ("gradient", "W"), ("adjoint identity", "W"), ("reference", "W"), ("repeat", "x"),
        ("backward twice", "x"), ("adjoint identity", "x"), ("purity", "x"),
    ]  # fmt: skip
    findings = tuple(Finding(law, tensor, Status.FAIL, "wrong") for law, tensor in pairs)
    report = Report((SubjectReport("Layer", "article", findings),))
    spelled_out = {(finding.law, finding.tensor) for _, finding in summary.unresolved(report)}
    assert spelled_out == {
        ("gradient", "W"), ("repeat", "x"), ("adjoint identity", "x"), ("purity", "x"),
    }  # fmt: skip
    assert len(report.failures) == len(pairs)
