"""Events that follow from something else in the store: both in one transaction, so that neither is there without the other.

It queues nothing: who calls waits, and hears of a store that takes nothing.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection

from studio.audience.stubborn_store import Arrival
from studio.errors import StoreUnavailable
from studio.model.events import FanEvent
from studio.store.database import Database
from studio.store.fan_store import Applied, FanStore
from studio.store.working import Received

log = logging.getLogger(__name__)
T = TypeVar("T")
Work = Callable[[Connection], tuple[T, Sequence[FanEvent]]]


async def record(
    database: Database,
    store: FanStore,
    work: Work[T],
    receive: Callable[[FanEvent], Received],
    applied: Callable[[list[Arrival], Applied], None],
) -> T:
    """Run `work`, store the events that it answers in its own transaction, tell what became of them, give its result."""

    def write(connection: Connection) -> tuple[T, list[Received], Applied]:
        value, events = work(connection)
        received = [receive(event) for event in events]
        return value, received, store.apply(connection, received) if received else Applied()

    value, received, found = await database.write(write)
    if received:
        now_ns = time.monotonic_ns()
        applied([Arrival(one, now_ns) for one in received], found)
    return value


def log_failure(task: asyncio.Task[None]) -> None:
    """Side work that ended: a fan file that took nothing is a warning, anything else our bug."""
    error = None if task.cancelled() else task.exception()
    if isinstance(error, StoreUnavailable):
        log.warning("The audience's side work waits for the fan file: %s", error)
    elif error is not None:
        log.error("The audience's side work failed", exc_info=error)
