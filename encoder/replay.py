"""The last minute or two of the show, kept encoded in memory and written to a file when somebody asks: nothing is encoded twice.

It keeps whole groups of pictures: what is saved begins with a keyframe.
"""

import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from av.error import FFmpegError

from encoder.part import Part
from encoder.recording_file import as_failure
from studio.errors import Conflict
from studio.model.frames import EncodedPacket, StreamHeader
from studio.ports import OutputStats
from studio.replay_port import SavedReplay


class ReplayBuffer:
    """An Output without a thread: packets are kept where they come in, and written on the thread that calls `save`.

    Two minutes at 6 Mbit/s are 92 MB.
    """

    def __init__(self, seconds: int) -> None:
        self._kept_ms = seconds * 1000.0
        self._lock = threading.Lock()  # held for the moment of an append or of a copy of the list, never while a disk is asked
        self._packets: deque[EncodedPacket] = deque()
        self._keyframes: deque[EncodedPacket] = deque()
        self._header: StreamHeader | None = None
        self._bytes = 0

    def start(self, header: StreamHeader) -> None:
        """Begin anew."""
        with self._lock:
            self._header = header
            self._packets.clear()
            self._keyframes.clear()
            self._bytes = 0

    def put(self, packet: EncodedPacket) -> None:
        """Keep a packet, and let go of what is older than asked for; of the sound the mix alone."""
        if packet.track:
            return
        with self._lock:
            if packet.kind == "video" and packet.is_keyframe:
                self._keyframes.append(packet)
                self._trim(packet.pts_ms)
            if self._keyframes:
                self._packets.append(packet)
                self._bytes += len(packet.data)

    def _trim(self, now_ms: float) -> None:
        while len(self._keyframes) > 1 and now_ms - self._keyframes[1].pts_ms >= self._kept_ms:
            self._keyframes.popleft()
            while self._packets[0] is not self._keyframes[0]:
                self._bytes -= len(self._packets.popleft().data)

    def mark(self, at_ms: float, title: str) -> None:
        """Nothing: what is saved is a moment itself."""

    def stats(self) -> OutputStats:
        """How much is kept."""
        return OutputStats(name="replay", kind="file", state="live" if self._header else "idle", bytes=self._bytes)

    def retry_now(self) -> None:
        """Nothing."""

    def stop(self, deadline_s: float) -> None:
        """What is kept stays to be saved until the next start."""

    def save(self, wanted: Path) -> SavedReplay:
        """Write it under the wanted name or the next free one; blocks. Raises Conflict while there is nothing, OutputFailed."""
        with self._lock:
            packets, header = list(self._packets), self._header
        if header is None or not packets:
            raise Conflict("replay.empty")
        part = Part(wanted, header)
        try:
            try:
                for packet in _in_order(packets):
                    part.mux(packet)
            finally:
                part.close()
        except (OSError, FFmpegError) as error:
            raise as_failure(part.file.failure or error, part.path) from error
        return SavedReplay(str(part.path), part.seconds)


def _in_order(packets: list[EncodedPacket]) -> Iterator[EncodedPacket]:
    """By decoding time, the first keyframe before sound of its moment; sound that has no picture any more is left out."""
    first = packets[0]
    yield first
    rest = sorted((packet for packet in packets[1:] if packet.dts_ms >= first.dts_ms), key=lambda packet: packet.dts_ms)
    yield from rest
