"""From a baseline and the code as it is now to a `Report`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gradlab.baseline.comparison import Comparison, compare_array
from gradlab.baseline.evaluate import UPSTREAM, prepare, require_repeatable
from gradlab.baseline.messages import hints, sentence, step_named, summary
from gradlab.baseline.model import GRADIENT, OUTPUT, TRAJECTORY, versions
from gradlab.baseline.sample import inputs_of
from gradlab.errors import GradlabError
from gradlab.records import EXECUTION, Finding, Status, SubjectReport
from gradlab.report.report import Report

if TYPE_CHECKING:
    from gradlab.baseline.evaluate import Evaluation
    from gradlab.baseline.model import Baseline, RecordedInput, SampleSite
    from gradlab.baseline.recordable import Code
    from gradlab.subject import Subject

#: The laws of a comparison, as findings name them.
LAWS = {OUTPUT: "same output", GRADIENT: "same gradient", TRAJECTORY: "same trajectory"}
_SAME_INPUT = "same input"


def compare_code(baseline: Baseline, code: Code, *, rerun: str) -> Report:
    """Evaluate the code at the sites of the baseline, and report what has changed.

    Whatever the code raises is a finding.
    """
    found: list[Comparison] = []
    findings: list[Finding] = []
    for place in baseline.places:
        try:
            compared, refused = _compare(baseline, place, code)
        except GradlabError as error:
            message = f"{error}; at {place.where}"
            findings.append(Finding(EXECUTION, "", Status.ERROR, message))
        else:
            found += compared
            findings += refused
    findings = [*_first_of_each(findings), *_findings(found)]
    finished = tuple(replace(finding, rerun=rerun) for finding in findings)
    parts = code.parts[0]
    notes = (*summary(found), *_history(baseline, code))
    report = SubjectReport(code.name, parts.convention, finished, notes)
    return Report((report,), seed=baseline.seed)


def _first_of_each(findings: list[Finding]) -> list[Finding]:
    """Keep the first finding of each law, tensor and status; other sites repeat it."""
    kept: dict[tuple[str, str, Status], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.law, finding.tensor, finding.status), finding)
    return list(kept.values())


def _compare(
    baseline: Baseline, place: SampleSite, code: Code
) -> tuple[list[Comparison], list[Finding]]:
    """Compare at one sample site; findings where there is nothing to compare.

    Raises
    ------
    GradlabError
        If the code cannot be run, or is not deterministic.
    """
    subject = code.training if place.training else code.subject
    if subject is None:
        raise GradlabError(next(iter(code.refused.values())))
    names = _renamed(place, subject)
    changed = _other_shapes(place, subject, names)
    if changed:
        return [], [Finding(_SAME_INPUT, "", Status.FAIL, f"{changed}; at {place.where}")]
    run = prepare(
        code,
        place.sizes,
        baseline.seed,
        place.number,
        training=place.training,
        recorded_as=names,
    )
    unknown = _drawn_otherwise(place, run, names)
    if unknown:
        message = (
            f"the values drawn for {unknown} are not those of the record, although the seed is: "
            "gradlab or NumPy draws otherwise now, so that nothing can be compared; record again"
        )
        return [], [Finding(_SAME_INPUT, "", Status.INCONCLUSIVE, f"{message}; at {place.where}")]
    return _differences(baseline, place, run, names)


def _renamed(place: SampleSite, subject: Subject) -> dict[str, str]:
    """Return the recorded name of a renamed tensor, by its name now; only if exactly one is."""
    recorded = [given.name for given in place.inputs if not given.name.startswith(UPSTREAM)]
    now = [tensor.name for tensor in subject.domain]
    lost = [name for name in recorded if name not in now]
    new = [name for name in now if name not in recorded]
    return {new[0]: lost[0]} if len(new) == len(lost) == 1 else {}


def _other_shapes(place: SampleSite, subject: Subject, names: dict[str, str]) -> str:
    """Return how the inputs of the code differ from the recorded ones; empty if they do not."""
    recorded = {i.name: i.shape for i in place.inputs if not i.name.startswith(UPSTREAM)}
    try:
        now = {names.get(t.name, t.name): t.resolve(place.sizes) for t in subject.domain}
    except GradlabError as error:
        return f"it takes arrays of other sizes than it did: {error}"
    if now == recorded:
        return ""
    shown = [
        ", ".join(f"{name} {shape}" for name, shape in shapes.items()) for shapes in (now, recorded)
    ]
    return f"it takes {shown[0]}; recorded with {shown[1]}"


def _drawn_otherwise(place: SampleSite, run: Evaluation, names: dict[str, str]) -> str:
    """Return the names of the inputs whose values differ from the recorded ones."""
    now: dict[str, RecordedInput] = {names.get(i.name, i.name): i for i in inputs_of(run)}
    return ", ".join(
        then.name
        for then in place.inputs
        # An upstream gradient of another shape goes with an output of another shape.
        if then.name in now
        and then.shape == now[then.name].shape
        and then.digest != now[then.name].digest
    )


def _differences(
    baseline: Baseline, place: SampleSite, run: Evaluation, names: dict[str, str]
) -> tuple[list[Comparison], list[Finding]]:
    results = run.results()
    now = {(kind, names.get(tensor, tensor)): array for (kind, tensor), array in results.items()}
    found, findings = [], []
    for result in place.results:
        array = now.pop((result.kind, result.tensor), None)
        if array is None:
            message = f"{result.name} was recorded, and does not come back now; at {place.where}"
            findings.append(Finding(LAWS[result.kind], result.tensor, Status.FAIL, message))
            continue
        found.append(compare_array(baseline, place, result, array))
    for kind, tensor in now:
        message = f"{tensor} was not recorded, and comes back now; at {place.where}"
        findings.append(Finding(LAWS[kind], tensor, Status.FAIL, message))
    if any(d.beyond for d in found):
        require_repeatable(run, results)
    return found, findings


def _findings(found: list[Comparison]) -> list[Finding]:
    """Return one finding for each tensor, and one for the trajectory."""
    tensors = dict.fromkeys(
        (d.result.kind, d.result.tensor) for d in found if d.result.kind != TRAJECTORY
    )
    findings = [_finding(max((d for d in found if _is(d, *key)), key=_weight)) for key in tensors]
    steps = [d for d in found if d.result.kind == TRAJECTORY]
    if steps:
        # Of the first step at which anything is off, the first: the cost comes before the update.
        off = [d for d in steps if d.beyond]
        first = min(off, key=lambda d: d.step) if off else max(steps, key=_weight)
        others = [d for d in found if d.result.kind != TRAJECTORY]
        findings.append(replace(_finding(first), notes=hints(first, steps, others)))
    return findings


def _is(found: Comparison, kind: str, tensor: str) -> bool:
    return (found.result.kind, found.result.tensor) == (kind, tensor)


def _weight(found: Comparison) -> tuple[bool, bool, bool, float]:
    """Return a key that orders comparisons: another shape, a change, rounding, the same bits."""
    apart = -1.0 if found.same else found.ulps
    return bool(found.altered), bool(found.beyond), bool(found.unclear), apart


def _finding(found: Comparison) -> Finding:
    status = Status.PASS
    if found.beyond:
        status = Status.FAIL
    elif found.unclear:
        status = Status.INCONCLUSIVE
    finding = Finding(
        LAWS[found.result.kind],
        "" if found.result.kind == OUTPUT and found.result.tensor == "output" else _tensor(found),
        status,
        f"{sentence(found)}; at {found.place.where}" if not found.same else sentence(found),
    )
    if found.same or found.altered:
        return finding
    return replace(
        finding,
        got=found.worst.got,
        expected=found.worst.expected,
        bound=found.worst.bound,
        index=found.index,
    )


def _tensor(found: Comparison) -> str:
    if found.result.kind == TRAJECTORY and found.beyond:
        return step_named(found)
    return found.result.tensor


def _history(baseline: Baseline, code: Code) -> list[str]:
    """Return how the baseline was recorded, and which versions differ now."""
    notes = [f"recorded by {baseline.made_by}, of {baseline.subject}"]
    now = versions()
    notes += [
        f"recorded with {name} {then}, compared with {name} {now.get(name, 'unknown')}"
        for name, then in baseline.versions.items()
        if now.get(name) != then
    ]
    recorded = {TRAJECTORY if place.training else OUTPUT for place in baseline.places}
    for what, subject in ((OUTPUT, code.subject), (TRAJECTORY, code.training)):
        if what not in recorded and subject is not None:
            notes.append(f"{what} can be recorded now, and is not in the baseline: record again")
    return notes
