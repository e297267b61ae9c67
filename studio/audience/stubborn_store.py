"""Batches into the store, or into a journal on the disk while the store takes nothing; what was given can't be given back (loop thread).

It drops nothing and reorders nothing; applying an event twice changes nothing, so whatever is uncertain is given again.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from sqlalchemy import Connection

from studio.audience.news import EventCounts, StoreTrouble
from studio.bus import Bus
from studio.errors import StoreUnavailable
from studio.store.database import Database
from studio.store.fan_store import Applied, FanStore
from studio.store.journal import Journal
from studio.store.working import Received

log = logging.getLogger(__name__)

BATCH: Final = 500
"""Events in one job of the store: a transaction's worth."""
_AGAIN_S: Final = 2.0
"""After a failure events go to the journal at once, and the store is tried this much later: a locked file answers after 2 s."""
_PATIENCE_S: Final = 10.0
"""A store that answers nothing for so long is treated as one that refuses: its network may swallow everything."""
_MAX_PAUSE_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event on its way to the store; `received_ns` is monotonic."""

    received: Received
    received_ns: int


class StubbornStore:
    """`applied` hears what became of each batch, `missed` that the board may have missed something, `wake` that it is time to try again."""

    def __init__(
        self,
        database: Database,
        store: FanStore,
        journal: Journal | None,
        bus: Bus,
        applied: Callable[[list[Arrival], Applied], None],
        missed: Callable[[], None],
    ) -> None:
        self._database = database
        self._store = store
        self._journal = journal
        self._bus = bus
        self._applied = applied
        self._missed = missed
        self._trouble = ""
        self._again_at = 0.0
        self._retry: asyncio.TimerHandle | None = None
        self._stuck: asyncio.Task[Applied] | None = None
        self.counts = EventCounts()
        self.wake: Callable[[], None] = lambda: None

    @property
    def is_in_trouble(self) -> bool:
        """Whether the store took nothing when it was asked last."""
        return bool(self._trouble)

    async def keep(self, batch: list[Arrival]) -> None:
        """Into the store or the journal; an empty batch tries whether the store is back. Returns once it is on the disk."""
        pause_s = 0.1
        while True:
            try:
                if time.monotonic() >= self._again_at and self._stuck is None:
                    await self.apply_journal()
                    await self._patiently(batch)
                    self._end_trouble()
                    return
                if self._journal is not None:
                    await self._keep_in_journal(self._journal, batch)
                    return
            except StoreUnavailable as error:
                self._again_at = time.monotonic() + _AGAIN_S
                self._tell(error)
                if self._journal is not None:
                    continue
            except OSError as error:
                # Neither takes it, as on a full disk: the queue fills up, and connectors wait.
                log.warning("The journal takes nothing: %s", error)
                self._tell(StoreUnavailable("store.disk_full", path=self._journal and str(self._journal.path)), is_kept=False)
                self._again_at = 0.0
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _MAX_PAUSE_S)

    async def store(self, batch: list[Arrival]) -> Applied:
        """Into the store; answered after the commit. Raises StoreUnavailable."""
        if not batch:
            await self._database.write(_ask)
            return Applied()
        applied = await self._write([arrival.received for arrival in batch])
        self._applied(batch, applied)
        return applied

    def refused(self, error: StoreUnavailable) -> None:
        """A batch was not stored, and whoever sent it keeps it: tell the host, and look again until the store is back."""
        self._again_at = time.monotonic() + _AGAIN_S
        self._tell(error)
        self._retry = self._retry or asyncio.get_running_loop().call_later(_AGAIN_S, self._try_again)

    async def apply_journal(self) -> int:
        """Store what the journal keeps from an earlier trouble; how many events were new. Raises StoreUnavailable."""
        if self._journal is None or not self._journal.has_events:
            return 0
        accepted = 0
        kept = self._journal.read()
        while received := list(islice(kept, BATCH)):
            now_ns = time.monotonic_ns()
            accepted += (await self._patiently([Arrival(one, now_ns) for one in received])).accepted
        self._journal.clear()
        return accepted

    async def stop(self, unstored: list[Arrival]) -> None:
        """Nothing more comes: what couldn't be stored waits in the journal for the next start."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        if self._stuck is not None:
            self._stuck.cancel()
            await asyncio.gather(self._stuck, return_exceptions=True)
        if unstored and self._journal is not None:
            try:
                await asyncio.to_thread(self._journal.append, [arrival.received for arrival in unstored])
            except OSError:
                log.exception("%d events were lost: neither the store nor the journal took them", len(unstored))

    async def _patiently(self, batch: list[Arrival]) -> Applied:
        """Wait so long and no longer; what is written in the end after all is told like everything else."""
        task = asyncio.create_task(self.store(batch), name="audience-batch")
        try:
            done, _ = await asyncio.wait([task], timeout=_PATIENCE_S)
        except asyncio.CancelledError:
            task.cancel()
            raise
        if done:
            return task.result()
        self._stuck = task
        task.add_done_callback(self._got_loose)
        raise StoreUnavailable("store.slow", retryable=True, path=self._database.shown_url)

    def _got_loose(self, task: "asyncio.Task[Applied]") -> None:
        self._stuck = None
        if not task.cancelled() and task.exception() is not None:
            log.info("A batch that waited long was not stored; the journal has it: %s", task.exception())

    async def _write(self, received: list[Received]) -> Applied:
        applied = await self._database.write(partial(_apply, self._store, received), rows=len(received))
        self.counts.accepted += applied.accepted
        self.counts.duplicate += applied.duplicate
        return applied

    async def _keep_in_journal(self, journal: Journal, batch: list[Arrival]) -> None:
        if batch:
            received = [arrival.received for arrival in batch]
            await asyncio.get_running_loop().run_in_executor(None, journal.append, received)
        self._retry = self._retry or asyncio.get_running_loop().call_later(_AGAIN_S, self._try_again)

    def _try_again(self) -> None:
        self._retry = None
        self.wake()

    def _tell(self, error: StoreUnavailable, *, is_kept: bool = True) -> None:
        if error.code != self._trouble:
            self._trouble = error.code
            self._bus.publish(StoreTrouble(error.code, error.params, is_kept=is_kept and self._journal is not None))

    def _end_trouble(self) -> None:
        if self._trouble:
            self._trouble = ""
            self._missed()
            self._bus.publish(StoreTrouble(""))


def _ask(_connection: Connection) -> None:
    """Nothing of ours: the transaction alone, with the room's lease, tells whether the store takes anything."""


def _apply(store: FanStore, received: list[Received], connection: Connection) -> Applied:
    return store.apply(connection, received)
