"""The kill matrix and the false alarms as text: terminal, documentation page, JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.faults import FiniteDifferences

if TYPE_CHECKING:
    from gradlab.faults.matrix.matrix import FalseAlarms, LawRow, Matrix, Row

#: What the columns of `rows` hold.
COLUMNS = ("fault", "textbook", "mutants", "detected", "by the expected law", "and by")
#: What the columns of `law_rows` hold.
LAW_COLUMNS = ("scope", "law", "detects", "alone")

_MARKS = ", ".join(f"{kind.mark} {kind.value}" for kind in FiniteDifferences)
#: How to read the columns of `rows`.
LEGEND = (
    f"textbook: whether one textbook gradient check detects the fault: {_MARKS}",
    "by the expected law: the one that the catalogue names; in brackets where it is 'reference'",
)


def rows(matrix: Matrix) -> list[tuple[str, ...]]:
    """Return one line for each fault, with the columns `COLUMNS`."""
    return [_row(row) for row in matrix.rows]


def _row(row: Row) -> tuple[str, ...]:
    named, total = row.fault.law, len(row.mutants)
    others = [
        law if times == total else f"{law} ({times})"
        for law, times in row.laws.most_common()
        if law != named
    ]
    by_name = total - len(row.missed_by_expected_law)
    mark = str(named) if by_name == total else f"{named} {by_name} of {total} ✗"
    return (
        row.fault.name,
        row.fault.finite_differences.mark,
        str(total),
        str(total - len(row.survivors)),
        f"({mark})" if named == "reference" else mark,
        ", ".join(others),
    )


def law_rows(matrix: Matrix) -> list[tuple[str, ...]]:
    """Return one line for each law, with the columns `LAW_COLUMNS`."""
    return [(str(row.scope), row.law, _finds(row), str(row.detects_alone)) for row in matrix.laws]


def _finds(row: LawRow) -> str:
    return "on request" if row.on_request else str(row.detects)


def totals(matrix: Matrix) -> tuple[str, ...]:
    """Return the totals: how many mutants are detected, and by which laws."""
    mutants, faults, total = matrix.mutants, matrix.rows, len(matrix.mutants)
    detected = sum(not mutant.survived for mutant in mutants)
    alone = sum(sum(mutant.sole_laws.values()) == mutant.seeds for mutant in mutants)
    missed = matrix.missed_by_textbook
    by_laws = sum(not row.survivors for row in missed)
    only = [str(m.variant) for m in mutants if m.needs_reference]
    rest = f"; only the definition detects {', '.join(only)}" if only else ""
    return (
        f"{len(faults)} faults, {total} mutants, {_seeds(matrix.seeds)}",
        f"{detected} of {total} mutants are detected with every seed, {alone} by one law alone",
        f"textbook gradient checks miss {len(missed)} faults; the laws detect {by_laws} of them",
        f"without the law 'reference' {detected - len(only)} of {total} are detected{rest}",
    )


def false_alarm_totals(found: FalseAlarms) -> tuple[str, ...]:
    """Return the totals: how many variants, false alarms and inconclusive reports."""
    wrong, inconclusive = len(found.false_alarms()), len(found.inconclusive())
    return (
        f"{found.variants} correct targets and near misses, {_seeds(found.seeds)}",
        f"{wrong} of {len(found.outcomes)} reports are false alarms, {inconclusive} inconclusive",
    )


def _seeds(seeds: tuple[int, ...]) -> str:
    if len(seeds) == 1:
        return f"seed {seeds[0]}"
    return f"seeds {seeds[0]} to {seeds[-1]}"


def document(matrix: Matrix) -> str:
    """Return the table of ``docs/matrix.md``: one line for each fault."""
    lines = (COLUMNS, ("---",) * len(COLUMNS), *rows(matrix))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def to_dict(matrix: Matrix) -> dict[str, Any]:
    """Return the matrix as plain data, ready for JSON."""
    return {
        "seeds": list(matrix.seeds),
        "problems": list(matrix.problems()),
        "faults": [
            {
                "name": row.fault.name,
                "law": str(row.fault.law),
                "finite_differences": row.fault.finite_differences.value,
                "mutants": [
                    {
                        "name": mutant.variant.name,
                        "detected": mutant.detected,
                        "laws": dict(mutant.laws),
                        "without_reference": not mutant.needs_reference and not mutant.survived,
                    }
                    for mutant in row.mutants
                ],
            }
            for row in matrix.rows
        ],
        "laws": [
            {
                "scope": str(row.scope),
                "law": row.law,
                "detects": row.detects,
                "alone": row.detects_alone,
            }
            for row in matrix.laws
        ],
    }


def false_alarms_to_dict(found: FalseAlarms) -> dict[str, Any]:
    """Return the false alarms as plain data, ready for JSON."""
    return {
        "seeds": list(found.seeds),
        "variants": found.variants,
        "reports": len(found.outcomes),
        "false_alarms": list(found.false_alarms()),
        "inconclusive": list(found.inconclusive()),
    }
