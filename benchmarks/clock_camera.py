"""`main.py`, with `camera:PHASE` as a source whose pictures carry their own stamp: milliseconds of the monotonic clock, as 16 squares.

PHASE is how many ms its pictures come after a whole thirtieth of a second; `camera:29970` runs at 29.97 pictures a second.
"""

import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import capture
import main
from studio.model.frames import VideoFrame
from studio.model.settings import VideoSettings
from studio.ports import SourceInfo
from tests.clips import write_counter

_NS = 1_000_000_000
_ODD_RATE = 29_970


class ClockCamera:
    """Soft pictures under a sensor's noise, as fast as a camera gives them."""

    def __init__(self, word: str, settings: VideoSettings) -> None:
        number = int(word or 0)
        self._period_ns = round(_NS / (29.97 if number == _ODD_RATE else 30))
        self._phase_ns = 0 if number == _ODD_RATE else number * 1_000_000
        self._width, self._height = settings.width, settings.height
        random = np.random.default_rng(3)
        grain = random.normal(0, 3, (4, self._height, self._width))
        rows, columns = np.mgrid[0 : self._height, 0 : self._width]
        self._luma = [
            np.clip(120 + 50 * np.sin(columns / 37 + k) * np.cos(rows / 23) + grain[k], 16, 235).astype(np.uint8) for k in range(4)
        ]

    def open(self, epoch_ns: int) -> SourceInfo:  # noqa: ARG002 - a camera begins when it likes
        """The first picture comes within a period."""
        self._next_ns = time.monotonic_ns() // self._period_ns * self._period_ns + self._period_ns + self._phase_ns
        self._number = 0
        return SourceInfo("clock", self._width, self._height, round(_NS / self._period_ns, 2))

    def read(self, timeout_s: float) -> VideoFrame | None:
        """Stamped when it is taken."""
        wait_s = (self._next_ns - time.monotonic_ns()) / _NS
        if wait_s > timeout_s:
            time.sleep(timeout_s)
            return None
        time.sleep(max(0.0, wait_s))
        self._next_ns += self._period_ns
        stamp_ns = time.monotonic_ns()
        frame = VideoFrame.empty(self._width, self._height, seq=self._number, time_ns=stamp_ns)
        frame.y[:] = self._luma[self._number % 4]
        frame.u[:], frame.v[:] = 120, 135
        write_counter(frame.y, stamp_ns // 1_000_000 & 0xFFFF)
        self._number += 1
        return frame

    def close(self) -> None:
        """Nothing to release."""


capture.video_sources["camera"] = ClockCamera

if __name__ == "__main__":
    sys.exit(main.main(sys.argv[1:]))
