"""The publisher's half of an RTMP conversation, as a machine that takes bytes and gives bytes.

It opens no socket and knows no clock; no error, repr or answer of it ever holds the stream key.
"""

import os
import struct
from collections.abc import Sequence
from typing import Literal, TypeAlias

from encoder import amf
from encoder.amf import AmfError, AmfValue
from encoder.chunks import ChunkError, ChunkReader, Message, write_message
from encoder.flv import TAG_AUDIO, TAG_SCRIPT, TAG_VIDEO, Tag, metadata, sequence_headers
from encoder.refusals import refused, turned_away
from encoder.target import Target
from studio.errors import OutputFailed
from studio.model.frames import StreamHeader

Step: TypeAlias = Literal["handshake", "connect", "create", "publish", "live", "ended"]

_VERSION = 3
_HANDSHAKE_SIZE = 1536
_OUR_CHUNK_SIZE = 4096

_SET_CHUNK_SIZE, _ABORT, _ACKNOWLEDGEMENT, _USER_CONTROL, _WINDOW_SIZE, _PEER_BANDWIDTH, _COMMAND, _COMMAND_AMF3 = 1, 2, 3, 4, 5, 6, 20, 17
_PING, _PONG = 6, 7
_LEAST_WINDOW = 32768
"""Bytes that a server is asked to acknowledge, or a tenth of a second of picture: so one that stopped is told from one that reads."""
_CONTROL_STREAM, _COMMAND_STREAM, _AUDIO_STREAM, _VIDEO_STREAM, _DATA_STREAM = 2, 3, 4, 6, 5
_CHUNK_STREAM_OF = {TAG_AUDIO: _AUDIO_STREAM, TAG_VIDEO: _VIDEO_STREAM, TAG_SCRIPT: _DATA_STREAM}


class RtmpSession:
    """One connection, from the handshake to the last message. Owned by one thread.

    `receive` takes what the server sent; `take_outgoing` gives what must be sent. Both raise nothing but OutputFailed.
    """

    def __init__(self, target: Target, header: StreamHeader) -> None:
        self._target = target
        self._header = header
        self._reader = ChunkReader()
        self._handshake = bytearray()
        self._received = 0
        self._acknowledged = 0
        self._window = 0
        self._our_window = max(_LEAST_WINDOW, header.video_bitrate_kbps * 125 // 10)
        self.acknowledgements = 0
        """How often the server said that it has read what we sent."""
        self._stream_id = 0
        self._next_transaction = 1
        self._waiting_for: dict[int, str] = {}
        self._outgoing = bytearray(bytes((_VERSION,)) + bytes(8) + os.urandom(_HANDSHAKE_SIZE - 8))
        self.step: Step = "handshake"

    def __repr__(self) -> str:
        return f"RtmpSession({self._target!r}, step={self.step!r})"

    def take_outgoing(self) -> bytes:
        """What must be sent since the last call."""
        data, self._outgoing = bytes(self._outgoing), bytearray()
        return data

    def receive(self, data: bytes) -> None:
        """Take what came. Raises OutputFailed when the server refuses, or sends what isn't RTMP."""
        self._received += len(data)
        if self.step == "handshake":
            data = self._shake(data)
        self._reader.feed(data)
        try:
            while self.step != "handshake" and (message := self._reader.next_message()) is not None:
                self._take(message)
        except (ChunkError, AmfError, struct.error) as error:
            raise OutputFailed("output.not_rtmp", retryable=True, host=self._target.host) from error
        if self._window and self._received - self._acknowledged >= self._window // 2:
            self._acknowledged = self._received
            self._control(_ACKNOWLEDGEMENT, struct.pack(">I", self._received & 0xFFFFFFFF))

    def send_tag(self, tag: Tag) -> bytes:
        """The bytes of a picture, sound or script tag; only while live."""
        message = Message(tag.kind, self._stream_id, tag.timestamp_ms, tag.body)
        return write_message(_CHUNK_STREAM_OF[tag.kind], message, _OUR_CHUNK_SIZE)

    def opening_bytes(self) -> bytes:
        """What every viewer needs first: `onMetaData` to be kept, then both decoder configurations."""
        script = Tag(TAG_SCRIPT, 0, amf.encode("@setDataFrame", "onMetaData", metadata(self._header)))
        return b"".join(self.send_tag(tag) for tag in (script, *sequence_headers(self._header)))

    def farewell_bytes(self) -> bytes:
        """The clean end of a publication."""
        if self.step not in {"publish", "live"}:
            return b""
        self.step = "ended"
        self._outgoing.clear()
        self._command("FCUnpublish", None, self._target.key)
        self._command("deleteStream", None, float(self._stream_id))
        return self.take_outgoing()

    def _shake(self, data: bytes) -> bytes:
        """S0, S1, S2; what follows them is the chunk stream's."""
        self._handshake += data
        if self._handshake and self._handshake[0] != _VERSION:
            raise OutputFailed("output.not_rtmp", retryable=True, host=self._target.host)
        size = 1 + 2 * _HANDSHAKE_SIZE
        if len(self._handshake) < size:
            return b""
        self._outgoing += self._handshake[1 : 1 + _HANDSHAKE_SIZE]
        rest = bytes(self._handshake[size:])
        self._handshake.clear()
        self.step = "connect"
        self._control(_SET_CHUNK_SIZE, struct.pack(">I", _OUR_CHUNK_SIZE))
        connect: dict[str, AmfValue] = {
            "app": self._target.app,
            "type": "nonprivate",
            "flashVer": "FMLE/3.0 (compatible; Encore Studio)",
            "tcUrl": self._target.tc_url,
        }
        self._command("connect", connect)
        return rest

    def _take(self, message: Message) -> None:
        body = message.body
        if message.kind == _SET_CHUNK_SIZE:
            self._reader.set_chunk_size(struct.unpack_from(">I", body)[0])
        elif message.kind == _ABORT:
            self._reader.abort(struct.unpack_from(">I", body)[0])
        elif message.kind == _WINDOW_SIZE:
            self._window = struct.unpack_from(">I", body)[0]
        elif message.kind == _ACKNOWLEDGEMENT:
            self.acknowledgements += 1
        elif message.kind == _PEER_BANDWIDTH:
            self._ask_for_acknowledgements(struct.unpack_from(">I", body)[0])
        elif message.kind == _USER_CONTROL and struct.unpack_from(">H", body)[0] == _PING:
            self._control(_USER_CONTROL, struct.pack(">H", _PONG) + body[2:6])
        elif message.kind == _COMMAND:
            self._answer(amf.decode(body))
        elif message.kind == _COMMAND_AMF3:  # AMF0 behind one byte that says so
            self._answer(amf.decode(body[1:]))

    def _ask_for_acknowledgements(self, most: int) -> None:
        """In answer to the bandwidth that the server sets: how much it may read before it says so (RTMP 1.0, 5.4.4)."""
        self._control(_WINDOW_SIZE, struct.pack(">I", min(most, self._our_window) or self._our_window))

    def _answer(self, values: Sequence[AmfValue]) -> None:
        if not values or not isinstance(values[0], str):
            raise AmfError("a command without a name")
        name = values[0]
        if name == "onStatus":
            self._status(values)
        elif name in {"_result", "_error"} and len(values) > 1 and isinstance(values[1], float) and values[1].is_integer():
            asked = self._waiting_for.pop(int(values[1]), "")
            if asked == "connect":
                self._connected(name, values)
            elif asked == "createStream":
                self._created(name, values)
            # An _error on releaseStream or FCPublish means nothing: half the servers don't know them.
        elif name == "close":
            raise OutputFailed("output.closed", retryable=True, host=self._target.host)

    def _connected(self, name: str, values: Sequence[AmfValue]) -> None:
        if name == "_error":
            raise turned_away(self._target, values)
        self.step = "create"
        self._command("releaseStream", None, self._target.key)
        self._command("FCPublish", None, self._target.key)
        self._command("createStream", None)

    def _created(self, name: str, values: Sequence[AmfValue]) -> None:
        stream_id = values[3] if len(values) > 3 else None
        if name == "_error" or not isinstance(stream_id, float) or not 0 <= stream_id < 2**32:
            raise refused("output.app_refused", self._target, values)
        self._stream_id = int(stream_id)
        self.step = "publish"
        self._command("publish", None, self._target.key, "live", stream_id=self._stream_id)

    def _status(self, values: Sequence[AmfValue]) -> None:
        info = next((value for value in values if isinstance(value, dict)), {})
        code = str(info.get("code", ""))
        if info.get("level") == "error":
            if "BadConnection" in code or "Connect.Closed" in code:
                raise OutputFailed("output.closed", retryable=True, host=self._target.host)
            busy = code == "NetStream.Publish.BadName"
            raise refused("output.name_refused" if busy else "output.publish_refused", self._target, values)
        if code == "NetStream.Publish.Start" and self.step == "publish":
            self.step = "live"
        elif code == "NetStream.Unpublish.Success" and self.step == "live":
            raise OutputFailed("output.closed", retryable=True, host=self._target.host)

    def _control(self, kind: int, body: bytes) -> None:
        self._outgoing += write_message(_CONTROL_STREAM, Message(kind, 0, 0, body), _OUR_CHUNK_SIZE)

    def _command(self, name: str, *values: AmfValue, stream_id: int = 0) -> None:
        transaction, self._next_transaction = self._next_transaction, self._next_transaction + 1
        self._waiting_for[transaction] = name
        body = amf.encode(name, transaction, *values)
        # Our own Set Chunk Size goes out before any command, so all of them use it.
        self._outgoing += write_message(_COMMAND_STREAM, Message(_COMMAND, stream_id, 0, body), _OUR_CHUNK_SIZE)
