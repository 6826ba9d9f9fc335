"""How near to the line of a baseline correct rewrites come, and how far beyond it mistakes are.

``python benchmarks/baselines.py --draws 400`` prints the table of docs/baselines.md.
Every row draws so many pairs of implementations, records the first and compares the
second; seeds, sizes and orders of addition are drawn at random.
"""

import argparse
from dataclasses import dataclass

import numpy as np

from gradlab.baseline.api import make
from gradlab.baseline.comparison import compare_array
from gradlab.baseline.evaluate import prepare
from gradlab.baseline.recordable import Code
from gradlab.domain import Domain, Role, TensorSpec
from gradlab.faults import Evidence, registry
from gradlab.faults.registry import Label
from gradlab.subject import Subject

# What shows in a first call at generic values.
SHOWS = (Evidence.GRADIENT, Evidence.FUNCTION, Evidence.SHAPE, Evidence.ROUNDING)


def code(subject):
    return Code(subject.name, subject, None, {}, lambda: None)


def one_by_one(terms):
    total = np.zeros(terms.shape[:1] + terms.shape[2:])
    for k in range(terms.shape[1]):
        total = total + terms[:, k]
    return total


ORDERS = {
    "one by one": lambda a, b: one_by_one(a[:, :, None] * b),
    "from the end": lambda a, b: one_by_one((a[:, :, None] * b)[:, ::-1]),
    "in pairs": lambda a, b: np.ascontiguousarray(np.moveaxis(a[:, :, None] * b, 1, -1)).sum(-1),
    "by BLAS": lambda a, b: np.ascontiguousarray(a) @ np.ascontiguousarray(b),
}
#: What is made of the drawn factors, so that their products are easy or hard to add.
TERMS = {
    "sums of terms of both signs": lambda W, X: (W, X),
    "sums of terms of one sign": lambda W, X: (np.abs(W) + 1, np.abs(X) + 1),
    "sums that build up and cancel": lambda W, X: (
        np.abs(W) + 1,
        np.sort(X - X.mean(axis=0), axis=0),
    ),
}


@dataclass
class Product:
    """W X with sums in one order; its session."""

    order: str
    terms: str

    def forward(self, values):
        self.W, self.X = TERMS[self.terms](values["W"], values["X"])
        return (ORDERS[self.order](self.W, self.X),)

    def backward(self, _values, cotangents):
        product = ORDERS[self.order]
        return {"W": product(cotangents[0], self.X.T), "X": product(self.W.T, cotangents[0])}


def product(order, terms, sizes):
    n, m, out = sizes
    domain = Domain((TensorSpec("X", (n, m)), TensorSpec("W", (out, n), Role.PARAMETER)), batch="")
    return Subject("product", lambda _values: Product(order, terms), domain)


def sums(terms, draws, rng):
    """Yield draws of a product recorded in one order and computed in another."""
    for _ in range(draws):
        sizes = [round(10 ** rng.uniform(0.3, top)) for top in (2.5, 1.2, 1.2)]
        first, second = rng.choice(list(ORDERS), 2, replace=False)
        yield product(first, terms, sizes), product(second, terms, sizes), int(rng.integers(1000))


def variants(label, draws, rng):
    """Yield draws of something correct and one of its variants."""
    entries = [
        e
        for e in registry.variants(label=label)
        if e.has_subject and (label is Label.NEAR_MISS or e.evidence in SHOWS)
    ]
    for i in rng.integers(len(entries), size=draws):
        name = entries[i].name
        yield (
            registry.subject(entries[i].target.name),
            registry.subject(name),
            int(rng.integers(1000)),
        )


def compare(first, second, seed):
    """Return ulps, share of what is allowed, same bits, and whether it is called a change."""
    worst, share, same, change = 0.0, 0.0, True, False
    with np.errstate(all="ignore"):
        baseline = make(code(first), seed=seed, made_by="")
        for place in baseline.places:
            run = prepare(code(second), place.sizes, seed, place.number, training=False)
            now = run.results()
            for result in place.results:
                found = compare_array(baseline, place, result, now[result.kind, result.tensor])
                same, change = same and found.same, change or bool(found.beyond)
                worst = max(worst, found.ulps)
                apart = abs(found.worst.got - found.worst.expected)
                share = max(share, apart / found.worst.bound if apart else 0.0)
    return worst, share, same, change


def row(name, pairs):
    told = [compare(*pair) for pair in pairs]
    ulps, shares, same, changes = zip(*told, strict=True)
    largest = f"{max(ulps):,.0f} ulp, {max(shares):.2f}" if not any(changes) else "–"
    return f"| {name} | {len(told)} | {sum(same)} | {largest} | {sum(changes)} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(
        "| recorded, and compared with | pairs | same bits "
        "| most ulp apart, and nearest to the line | called a change |"
    )
    print("|---|---|---|---|---|")
    draws = options.draws
    rng = np.random.default_rng(options.seed)
    print(row("a correct layer, rewritten", variants(Label.NEAR_MISS, draws, rng)))
    for terms in TERMS:
        print(row(terms + ", in another order", sums(terms, draws, rng)))
    print(row("a correct layer, with a mistake", variants(Label.MUTANT, draws, rng)))


if __name__ == "__main__":
    main()
