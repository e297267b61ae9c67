"""The room's drops in memory, as they were last committed, and the news of them: at once for a state, ten times a second for counts.

It changes nothing by itself and never holds anything that the store doesn't have.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from studio.bus import Bus
from studio.drops.clock import Clock
from studio.errors import NotFound
from studio.model.drop_view import AirName, Entrant, RankedEntry, air_drop, drop_json
from studio.model.drops import DropRecord
from studio.model.scene import AirDrop
from studio.store.rank_store import StoredDrop

COUNTS_EVERY_S = 0.1
KEPT = 500
"""Drops that stay listed: a year of evenings with one or two; older ones are still in the store."""
_SHOWN_AFTER_MS = 30_000
"""How long a settled drop stays on the picture: 5 s of waiting, three reels of 3.2 s and 12 s of winners, with room."""


@dataclass(frozen=True, slots=True)
class DropChanged:
    """A drop's new JSON, as `GET /v1/drops/{id}` answers it."""

    drop: dict[str, Any]


@dataclass(slots=True)
class _Place:
    record: DropRecord
    ranked: tuple[RankedEntry, ...] = ()
    reel: tuple[Entrant, ...] = ()
    flags: list[str] = field(default_factory=list)
    told_s: float = float("-inf")
    timer: asyncio.TimerHandle | None = None


class Shelf:
    """All drops that are listed; loop thread only."""

    def __init__(self, bus: Bus, clock: Clock, air_name: AirName, tiers: Callable[[], Sequence[str]]) -> None:
        self._bus = bus
        self._clock = clock
        self._air_name = air_name
        self._tiers = tiers
        self._places: dict[str, _Place] = {}

    def load(self, record: DropRecord, ranked: tuple[RankedEntry, ...] = (), reel: tuple[Entrant, ...] = ()) -> None:
        """Put one there without telling anybody: it is as it was."""
        self._places[record.id] = _Place(record, ranked, reel)

    def reload(self, stored: Iterable[StoredDrop]) -> None:
        """Tell the drawn ones again, as the store has their winners now."""
        for drop in stored:
            if drop.ranked:
                self.put(drop.record, drop.ranked, drop.reel)

    def differs(self, record: DropRecord) -> bool:
        """Whether it isn't shown as it stands in this row of the store."""
        place = self._places.get(record.id)
        return place is None or place.record != record

    def unsettled(self) -> list[DropRecord]:
        """Lotteries whose list is closed but not hashed, or not drawn."""
        records = [place.record for place in self._places.values()]
        return [record for record in records if record.state == "closing" or record.needs_closing_hash]

    def put(self, record: DropRecord, ranked: tuple[RankedEntry, ...] | None = None, reel: tuple[Entrant, ...] | None = None) -> None:
        """A committed change of state: told at once."""
        place = self._places.setdefault(record.id, _Place(record))
        place.record = record
        place.ranked = place.ranked if ranked is None else ranked
        place.reel = place.reel if reel is None else reel
        self._tell(place)
        self._forget_oldest()

    def count(self, drop_id: str, *, entries: int = 0, issued: int = 0) -> None:
        """More committed entries or coupons: told at once, then at most ten times a second."""
        place = self._places[drop_id]
        place.record = replace(place.record, entries=place.record.entries + entries, issued=place.record.issued + issued)
        self._tell_soon(place)

    def flag(self, drop_id: str, flag: str) -> None:
        """Something that a person should look at; once each."""
        place = self._places[drop_id]
        if flag not in place.flags:
            place.flags.append(flag)
            self._tell_soon(place)

    def record(self, drop_id: str) -> DropRecord:
        """Raises NotFound."""
        return self._place(drop_id).record

    def json(self, drop_id: str) -> dict[str, Any]:
        """Raises NotFound."""
        return self._json(self._place(drop_id))

    def all_json(self) -> list[dict[str, Any]]:
        """Newest first."""
        places = sorted(self._places.values(), key=lambda place: place.record.created_at_ms, reverse=True)
        return [self._json(place) for place in places]

    def snapshot(self) -> AirDrop | None:
        """The one drop of the picture: what is open before what has just ended, a lottery before a coupon, the newer first."""
        now_ms = self._clock.wall_ms()
        places = [place for place in self._places.values() if _is_shown(place.record, now_ms)]
        if not places:
            return None
        place = max(places, key=lambda item: _weight(item.record))
        return air_drop(place.record, place.ranked, place.reel, now_ms, self._air_name)

    def stop(self) -> None:
        """No more news."""
        for place in self._places.values():
            if place.timer is not None:
                place.timer.cancel()
                place.timer = None

    def _place(self, drop_id: str) -> _Place:
        if drop_id not in self._places:
            raise NotFound("drops.unknown", id=drop_id[:40])
        return self._places[drop_id]

    def _json(self, place: _Place) -> dict[str, Any]:
        return drop_json(place.record, self._clock.wall_ms(), place.ranked, place.flags, self._tiers())

    def _tell_soon(self, place: _Place) -> None:
        if place.timer is not None:
            return
        wait_s = place.told_s + COUNTS_EVERY_S - asyncio.get_running_loop().time()
        if wait_s <= 0:
            self._tell(place)
        else:
            place.timer = asyncio.get_running_loop().call_later(wait_s, self._tell, place)

    def _tell(self, place: _Place) -> None:
        if place.timer is not None:
            place.timer.cancel()
            place.timer = None
        place.told_s = asyncio.get_running_loop().time()
        self._bus.publish(DropChanged(self._json(place)))

    def _forget_oldest(self) -> None:
        if len(self._places) > KEPT:
            ended = [place.record for place in self._places.values() if place.record.state in ("drawn", "closed", "expired", "cancelled")]
            for record in sorted(ended, key=lambda item: item.created_at_ms)[: len(self._places) - KEPT]:
                del self._places[record.id]


def _is_shown(record: DropRecord, now_ms: int) -> bool:
    if not record.opened_at_ms:
        return False
    ended_at_ms = record.settled_at_ms or record.closed_at_ms
    return record.state in ("open", "closing") or 0 <= now_ms - ended_at_ms < _SHOWN_AFTER_MS


def _weight(record: DropRecord) -> tuple[bool, bool, int]:
    return record.state in ("open", "closing"), record.kind == "lottery", record.opened_at_ms
