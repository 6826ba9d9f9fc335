"""check and check_gradients: adapt, evaluate the laws, report."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gradlab import arguments
from gradlab.adapters import adapt_any, update_of
from gradlab.errors import (
    CodeUnderTestError,
    GradlabError,
    InternalError,
    NoResultError,
    NotImplementedYetError,
    internal_errors,
)
from gradlab.in_process import in_this_process
from gradlab.kinds import Kind
from gradlab.laws import ALL, LAWS, selection
from gradlab.pair_check import AT_VALUES, FunctionPair, check_pair
from gradlab.report.report import Report
from gradlab.run_laws import merge_reports, quietly, run_laws, unrunnable
from gradlab.subject import Subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from gradlab.laws.selection import Request
    from gradlab.records import SubjectReport


def check(
    obj: object,
    *,
    like: str | None = None,
    convention: str | None = None,
    layout: str | None = None,
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    strict: bool = False,
    seed: int = 0,
) -> Report:
    """Check a layer, a cost, or what trains them, against the laws.

    Parameters
    ----------
    obj
        A class, an instance, a pair of functions ``(forward, backward)``, a cost
        function, or a `Subject`; or an optimizer, an initializer, a
        mini-batching function, a network, a training loop, or a class of graph nodes.
    like
        The name of what `obj` is meant to be: a reference layer or cost, or
        ``"adam"``, ``"xavier"``, ``"batches"``, ``"network"``, ``"train"``, …
    convention
        The convention in which `obj` is written; recognised when it is left out.
    layout
        Where a layer's or cost's examples are: ``"rows"`` (the first axis of its
        input), ``"columns"`` (the last) or ``"none"``; left out, the axis along which
        its forward treats entries one by one.
    laws
        The names of the laws to evaluate, of those in `gradlab.laws.LAWS` for its kind;
        when left out, all but those on request.
    exempt
        Laws that do not apply to `obj`, each with the reason, which the report
        shows: ``{"repeat": "draws a new mask each time"}``.  ``"purity[Z]"`` leaves
        out the law's findings about Z.
    strict
        Whether a line of the backward that was never run makes the verdict inconclusive.
    seed
        Of every random choice; the same seed gives the same report.

    Raises
    ------
    GradlabError
        When `obj` is nothing that a convention describes, when no law has one of
        the names, when an exemption gives no reason, or when an argument is not what
        is described above.

    Examples
    --------
    >>> from gradlab.reference import SigmoidLayer
    >>> report = check(SigmoidLayer, laws=["gradient", "purity"])
    >>> sorted({finding.law for finding in report.findings})
    ['gradient', 'purity']
    """
    return check_in_project(
        obj,
        {},
        like=like,
        convention=convention,
        layout=layout,
        laws=laws,
        exempt=exempt,
        strict=strict,
        seed=seed,
    )


def check_in_project(
    obj: object,
    project: Mapping[str, str],
    *,
    like: str | None = None,
    convention: str | None = None,
    layout: str | None = None,
    laws: Iterable[str] | None = None,
    exempt: Mapping[str, str] | None = None,
    strict: bool = False,
    seed: int = 0,
) -> Report:
    """Do what `check` does, less what `project` exempts in whatever has such laws and tensors."""
    # Before any code runs: a mistake in the call is no finding.
    seed = arguments.seed_of(seed)
    names = arguments.names_of("laws", laws, "laws=['gradient', 'shape']")
    exempt = arguments.exemptions_of(exempt)
    like = arguments.name_of("like", like)
    convention = arguments.name_of("convention", convention)
    layout = arguments.name_of("layout", layout)
    arguments.check_subject_type(obj)
    request = selection.parse(ALL, names, exempt, project)
    how = {"like": like, "convention": convention, "layout": layout}
    options = {**how, "laws": names, "exempt": exempt, "strict": strict}
    given = [f"{key}={value!r}" for key, value in options.items() if value]
    rerun = f"gradlab.check({', '.join([_written(obj), *given, f'seed={seed}'])})"
    name = _written(obj)
    try:
        with quietly(), internal_errors(f"the adaptation of {name}"):
            subject = adapt_any(obj, **how)
    except (CodeUnderTestError, NotImplementedYetError, NoResultError, InternalError) as error:
        return Report((unrunnable(name, error, rerun=rerun),), seed=seed)
    updates = LAWS[Kind.UPDATE] if isinstance(subject, Subject) else ()
    for law in names or ():
        selection.named((*LAWS[subject.kind], *updates), law)
    if isinstance(subject, Subject):
        subject = in_this_process(subject, obj)
    selected = selection.select(LAWS[subject.kind], request, subject)
    try:
        with internal_errors(f"the check of {name}"):
            report = run_laws(subject, selected, seed=seed, rerun=rerun, strict=strict)
    except InternalError as error:
        report = unrunnable(name, error, rerun=rerun)
    if updates and selection.chosen(updates, request):
        report = _with_update(report, obj, request, seed, rerun)
    return Report((report,), seed=seed)


def _with_update(
    report: SubjectReport, obj: object, request: Request, seed: int, rerun: str
) -> SubjectReport:
    """Add the findings about a layer's own update to its report, if it has one."""
    try:
        with internal_errors(f"the adaptation of the update of {report.name}"):
            update = update_of(obj)
    except InternalError as error:
        return merge_reports(report, unrunnable(report.name, error, rerun=rerun))
    except GradlabError:
        # What keeps the layer from running is in its report already.
        return report
    if update is None:
        return report
    selected = selection.select(LAWS[Kind.UPDATE], request, update)
    return merge_reports(report, run_laws(update, selected, seed=seed, rerun=rerun))


def _written(obj: object) -> str:
    """Write what was handed to `check` as its caller may have written it."""
    if isinstance(obj, tuple):
        return f"({', '.join(map(_written, obj))})"
    return str(getattr(obj, "__name__", type(obj).__name__))


def check_gradients(
    forward: Callable[..., Any],
    backward: Callable[..., Any],
    values: Mapping[str, Any],
    *,
    wrt: Iterable[str] | None = None,
    order: int = 1,
    seed: int = 0,
) -> Report:
    """Check the gradients that `backward` claims for `forward`, at `values`.

    Parameters
    ----------
    forward
        ``forward(values)`` returns an array or what NumPy makes one of, a tuple or
        list of arrays, or a number.
    backward
        ``backward(values, cotangent)`` returns a dict of gradients, each with its
        tensor's shape; it is always called directly after `forward` at the same
        values.  The cotangent has the structure of the forward's result; where that
        is a number, ``backward(values)`` may leave it out.
    values
        Named arrays.  Integer arrays are passed through, unless `backward` returns
        a gradient for them: then they are promoted to float, and the report notes it.
        Arrays in less than double precision are checked in double, and the results
        at their own precision are compared with that.  Complex arrays are taken
        as pairs of real ones; gradients may follow torch's convention
        (∂L/∂Re + i ∂L/∂Im) or JAX's (its conjugate), and the report names the one.
    wrt
        The tensors whose gradients are checked, and which `backward` has to return;
        every floating one when left out, and then a missing gradient is inconclusive.
    order
        2 to check as well whether the gradient's own derivative is symmetric
        (u·Hv = v·Hu, H v a Hessian-vector product), which takes more backward calls.
    seed
        Of every random choice; the same seed gives the same report.

    Returns
    -------
    Report
        With one subject; whatever the code raises is a finding in it.

    Raises
    ------
    GradlabError
        If an argument is not what is described above: `wrt` names no tensor of
        `values`, an array in `values` is ragged, `seed` is negative, …

    Examples
    --------
    >>> import numpy as np
    >>> report = check_gradients(
    ...     lambda v: np.sin(v["x"]),
    ...     lambda v, c: {"x": c * np.cos(v["x"])},
    ...     {"x": np.array([0.0, 0.5, 1.0])},
    ... )
    >>> report.status
    <Status.PASS: 'pass'>
    >>> square = check_gradients(
    ...     lambda v: v["z"] ** 2,
    ...     lambda v, c: {"z": 2 * np.conj(v["z"]) * c},
    ...     {"z": np.array([1.0 + 2.0j, 0.5 - 1.0j])},
    ... )
    >>> square.status, square.subjects[0].notes[0]
    (<Status.PASS: 'pass'>, "complex gradients in torch's convention")
    """
    if order not in (1, 2):
        msg = f"order is {order!r}; it has to be 1 (gradients) or 2 (their derivatives too)"
        raise GradlabError(msg)
    arguments.check_callable("forward", forward, "forward(values)")
    arguments.check_callable("backward", backward, "backward(values, cotangent)")
    seed, values = arguments.seed_of(seed), arguments.values_of(values)
    wrt = arguments.names_of("wrt", wrt, "wrt=['x']")
    pair = FunctionPair(forward, backward, values, wrt, order, seed)
    try:
        with internal_errors("the check of a function pair"):
            report = check_pair(pair)
    except InternalError as error:
        report = replace(unrunnable("function pair", error), convention="functions")
    except CodeUnderTestError as error:
        where = CodeUnderTestError(f"{error}; at {AT_VALUES}")
        report = replace(unrunnable("function pair", where), convention="functions")
    return Report((report,), seed=seed)
