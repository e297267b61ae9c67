"""Keeps time over the open drops: ends them when they are due, and takes up again whatever was interrupted.

It decides no winner and grants no wish; it sees to it that every opened drop comes to its end exactly once.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from sqlalchemy import Connection

from studio.drops.clock import Clock
from studio.drops.desk import Desk, OpenDrop
from studio.drops.referee import Referee
from studio.drops.shelf import Shelf
from studio.errors import Conflict, KnownError
from studio.model.drops import DropRecord
from studio.store import drop_store
from studio.store.database import Database
from studio.store.rank_store import StoredDrop

T = TypeVar("T")
Load = Callable[[Connection], list[StoredDrop]]

log = logging.getLogger(__name__)

_LONGEST_SLEEP_S = 1.0
"""How soon a store that came back is tried again."""


class Keeper:
    """The timekeeper; loop thread only."""

    def __init__(self, database: Database, shelf: Shelf, desk: Desk, referee: Referee, clock: Clock, load: Load) -> None:
        self._database = database
        self._shelf = shelf
        self._desk = desk
        self._referee = referee
        self._clock = clock
        self._tasks: set[asyncio.Task[Any]] = set()
        self._settling: set[str] = set()
        self._wake = asyncio.Event()
        self._load = load
        self._takes = 0

    async def start(self) -> None:
        """Take up what the store has, and begin to keep time. Raises StoreUnavailable."""
        self._takes = self._database.room_takes
        for stored in await self._database.read(self._load):
            self._shelf.load(stored.record, stored.ranked, stored.reel)
            if stored.record.state == "open":
                self.watch(stored.record, stored.last_entry_ms)
        self._task(self._run(), "drops")

    async def stop(self) -> None:
        """Store what waits where the store lets us, end all tasks; idempotent."""
        try:
            await self._desk.settled()
        except KnownError as error:
            log.warning("Entries could not be stored at the end: %s", error)
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def shielded(self, work: Coroutine[Any, Any, T]) -> T:
        """Run it to its end even when the one who asked has gone away."""
        return await asyncio.shield(self._task(work, "drop-step"))

    def watch(self, record: DropRecord, last_entry_ms: int = 0) -> None:
        """Take entries for it from now on, until its time is over."""
        deadline_s = self._clock.deadline_s(record.opened_at_ms, record.closes_at_ms, last_entry_ms)
        opened_s = min(self._clock.monotonic_s(), deadline_s - record.spec.seconds)
        self._desk.open[record.id] = OpenDrop(record, opened_s, deadline_s)
        self._wake.set()

    def is_due(self, drop: OpenDrop) -> bool:
        """Whether its time is over."""
        return self._clock.monotonic_s() >= drop.deadline_s

    async def close(self, drop: OpenDrop) -> None:
        """End the entries, store them, settle. Raises Conflict for the second hand, StoreUnavailable (then it is open as before)."""
        drop_id = drop.record.id
        # An engine that was down at the end, or a store that was away, makes no drop longer than its rules say.
        closed_at_ms = drop.record.closes_at_ms if self.is_due(drop) else min(self._clock.wall_ms(), drop.record.closes_at_ms)
        closed_at_ms = max(closed_at_ms, drop.record.opened_at_ms)
        await self._end(drop, lambda connection: drop_store.close(connection, drop_id, closed_at_ms))

    async def cancel(self, drop_id: str, reason: str) -> None:
        """End it without winners. Raises Conflict once the list is closed."""
        now_ms = self._clock.wall_ms()
        drop = self._desk.open.get(drop_id)
        if drop is None:
            self._shelf.put(await self._database.write(lambda connection: drop_store.cancel(connection, drop_id, now_ms, reason)))
            return
        await self._end(drop, lambda connection: drop_store.cancel(connection, drop_id, now_ms, reason))

    async def settle(self, record: DropRecord) -> None:
        """Hash and draw what is closed; at most one run for a drop at a time."""
        if record.id in self._settling or record.kind != "lottery":
            return
        self._settling.add(record.id)
        try:
            await self._referee.settle(record)
        finally:
            self._settling.discard(record.id)

    async def tick(self) -> None:
        """Close what is due, and go on with what was interrupted."""
        await self._look_again()
        self._desk.retry()
        due = [drop for drop in self._desk.open.values() if self.is_due(drop) and not drop.is_closing]
        stuck = [record for record in self._shelf.unsettled() if record.id not in self._settling]
        steps = [*(self.close(drop) for drop in due), *(self.settle(record) for record in stuck)]
        for outcome in await asyncio.gather(*steps, return_exceptions=True):
            if isinstance(outcome, KnownError):
                log.warning("A drop can't go on yet, the next tick tries again: %s", outcome)
            elif isinstance(outcome, BaseException):
                log.error("A drop can't go on; the others do", exc_info=outcome)

    async def _look_again(self) -> None:
        """The room was lost and is ours again: another studio may have opened, filled or ended drops meanwhile."""
        takes = self._database.room_takes
        if takes == self._takes:
            return
        try:
            # On the writer's thread: whatever of ours was counted before stands in it, whatever comes later is counted after.
            found = await self._database.write(self._load)
        except KnownError as error:
            log.warning("The room is ours again, but its drops can't be read yet: %s", error)
            return
        self._takes = takes
        for stored in found:
            record, is_watched = stored.record, stored.record.id in self._desk.open
            if record.state == "open" and not is_watched:
                self.watch(record, stored.last_entry_ms)
            if self._shelf.differs(record):
                log.info("Drop %s was changed by another studio: %s", record.id, record.state)
                self._shelf.put(record, stored.ranked, stored.reel)

    async def _end(self, drop: OpenDrop, step: Callable[[Connection], DropRecord]) -> None:
        if drop.is_closing:
            raise Conflict("drops.illegal_step", state="closing", step="close")
        drop.is_closing = True
        drop_id = drop.record.id
        conflict: Conflict | None = None
        try:
            await self._desk.flush(drop)
            record = await self._database.write(step)
        except Conflict as error:
            # Another hand's step, or our own whose answer was lost with the connection: what is stored counts, and is shown.
            conflict = error
            record = await self._database.read(lambda connection: drop_store.find(connection, drop_id))
        finally:
            drop.is_closing = False
        if record.state != "open":
            del self._desk.open[drop_id]
            self._shelf.put(record)
            await self.settle(record)
        if conflict is not None:
            raise conflict

    async def _run(self) -> None:
        while True:
            await self.tick()
            next_s = min((drop.deadline_s for drop in self._desk.open.values()), default=float("inf")) - self._clock.monotonic_s()
            self._wake.clear()
            try:
                async with asyncio.timeout(min(max(next_s, 0.01), _LONGEST_SLEEP_S)):
                    await self._wake.wait()
            except TimeoutError:
                continue

    def _task(self, work: Coroutine[Any, Any, T], name: str) -> "asyncio.Task[T]":
        task = asyncio.get_running_loop().create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
