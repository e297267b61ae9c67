"""The one thread that writes: it commits whatever waits as soon as it is free, at most 500 rows a transaction, without a timer.

It answers nobody before the commit, and lets no failing job touch its neighbours.
"""

import asyncio
import logging
import queue
import sqlite3
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from studio.errors import StoreUnavailable
from studio.store.log_copier import LogCopier
from studio.store.room_lease import RENEW_S, RoomLease

log = logging.getLogger(__name__)

_MAX_ROWS = 500
"""Rows a transaction: half as many cost a quarter of the rate, twice as many make a claim wait 50 ms longer."""


@dataclass(frozen=True, slots=True)
class Job:
    """A function to run in a transaction, who waits for it, and how many rows it is worth."""

    function: Callable[[Connection], Any]
    future: "asyncio.Future[Any]"
    rows: int = 1


@dataclass(slots=True)
class _Outcome:
    job: Job
    result: Any = None
    error: BaseException | None = None


class Writer:
    """The `store` thread. Its queue is unbounded here because `Database.write` lets at most 5,000 rows in.

    With a lease, each transaction begins by renewing it; lost, nothing is written and everybody who asked is told.
    """

    def __init__(
        self,
        engine: Engine,
        as_known_error: Callable[[BaseException], BaseException],
        lease: RoomLease | None = None,
        copier: LogCopier | None = None,
    ) -> None:
        self._engine = engine
        self._as_known_error = as_known_error
        self._lease = lease
        self._copier = copier
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="store", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def put(self, job: Job) -> None:
        """Queue a job; never blocks."""
        self._jobs.put(job)

    def stop(self, deadline_s: float = 30.0) -> None:
        """Commit what waits and end; idempotent."""
        self._jobs.put(None)
        self._thread.join(deadline_s)
        if self._thread.is_alive():
            log.warning("The store thread did not end within %.0f s", deadline_s)

    def _run(self) -> None:
        if self._copier is not None:
            self._copier.start()
        is_stopping = False
        while not is_stopping:
            try:
                job = self._jobs.get(timeout=RENEW_S if self._lease is not None else None)
            except queue.Empty:
                self._commit([])
                continue
            batch: list[Job] = []
            rows = 0
            while True:
                if job is None:
                    is_stopping = True
                    break
                batch.append(job)
                rows += job.rows
                if rows >= _MAX_ROWS:
                    break
                try:
                    job = self._jobs.get_nowait()
                except queue.Empty:
                    break
            if batch:
                self._commit(batch)
                self._keep_log_short(rows)
        self._give_back()
        if self._copier is not None:
            self._copier.stop()

    def _commit(self, batch: list[Job]) -> None:
        """All of it in one transaction; an empty batch renews the lease."""
        outcomes = [_Outcome(job) for job in batch]
        try:
            with self._engine.begin() as connection:
                if self._lease is not None:
                    self._lease.renew(connection)
                if len(outcomes) == 1:
                    # Alone, it is undone with the transaction: what a savepoint keeps of five hundred pages costs a sixth of a batch.
                    outcomes[0].result = outcomes[0].job.function(connection)
                else:
                    for outcome in outcomes:
                        self._apply(connection, outcome)
                if self._lease is not None:
                    self._lease.renew_if_late(connection)
        except BaseException as error:  # noqa: BLE001 - handed to those who asked; the thread goes on
            # A full disk ends the whole transaction inside one job: that job's error says more than the failed rollback after it.
            failure = next((outcome.error for outcome in outcomes if isinstance(outcome.error, StoreUnavailable)), None)
            failure = failure or self._as_known_error(error)
            for outcome in outcomes:
                outcome.error = outcome.error or failure
            if self._lease is not None and len(batch) == 1 and not isinstance(failure, StoreUnavailable):
                self._commit([])  # the lease was renewed in the transaction that the job took along
        _deliver(outcomes)

    def _keep_log_short(self, rows: int) -> None:
        if self._copier is None:
            return
        try:
            self._copier.wrote(rows, self._engine)
        except (SQLAlchemyError, sqlite3.Error) as error:
            log.warning("The store's log could not be copied into its file, it grows until it can: %s", self._as_known_error(error))

    def _give_back(self) -> None:
        if self._lease is None:
            return
        try:
            with self._engine.begin() as connection:
                self._lease.release(connection)
        except SQLAlchemyError as error:
            log.warning("The room's lease could not be given back, it runs out by itself: %s", self._as_known_error(error))

    def _apply(self, connection: Connection, outcome: _Outcome) -> None:
        connection.exec_driver_sql("SAVEPOINT job")
        try:
            outcome.result = outcome.job.function(connection)
        except BaseException as error:  # noqa: BLE001 - handed to the one who asked; the thread and its neighbours go on
            outcome.error = self._as_known_error(error)
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
        connection.exec_driver_sql("RELEASE SAVEPOINT job")


def _deliver(outcomes: list[_Outcome]) -> None:
    by_loop: dict[asyncio.AbstractEventLoop, list[_Outcome]] = {}
    for outcome in outcomes:
        by_loop.setdefault(outcome.job.future.get_loop(), []).append(outcome)
    for loop, some in by_loop.items():
        try:
            loop.call_soon_threadsafe(_settle, some)
        except RuntimeError:
            log.debug("The loop has closed; %d results of the store reach nobody", len(some))


def _settle(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        future = outcome.job.future
        if future.done():
            continue
        if outcome.error is not None:
            future.set_exception(outcome.error)
        else:
            future.set_result(outcome.result)
