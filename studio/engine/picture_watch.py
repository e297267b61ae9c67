"""Looks at a few pixels of each picture that a source gives, behind the hand-off, so that no frame waits for it.

It judges nothing: the loop reads `seen` and decides.
"""

import time

from studio.model.frames import Plane, VideoFrame
from studio.model.picture_watch import Seen, grid, see


class PictureWatch:
    """One for each source. `look` belongs to the source's thread; `seen` is a frozen snapshot that anyone may read."""

    def __init__(self) -> None:
        self.seen = Seen()
        self._before: Plane | None = None

    def look(self, frame: VideoFrame) -> None:
        """Note one more picture; 11 µs at any size on a quiet core, five times as much on a busy one."""
        now = grid(frame.y)
        self.seen = see(self.seen, self._before, now, time.monotonic_ns())
        self._before = now
