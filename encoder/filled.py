"""An output at its full rate whatever the picture: what a connection test needs, since a quiet picture takes a tenth of it.

It fills pictures up with filler data (NAL unit type 12, ITU-T H.264, 7.3.2.7), which decoders throw away; it is never used for a show.
"""

import struct
from collections.abc import Callable
from dataclasses import replace

from encoder.sender import RtmpOutput
from studio.model.frames import EncodedPacket, StreamHeader
from studio.model.settings import OutputSettings
from studio.ports import OutputStats

_FILLER, _STOP_BIT = b"\x0c", b"\x80"
_LEAST = 8
"""Length, kind and stop bit take six bytes."""


class FilledOutput:
    """An Output that brings each picture to the rate that its network takes now. `put` is for the `encode` thread alone."""

    def __init__(self, settings: OutputSettings, on_state: Callable[[OutputStats], None]) -> None:
        self._output = RtmpOutput(settings, on_state)
        self._fps = 1
        self._owed = 0.0

    def start(self, header: StreamHeader) -> None:
        """As its output."""
        self._fps = header.fps
        self._output.start(header)

    def put(self, packet: EncodedPacket) -> None:
        """Hand over a packet; a picture below its share of the rate is filled up."""
        if packet.kind == "video":
            stats = self._output.stats()
            self._owed += stats.wanted_kbps * 125 / self._fps - len(packet.data)
            if self._owed >= _LEAST and stats.state == "live":
                packet = replace(packet, data=packet.data + filler(int(self._owed)))
            # What a keyframe was too large is saved afterwards; what was owed is paid.
            self._owed = min(self._owed, 0.0)
        self._output.put(packet)

    def stats(self) -> OutputStats:
        """As its output."""
        return self._output.stats()

    def retry_now(self) -> None:
        """As its output."""
        self._output.retry_now()

    def stop(self, deadline_s: float) -> None:
        """As its output."""
        self._output.stop(deadline_s)


def filler(size: int) -> bytes:
    """A filler NAL unit behind its length, `size` bytes in all, at least 6."""
    return struct.pack(">I", size - 4) + _FILLER + b"\xff" * (size - 6) + _STOP_BIT
