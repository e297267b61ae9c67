"""Watches the stages, the drift of the sound and what waits in front of the uplinks; each is told while it lasts.

It reads meters that others write, four times a second.
"""

from collections.abc import Iterable, Iterator

from studio.app.media import Media
from studio.app.watchers import Watchers
from studio.broadcast import Broadcast
from studio.engine.stage import StageMeter
from studio.ports import OutputStats

STUCK_MS = 2000.0
"""The slowest step that is none of a fault's is the first, with caches cold: a tenth of it."""
DRIFT_MS = 30.0
"""Half again what a card 200 ppm off builds up before the resampling takes hold; nobody sees it yet."""
BACKLOG_MS = 500.0
"""Of 700 that an output may hold."""
_DRIFTING_LOOKS, _WAITING_LOOKS = 20, 4


class _Lasting:
    """Holds once something has been so for a number of looks in a row."""

    def __init__(self, needed: int) -> None:
        self._needed = needed
        self._count = 0

    def look(self, *, is_so: bool) -> bool:
        self._count = self._count + 1 if is_so else 0
        return self._count >= self._needed


class StageWatch:
    """Loop thread only."""

    def __init__(self, media: Media, broadcast: Broadcast, watchers: Watchers) -> None:
        self._media = media
        self._broadcast = broadcast
        self._watchers = watchers
        self._drifting = _Lasting(_DRIFTING_LOOKS)
        self._waiting: dict[str, _Lasting] = {}

    def look(self) -> None:
        """One look, on air or not."""
        for name, meter in self._meters():
            self._watchers.tell("stage.stalled", holds=meter.stuck_ms > STUCK_MS, level="bad", about=name)
        drift_ms = self._media.mixer.drift_ms
        is_drifting = self._drifting.look(is_so=self._media.microphone is not None and abs(drift_ms) > DRIFT_MS)
        self._watchers.tell("sound.drift", holds=is_drifting, ms=round(abs(drift_ms)))
        on_air = self._broadcast.outputs if self._broadcast.is_on_air else ()
        self._look_at_outputs(output.stats() for output in on_air)

    def _meters(self) -> Iterator[tuple[str, StageMeter]]:
        yield from self._media.program.meters.items()
        yield "mixer", self._media.mixer.meter
        if self._broadcast.session is not None:
            yield "encode", self._broadcast.session.meter

    def _look_at_outputs(self, outputs: Iterable[OutputStats]) -> None:
        seen = set[str]()
        for stats in outputs:
            seen.add(stats.name)
            lasting = self._waiting.setdefault(stats.name, _Lasting(_WAITING_LOOKS))
            holds = lasting.look(is_so=stats.state == "live" and stats.kind != "file" and stats.backlog_ms > BACKLOG_MS)
            self._watchers.tell("output.backlog", holds=holds, about=stats.name)
        for name in set(self._waiting) - seen:
            del self._waiting[name]
            self._watchers.tell("output.backlog", holds=False, about=name)
