"""Watches over the picture on air: a slate where the source is gone, the camera opened anew, the host asked, and black told.

It decides by `studio.model.slate`; it looks twenty times a second and touches no picture.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studio.app.media import Media
from studio.app.watchers import Watchers
from studio.engine.feed import SourceState
from studio.errors import Conflict
from studio.model.scene import AirSlate
from studio.model.settings import Settings
from studio.model.shot import ShotSettings
from studio.model.slate import SlateState, SourceNow, next_slate, trouble

log = logging.getLogger(__name__)

LOOK_EVERY_S = 0.05
"""Of the 500 ms until the slate 400 are patience; a look costs some 10 µs."""


class PictureGuard:
    """Loop thread only; `changed` is called when the scene must be made anew."""

    def __init__(self, media: Media, watchers: Watchers, changed: Callable[[], None]) -> None:
        self.air: AirSlate | None = None
        self.is_second_gone = False
        self._media = media
        self._watchers = watchers
        self._changed = changed
        self._state = SlateState()
        self._base_ns = 0
        self._is_asking = False

    def begin(self, now_ns: int) -> None:
        """The show begins: from now on a picture is expected."""
        self._base_ns = now_ns

    def end(self) -> None:
        """The show is over, and the slate with it."""
        self._base_ns = 0
        self._follow(SlateState(), None, 0, 0)
        self._watchers.clear("picture.")

    def look(self, settings: Settings, sources: Mapping[str, SourceState], now_ns: int, wall_ms: int) -> None:
        """One look; on air only."""
        if not self._base_ns:
            return
        base_ns = max(self._base_ns, self._media.opened_ns)
        second = self._second(settings.shot, sources, base_ns, now_ns)
        lost = sources.get("video")
        source = SourceNow(settings.video.source, self._media.watch.seen, lost is not None and lost.error is not None, base_ns)
        if second is not None and not self.is_second_gone:  # what the main source does isn't seen by anybody
            source = second
        state, must_reopen = next_slate(self._state, source, now_ns)
        if must_reopen and self._media.camera is not None:
            self._media.camera.reopen()
        self._follow(state, settings, now_ns, wall_ms)
        is_watched = source.spec.startswith(("camera:", "screen:"))
        self._watchers.tell("picture.black", holds=is_watched and not state.is_shown and source.seen.is_black(now_ns))

    def wait_on(self, now_ns: int) -> None:
        """The host waits for the picture: asked again in a minute. Raises Conflict when no slate is on."""
        if not self._state.is_shown:
            raise Conflict("slate.off")
        self._state = self._state.answered(now_ns)
        self._is_asking = False
        self._changed()

    def report(self) -> dict[str, Any]:
        """{on, reason, since, asks}: `since` in seconds since 1970, `asks` when the host should decide."""
        since = self.air.since_ms / 1000 if self.air is not None else None
        return {"on": self.air is not None, "reason": self._state.reason, "since": since, "asks": self._is_asking}

    def _second(self, shot: ShotSettings, sources: Mapping[str, SourceState], base_ns: int, now_ns: int) -> SourceNow | None:
        """The close-up's camera while it is on air; where it is gone, the main source takes over."""
        if not (shot.close_up and shot.second):
            is_gone, second = False, None
        else:
            lost = sources.get("second")
            is_lost = lost is not None and lost.error is not None
            second = SourceNow(shot.second, self._media.second_watch.seen, is_lost, base_ns)
            is_gone = trouble(second, now_ns) is not None
        if is_gone != self.is_second_gone:
            self.is_second_gone = is_gone
            self._changed()
        self._watchers.tell("picture.second_gone", holds=is_gone)
        return second

    def _follow(self, state: SlateState, settings: Settings | None, now_ns: int, wall_ms: int) -> None:
        was_shown, was_asking, before = self._state.is_shown, self._is_asking, self._state.reason
        self._state, self._is_asking = state, state.asks(now_ns)
        if state.is_shown and settings is not None and not was_shown:
            log.warning("The picture is gone (%s): the slate is on", state.reason)
            self.air = AirSlate(wall_ms, _utc_offset_s(settings.audience.timezone, wall_ms))
        elif not state.is_shown and was_shown:
            log.warning("The picture is back")
            self.air = None
        for reason in ("frozen", "silent", "lost"):
            self._watchers.tell(f"picture.{reason}", holds=state.reason == reason, level="bad")
        if (was_shown, was_asking, before) != (state.is_shown, self._is_asking, state.reason):
            self._changed()


def _utc_offset_s(timezone: str, wall_ms: int) -> int:
    try:
        zone = ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError):  # told by the room, whose days depend on it
        return 0
    offset = datetime.fromtimestamp(wall_ms / 1000, zone).utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0
