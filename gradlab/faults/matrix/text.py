"""Matrix and alarms in words: for a terminal, for the page of the documentation, as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gradlab.faults import FiniteDifferences, Law

if TYPE_CHECKING:
    from gradlab.faults.matrix.alarms import Alarms
    from gradlab.faults.matrix.matrix import LawRow, Matrix, Row

#: What the columns of `rows` hold.
COLUMNS = ("fault", "textbook", "planted", "found", "by the law named", "and by")
#: What the columns of `law_rows` hold.
LAW_COLUMNS = ("of", "law", "finds", "alone")

_MARKS = ", ".join(f"{kind.mark} {kind.value}" for kind in FiniteDifferences)
#: How to read the columns of `rows`.
LEGEND = (
    f"textbook: what one textbook gradient check makes of the fault: {_MARKS}",
    "by the law named: the one that the catalogue names; in brackets where it is 'reference'",
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
    by_name = total - len(row.missed_by_name)
    mark = str(named) if by_name == total else f"{named} {by_name} of {total} ✗"
    return (
        row.fault.name,
        row.fault.finite_differences.mark,
        str(total),
        str(total - len(row.survivors)),
        f"({mark})" if named is Law.REFERENCE else mark,
        ", ".join(others),
    )


def law_rows(matrix: Matrix) -> list[tuple[str, ...]]:
    """Return one line for each law, with the columns `LAW_COLUMNS`."""
    return [(str(row.room), row.law, _finds(row), str(row.alone)) for row in matrix.laws]


def _finds(row: LawRow) -> str:
    return "on request" if row.on_request else str(row.finds)


def totals(matrix: Matrix) -> tuple[str, ...]:
    """Say how many were found, how, and by what."""
    mutants, faults = matrix.mutants, matrix.rows
    found = sum(not mutant.survived for mutant in mutants)
    alone = sum(sum(mutant.alone.values()) == mutant.seeds for mutant in mutants)
    missed = matrix.missed_by_textbook
    by_laws = sum(not row.survivors for row in missed)
    only = [str(m.entry) for m in mutants if m.needs_reference]
    told = f"; only the definition tells of {', '.join(only)}" if only else ""
    return (
        f"{len(faults)} faults in {len(mutants)} places, {_seeds(matrix.seeds)}",
        f"{found} of {len(mutants)} mutants are found with every seed, {alone} by one law alone",
        f"textbook gradient checks miss {len(missed)} faults; the laws find {by_laws} of them",
        f"without the law 'reference' {found - len(only)} of {len(mutants)} are found{told}",
    )


def alarm_totals(alarms: Alarms) -> tuple[str, ...]:
    """Say how much was asked, and how often a law was wrong or could not tell."""
    reports, doubts = len(alarms.answers), len(alarms.doubts())
    return (
        f"{alarms.entries} correct things and near misses, {_seeds(alarms.seeds)}",
        f"{len(alarms.complaints())} of {reports} reports find fault, {doubts} cannot tell",
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
        "complaints": list(matrix.complaints()),
        "faults": [
            {
                "name": row.fault.name,
                "law": str(row.fault.law),
                "finite_differences": row.fault.finite_differences.value,
                "mutants": [
                    {
                        "name": mutant.entry.name,
                        "found": mutant.found,
                        "laws": dict(mutant.laws),
                        "without_reference": not mutant.needs_reference and not mutant.survived,
                    }
                    for mutant in row.mutants
                ],
            }
            for row in matrix.rows
        ],
        "laws": [
            {"of": str(row.room), "law": row.law, "finds": row.finds, "alone": row.alone}
            for row in matrix.laws
        ],
    }


def alarms_to_dict(alarms: Alarms) -> dict[str, Any]:
    """Return the alarms as plain data, ready for JSON."""
    return {
        "seeds": list(alarms.seeds),
        "entries": alarms.entries,
        "reports": len(alarms.answers),
        "complaints": list(alarms.complaints()),
        "doubts": list(alarms.doubts()),
    }
