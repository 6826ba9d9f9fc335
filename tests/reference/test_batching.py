from __future__ import annotations

import numpy as np
import pytest

from gradlab.reference import batches


def numbered(m, n=2):
    """Examples that carry their own number in every feature and in the label."""
    return np.tile(np.arange(m, dtype=float), (n, 1)), np.arange(m, dtype=float)[np.newaxis]


@pytest.mark.parametrize("m", [1, 2, 7, 12])
@pytest.mark.parametrize("size", [None, 1, 3, 5, 12, 100])
@pytest.mark.parametrize("shuffled", [False, True])
def test_every_example_once_with_its_own_label(m, size, shuffled, rng):
    X, Y = numbered(m)
    dealt = list(batches(X, Y, size, rng if shuffled else None))
    for X_batch, Y_batch in dealt:
        assert X_batch.shape == (2, Y_batch.shape[1])
        np.testing.assert_array_equal(X_batch, np.tile(Y_batch, (2, 1)))
    labels = np.hstack([Y_batch for _, Y_batch in dealt])[0]
    assert sorted(labels) == list(range(m))
    if not shuffled:
        np.testing.assert_array_equal(labels, Y[0])
    full = m if size is None else min(size, m)
    sizes = [Y_batch.shape[1] for _, Y_batch in dealt]
    assert sizes == [full] * (m // full) + ([m % full] if m % full else [])


def test_each_epoch_is_shuffled_anew_and_the_seed_repeats_it():
    X, Y = numbered(20)

    def epochs(seed):
        rng = np.random.default_rng(seed)
        return [np.hstack([y for _, y in batches(X, Y, 6, rng)]).tolist() for _ in range(3)]

    first, second, third = epochs(0)
    assert first != second != third != first
    assert epochs(0) == [first, second, third]


def test_images_come_with_the_examples_first(rng):
    images = np.arange(5.0)[:, np.newaxis, np.newaxis] * np.ones((5, 2, 3))
    for X_batch, Y_batch in batches(images, np.arange(5)[np.newaxis], 2, rng):
        assert X_batch.shape == (Y_batch.shape[1], 2, 3)
        np.testing.assert_array_equal(X_batch[:, 0, 0], Y_batch[0])


def test_batches_do_not_share_memory_with_the_data():
    X, Y = numbered(4)
    for X_batch, Y_batch in batches(X, Y, None):
        assert not np.shares_memory(X_batch, X)
        assert not np.shares_memory(Y_batch, Y)


def test_no_examples_no_batches():
    assert list(batches(np.ones((2, 0)), np.ones((1, 0)))) == []


def test_errors_come_before_the_first_batch_is_asked_for():
    X, Y = numbered(4)
    with pytest.raises(ValueError, match=r"as many examples; got \(2, 4\) and \(1, 3\)"):
        batches(X, Y[:, :3])
    with pytest.raises(ValueError, match=r"as many examples; got \(4,\) and \(1, 4\)"):
        batches(X[0], Y)
    with pytest.raises(ValueError, match="at least one example; got size=0"):
        batches(X, Y, size=0)
