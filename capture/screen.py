"""A screen as a source: grabbed at the profile's rate, scaled to cover the canvas, converted once.

It grabs whole screens only and paces itself by the clock; a grab that takes too long leaves frames out.
"""

import time
from contextlib import suppress

import numpy as np
from mss import MSS
from mss.exception import ScreenShotError

from capture.colour import EdgeConverter
from capture.pacing import NS, deadline_ns, sleep_until
from studio.errors import InvalidInput, SourceUnavailable
from studio.model.frames import VideoFrame
from studio.model.settings import VideoSettings
from studio.ports import SourceInfo


def screen_number(rest: str) -> int:
    """The N of screen:N. Raises InvalidInput."""
    if not rest.isdecimal() or len(rest) > 3:
        raise InvalidInput("source.number", source=f"screen:{rest}")
    return int(rest)


def open_grabber() -> MSS:
    """A connection to the display, for the calling thread. Raises SourceUnavailable where there is none."""
    try:
        return MSS()
    except (ScreenShotError, OSError) as error:
        raise SourceUnavailable("screen.no_display", retryable=True) from error


class Screen:
    """Screen `number`, from 0, on a canvas; all calls from one thread."""

    def __init__(self, number: int, settings: VideoSettings) -> None:
        self._number = number
        self._fps = settings.fps
        self._grabber: MSS | None = None
        self._converter = EdgeConverter(settings.width, settings.height)
        self._seq = 0

    def open(self, epoch_ns: int) -> SourceInfo:
        """Open the display; frames are due at `epoch_ns` + n / fps. Raises SourceUnavailable."""
        self.close()
        grabber = open_grabber()
        screens = grabber.monitors[1:]  # the first is all of them together
        if self._number >= len(screens):
            grabber.close()
            raise SourceUnavailable("screen.missing", retryable=True, number=self._number, count=len(screens))
        self._grabber, self._area, self._epoch_ns = grabber, screens[self._number], epoch_ns
        self._seq = 0
        self._converter.warm()
        return SourceInfo(f"screen:{self._number}", self._area["width"], self._area["height"], self._fps)

    def read(self, timeout_s: float) -> VideoFrame | None:
        """The screen at the next due time, stamped when grabbed, or None. Raises SourceUnavailable when it went away."""
        if self._grabber is None:
            return None
        limit_ns = deadline_ns(timeout_s)
        number = max(self._seq, (time.monotonic_ns() - self._epoch_ns) * self._fps // NS)
        if not sleep_until(self._epoch_ns + number * NS // self._fps, limit_ns):
            return None
        self._seq = number + 1
        time_ns = time.monotonic_ns()
        try:
            shot = self._grabber.grab(self._area)
        except (ScreenShotError, OSError, AssertionError, ValueError) as error:
            # mss 10.2 asserts that the X server answered, and without assertions reads from nowhere
            raise SourceUnavailable("screen.lost", retryable=True, number=self._number) from error
        pixels = np.frombuffer(shot.raw, np.uint8).reshape(shot.height, shot.width, 4)
        return self._converter.convert(pixels, time_ns, number)

    def close(self) -> None:
        """Let the display go; idempotent."""
        if self._grabber is not None:
            with suppress(ScreenShotError, OSError):  # a display that died says so once more
                self._grabber.close()
        self._grabber = None
