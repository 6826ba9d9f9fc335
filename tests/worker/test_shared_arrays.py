import gc

import numpy as np
import pytest

from gradlab.errors import CodeUnderTestError
from gradlab.worker.protocol import ProtocolError, Unpacker, pack
from gradlab.worker.shared_arrays import Registry


class Pair:
    """A parent's and a worker's registry, and the pipe between them."""

    def __init__(self):
        self.parent, self.worker = Registry(0, weak=True), Registry(1, weak=False)

    def pass_on(self, sender, receiver, message=None):
        unpacker = Unpacker()
        unpacker.feed(pack(sender.send(message or {})))
        return receiver.receive(unpacker.take())

    def hand_over(self, array):
        number = self.parent.number(array)
        self.pass_on(self.parent, self.worker)
        return number, self.worker.array(number)

    def answer(self, array):
        number = self.worker.number(array)
        new = self.pass_on(self.worker, self.parent)
        return self.parent.array(number), new


@pytest.fixture
def pair():
    return Pair()


def test_what_the_worker_changes_is_changed_in_the_parent(pair):
    x = np.arange(4.0)
    _, theirs = pair.hand_over(x)
    assert theirs is not x
    theirs[1] = 99.0
    pair.pass_on(pair.worker, pair.parent)
    assert x.tolist() == [0.0, 99.0, 2.0, 3.0]


def test_what_the_parent_changes_is_changed_in_the_worker(pair):
    x = np.arange(4.0)
    _, theirs = pair.hand_over(x)
    x[0] = -1.0
    pair.pass_on(pair.parent, pair.worker)
    assert theirs.tolist() == [-1.0, 1.0, 2.0, 3.0]


def test_one_array_is_one_array_on_the_other_side(pair):
    x = np.zeros(3)
    number, theirs = pair.hand_over(x)
    assert pair.hand_over(x) == (number, theirs)
    returned, _ = pair.answer(theirs)
    assert returned is x


def test_a_result_is_overwritten_by_a_later_call(pair):
    buffer = np.zeros(2)
    result, _ = pair.answer(buffer)
    buffer += 5.0
    pair.pass_on(pair.worker, pair.parent)
    assert result.tolist() == [5.0, 5.0]


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    "window",
    [lambda a: a.T, lambda a: a[1:, ::-1], lambda a: a[0], lambda a: a.ravel(order="K")],
    ids=["transpose", "slice", "row", "flat"],
)
def test_a_view_of_what_was_handed_over_is_one_here(pair, order, window):
    x = np.array(np.arange(6.0).reshape(2, 3), order=order)
    _, theirs = pair.hand_over(x)
    result, _ = pair.answer(window(theirs))
    assert np.shares_memory(result, x)
    assert np.array_equal(result, window(x))
    x += 10.0
    assert np.array_equal(result, window(x))


def test_an_array_beside_another_is_no_view_of_it(pair):
    x = np.zeros(3)
    _, theirs = pair.hand_over(x)
    result, _ = pair.answer(theirs.copy())
    assert not np.shares_memory(result, x)


def test_what_the_parent_lets_go_the_worker_lets_go(pair):
    x = np.zeros(3)
    number, _ = pair.hand_over(x)
    pair.pass_on(pair.worker, pair.parent)
    del x
    gc.collect()
    pair.pass_on(pair.parent, pair.worker)
    with pytest.raises(ProtocolError, match=f"^no array {number} is shared$"):
        pair.worker.array(number)


def test_nothing_leaves_the_ledger_while_an_answer_is_due(pair):
    x = np.zeros(3)
    number, theirs = pair.hand_over(x)
    del x
    gc.collect()
    returned, _ = pair.answer(theirs)
    assert returned is not None
    assert number % 2 == 0


def test_not_a_number_stays_as_it_is(pair):
    x = np.array([np.nan, 1.0])
    pair.hand_over(x)
    assert pair.worker.send({}).arrays == ()


def test_a_change_of_shape_in_place_is_an_error(pair):
    x = np.zeros((2, 3))
    _, theirs = pair.hand_over(x)
    theirs.resize((6, 1), refcheck=False)
    with pytest.raises(CodeUnderTestError) as caught:
        pair.worker.send({})
    assert str(caught.value) == (
        "the shape of an array that was handed over is changed in place to (6, 1)"
    )


def test_a_window_outside_of_the_memory_is_refused(pair):
    x = np.zeros(4)
    _, theirs = pair.hand_over(x)
    pair.worker.number(theirs[1:])
    frame = pair.worker.send({})
    frame.message["shared"]["views"][0][1]["offset"] = 4096
    with pytest.raises(ProtocolError, match=r"^what came describes no part of a shared array$"):
        pair.parent.receive(frame)
