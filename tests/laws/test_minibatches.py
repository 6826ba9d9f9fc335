"""Each law of mini-batches is broken by a fault, and left alone by what looks like it."""

import numpy as np
import pytest

from gradlab import Status, check
from gradlab.laws import minibatches

COURSERA, ROWS = "random_mini_batches", "iterate_batches"
TAIL = "if m % mini_batch_size != 0:"
FAULTS = [
    ("every example once", COURSERA, (TAIL, "if False:")),
    (
        "every example once",
        ROWS,
        ("np.random.permutation(len(inputs))", "np.random.randint(0, len(inputs), len(inputs))"),
    ),
    ("every example once", ROWS, ("yield inputs[chosen]", "yield inputs[chosen] * 1.5")),
    ("every example once", COURSERA, ("return mini_batches", "return []")),
    ("pairs kept", COURSERA, ("Y[:, permutation]", "Y[:, np.random.permutation(m)]")),
    ("pairs kept", ROWS, ("targets[chosen]", "targets[start : start + batch_size]")),
    ("batch sizes", COURSERA, (TAIL, "if True:")),
    (
        "purity",
        COURSERA,
        (
            "shuffled_X, shuffled_Y =",
            "X[:] = X[:, ::-1]; Y[:] = Y[:, ::-1]; shuffled_X, shuffled_Y =",
        ),
    ),
    ("repeat", COURSERA, ("np.random.seed(seed)", "np.random.seed()")),
    ("shuffled", COURSERA, ("np.random.seed(seed)", "np.random.seed(0)")),
]
ALIKE = [
    (
        ROWS,
        ("shuffle=True", "shuffle=False, seed=0"),
        ("np.random.permutation", "np.random.default_rng(seed).permutation"),
    ),
    (
        ROWS,
        (
            "for start in range(0, len(inputs), batch_size):",
            "for chosen in np.array_split(order, -(-len(inputs) // batch_size)):",
        ),
        ("        chosen = order[start : start + batch_size]\n", ""),
    ),
    (COURSERA, ("np.random.permutation(m)", "np.random.choice(m, m, replace=False)")),
    (
        ROWS,
        (
            "np.random.permutation(len(inputs)) if shuffle else np.arange(len(inputs))",
            "np.arange(len(inputs))",
        ),
    ),
    (
        COURSERA,
        ("shuffled_X, shuffled_Y =", "X, Y = X.copy(), Y.copy(); X += 0; shuffled_X, shuffled_Y ="),
    ),
]


@pytest.mark.parametrize(("law", "name", "change"), FAULTS)
def test_a_fault_breaks_its_law(broken_laws, law, name, change):
    assert law in broken_laws("batching.py", name, change)


@pytest.mark.parametrize(("name", "changes"), [(a[0], a[1:]) for a in ALIKE])
def test_what_looks_like_a_fault_breaks_none(student, name, changes):
    report = check(getattr(student("batching.py", *changes), name))
    assert report.status is Status.PASS, str(report)


def test_every_law_has_its_fault():
    assert {fault[0] for fault in FAULTS} == {law.name for law in minibatches.LAWS}


def test_examples_are_told_apart_and_strangers_are_seen():
    X, Y = minibatches.examples(9)
    assert minibatches.numbers_of(X[:, ::-1], 0.0).tolist() == [9, 8, 7, 6, 5, 4, 3, 2, 1]
    assert minibatches.numbers_of(Y, 1000.0).tolist() == list(range(1, 10))
    assert minibatches.numbers_of(np.roll(X, 1, axis=0), 0.0).tolist() == [0] * 9
    assert minibatches.numbers_of(X + 0.5, 0.0).tolist() == [0] * 9


def test_the_message_counts_what_became_of_the_examples(student):
    (finding,) = check(student("batching.py", (TAIL, "if False:")).random_mini_batches).failures
    assert finding.message == "17 examples in batches of 5: 2 of 17 are never used"
