import json
import struct

import numpy as np
import pytest

from gradlab.worker.protocol import MOST_DATA, Frame, ProtocolError, Unpacker, pack


def through_the_pipe(*arrays, step=7):
    data, unpacker = pack(Frame({"op": "echo"}, arrays)), Unpacker()
    for start in range(0, len(data), step):
        assert unpacker.take() is None
        unpacker.feed(data[start : start + step])
    frame = unpacker.take()
    assert frame.message == {"op": "echo"}
    assert unpacker.take() is None
    return frame.arrays


BASE = np.arange(24.0).reshape(4, 6)


@pytest.mark.parametrize(
    "array",
    [
        BASE,
        np.asfortranarray(BASE),
        BASE[::-1, ::2],
        BASE.T[1:, ::-3],
        np.broadcast_to(np.array([1.0, -0.0]), (3, 2)),
        np.array(np.nan),
        np.zeros((0, 3)),
        np.arange(5, dtype=np.int16),
        np.array([True, False]),
        np.array([1 + 2j], np.complex64),
        np.array([0.1], np.float16),
        np.array([1.5], ">f8"),
    ],
    ids=repr,
)
def test_an_array_arrives_as_it_left(array):
    (arrived,) = through_the_pipe(array)
    assert arrived.tobytes() == array.tobytes()
    assert (arrived.dtype, arrived.shape) == (array.dtype, array.shape)
    assert arrived.strides == array.strides or not array.size
    assert arrived.flags.writeable == array.flags.writeable


def test_two_frames_in_one_piece():
    unpacker = Unpacker()
    unpacker.feed(pack(Frame({"n": 1})) + pack(Frame({"n": 2})))
    assert [unpacker.take().message["n"], unpacker.take().message["n"]] == [1, 2]


def test_a_few_entries_far_apart_do_not_take_the_memory_between_them():
    far = np.lib.stride_tricks.as_strided(np.zeros(10**6), (2,), (8 * 999_999,))
    (arrived,) = through_the_pipe(far)
    assert arrived.strides == (8,)


@pytest.mark.parametrize("array", [np.array([{}]), np.array(["text"]), np.zeros(1, "M8[s]")])
def test_what_is_no_number_is_not_sent(array):
    with pytest.raises(ProtocolError) as caught:
        pack(Frame({}, (array,)))
    assert str(caught.value) == (
        f"an array of dtype {array.dtype} came, where numbers were expected"
    )


def raw(header, data=b""):
    return struct.pack(">IQ", len(header), len(data)) + header + data


def spec(**changes):
    made = {"dtype": "<f8", "shape": [1], "strides": [8], "writeable": True} | changes
    return json.dumps({"message": {}, "arrays": [made]}).encode()


@pytest.mark.parametrize(
    "data",
    [
        raw(b"{"),
        raw(b"[1]"),
        raw(b'{"message": 3, "arrays": []}'),
        raw(b'{"message": {}, "arrays": []}', b"left over"),
        raw(spec(), b"short"),
        raw(spec(shape=[-1]), b"12345678"),
        raw(spec(shape=[1 << 70]), b"12345678"),
        raw(spec(strides=[1, 2]), b"12345678"),
        raw(spec(dtype="|O"), b"12345678"),
        raw(spec(dtype="no"), b"12345678"),
        raw(b"[" * 100_000),
    ],
    ids=lambda data: repr(data[12:60]),
)
def test_what_is_no_frame_is_refused(data):
    unpacker = Unpacker()
    unpacker.feed(data)
    with pytest.raises(ProtocolError):
        unpacker.take()


def test_a_huge_frame_is_refused_before_it_arrives():
    unpacker = Unpacker()
    unpacker.feed(struct.pack(">IQ", 2, MOST_DATA))
    assert unpacker.take() is None
    unpacker = Unpacker()
    unpacker.feed(struct.pack(">IQ", 2, MOST_DATA + 1))
    with pytest.raises(
        ProtocolError, match=r"^a message of 536,870,915 bytes; at most 536,870,912 pass"
    ):
        unpacker.take()
