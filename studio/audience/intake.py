"""The way in: lines are parsed in slices, events wait in one bounded queue, batches go to the store (loop thread).

It reduces nothing and shows nothing; what the store says is handed on.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

from studio.audience.news import EventCounts, IngestResult, StoreTrouble
from studio.audience.stubborn_store import BATCH, Arrival, StubbornStore
from studio.bus import Bus
from studio.errors import StoreUnavailable, TooManyRequests
from studio.model.events import FanEvent, Rejection, parse_line
from studio.store.database import Database
from studio.store.fan_store import Applied

log = logging.getLogger(__name__)

MAX_WAITING: Final = 1_000
_SLICE_S: Final = 0.002
"""How long lines are parsed before the loop gets its turn."""
_PACE_S: Final = 0.1
"""A batch of a few events costs the store as much as one of fifty: while less than a full batch waits, it comes ten times a second,
which is as often as the board is told. The first event after a pause is stored at once."""
_DROPPABLE: Final = frozenset({"chat", "like"})


class Intake:
    """At most 1,000 events of connectors wait.

    When full, the oldest chat or like is dropped and counted where the connector allows it; everything else waits for room.
    """

    def __init__(self, database: Database, store: StubbornStore, bus: Bus, receive: Callable[[FanEvent], Arrival]) -> None:
        self._database = database
        self._store = store
        self._bus = bus
        self._receive = receive
        self._queue: deque[Arrival] = deque()
        self._in_hand: list[Arrival] = []
        self._has_work = asyncio.Event()
        self._has_room = asyncio.Event()
        self._is_urgent = asyncio.Event()
        """A full batch waits, or somebody waits for the queue to be empty."""
        self._task: asyncio.Task[None] | None = None
        self._failure: BaseException | None = None
        store.wake = self._has_work.set

    @property
    def counts(self) -> EventCounts:
        """The report's `events`."""
        return self._store.counts

    def start(self) -> None:
        """Begin to store what is submitted."""
        self._task = asyncio.create_task(self._store_waiting(), name="audience-store")
        self._task.add_done_callback(self._ended)

    async def stop(self, deadline_s: float) -> None:
        """Store what waits, as far as the deadline allows; the rest is for the next start. Idempotent."""
        task, self._task = self._task, None
        if task is None:
            return
        if self._failure is None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.drained(), deadline_s)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await self._store.stop([*self._in_hand, *self._queue])

    async def ingest(self, lines: bytes, source: str, room: str, wall_ms: Callable[[], int]) -> IngestResult:
        """Take NDJSON; answered once all of it is durable. Raises TooManyRequests, StoreUnavailable."""
        if self._database.is_busy:
            raise TooManyRequests("events.too_many", retry_after_s=1, source=source)
        writes: list[asyncio.Task[Applied]] = []
        rejected: list[Rejection] = []
        arrivals: list[Arrival] = []
        async for item in _parsed(lines, room, wall_ms):
            if isinstance(item, Rejection):
                rejected.append(item)
                self.counts.rejected += 1
                continue
            arrivals.append(self._receive(item))
            if len(arrivals) == BATCH:
                writes.append(asyncio.create_task(self._store.store(arrivals)))
                arrivals = []
        if arrivals:
            writes.append(asyncio.create_task(self._store.store(arrivals)))
        try:
            applied = await asyncio.gather(*writes)
        except StoreUnavailable as error:
            self._store.refused(error)
            raise
        return IngestResult(sum(one.accepted for one in applied), sum(one.duplicate for one in applied), tuple(rejected))

    async def submit(self, event: FanEvent, *, may_drop: bool) -> None:
        """Take an event of a connector; returns when it has a place in the queue."""
        arrival = self._receive(event)
        while len(self._queue) >= MAX_WAITING and not (may_drop and self._make_room()):
            self._check()
            self._has_room.clear()
            await self._has_room.wait()
        self._queue.append(arrival)
        self._has_work.set()
        if len(self._queue) >= BATCH:
            self._is_urgent.set()

    async def drained(self) -> None:
        """Wait until everything that was submitted is stored."""
        while self._queue or self._in_hand:
            self._check()
            self._is_urgent.set()
            self._has_room.clear()
            await self._has_room.wait()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """A bug in the rules must not let connectors wait for ever: from now on they get it as theirs."""
        if not task.cancelled() and (failure := task.exception()) is not None:
            log.error("The audience's store task failed", exc_info=failure)
            self._failure = failure
            self._bus.publish(StoreTrouble("events.stopped"))
            self._has_room.set()

    def _check(self) -> None:
        if self._failure is not None:
            raise RuntimeError("the audience's store task has failed") from self._failure

    def _make_room(self) -> bool:
        for position, arrival in enumerate(self._queue):
            if arrival.received.event.type in _DROPPABLE:
                del self._queue[position]
                self.counts.chat_dropped += 1
                return True
        return False

    async def _store_waiting(self) -> None:
        while True:
            await self._has_work.wait()
            self._has_work.clear()
            if not self._queue and self._store.is_in_trouble:
                await self._store.keep([])
            while self._queue:
                self._is_urgent.clear()
                next_at = time.monotonic() + _PACE_S
                self._in_hand = [self._queue.popleft() for _ in range(min(len(self._queue), BATCH))]
                self._has_room.set()
                await self._store.keep(self._in_hand)
                self._in_hand = []
                self._has_room.set()
                await self._pace(next_at)

    async def _pace(self, until: float) -> None:
        if len(self._queue) < BATCH and time.monotonic() < until:
            # Not wait_for: before Python 3.12 it swallows a cancellation that comes together with what it waits for.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(until - time.monotonic()):
                    await self._is_urgent.wait()


async def _parsed(lines: bytes, room: str, wall_ms: Callable[[], int]) -> AsyncIterator[FanEvent | Rejection]:
    turn_ends = time.monotonic() + _SLICE_S
    for number, line in enumerate(lines.split(b"\n"), 1):
        item = parse_line(line, number, wall_ms(), room=room)
        if item is not None:
            yield item
        if time.monotonic() > turn_ends:
            await asyncio.sleep(0)
            turn_ends = time.monotonic() + _SLICE_S
