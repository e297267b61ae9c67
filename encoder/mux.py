"""Puts encoded packets into a container by PyAV, which writes to a Python file object.

It never hands FFmpeg a path: a stalled disk would then hold the interpreter lock (facts.md).
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import av
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer

from encoder.flv import file_bytes, sequence_headers
from studio.model.frames import EncodedPacket, StreamHeader

FORMATS = {"mp4": "mp4", "mkv": "matroska", "flv": "flv", "ts": "mpegts"}

HEVC_TAG = "hvc1"
"""FFmpeg writes hev1, which Apple's players refuse; it means that the parameter sets stand in the header alone."""
_BT709 = 1
_LIMITED_RANGE = 1
_OPTIONS: dict[str, dict[str, str]] = {
    # Written in fragments of 150 ms, so that a killed program costs less than 0.5 s with what waits for its sound and for the thread's
    # next turn, and turned into a plain mp4 in place when it is closed: no second copy of a two-hour show on the disk, no wait for it.
    # delay_moov: without it pictures that are reordered (B-frames) come 67 ms after their sound, for want of an edit list.
    "mp4": {"movflags": "hybrid_fragmented+default_base_moof+delay_moov", "frag_duration": "150000"},
    "mkv": {"cluster_time_limit": "150"},
}
_COMMON = {
    "flush_packets": "1",
    # FFmpeg would hold one stream's packets for 10 s when the other stays away; ours come in order already.
    "max_interleave_delta": "1000000",
}


class WritableFile(Protocol):
    """What FFmpeg's muxers ask of a file."""

    def write(self, data: bytes, /) -> int:
        """Write all of it."""
        ...

    def seek(self, offset: int, whence: int = 0, /) -> int:
        """As files do."""
        ...

    def tell(self) -> int:
        """As files do."""
        ...


@dataclass(frozen=True, slots=True)
class Chapter:
    """A stretch of a recording, in milliseconds of its own."""

    start_ms: int
    end_ms: int
    title: str


class Muxer:
    """One container being written. The header goes out with the first packet; OSErrors of the file come through.

    After an error it must only be closed: a second attempt at a failed header crashed the interpreter (facts.md).
    """

    def __init__(self, file: WritableFile, extension: str, header: StreamHeader) -> None:
        template = av.open(io.BytesIO(file_bytes(sequence_headers(header))), "r", format="flv")
        options = {**_COMMON, **_OPTIONS.get(extension, {})}
        self._container = av.open(file, "w", format=FORMATS[extension], container_options=options)
        # opaque: AV1's decoder has another name than its encoders, and nothing is to be encoded here.
        self._video = self._container.add_stream_from_template(template.streams.video[0], opaque=True)
        titles = ("Mix", *header.sound_tracks) if header.sound_tracks else ("",)
        self._sounds = [self._add_sound(template, header, title) for title in titles]
        template.close()
        picture = self._video.codec_context
        if header.video_codec == "hevc" and extension == "mp4":
            picture.codec_tag = HEVC_TAG
        picture.width, picture.height = header.width, header.height
        picture.pix_fmt = "yuv420p"
        picture.framerate = Fraction(header.fps)
        picture.color_primaries = picture.color_trc = picture.colorspace = _BT709
        picture.color_range = _LIMITED_RANGE
        picture.bit_rate = header.video_bitrate_kbps * 1000
        self._video.time_base = header.video_time_base

    def _add_sound(self, template: InputContainer, header: StreamHeader, title: str) -> AudioStream:
        """One more track of sound; with a title where there are several. The first is what players play."""
        made = self._container.add_stream_from_template(template.streams.audio[0])
        made.codec_context.sample_rate = header.audio_rate_hz
        made.codec_context.layout = "stereo"
        made.codec_context.bit_rate = header.audio_bitrate_kbps * 1000
        made.time_base = Fraction(1, header.audio_rate_hz)
        if title:
            made.metadata.update({"title": title, "handler_name": title})  # mkv keeps the one, mp4 the other
        return made

    def mux(self, packet: EncodedPacket, zero_ms: float) -> None:
        """Write a packet; `zero_ms` becomes the file's zero (decoding times may come before it). Raises OSError."""
        offset = round(zero_ms * packet.time_base.denominator / (1000 * packet.time_base.numerator))
        copy = av.Packet(packet.data)
        copy.pts, copy.dts, copy.duration = packet.pts - offset, packet.dts - offset, packet.duration
        copy.time_base = packet.time_base
        copy.is_keyframe = packet.is_keyframe
        copy.stream = self._video if packet.kind == "video" else self._sounds[packet.track]
        self._container.mux_one(copy)

    def set_chapters(self, chapters: Sequence[Chapter]) -> None:
        """To be written at the close."""
        set_chapters(self._container, chapters)

    def close(self) -> None:
        """Write what is left and the index. Raises OSError."""
        self._container.close()


def set_chapters(container: OutputContainer, chapters: Sequence[Chapter]) -> None:
    """Chapters to be written at the close, where the container has them (mp4, mkv)."""
    container.set_chapters(
        [
            {
                "id": number,
                "start": chapter.start_ms,
                "end": chapter.end_ms,
                "time_base": Fraction(1, 1000),
                "metadata": {"title": chapter.title},
            }
            for number, chapter in enumerate(chapters, 1)
        ]
    )
