"""What executing a file gave, as the worker reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gradlab.report.printable import one_line


@dataclass(frozen=True)
class Loaded:
    """What executing a file gave.

    Attributes
    ----------
    failed
        Why it could not be executed; empty if it was.
    found
        What there is to check, in the order of the file: its name, whether it is a
        layer or a cost, and its further names.
    skipped
        What looks like something to check and is not, each with the reason.
    """

    failed: str
    found: tuple[tuple[str, bool, tuple[str, ...]], ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Loaded:
        """Read what the worker sent; its text comes from the file under test."""
        if "failed" in plain:
            return cls(one_line(plain["failed"]))
        found = tuple(
            (one_line(name), bool(layer), tuple(map(one_line, aliases)))
            for name, layer, aliases in plain["found"]
        )
        skipped = tuple((one_line(name), one_line(why)) for name, why in plain["skipped"])
        return cls("", found, skipped, tuple(map(one_line, plain["notes"])))
