"""What the laws of routines have in common, and how they are asked."""

from gradlab import check
from gradlab.adapters.recognition import recognise
from gradlab.faults import registry
from gradlab.records import Status
from gradlab.run_laws import check_subject


def test_some_laws_are_asked_and_an_exemption_gives_its_reason():
    routine = recognise(registry.build("mutant:optimizer-ascends/adam"), like="adam")
    assert {f.law for f in check_subject(routine, laws=["descent"]).findings} == {"descent"}
    reason = "it climbs on purpose"
    exempt = {"descent": reason, "optimizer trace[W1]": reason}
    report = check_subject(routine, exempt=exempt)
    assert report.status is Status.PASS
    assert {"descent", "optimizer trace"}.isdisjoint({f.law for f in report.findings})
    assert f"law 'descent' left out: {reason}" in report.notes
    assert f"law 'optimizer trace' left out for W1: {reason}" in report.notes


def test_what_the_code_warns_of_is_told(student):
    module = student("optimizers.py", ("return {k: p - l", "np.log(-1.0); return {k: p - l"))
    (subject,) = check(module.SGD).subjects
    assert subject.status is Status.PASS
    assert subject.notes == ("RuntimeWarning from the code: invalid value encountered in log",)
