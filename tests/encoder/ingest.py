"""A small, strict RTMP server with faults on demand. It shares no line with the client that it tests.

It serves one connection at a time and keeps every message; a broken rule of the protocol ends up in `complaints`.
"""

import contextlib
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from tests.encoder.reading import read_amf
from tests.encoder.rules import MediaRules

Fault = Literal[
    "none",
    "silent",
    "garbage",
    "refuse_app",
    "refuse_name",
    "close_at_publish",
    "close_after_start",
    "echo_key",
    "stop_reading",
    "huge_chunk_size",
    "deep_amf",
    "unknown_release",
    "redirect",
    "needs_login",
]


REDIRECT = "rtmp://other.example.test:1936/elsewhere/and?token=not-to-be-shown"


@dataclass
class Received:
    """One message."""

    kind: int
    stream_id: int
    timestamp_ms: int
    body: bytes
    at_s: float


@dataclass
class Ingest:
    """The server. `fault` may be changed while it runs and counts for what follows."""

    fault: Fault = "none"
    after_messages: int = 20
    bytes_a_second: int = 0
    chunk_size: int = 5000
    window: int = 2_500_000
    pings: int = 1
    begin_ms: int = 0
    family: socket.AddressFamily = socket.AF_INET
    tls: ssl.SSLContext | None = None
    port: int = 0
    messages: list[Received] = field(default_factory=list)
    commands: list[list] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    acknowledged: list[int] = field(default_factory=list)
    connections: int = 0
    ended_by: list[str] = field(default_factory=list)
    held_ended_by: list[str] = field(default_factory=list)
    is_hanging_up: bool = False

    def __post_init__(self) -> None:
        self._listener = socket.socket(self.family)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        # Small, so that what this side doesn't read waits at the client and not in the kernel.
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        # As on a real line; loopback's 64 kB segments would go through that buffer in jerks of half a second.
        self._listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)
        self._listener.bind((self.host, self.port))
        self._listener.listen()
        self._listener.settimeout(0.05)
        self.port = self._listener.getsockname()[1]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="ingest")
        self._thread.start()

    @property
    def server(self) -> str:
        host = f"[{self.host}]" if self.family == socket.AF_INET6 else self.host
        return f"{'rtmps' if self.tls else 'rtmp'}://{host}:{self.port}/live"

    @property
    def host(self) -> str:
        return "::1" if self.family == socket.AF_INET6 else "127.0.0.1"

    def media(self, kind: int | None = None) -> list[Received]:
        """Sound (8) and pictures (9) without their sequence headers."""
        return [m for m in self.messages if m.kind in ((8, 9) if kind is None else (kind,)) and m.body[1:2] == b"\x01"]

    def names(self) -> list[str]:
        return [command[0] for command in self.commands]

    def hang_up(self) -> None:
        """End the connection of now, as a server that dies does."""
        self.is_hanging_up = True

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        held = []
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            self.connections += 1
            try:
                if self.tls:
                    connection.settimeout(2)
                    connection = self.tls.wrap_socket(connection, server_side=True)
                connection.settimeout(0.05)
                _Conversation(self, connection).run()
            except _Hold:
                held.append(connection)  # open, silent, unread
                continue
            except _EndOfStream:
                self.ended_by.append("client")
            except ConnectionResetError:
                self.ended_by.append("reset")
            except OSError as error:
                self.ended_by.append(type(error).__name__)
            except AssertionError as error:
                self.complaints.append(str(error))
            connection.close()
        for connection in held:
            self.held_ended_by.append(_how_it_ended(connection))
            connection.close()

    @property
    def is_stopping(self) -> bool:
        return self._stopping.is_set()


def _how_it_ended(connection: socket.socket) -> str:
    try:
        while connection.recv(65536):
            pass
    except TimeoutError:
        return "open"
    except ConnectionResetError:
        return "reset"
    return "closed"


class _Hold(Exception): ...


class _EndOfStream(Exception): ...


class _Conversation:
    chunk = 128

    def __init__(self, ingest: Ingest, connection: socket.socket) -> None:
        self.ingest, self.connection = ingest, connection
        self.incoming_chunk = 128
        self.buffer = b""
        self.streams: dict[int, list] = {}
        self.rules = MediaRules(ingest.begin_ms)
        self.read_bytes = self.written_bytes = 0
        self.begun_s = time.monotonic()

    def take(self, count: int) -> bytes:
        while len(self.buffer) < count:
            if self.ingest.is_stopping or self.ingest.is_hanging_up:
                self.ingest.is_hanging_up = False
                raise _EndOfStream
            limit = self.ingest.bytes_a_second
            if limit and self.read_bytes > limit * (time.monotonic() - self.begun_s):
                time.sleep(0.005)
                continue
            try:
                data = self.connection.recv(4096 if limit else 65536)
            except TimeoutError:
                continue
            if not data:
                raise _EndOfStream
            self.read_bytes += len(data)
            self.buffer += data
        data, self.buffer = self.buffer[:count], self.buffer[count:]
        return data

    def run(self) -> None:
        fault = self.ingest.fault
        if fault == "silent":
            raise _Hold
        if fault == "garbage":
            self.take(1537)
            self.connection.sendall(b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n\r\n" * 200)
            raise _Hold
        assert self.take(1) == b"\x03", "C0 is not version 3"
        first = self.take(1536)
        assert first[4:8] == bytes(4), "C1's second word is not zero"
        own = struct.pack(">II", 0, 0) + bytes(range(256)) * 5 + bytes(248)
        self.connection.sendall(b"\x03" + own)
        self.connection.sendall(first)
        self.written_bytes = 3073
        assert self.take(1536) == own, "C2 is not our S1"
        while True:
            self.message()

    def message(self) -> None:
        (basic,) = self.take(1)
        form, channel = basic >> 6, basic & 63
        assert channel > 1, "a chunk stream number of two bytes is not needed"
        if form == 3:
            assert channel in self.streams, "type 3 without a header before"
            state = self.streams[channel]
        else:
            state = self.streams.setdefault(channel, [0, 0, 0, 0, False, b""])
            assert not state[5], "a header inside a message"
            state[0] = int.from_bytes(self.take(3), "big")
            assert form == 0, "this client writes full headers only"
            state[1] = int.from_bytes(self.take(3), "big")
            state[2] = self.take(1)[0]
            state[3] = struct.unpack("<I", self.take(4))[0]
            state[4] = state[0] == 0xFFFFFF
        if state[4]:
            (extended,) = struct.unpack(">I", self.take(4))
            assert extended >= 0xFFFFFF, "extended, but small"
            assert form == 0 or extended == state[0], "type 3 repeats another extended timestamp"
            state[0] = extended
        state[5] += self.take(min(self.incoming_chunk, state[1] - len(state[5])))
        if len(state[5]) == state[1]:
            body, state[5] = state[5], b""
            self.took(Received(state[2], state[3], state[0], body, time.monotonic()))

    def took(self, message: Received) -> None:
        ingest = self.ingest
        ingest.messages.append(message)
        self.rules.check(message.kind, message.timestamp_ms, message.body)
        if message.kind == 1:
            self.incoming_chunk = struct.unpack(">I", message.body)[0]
        elif message.kind == 3:
            ingest.acknowledged.append(struct.unpack(">I", message.body)[0])
            assert ingest.acknowledged[-1] <= self.written_bytes, "acknowledges more than was sent"
        elif message.kind == 20:
            self.command(read_amf(message.body))
        if ingest.fault == "stop_reading" and len(ingest.media()) >= ingest.after_messages:
            raise _Hold

    def command(self, values: list) -> None:
        self.ingest.commands.append(values)
        name, transaction = values[0], values[1]
        fault = self.ingest.fault
        if name == "connect":
            self.connect(transaction)
        elif name in {"releaseStream", "FCPublish"} and fault == "unknown_release":
            self.answer("_error", transaction, "NetConnection.Call.Failed")
        elif name == "createStream":
            self.send(20, _string("_result") + _number(transaction) + b"\x05" + _number(1))
        elif name == "publish":
            if fault == "close_at_publish":
                raise _EndOfStream
            if fault in {"refuse_name", "echo_key"}:
                self.status("error", "NetStream.Publish.BadName", f"no such stream {values[3]}", values[3] if fault == "echo_key" else "")
            else:
                self.status("status", "NetStream.Publish.Start", "live")
                for number in range(self.ingest.pings):
                    self.send(4, struct.pack(">HI", 6, 12345 + number))
            if fault == "close_after_start":
                raise _EndOfStream

    def connect(self, transaction: float) -> None:
        fault = self.ingest.fault
        assert self.incoming_chunk == 4096, "the chunk size isn't set to 4096 before the first command"
        self.send(5, struct.pack(">I", self.ingest.window))
        self.send(6, struct.pack(">IB", 2_500_000, 2))
        self.send(1, struct.pack(">I", 0x7FFFFFFF if fault == "huge_chunk_size" else self.ingest.chunk_size))
        self.chunk = self.ingest.chunk_size
        if fault == "deep_amf":
            self.send(20, b"\x02\x00\x07_result" + b"\x03\x00\x01a" * 20_000)
        if fault == "refuse_app":
            self.answer("_error", transaction, "NetConnection.Connect.Rejected")
        elif fault == "redirect":
            moved = _string("ex")[1:] + b"\x03" + _string("code")[1:] + _number(302) + _member("redirect", REDIRECT) + b"\0\0\x09"
            self.answer("_error", transaction, "NetConnection.Connect.Rejected", moved)
        elif fault == "needs_login":
            words = _member("description", "[ AccessManager.Reject ] : [ code=403 need auth; authmod=adobe ] : ")
            self.answer("_error", transaction, "NetConnection.Connect.Rejected", words)
        else:
            self.answer("_result", transaction, "NetConnection.Connect.Success")

    def answer(self, name: str, transaction: float, code: str, more: bytes = b"") -> None:
        info = b"\x03" + _member("level", "error" if name == "_error" else "status") + _member("code", code) + more + b"\0\0\x09"
        self.send(20, _string(name) + _number(transaction) + b"\x05" + info)

    def status(self, level: str, code: str, words: str, extra: str = "") -> None:
        info = b"\x03" + _member("level", level) + _member("code", extra or code) + _member("description", words) + b"\0\0\x09"
        self.send(20, _string("onStatus") + _number(0) + b"\x05" + info)

    def send(self, kind: int, body: bytes) -> None:
        head = b"\x03" + bytes(3) + len(body).to_bytes(3, "big") + bytes((kind,)) + bytes(4)
        data = head + body[: self.chunk]
        for start in range(self.chunk, len(body), self.chunk):
            data += b"\xc3" + body[start : start + self.chunk]
        self.written_bytes += len(data)
        with contextlib.suppress(TimeoutError):
            self.connection.sendall(data)


def _string(text: str) -> bytes:
    return b"\x02" + struct.pack(">H", len(text.encode())) + text.encode()


def _number(value: float) -> bytes:
    return b"\x00" + struct.pack(">d", value)


def _member(name: str, text: str) -> bytes:
    return _string(name)[1:] + _string(text)


def script(message: Received) -> list:
    """The values of a script message."""
    return read_amf(message.body)


@contextlib.contextmanager
def ingest(fault: Fault = "none", **options) -> Iterator[Ingest]:
    server = Ingest(fault, **options)
    try:
        yield server
    finally:
        server.stop()
