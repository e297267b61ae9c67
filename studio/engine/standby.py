"""The ground of a slate: the last picture before it, out of focus and dark, made by the `overlays` stage and shown by `program`.

It draws no words; those are layers like any other. One reference crosses in each direction, as with layers and views.
"""

from studio.model.frames import VideoFrame
from studio.model.scene import AirSlate
from studio.ports import PictureTools

FADE_MS = 240
"""From the last picture to the slate: a cut would look like a fault, a second of it would be one."""


class Standby:
    """`keep`, `picture` and `forget` belong to `program`, `prepare` to `overlays`."""

    def __init__(self, tools: PictureTools) -> None:
        self._tools = tools
        self._kept: VideoFrame | None = None
        self._ground: VideoFrame | None = None
        self._prepared: tuple[VideoFrame, float] | None = None
        """What the ground was made of; a frame is the same only when it is that very one."""

    def keep(self, picture: VideoFrame) -> None:
        """Remember the first picture under a slate, before anything is drawn on it; later ones are no news."""
        if self._kept is None:
            self._kept = VideoFrame(picture.planes.copy(), picture.time_ns, picture.seq)

    def picture(self, source: VideoFrame) -> VideoFrame | None:
        """A fresh picture of the ground with the source's stamp, or None until there is one."""
        ground = self._ground
        return None if ground is None else VideoFrame(ground.planes.copy(), source.time_ns, source.seq)

    def forget(self) -> None:
        """The picture is back."""
        self._kept = self._ground = None

    def prepare(self, slate: AirSlate, now_ms: int) -> None:
        """The ground of this moment, where it isn't there yet."""
        kept = self._kept
        elapsed_ms = now_ms - slate.since_ms
        share = min(1.0, elapsed_ms / FADE_MS) if elapsed_ms >= 0 else 1.0  # the wall clock was set back meanwhile
        if kept is None or self._prepared == (kept, share):
            return
        ground = self._tools.dimmed(kept, share)
        self._prepared = (kept, share)
        if self._kept is kept:
            self._ground = ground
