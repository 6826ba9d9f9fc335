"""Run gradlab's public check on a pair, and count the calls of the code by wrapping it."""

from __future__ import annotations

import re
import time
import warnings
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import betaincinv

import gradlab

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from correct import Pair

    from gradlab import Report

DETECTION_LIMIT = re.compile(r"would detect ([-+.\de]+)·rms")
PLACE = re.compile(r"\[(\d+(?:, \d+)*)\]")


@dataclass(frozen=True)
class Answer:
    """A report, and what it cost in calls of the code under test."""

    report: Report
    forwards: int
    backwards: int
    seconds: float

    @property
    def status(self) -> str:
        """The report's status, as a word."""
        return str(self.report.status)

    @property
    def calls(self) -> int:
        """All calls of the code under test."""
        return self.forwards + self.backwards

    def finding(self, tensor: str) -> Any:
        """Return the gradient law's finding about a tensor; None where there is none."""
        found = [f for f in self.report.findings if (f.law, f.tensor) == ("gradient", tensor)]
        return found[0] if found else None

    def named(self, tensor: str) -> set[tuple[int, ...]]:
        """Return all entries of a tensor that the findings name, in text or as the index."""
        found: set[tuple[int, ...]] = set()
        for finding in self.report.failures:
            if finding.tensor != tensor:
                continue
            if finding.index is not None:
                found.add(tuple(finding.index))
            for text in (finding.message, *finding.notes):
                found |= {tuple(map(int, place.split(", "))) for place in PLACE.findall(text)}
        return found

    def detection_limit(self, tensor: str) -> float:
        """Return the relative error that a pass states it would detect; NaN if it states none."""
        finding = self.finding(tensor)
        stated = DETECTION_LIMIT.search(finding.message) if finding else None
        return float(stated[1]) if stated else np.nan


def ask(pair: Pair, seed: int = 0, wrt: Iterable[str] | None = None) -> Answer:
    """Check a pair, and count."""
    calls = [0, 0]

    def forward(values: Any) -> Any:
        calls[0] += 1
        return pair.forward(values)

    def backward(values: Any, cotangent: Any) -> Any:
        calls[1] += 1
        return pair.backward(values, cotangent)

    began = time.perf_counter()
    report = gradlab.check_gradients(forward, backward, pair.values, wrt=wrt, seed=seed)
    return Answer(report, calls[0], calls[1], time.perf_counter() - began)


@contextmanager
def quiet() -> Iterator[None]:
    """Leave the warnings of code under test out of the tables."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        yield


def interval(hits: int, of: int) -> str:
    """Return the exact (Clopper-Pearson) 95% range of a share, in percent."""
    if not of:
        return "-"
    low = betaincinv(hits, of - hits + 1, 0.025) if hits else 0.0
    high = betaincinv(hits + 1, of - hits, 0.975) if hits < of else 1.0
    return f"{100 * low:.2g} to {100 * high:.3g}%"


def share(hits: int, of: int, digits: int = 1) -> str:
    """Return a share in percent."""
    return f"{100 * hits / of:.{digits}f}%" if of else "-"


def table(head: list[str], rows: Iterable[list[Any]]) -> str:
    """Return a table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    cells = [[str(cell).replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in cells])
