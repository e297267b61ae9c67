"""A clip's pictures for ever, each with the moment at which it is due; decoded when asked, on the caller's thread.

It converts nothing and waits for nothing. Where decoding falls hopelessly behind it can be told to jump.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

import av
from av.error import FFmpegError, InvalidDataError

from capture.clip_clock import ClipClock, clip_errors, frame_duration, open_clip, picture_stream, unplayable
from capture.pacing import NS
from studio.errors import SourceUnavailable

_ONE_THREAD_PIXELS_S = 1920 * 1080 * 61
"""Up to here one thread decodes: it saves 0.5 ms of 7 a frame at 1080p (measured). Beyond, as at 2160p, two keep up better."""


_NOTHING = "no picture in it could be decoded"


class DuePicture(NamedTuple):
    """A decoded picture and its due time, monotonic."""

    due_ns: int
    picture: av.VideoFrame


class ClipDecoder:
    """Loops over one clip's pictures: picture n of loop k is due at epoch + k·loop + (its time in the clip)."""

    def __init__(self, path: str, clock: ClipClock, epoch_ns: int) -> None:
        self._path = path
        self._clock = clock
        self._epoch_ns = epoch_ns
        self._open()
        self._usual_s = frame_duration(self.stream)
        self._loop = 0
        self._is_playing = self._is_hurrying = False
        self._keyframe_after: Fraction | None = None
        self._pictures = self._all()

    def _open(self) -> None:
        self._container = open_clip(self._path)
        stream = picture_stream(self._container)
        if stream is None:
            self._container.close()
            raise SourceUnavailable("clip.no_picture", path=self._path)
        stream.thread_type = "AUTO"
        pixels_s = stream.width * stream.height / frame_duration(stream)
        stream.codec_context.thread_count = 1 if pixels_s <= _ONE_THREAD_PIXELS_S else 2
        self.stream = stream

    def next(self) -> DuePicture:
        """The next picture. Raises SourceUnavailable when the clip can't be read any more."""
        with clip_errors(self._path, is_playing=self._is_playing):
            due = next(self._pictures, None)
        if due is None:  # it gave up before
            raise unplayable(self._path, _NOTHING, is_playing=self._is_playing)
        self._is_playing = True
        return due

    def hurry(self, *, is_behind: bool) -> None:
        """Leave out the pictures that no other one is made from, until it is no longer behind."""
        if is_behind != self._is_hurrying:
            self._is_hurrying = is_behind
            self.stream.codec_context.skip_frame = "NONREF" if is_behind else "DEFAULT"

    def jump(self, time_ns: int) -> None:
        """Go on with the first keyframe that is due at `time_ns` or later, without decoding what is before it."""
        self._loop, into_ns = self._clock.loop_at(time_ns - self._epoch_ns)
        position_s = self._clock.start_s + Fraction(into_ns, NS)
        with clip_errors(self._path, is_playing=True):
            self._seek(position_s)
        self._keyframe_after = position_s
        self._pictures = self._all(is_positioned=True)

    def close(self) -> None:
        """Let the file go; idempotent."""
        self._container.close()

    def _all(self, *, is_positioned: bool = False) -> Iterator[DuePicture]:
        while True:
            if not is_positioned and self._loop:
                self._seek(self._clock.start_s - 1)  # MPEG-TS seeks by decoding time, which for B-frames is earlier
            is_positioned = False
            found = 0
            for picture, at_s in self._one_loop():
                into_ns = round((at_s - self._clock.start_s) * NS)
                if 0 <= into_ns < self._clock.loop_ns:
                    found += 1
                    yield DuePicture(self._epoch_ns + self._loop * self._clock.loop_ns + into_ns, picture)
            if not found and self._keyframe_after is None:
                raise unplayable(self._path, _NOTHING, is_playing=self._is_playing)
            self._keyframe_after = None
            self._loop += 1

    def _one_loop(self) -> Iterator[tuple[av.VideoFrame, Fraction]]:
        """Pictures and their times in the clip's seconds, always growing; pictures that can't be decoded are left out."""
        last_s: Fraction | None = None
        for packet in self._container.demux(self.stream):
            if self._is_before_jump(packet):
                continue
            try:
                pictures = packet.decode()
            except InvalidDataError:
                continue
            for picture in pictures:
                at_s = picture.pts * picture.time_base if picture.pts is not None and picture.time_base else None
                if at_s is None:
                    at_s = self._clock.start_s if last_s is None else last_s + self._usual_s
                if last_s is None or at_s > last_s:
                    last_s = at_s
                    yield picture, at_s

    def _is_before_jump(self, packet: av.Packet) -> bool:
        if self._keyframe_after is None or packet.dts is None:
            return False
        if packet.is_keyframe and packet.pts is not None and packet.pts * packet.time_base >= self._keyframe_after:
            self._keyframe_after = None
            return False
        return True

    def _seek(self, position_s: Fraction) -> None:
        """Go to the keyframe at or before `position_s`; a format that can't is opened again from its start."""
        base = self.stream.time_base
        try:
            self._container.seek(int(position_s / base) if base else 0, stream=self.stream)
        except (FFmpegError, OSError):
            self._container.close()
            try:
                self._open()
            except SourceUnavailable as gone:
                raise unplayable(self._path, str(gone.params.get("reason", gone.code)), is_playing=True) from gone
