"""The clock of a clip: where its picture begins and after how long it starts again, the same for its picture and its sound.

Both are opened apart, on threads of their own; they stay in step because they count with the same whole numbers. It decodes
nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import av
import av.container
from av.audio.stream import AudioStream
from av.error import FFmpegError
from av.stream import Disposition
from av.video.stream import VideoStream

from capture.pacing import NS
from studio.errors import SourceUnavailable

_HEAD_PACKETS = 32
"""B-frames come out of order; the earliest picture is within as many packets as a codec may reorder (16), with room."""

_TAIL_S = 12
"""Where to look for the last packet: further back than the longest usual distance of keyframes (250 frames at 25 a second)."""

_SIDE_LIMIT = 8192
"""A picture wider or higher than this takes over 100 MB a frame, which a show can't spare."""

_SHORTEST_LOOP_NS = 10_000_000
"""A clip whose times are all the same would otherwise loop as fast as the machine can."""

ClipStream: TypeAlias = "VideoStream | AudioStream"


@dataclass(frozen=True, slots=True)
class ClipClock:
    """Time zero of the clip in its own seconds, the length of a loop, and whether the picture stands still."""

    start_s: Fraction
    loop_ns: int
    is_still: bool

    def loop_at(self, elapsed_ns: int) -> tuple[int, int]:
        """(which loop runs at `elapsed_ns` past the epoch, how far into it in ns); before the epoch it is the start."""
        return divmod(max(0, elapsed_ns), self.loop_ns)


def open_clip(path: str) -> av.container.InputContainer:
    """The clip's container, its video and audio streams not yet chosen. Raises SourceUnavailable."""
    if not Path(path).is_file():
        raise SourceUnavailable("clip.missing", path=path)
    with clip_errors(path):
        # Only local files: a playlist among them must not reach out to the network.
        return av.open("file:" + path, metadata_errors="ignore", options={"protocol_whitelist": "file"})


@contextmanager
def clip_errors(path: str, *, is_playing: bool = False) -> Iterator[None]:
    """Turns FFmpeg's errors into words: the clip is broken, or, once it was playing, went away and may come back."""
    try:
        yield
    except (FFmpegError, OSError) as error:
        raise unplayable(path, str(error).partition(";")[0][:200], is_playing=is_playing) from error


def unplayable(path: str, reason: str, *, is_playing: bool = False) -> SourceUnavailable:
    """The error for a clip that can't be played (any more)."""
    return SourceUnavailable("clip.lost" if is_playing else "clip.broken", retryable=is_playing, path=path, reason=reason)


def picture_stream(container: av.container.InputContainer) -> VideoStream | None:
    """The clip's moving picture; a song's cover is none."""
    streams = [stream for stream in container.streams.video if not stream.disposition & Disposition.attached_pic]
    return streams[0] if streams else None


def sound_stream(container: av.container.InputContainer) -> AudioStream | None:
    """The clip's first sound track."""
    return container.streams.audio[0] if container.streams.audio else None


def read_clock(path: str) -> ClipClock:
    """The clip's clock: from its picture where it has one, else from its sound. Raises SourceUnavailable."""
    with open_clip(path) as container, clip_errors(path):
        stream = picture_stream(container) or sound_stream(container)
        if stream is None:
            raise SourceUnavailable("clip.empty", path=path)
        if isinstance(stream, VideoStream) and not 0 < max(stream.width, stream.height) <= _SIDE_LIMIT:
            raise SourceUnavailable("clip.size", path=path, width=stream.width, height=stream.height, limit=_SIDE_LIMIT)
        return _clock_of(path, container, stream)


def _clock_of(path: str, container: av.container.InputContainer, stream: ClipStream) -> ClipClock:
    head = list(islice(_times(container, stream), _HEAD_PACKETS))
    if not head:
        raise unplayable(path, "nothing to play in it")
    start = min(begin for begin, _ in head)
    sound = sound_stream(container)
    if len(head) == 1 and isinstance(stream, VideoStream):
        if sound is not None:
            container.seek(0)
            ends = [end for _, end in _times(container, sound)]
            return ClipClock(start, _length_ns(start, max(ends, default=start)), is_still=True)
        return ClipClock(start, NS, is_still=True)
    end = _last_end(container, stream) if len(head) == _HEAD_PACKETS else None
    longest = max((end for _, end in head), default=start)
    return ClipClock(start, _length_ns(start, max(longest, end or longest)), is_still=False)


def _length_ns(start: Fraction, end: Fraction) -> int:
    return max(_SHORTEST_LOOP_NS, round((end - start) * NS))


def _last_end(container: av.container.InputContainer, stream: ClipStream) -> Fraction | None:
    """When the last packet ends: looked for near the end, and in the whole clip where its length isn't known."""
    if container.duration is not None:
        begin_us = container.start_time or 0
        container.seek(max(begin_us, begin_us + container.duration - _TAIL_S * 1_000_000))
        ends = [end for _, end in _times(container, stream)]
        if ends:
            return max(ends)
    container.seek(container.start_time or 0)
    return max((end for _, end in _times(container, stream)), default=None)


def _times(container: av.container.InputContainer, stream: ClipStream) -> Iterator[tuple[Fraction, Fraction]]:
    """(begin, end) in seconds of each packet, in the order of the file; a bare stream without times is counted."""
    usual = frame_duration(stream)
    end = Fraction(0)
    for packet in container.demux(stream):
        if not packet.size:
            continue
        begin = end if packet.pts is None or packet.time_base is None else packet.pts * packet.time_base
        end = begin + (packet.duration * packet.time_base if packet.duration and packet.time_base else usual)
        yield begin, end


def frame_duration(stream: ClipStream) -> Fraction:
    """How long a frame lasts in seconds when it doesn't say so itself; 25 a second where nothing is known."""
    if isinstance(stream, VideoStream):
        return 1 / (stream.average_rate or stream.guessed_rate or Fraction(25))
    return Fraction(1024, stream.rate or 48_000)
