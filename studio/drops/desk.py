"""Takes entries and claims as they are received, before any queue of the audience, and stores them in batches in that order.

It promises nothing that isn't committed: what waits is kept and tried again, what is lost with the process was never acknowledged.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from sqlalchemy import Connection

from studio.drops.clock import Clock
from studio.drops.rates import Rates
from studio.drops.shelf import Shelf
from studio.errors import StoreUnavailable, TooManyRequests
from studio.model.coupons import CouponSpec
from studio.model.drops import DropRecord
from studio.model.events import LATE_MS, FanEvent, matches_keyword
from studio.store import coupon_store, entry_store
from studio.store.coupon_store import Claim, ClaimAnswer
from studio.store.database import Database
from studio.store.entry_store import EntryOutcome, FanLookup, Offer

log = logging.getLogger(__name__)

Answer: TypeAlias = ClaimAnswer | EntryOutcome

_BATCH = 500
"""As many as share a transaction of the store."""
MAX_WAITING = 100_000
"""Wishes of one drop that may wait for the store: ten seconds of 10,000 each. Beyond, the newest is refused and counted."""
_KEPT = ("entered", "issued", "again", "already")


@dataclass(slots=True)
class _Wish:
    item: Offer | Claim
    future: "asyncio.Future[Answer] | None" = None


@dataclass(slots=True)
class OpenDrop:
    """A drop that takes entries. Times are of the clock that never jumps."""

    record: DropRecord
    opened_s: float
    deadline_s: float
    is_closing: bool = False
    refused: int = 0
    waiting: deque[_Wish] = field(default_factory=deque)
    seen: set[tuple[str, str]] = field(default_factory=set)
    rates: Rates = field(default_factory=Rates)
    pump: "asyncio.Task[None] | None" = None

    def is_open_at(self, moment_s: float) -> bool:
        """Whether something received then counts."""
        return not self.is_closing and self.opened_s <= moment_s < self.deadline_s

    def time_ms(self, moment_s: float) -> int:
        """The moment in the drop's own time, which starts with the stored opening and knows no jump of the wall clock."""
        return self.record.opened_at_ms + int((moment_s - self.opened_s) * 1000)


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
                self._take(drop, event, drop.time_ms(moment_s))

    async def ask(self, drop: OpenDrop, item: Offer | Claim) -> Answer:
        """One wish from a call, answered after its commit. Raises TooManyRequests, StoreUnavailable."""
        if len(drop.waiting) >= MAX_WAITING:
            raise TooManyRequests("drops.busy", retryable=True, retry_after_s=1)
        self._note(drop, (item.platform, item.fan_id))
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        drop.waiting.append(_Wish(item, future))
        self._start(drop)
        return await future

    def retry(self) -> None:
        """Try again what the store couldn't take."""
        for drop in self.open.values():
            if drop.waiting:
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
        self._note(drop, identity)
        if isinstance(spec, CouponSpec) and not self._shelf.record(drop.record.id).left:
            return
        if identity in drop.seen:
            return
        if len(drop.waiting) >= MAX_WAITING:
            drop.refused += 1
            self._shelf.flag(drop.record.id, "entries_refused")
            return
        if not isinstance(spec, CouponSpec) or spec.per_fan == 1:
            drop.seen.add(identity)
        if isinstance(spec, CouponSpec):
            item = Claim(event.platform, event.fan_id, f"chat:{event.platform}:{event.id}", received_at_ms)
        else:
            item = Offer(event.platform, event.fan_id, event.name, "chat", received_at_ms)
        drop.waiting.append(_Wish(item))
        self._start(drop)

    def _note(self, drop: OpenDrop, fan: tuple[str, str]) -> None:
        flag = drop.rates.note(fan, self._clock.monotonic_s())
        if flag is not None:
            self._shelf.flag(drop.record.id, flag)

    def _start(self, drop: OpenDrop) -> "asyncio.Task[None]":
        if drop.pump is None or drop.pump.done():
            drop.pump = asyncio.get_running_loop().create_task(self._store(drop), name=f"drop-entries:{drop.record.id}")
            drop.pump.add_done_callback(lambda task: _look_at(task, drop))
        return drop.pump

    async def _store(self, drop: OpenDrop) -> None:
        while drop.waiting:
            batch = [drop.waiting[index] for index in range(min(_BATCH, len(drop.waiting)))]
            answers = await self._database.write(lambda connection, some=batch: self._write(connection, drop, some), rows=len(batch))
            for wish, answer in zip(batch, answers, strict=True):
                drop.waiting.popleft()
                outcome = answer.outcome if isinstance(answer, ClaimAnswer) else answer
                if outcome not in _KEPT:
                    drop.seen.discard((wish.item.platform, wish.item.fan_id))
                if wish.future is not None and not wish.future.done():
                    wish.future.set_result(answer)
            self._count(drop, answers)

    def _write(self, connection: Connection, drop: OpenDrop, batch: list[_Wish]) -> list[Answer]:
        if drop.record.kind == "lottery":
            offers = [wish.item for wish in batch if isinstance(wish.item, Offer)]
            return list(entry_store.enter(connection, drop.record, offers, self._lookup, self._shown))
        claims = [wish.item for wish in batch if isinstance(wish.item, Claim)]
        return list(coupon_store.claim(connection, drop.record, claims, self._lookup, is_open=True))

    def _count(self, drop: OpenDrop, answers: list[Answer]) -> None:
        issued = sum(isinstance(answer, ClaimAnswer) and answer.outcome == "issued" for answer in answers)
        entered = answers.count("entered")
        if issued or entered:
            self._shelf.count(drop.record.id, entries=entered, issued=issued)


def _look_at(task: "asyncio.Task[None]", drop: OpenDrop) -> None:
    error = asyncio.CancelledError() if task.cancelled() else task.exception()
    if error is None:
        return
    # Those who wait for an answer get the error; those who wrote in the chat stay in line, and the next tick tries again.
    for wish in drop.waiting:
        if wish.future is not None and not wish.future.done():
            wish.future.set_exception(error)
    drop.waiting = deque(wish for wish in drop.waiting if wish.future is None)
    if not isinstance(error, StoreUnavailable | asyncio.CancelledError):
        log.error("Entries could not be stored", exc_info=error)
