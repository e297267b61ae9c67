"""A clip as a camera: any video or picture that FFmpeg reads, looped without a hitch at its own rate.

It skips pictures rather than drift, keeps a few decoded ahead and never more. Its sound is `clip_sound`'s business.
"""

import time
from collections import deque
from pathlib import Path

from capture.clip_clock import clip_errors, read_clock
from capture.clip_convert import ClipConverter
from capture.clip_decoder import ClipDecoder, DuePicture
from capture.pacing import NS, deadline_ns, sleep_until
from studio.model.frames import VideoFrame
from studio.model.settings import VideoSettings
from studio.ports import SourceInfo

_AHEAD = 4
"""Pictures ready before they are due: 133 ms at 30 a second, more than a slow disk or the seek of a loop takes; 3 MB each."""

_PATIENCE_NS = NS // 10
"""A picture up to so late is shown all the same. Beyond, it is only decoded, to catch up with the sound; and pictures that no
other one needs aren't even decoded, which with B-frames halves the work."""

_SHOW_AT_LEAST_NS = NS // 4
"""However far behind, a picture is shown as often as this."""

_JUMP_BEHIND_NS = 2 * NS
"""So far behind, decoding isn't going to catch up: jump to the next keyframe that is still to come."""


class ClipPicture:
    """The pictures of one clip at their due times. One thread, the caller's."""

    def __init__(self, path: str, settings: VideoSettings) -> None:
        self._path = path
        self._settings = settings
        self._decoder: ClipDecoder | None = None
        self._still: _Still | None = None
        self._ahead: deque[VideoFrame] = deque()
        self._decode_ns = 0
        self._shown_ns = 0
        self._seq = 0

    def open(self, epoch_ns: int) -> SourceInfo:
        """Open the clip; its first picture is due at `epoch_ns`. Raises SourceUnavailable."""
        self.close()
        clock = read_clock(self._path)
        self._decoder = decoder = ClipDecoder(self._path, clock, epoch_ns)
        stream = decoder.stream
        self._converter = ClipConverter((self._settings.width, self._settings.height), stream.sample_aspect_ratio)
        if clock.is_still:
            self._still = self._read_still(decoder, epoch_ns)
        fps = float(self._settings.fps if clock.is_still else stream.average_rate or stream.guessed_rate or 0)
        return SourceInfo(Path(self._path).name, stream.width, stream.height, fps)

    def read(self, timeout_s: float) -> VideoFrame | None:
        """The next picture at its due time, or None when none is due in time. Raises SourceUnavailable."""
        limit_ns = deadline_ns(timeout_s)
        if self._still is not None:
            return self._still.read(limit_ns)
        if self._decoder is None:
            return None
        self._decode_ahead(self._decoder, limit_ns)
        if not self._ahead or not sleep_until(self._ahead[0].time_ns, limit_ns):
            return None
        self._shown_ns = time.monotonic_ns()
        return self._ahead.popleft()

    def close(self) -> None:
        """Let the file go; idempotent."""
        if self._decoder is not None:
            self._decoder.close()
        self._decoder = self._still = None
        self._ahead.clear()

    def _decode_ahead(self, decoder: ClipDecoder, limit_ns: int) -> None:
        """Fill up while there is time before the first is due; decode one at least when there is none."""
        while len(self._ahead) < _AHEAD:
            began_ns = time.monotonic_ns()
            if self._ahead and self._ahead[0].time_ns - began_ns < self._decode_ns * 5 // 4:
                return
            if not self._ahead and began_ns >= limit_ns:
                return
            due = decoder.next()
            now_ns = time.monotonic_ns()
            behind_ns = now_ns - due.due_ns
            self._seq += 1
            decoder.hurry(is_behind=behind_ns > _PATIENCE_NS)
            if behind_ns > _JUMP_BEHIND_NS:
                decoder.jump(now_ns)
            elif behind_ns < _PATIENCE_NS or now_ns - self._shown_ns > _SHOW_AT_LEAST_NS:
                self._ahead.append(self._frame(due))
                self._decode_ns = (7 * self._decode_ns + time.monotonic_ns() - began_ns) // 8

    def _frame(self, due: DuePicture) -> VideoFrame:
        frame = VideoFrame.empty(self._settings.width, self._settings.height, due.due_ns, self._seq)
        with clip_errors(self._path):
            self._converter.convert(due.picture, frame.planes)
        return frame

    def _read_still(self, decoder: ClipDecoder, epoch_ns: int) -> "_Still":
        return _Still(self._frame(decoder.next()), epoch_ns, self._settings.fps)


class _Still:
    """A picture that doesn't move, shown again at every frame of the profile's rate."""

    def __init__(self, picture: VideoFrame, epoch_ns: int, fps: int) -> None:
        self._picture = picture
        self._epoch_ns = epoch_ns
        self._fps = fps
        self._next = 0

    def read(self, limit_ns: int) -> VideoFrame | None:
        due = self._next_due()
        if not sleep_until(due, limit_ns):
            return None
        self._next += 1
        return VideoFrame(self._picture.planes.copy(), due, self._next)

    def _next_due(self) -> int:
        self._next = max(self._next, (time.monotonic_ns() - self._epoch_ns) * self._fps // NS)
        return self._epoch_ns + self._next * NS // self._fps
