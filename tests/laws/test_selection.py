"""Which laws are asked, and which are left out with a reason."""

import json
from dataclasses import replace

import pytest

from gradlab import GradlabError, check, laws
from gradlab.checks import check_in_project
from gradlab.domain import Domain, Exemption, Role, TensorSpec
from gradlab.faults import registry
from gradlab.kinds import Kind
from gradlab.records import Status
from gradlab.reference import LinearLayer, SigmoidLayer
from gradlab.report.summary import Detail
from gradlab.run_laws import check_subject

PURE = "mutant:input-overwritten/sigmoid"
PROTOCOL = ("purity", "repeat")


def asked(report):
    return {finding.law for finding in report.findings}


def test_every_law_says_what_it_states_where_from_and_of_what():
    assert set(laws.LAWS) == set(Kind)
    for kind, known in laws.LAWS.items():
        assert len({law.name for law in known}) == len(known)
        for law in known:
            assert law.sentence
            assert law.applies_to
            assert law.patterns
            assert law in laws.ALL
            assert laws.law(law.name, kind) is law
    assert all(law.source for law in laws.LAWS[Kind.LAYER])


def test_one_law_or_several_are_asked():
    assert asked(check(SigmoidLayer, laws="purity")) == {"purity"}
    assert asked(check(SigmoidLayer, laws=("repeat", "purity"))) == {"purity", "repeat"}
    assert {"purity", "repeat", "gradient", "aliasing"} < asked(check(SigmoidLayer))


def test_the_choice_is_part_of_how_to_run_it_again():
    report = check(SigmoidLayer, like="sigmoid", laws=["purity"], exempt={"dtype": "ints"}, seed=2)
    assert report.findings[0].rerun == (
        "gradlab.check(SigmoidLayer, like='sigmoid', laws=('purity',), exempt={'dtype': 'ints'}, "
        "seed=2)"
    )


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"laws": ["pure"]}, "no law is called 'pure'; did you mean purity?"),
        (
            {"laws": []},
            "laws=[] selects no law; name a law, or leave laws out to select all of them",
        ),
        ({"exempt": {"purty": "in place"}}, "no law is called 'purty'; did you mean purity?"),
        ({"exempt": {"purity": " "}}, "exempt={'purity': …} needs the reason why the law does not"),
        (
            {"exempt": {"purity": None}},
            "exempt={'purity': …} needs the reason why the law does not",
        ),
        (
            {"exempt": {"purity[W]": "no W"}},
            "exempt names 'purity[W]'; the laws have findings here about Z, output, upstream",
        ),
    ],
)
def test_mistakes_are_refused(options, message):
    with pytest.raises(GradlabError) as caught:
        check(SigmoidLayer, **options)
    assert str(caught.value).startswith(message)


def test_what_comes_close_to_nothing_gets_the_whole_list():
    with pytest.raises(GradlabError) as caught:
        laws.law("xyz")
    assert str(caught.value).startswith("no law is called 'xyz'; the laws are gradient, ")


def test_an_exempted_law_is_not_asked_and_the_report_says_why():
    subject = registry.subject(PURE)
    report = check_subject(subject, exempt={"purity": "works in place, on purpose"})
    assert "purity" not in asked(report)
    assert report.status is Status.PASS
    assert "law 'purity' left out: works in place, on purpose" in report.notes


def test_the_reason_is_in_text_json_and_html():
    report = check(SigmoidLayer, exempt={"purity": "in place <on purpose>"})
    note = "law 'purity' left out: in place <on purpose>"
    assert f"note: SigmoidLayer: {note}" in report.to_text(Detail.VERBOSE)
    assert "pass, 1 exempt" in str(report)
    assert note in json.loads(report.to_json())["subjects"][0]["notes"]
    escaped = "law &#x27;purity&#x27; left out: in place &lt;on purpose&gt;"
    assert escaped in report._repr_html_()


def test_one_tensor_may_be_left_out():
    report = check(LinearLayer, laws="purity", exempt={"purity[W]": "normalised in place"})
    assert {finding.tensor for finding in report.findings} == {"A_prev", "b", "upstream gradient"}
    assert "law 'purity' left out for W: normalised in place" in report.subjects[0].notes


def test_a_domains_exemption_counts_and_the_callers_reason_replaces_it():
    subject = registry.subject(PURE)
    own = (Exemption("purity", "the domain's"), Exemption("repeat", "another"))
    exempt = replace(subject, domain=replace(subject.domain, exemptions=own))
    assert "purity" not in asked(check_subject(exempt))
    report = check_subject(exempt, laws=["purity", "dtype"], exempt={"purity": "the caller's"})
    assert asked(report) == {"dtype"}
    said = [note for note in report.notes if note.startswith("law ")]
    assert said == ["law 'purity' left out: the caller's"]


def test_nothing_left_to_ask_is_no_pass():
    report = check(SigmoidLayer, laws=["purity"], exempt={"purity": "in place"})
    assert report.findings == ()
    assert report.status is Status.INCONCLUSIVE


def test_a_failure_stands_when_another_tensor_is_asked_again(layer):
    # No gradient of p comes back, so that the law is asked again; that of x is wrong each time.
    tensors = (TensorSpec("x", (2,)), TensorSpec("p", (2,), Role.PARAMETER))
    subject = layer(
        lambda s, x, p: x + p,
        lambda s, c: {"x": 2 * c, "p": None},
        domain=Domain(tensors, batch=""),
    )
    report = check_subject(subject, laws="gradient")
    found = {finding.tensor: finding.status for finding in report.findings}
    assert found == {"x": Status.FAIL, "p": Status.INCONCLUSIVE}


def test_what_a_project_exempts_holds_where_there_is_such_a_tensor():
    project = {"purity[W]": "ours", "descent[W]": "theirs", "repeat": "drawn anew"}
    linear = check_in_project(LinearLayer, project, exempt={"purity[b]": "here"}, laws=PROTOCOL)
    assert {(finding.law, finding.tensor) for finding in linear.findings} == {
        ("purity", "A_prev"),
        ("purity", "upstream gradient"),
    }
    assert linear.subjects[0].notes[-3:] == (
        "law 'purity' left out for W: ours",
        "law 'repeat' left out: drawn anew",
        "law 'purity' left out for b: here",
    )
    sigmoid = check_in_project(SigmoidLayer, project, laws=PROTOCOL)
    assert sigmoid.subjects[0].notes[-1] == "law 'repeat' left out: drawn anew"
    assert sigmoid.passed


class Uphill:
    """Gradient descent with the wrong sign."""

    def step(self, params, grads):
        return {name: param + 0.1 * grads[name] for name, param in params.items()}


def test_a_project_exempts_routines_too():
    project = {"zero gradient": "it decays", "descent[W1]": "uphill", "descent[Q]": "of another"}
    (findings,) = check_in_project(Uphill, {}, laws=["descent", "zero gradient"]).subjects
    assert [(f.law, f.tensor) for f in findings.findings if f.status is Status.FAIL] == [
        ("descent", "W1")
    ]
    (findings,) = check_in_project(Uphill, project, laws=["descent", "zero gradient"]).subjects
    assert findings.findings == ()
    assert [note for note in findings.notes if "left out" in note] == [
        "law 'zero gradient' left out: it decays",
        "law 'descent' left out for W1: uphill",
    ]


def test_a_project_cannot_exempt_what_no_law_is_called():
    with pytest.raises(GradlabError) as caught:
        check_in_project(SigmoidLayer, {"purty": "ours"})
    assert str(caught.value) == "no law is called 'purty'; did you mean purity?"
