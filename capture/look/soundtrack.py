"""A clip's sound beside its pictures with the look on them: copied as it is, packet by packet.

It refuses to decode: what the new file can't hold as it is stays behind, and is said.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
from av.audio.stream import AudioStream

from studio.errors import KnownError
from studio.words import say_error

_APART_S = Fraction(1, 2)
"""A packet that is so far before the end of the last one belongs to a clock that began anew."""


@contextmanager
def soundtrack(path: Path, target: av.container.OutputContainer, start_s: Fraction) -> "Iterator[Soundtrack]":
    """The sound of the clip at `path` on streams of `target`; `start_s` is its first picture's time, from where on it is heard.

    Opened apart from the pictures, so that each is read as far as the other.
    """
    with av.open(f"file:{path}", metadata_errors="ignore", options={"protocol_whitelist": "file"}) as source:
        yield Soundtrack(source, target, start_s)


class Soundtrack:
    """Packets up to the time that the pictures have reached."""

    def __init__(self, source: av.container.InputContainer, target: av.container.OutputContainer, start_s: Fraction) -> None:
        self._left: list[str] = []
        self._tracks: dict[int, _Track] = {}
        for stream in source.streams.audio:
            name = stream.codec_context.codec.canonical_name if stream.codec_context else ""
            if name in target.supported_codecs:
                self._tracks[stream.index] = _Track(target.add_stream_from_template(stream), start_s)
            else:
                self._left.append(name or "?")
        self._target = target
        self._packets = source.demux([source.streams[index] for index in self._tracks]) if self._tracks else iter(())
        self._next: av.Packet | None = None

    def copy_until(self, at_s: Fraction | None) -> None:
        """All packets that begin before `at_s`, None for the rest."""
        while (packet := self._next or next(self._packets, None)) is not None:
            track = self._tracks[packet.stream.index]
            begins_s = track.begins(packet)
            if begins_s is not None and at_s is not None and begins_s >= at_s:
                self._next = packet
                return
            self._next = None
            if begins_s is not None and begins_s >= 0:
                self._target.mux(track.moved(packet, begins_s))

    def lacks(self) -> tuple[str, ...]:
        """What stayed behind, in English words."""
        return tuple(say_error(KnownError("look.sound_left", codec=name), "en") for name in self._left)


class _Track:
    """One stream's clock: seconds since the first picture, growing though the clip's own begins anew."""

    def __init__(self, out: AudioStream, start_s: Fraction) -> None:
        self._out, self._start_s, self._end_s = out, start_s, None

    def begins(self, packet: av.Packet) -> Fraction | None:
        """None for a packet without a time, as the one that ends a stream."""
        clock = packet.pts if packet.pts is not None else packet.dts
        if clock is None or packet.time_base is None:
            return None
        begins_s = clock * packet.time_base - self._start_s
        if self._end_s is not None and begins_s < self._end_s - _APART_S:
            self._start_s -= self._end_s - begins_s
            return self._end_s
        return begins_s

    def moved(self, packet: av.Packet, begins_s: Fraction) -> av.Packet:
        """The packet on its new stream and clock."""
        self._end_s = begins_s + (packet.duration or 0) * packet.time_base
        packet.pts = packet.dts = round(begins_s / packet.time_base)
        packet.stream = self._out
        return packet
