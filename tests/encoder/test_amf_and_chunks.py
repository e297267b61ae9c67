"""AMF0 and the chunk stream: what goes out comes back, and whatever comes in costs neither memory nor the program."""

import contextlib
import struct
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from encoder import amf
from encoder.amf import AmfError, EcmaArray
from encoder.chunks import LARGEST_CHUNK, ChunkError, ChunkReader, Message, write_message

_scalars = st.none() | st.booleans() | st.floats(allow_nan=False) | st.text(max_size=50)
_values = st.recursive(
    _scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1, max_size=9), inner, max_size=4)
)


@given(st.lists(_values, max_size=5))
def test_amf_comes_back_as_it_went(values):
    assert amf.decode(amf.encode(*values)) == values


def test_a_text_longer_than_64_kib_comes_back():
    assert amf.decode(amf.encode("x" * 70_000)) == ["x" * 70_000]


def test_metadata_is_an_ecma_array_with_its_count():
    data = amf.encode(EcmaArray({"width": 2.0}))
    assert data[:5] == b"\x08\0\0\0\x01"
    assert amf.decode(data) == [{"width": 2.0}]


@given(st.binary(max_size=400))
def test_any_bytes_are_amf_or_an_error(data):
    with contextlib.suppress(AmfError):
        amf.decode(data)


@pytest.mark.parametrize(
    "data",
    [
        b"\x03\0\1a" * 5000,  # objects in objects
        b"\x0a\0\0\0\1" * 5000,  # arrays in arrays
        b"\x08\xff\xff\xff\xff\0\1a" * 5000,
        b"\x0a\xff\xff\xff\xff\x05",  # four milliard nulls
        b"\x05" * 5000,
        b"\x02\xff\xffshort",
        b"\x0c\xff\xff\xff\xffshort",
        b"\x00\0\0",
        b"\x11",
    ],
)
def test_deep_wide_or_cut_amf_is_refused(data):
    with pytest.raises(AmfError):
        amf.decode(data)


_messages = st.builds(
    Message,
    kind=st.integers(0, 255),
    stream_id=st.integers(0, 2**32 - 1),
    timestamp_ms=st.integers(0, 2**32 - 1),
    body=st.binary(max_size=700),
)


@given(st.lists(st.tuples(st.integers(2, 63), _messages), max_size=6), st.integers(1, 300), st.integers(1, 50))
def test_messages_come_back_through_any_chunk_size_and_any_cutting(messages, chunk_size, piece):
    data = b"".join(write_message(channel, message, chunk_size) for channel, message in messages)
    reader = ChunkReader()
    reader.set_chunk_size(chunk_size)
    read = []
    for start in range(0, len(data), piece):
        reader.feed(data[start : start + piece])
        while (message := reader.next_message()) is not None:
            read.append(message)
    assert read == [message for _, message in messages]
    assert reader.waiting_bytes == 0


def test_messages_of_several_chunk_streams_may_be_mixed():
    first = write_message(3, Message(20, 0, 0, b"a" * 200), 128)
    second = write_message(4, Message(20, 0, 0, b"b" * 200), 128)
    reader = ChunkReader()
    reader.feed(first[:140] + second[:140] + first[140:] + second[140:])
    bodies = [reader.next_message(), reader.next_message(), reader.next_message()]
    assert [message and message.body[:1] for message in bodies] == [b"a", b"b", None]


def test_shorter_headers_take_over_what_the_last_one_said():
    reader = ChunkReader()
    reader.feed(write_message(3, Message(20, 7, 100, b"abc"), 128))
    reader.feed(b"\x43" + b"\0\0\x05" + b"\0\0\x02" + b"\x14" + b"de")  # type 1: another length
    reader.feed(b"\x83" + b"\0\0\x05" + b"fg")  # type 2: time only
    reader.feed(b"\xc3" + b"hi")  # type 3: nothing
    read = [reader.next_message() for _ in range(4)]
    assert [(message.kind, message.stream_id, message.body) for message in read if message] == [
        (20, 7, b"abc"),
        (20, 7, b"de"),
        (20, 7, b"fg"),
        (20, 7, b"hi"),
    ]


@pytest.mark.parametrize("size", [0, LARGEST_CHUNK + 1, 0x7FFFFFFF, 0xFFFFFFFF])
def test_a_chunk_size_that_means_nothing_is_refused(size):
    with pytest.raises(ChunkError):
        ChunkReader().set_chunk_size(size)


def test_a_message_of_16_mb_is_refused_before_it_comes():
    reader = ChunkReader()
    reader.set_chunk_size(LARGEST_CHUNK)
    reader.feed(b"\x03\0\0\0\xff\xff\xff\x14\0\0\0\0")
    with pytest.raises(ChunkError):
        reader.next_message()


def test_a_message_that_was_given_up_is_forgotten():
    reader = ChunkReader()
    reader.feed(write_message(3, Message(20, 0, 0, b"a" * 200), 128)[:140])
    assert reader.next_message() is None
    reader.abort(3)
    reader.feed(write_message(3, Message(20, 0, 0, b"b" * 20), 128))
    message = reader.next_message()
    assert message is not None
    assert message.body == b"b" * 20


def test_unfinished_messages_on_many_streams_hold_a_bounded_amount_of_memory():
    tracemalloc.start()
    try:
        with pytest.raises(ChunkError):
            _begin_a_megabyte_on_each_stream()
        assert tracemalloc.get_traced_memory()[1] < 20 << 20
    finally:
        tracemalloc.stop()


def _begin_a_megabyte_on_each_stream():
    reader = ChunkReader()
    reader.set_chunk_size(1_000_000)
    for channel in range(2, 64):
        reader.feed(bytes((channel,)) + b"\0\0\0\x0f\xff\xff\x14\0\0\0\0" + bytes(1_000_000))
        assert reader.next_message() is None


@settings(max_examples=300)
@given(st.binary(max_size=2000), st.integers(1, 700))
def test_any_bytes_are_chunks_or_an_error_and_memory_stays_bounded(data, chunk_size):
    reader = ChunkReader()
    reader.set_chunk_size(chunk_size)
    reader.feed(data)
    try:
        while reader.next_message() is not None:
            pass
    except ChunkError:
        return
    assert reader.waiting_bytes <= len(data)


def test_an_extended_timestamp_stands_in_every_chunk():
    data = write_message(6, Message(9, 1, 0xFFFFFF, b"x" * 300), 128)
    extended = struct.pack(">I", 0xFFFFFF)
    assert data[12:16] == extended
    assert data.count(b"\xc6" + extended) == 2
    assert write_message(6, Message(9, 1, 0xFFFFFE, b"x" * 300), 128).count(b"\xc6") == 2
