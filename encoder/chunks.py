"""RTMP's chunk stream: messages cut into chunks on the way out, put together again on the way in.

It refuses what would cost memory: a server's message is at most 1 MiB, at most 64 are open at a time, 4 MiB in all.
"""

import struct
from dataclasses import dataclass

LARGEST_CHUNK = 0xFFFFFF
"""A message's length has 24 bits, so a larger chunk has no meaning (RTMP 1.0, 5.4.1)."""

_LARGEST_MESSAGE = 1 << 20
_MOST_STREAMS = 64
_MOST_WAITING = 4 << 20
_EXTENDED = 0xFFFFFF


class ChunkError(ValueError):
    """What was received is no chunk stream, or one that asks for too much."""


@dataclass(frozen=True, slots=True)
class Message:
    """One whole message."""

    kind: int
    stream_id: int
    timestamp_ms: int
    body: bytes


def write_message(chunk_stream: int, message: Message, chunk_size: int) -> bytes:
    """The message as chunks: a full header, then continuations that repeat an extended timestamp, as servers expect.

    `chunk_stream` is 2 to 63. Timestamps past 2^24 − 2 ms (4.6 hours) go into the extended field, and wrap after 49 days.
    """
    timestamp = message.timestamp_ms & 0xFFFFFFFF
    is_extended = timestamp >= _EXTENDED
    extension = struct.pack(">I", timestamp) if is_extended else b""
    head = (
        bytes((chunk_stream,))
        + (_EXTENDED if is_extended else timestamp).to_bytes(3, "big")
        + len(message.body).to_bytes(3, "big")
        + bytes((message.kind,))
        + struct.pack("<I", message.stream_id)
        + extension
    )
    continuation = bytes((0xC0 | chunk_stream,)) + extension
    parts = [head, message.body[:chunk_size]]
    for start in range(chunk_size, len(message.body), chunk_size):
        parts.append(continuation)
        parts.append(message.body[start : start + chunk_size])
    return b"".join(parts)


class _Stream:
    """What a chunk stream remembers from its last header, and the message that it is building."""

    __slots__ = ("body", "is_extended", "kind", "length", "stream_id", "timestamp_ms")

    def __init__(self) -> None:
        self.kind = self.length = self.stream_id = self.timestamp_ms = 0
        self.is_extended = False
        self.body = bytearray()


class ChunkReader:
    """Takes bytes as they come and gives whole messages. Raises ChunkError, after which it is of no more use."""

    def __init__(self) -> None:
        self.chunk_size = 128
        self._buffer = bytearray()
        self._streams: dict[int, _Stream] = {}

    def feed(self, data: bytes) -> None:
        """Keep the bytes for `next_message`."""
        self._buffer += data

    def next_message(self) -> Message | None:
        """The next whole message, or None when more bytes are needed.

        One at a time, because a message may change the chunk size for what follows.
        """
        while (taken := self._take_chunk()) is not None:
            if (taken.body and len(taken.body) == taken.length) or not taken.length:
                message = Message(taken.kind, taken.stream_id, taken.timestamp_ms, bytes(taken.body))
                taken.body = bytearray()
                return message
        return None

    def set_chunk_size(self, size: int) -> None:
        """Obey the server's. Raises ChunkError for one that can't be."""
        if not 1 <= size <= LARGEST_CHUNK:
            raise ChunkError("chunk size")
        self.chunk_size = size

    def abort(self, chunk_stream: int) -> None:
        """Forget a message that the server gave up."""
        if chunk_stream in self._streams:
            self._streams[chunk_stream].body = bytearray()

    @property
    def waiting_bytes(self) -> int:
        """Memory that unfinished messages hold."""
        return len(self._buffer) + sum(len(stream.body) for stream in self._streams.values())

    def _take_chunk(self) -> _Stream | None:
        header = self._basic_header()
        if header is None:
            return None
        form, chunk_stream, offset = header
        stream = self._streams.get(chunk_stream)
        if stream is None:
            if form == 3:
                raise ChunkError("a continuation of nothing")
            stream = _Stream()
        size = (11, 7, 3, 0)[form]
        is_extended = stream.is_extended if form == 3 else self._buffer[offset : offset + 3] == b"\xff\xff\xff"
        start = offset + size + (4 if is_extended else 0)
        if len(self._buffer) < start:
            return None
        length = int.from_bytes(self._buffer[offset + 3 : offset + 6], "big") if form < 2 else stream.length
        self._check(stream, form, length, chunk_stream)
        end = start + min(self.chunk_size, length - len(stream.body))
        if len(self._buffer) < end:
            return None
        if form < 3 or not stream.body:
            self._apply_header(stream, form, offset, start - 4 if is_extended else None)
        self._streams[chunk_stream] = stream
        stream.length = length
        stream.body += self._buffer[start:end]
        del self._buffer[:end]
        return stream

    def _basic_header(self) -> tuple[int, int, int] | None:
        """(form, chunk stream, size of this header)."""
        if not self._buffer:
            return None
        form, chunk_stream = self._buffer[0] >> 6, self._buffer[0] & 0x3F
        if chunk_stream > 1:
            return form, chunk_stream, 1
        extra = 1 + chunk_stream
        if len(self._buffer) < 1 + extra:
            return None
        return form, 64 + int.from_bytes(self._buffer[1 : 1 + extra], "little"), 1 + extra

    def _check(self, stream: _Stream, form: int, length: int, chunk_stream: int) -> None:
        if length > _LARGEST_MESSAGE:
            raise ChunkError("message length")
        if form < 3 and stream.body:
            raise ChunkError("a new header inside a message")
        if chunk_stream not in self._streams and len(self._streams) >= _MOST_STREAMS:
            raise ChunkError("too many chunk streams")
        if self.waiting_bytes > _MOST_WAITING:
            raise ChunkError("too many unfinished messages")

    def _apply_header(self, stream: _Stream, form: int, offset: int, extension: int | None) -> None:
        """Take over what this header says; `extension` is where its extended timestamp stands.

        Deltas are not summed up: what a server says to a publisher has no time that matters.
        """
        head = self._buffer
        if form < 3:
            stream.is_extended = extension is not None
            stream.timestamp_ms = int.from_bytes(head[offset : offset + 3], "big")
        if extension is not None:
            stream.timestamp_ms = int.from_bytes(head[extension : extension + 4], "big")
        if form < 2:
            stream.kind = head[offset + 6]
        if form == 0:
            stream.stream_id = struct.unpack_from("<I", head, offset + 7)[0]
