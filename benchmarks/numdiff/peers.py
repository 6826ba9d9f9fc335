"""The same draws through other people's numerical derivatives, each with its own error estimate.

    python benchmarks/numdiff/peers.py --draws 5000

All of them differentiate t -> <c, f(x + t v)> at 0, c random: they know scalar
functions.  gradlab's rows differentiate f and form the sum afterwards.  Needs
scipy (1.15 or newer) and numdifftools.
"""

from __future__ import annotations

import argparse
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numdifftools
import numpy as np
import population
from coverage import table
from population.ideal import CONTEXT, lift
from scipy import differentiate

from gradlab.numdiff import derivative, dot

if TYPE_CHECKING:
    from collections.abc import Callable

    Curve = Callable[[float], float]

LEFT_OUT = ("hostile", "kink, at", "float16 inside")


def ridders(curve: Curve) -> tuple[float, float]:
    """Ridders' extrapolation: steps fall by 1.4, the best agreement between neighbours counts."""
    step, shrink, size = 0.1, 1.4, 10
    tableau = np.zeros((size, size))
    best, error = np.nan, np.inf
    for i in range(size):
        tableau[0, i] = (curve(step) - curve(-step)) / (2 * step)
        factor = shrink**2
        for j in range(1, i + 1):
            tableau[j, i] = (tableau[j - 1, i] * factor - tableau[j - 1, i - 1]) / (factor - 1)
            factor *= shrink**2
            new = max(abs(tableau[j, i] - tableau[j - 1, i]),
                      abs(tableau[j, i] - tableau[j - 1, i - 1]))  # fmt: skip
            if new <= error:
                best, error = tableau[j, i], new
        if i and abs(tableau[i, i] - tableau[i - 1, i - 1]) >= 2 * error:
            break
        step /= shrink
    return float(best), float(error)


def richardson(curve: Curve) -> tuple[float, float]:
    """Richardson's extrapolation over six halvings; the error is the last correction."""
    rows = [[(curve(h) - curve(-h)) / (2 * h)] for h in 0.1 * 2.0 ** -np.arange(6)]
    for k in range(1, len(rows)):
        for j in range(1, k + 1):
            change = (rows[k][j - 1] - rows[k - 1][j - 1]) / (4**j - 1)
            rows[k].append(rows[k][j - 1] + change)
    return rows[-1][-1], abs(rows[-1][-1] - rows[-2][-1])


def _on_arrays(curve: Curve) -> Any:
    return np.vectorize(curve, otypes=[float])


def scipy_derivative(curve: Curve) -> tuple[float, float]:
    """scipy.differentiate.derivative, as it comes."""
    found = differentiate.derivative(_on_arrays(curve), 0.0)
    return float(found.df), float(found.error)


def numdifftools_derivative(curve: Curve) -> tuple[float, float]:
    """numdifftools.Derivative, as it comes."""
    found = numdifftools.Derivative(_on_arrays(curve), full_output=True)(0.0)
    return float(found.estimate), float(found.error_estimate)


PEERS = {
    "Ridders": ridders,
    "Richardson": richardson,
    "scipy.differentiate": scipy_derivative,
    "numdifftools": numdifftools_derivative,
}


@dataclass
class Tally:
    """What one method showed on one kind of function."""

    draws: int = 0
    given: int = 0
    covered: int = 0
    tenfold: int = 0
    ratios: list[float] = field(default_factory=list)
    errors: list[float] = field(default_factory=list)
    calls: list[int] = field(default_factory=list)

    def enter(self, value: float, bound: float, truth: Any, calls: int) -> None:
        """Count one derivative; a value that is not finite counts as none."""
        self.draws += 1
        self.calls.append(calls)
        if not np.isfinite(value) or not np.isfinite(bound):
            return
        self.given += 1
        error = float(abs(CONTEXT.mpf(value) - truth))
        self.covered += error <= bound
        self.tenfold += error <= 10 * bound
        size = float(abs(truth))
        if size:
            self.ratios.append(bound / max(error, 2.0**-52 * size))
            self.errors.append(error / size)

    def cells(self) -> list[str]:
        """Return the figures as text."""
        share = f"{100 * self.covered / self.given:.2f}%" if self.given else "-"
        ten = f"{100 * self.tenfold / self.given:.2f}%" if self.given else "-"
        none = f"{100 * (1 - self.given / self.draws):.1f}%"
        ratio = f"{np.median(self.ratios):.2g}" if self.ratios else "-"
        error = f"{np.median(self.errors):.0e}" if self.errors else "-"
        return [str(self.draws), none, share, ten, ratio, error, f"{np.mean(self.calls):.1f}"]


def compare(draws: int, seed: int) -> dict[tuple[str, str], Tally]:
    """Run every method over the same draws."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    families = [f for f in population.FAMILIES.values() if f.kind not in LEFT_OUT]
    for family in families:
        for number in range(-(-draws // len(families))):
            draw = population.draw(family, number, seed)
            left, right = draw.truth()
            if any(CONTEXT.isnan(t) for t in (*left, *right)):
                continue
            c = np.random.default_rng([seed, number]).standard_normal(len(right))
            truth = sum(lift(c) * right)
            for name, peer in PEERS.items():
                calls = [0]
                value, error = _safely(peer, _curve(draw, c, calls))
                tallies[family.kind, name].enter(value, error, truth, calls[0])
            for method in ("differences", "auto"):
                found = derivative(draw.case.code, draw.case.x, draw.v, method=method)
                value, bound = dot(found, c.reshape(found.value.shape))
                name = f"gradlab, {'real only' if method == 'differences' else method}"
                tallies[family.kind, name].enter(value, bound, truth, found.evaluations)
    return tallies


def _curve(draw: population.Draw, c: Any, calls: list[int]) -> Curve:
    x, size = draw.case.x, float(np.max(np.abs(draw.case.x), initial=0.0)) or 1.0
    v = draw.v / (np.max(np.abs(draw.v)) / size)
    scale = float(np.max(np.abs(draw.v)) / size)

    def curve(t: float) -> float:
        calls[0] += 1
        return float(c @ np.ravel(draw.case.code(x + t * v))) * scale

    return curve


def _safely(peer: Any, curve: Curve) -> tuple[float, float]:
    try:
        found: tuple[float, float] = peer(curve)
    except Exception:  # noqa: BLE001 - a method that raises gives no value
        return np.nan, np.inf
    return found


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--draws", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=3)
    options = parser.parse_args()
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        tallies = compare(options.draws, options.seed)
    head = ["kind", "method", "draws", "no value", "covered", "covered at 10x", "bound/error",
            "error", "calls"]  # fmt: skip
    print(table(head, [[*key, *tally.cells()] for key, tally in tallies.items()]))


if __name__ == "__main__":
    main()
