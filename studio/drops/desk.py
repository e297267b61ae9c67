"""Takes entries and claims from chat as they are received, before any queue, and stores them in batches.

It promises nothing that isn't committed: what waits is kept and tried again, what is lost with the process was never acknowledged.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import Connection

from studio.drops.clock import Clock
from studio.drops.shelf import Shelf
from studio.errors import StoreUnavailable
from studio.model.coupons import CouponSpec
from studio.model.drops import DropRecord
from studio.model.events import LATE_MS, FanEvent, matches_keyword
from studio.store import coupon_store, entry_store
from studio.store.coupon_store import Claim
from studio.store.database import Database
from studio.store.entry_store import FanLookup, Offer

_BATCH = 500
"""As many as share a transaction of the store."""
MAX_WAITING = 100_000
"""Entries of one drop that may wait for the store: ten seconds of 10,000 each. Beyond, the newest is refused and counted."""


@dataclass(slots=True)
class OpenDrop:
    """A drop that takes entries. Times are of the clock that never jumps."""

    record: DropRecord
    opened_s: float
    deadline_s: float
    is_closing: bool = False
    refused: int = 0
    waiting: deque[Offer | Claim] = field(default_factory=deque)
    seen: set[tuple[str, str]] = field(default_factory=set)
    pump: "asyncio.Task[None] | None" = None

    def is_open_at(self, moment_s: float) -> bool:
        """Whether something received then counts."""
        return not self.is_closing and self.opened_s <= moment_s < self.deadline_s


class Desk:
    """The open drops and what waits for the store; loop thread only."""

    def __init__(self, database: Database, shelf: Shelf, clock: Clock, lookup: FanLookup, shown: Callable[[str, int], str]) -> None:
        self._database = database
        self._shelf = shelf
        self._clock = clock
        self._lookup = lookup
        self._shown = shown
        self.open: dict[str, OpenDrop] = {}

    def on_event(self, event: FanEvent, received_at_ms: int) -> None:
        """A chat that is an open drop's keyword enters or claims; never blocks."""
        if not self.open or event.type != "chat" or not event.fan_id or received_at_ms - event.at_ms > LATE_MS:
            return
        moment_s = self._clock.receipt_s(received_at_ms)
        for drop in self.open.values():
            if drop.is_open_at(moment_s) and matches_keyword(event.text, drop.record.spec.keyword):
                self._take(drop, event, received_at_ms)

    def retry(self) -> None:
        """Try again what the store couldn't take."""
        for drop in self.open.values():
            self._start(drop)

    async def flush(self, drop: OpenDrop) -> None:
        """Wait until everything taken so far is committed. Raises StoreUnavailable."""
        while drop.waiting:
            await asyncio.shield(self._start(drop))

    async def settled(self) -> None:
        """The same for all drops."""
        for drop in tuple(self.open.values()):
            await self.flush(drop)

    def _take(self, drop: OpenDrop, event: FanEvent, received_at_ms: int) -> None:
        identity = (event.platform, event.fan_id)
        spec = drop.record.spec
        if isinstance(spec, CouponSpec) and not self._shelf.record(drop.record.id).left:
            return
        is_once = not isinstance(spec, CouponSpec) or spec.per_fan == 1
        if is_once and identity in drop.seen:
            return
        if len(drop.waiting) >= MAX_WAITING:
            drop.refused += 1
            self._shelf.flag(drop.record.id, "entries_refused")
            return
        drop.seen.add(identity)
        if isinstance(spec, CouponSpec):
            drop.waiting.append(Claim(event.platform, event.fan_id, f"chat:{event.platform}:{event.id}"[:200], received_at_ms))
        else:
            drop.waiting.append(Offer(event.platform, event.fan_id, event.name, "chat", received_at_ms))
        self._start(drop)

    def _start(self, drop: OpenDrop) -> "asyncio.Task[None]":
        if drop.pump is None or (drop.pump.done() and drop.waiting):
            drop.pump = asyncio.get_running_loop().create_task(self._store(drop), name=f"drop-entries:{drop.record.id}")
            drop.pump.add_done_callback(_look_at)
        return drop.pump

    async def _store(self, drop: OpenDrop) -> None:
        while drop.waiting:
            batch = [drop.waiting[index] for index in range(min(_BATCH, len(drop.waiting)))]
            outcomes = await self._database.write(lambda connection, some=batch: self._write(connection, drop, some), rows=len(batch))
            for item, outcome in zip(batch, outcomes, strict=True):
                drop.waiting.popleft()
                if outcome not in ("entered", "issued", "already"):
                    drop.seen.discard((item.platform, item.fan_id))
            self._shelf.count(drop.record.id, entries=outcomes.count("entered"), issued=outcomes.count("issued"))

    def _write(self, connection: Connection, drop: OpenDrop, batch: list[Offer | Claim]) -> list[str]:
        if drop.record.kind == "lottery":
            offers = [item for item in batch if isinstance(item, Offer)]
            return list(entry_store.enter(connection, drop.record, offers, self._lookup, self._shown))
        claims = [item for item in batch if isinstance(item, Claim)]
        return coupon_store.claim_each(connection, drop.record, claims, self._lookup)


def _look_at(task: "asyncio.Task[None]") -> None:
    # A store that is away is no surprise: what waits stays, the next tick tries again.
    if not task.cancelled() and task.exception() is not None and not isinstance(task.exception(), StoreUnavailable):
        asyncio.get_running_loop().call_exception_handler({"message": "Entries could not be stored", "exception": task.exception()})
