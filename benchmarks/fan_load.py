"""What is measured of a fan file: events written, fans looked up meanwhile, the questions of a host. Each in a process of its own.

It judges nothing: `benchmarks.fan_file` knows the bounds.
"""

import asyncio
import contextlib
import gc
import itertools
import random
import resource
import sqlite3
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Self, TypeVar

from sqlalchemy import Engine, event

from benchmarks.crowded_file import fan_id
from benchmarks.fan_events import START_MS, of_stored_fans, trace
from studio.app.engine import SWITCH_INTERVAL_S
from studio.model.day_set import EMPTY
from studio.model.events import FanEvent
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import counters, fan_detail, fan_queries
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.working import Received

T = TypeVar("T")
BATCH = 500
FANS_IN_A_ROOM = 20_000


@dataclass(frozen=True, slots=True)
class Written:
    """Events a second, the processor's time for one, and how much memory the process had at most."""

    per_s: float
    cpu_us: float
    peak_mb: float


def apart(function: Callable[..., T], *arguments: object) -> T:
    """Run it in a new process: nobody's caches, garbage or memory are in its figures."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(function, *arguments).result()


def made_events(count: int, fans: int) -> list[FanEvent]:
    """So many events, by the fans of a full file or, with 0, by new ones."""
    events = trace(count, FANS_IN_A_ROOM)
    return of_stored_fans(events, fans) if fans else events


def write_all(url: str, count: int, fans: int) -> Written:
    """Events as fast as the store takes them."""
    return asyncio.run(_write_all(url, made_events(count, fans)))


def write_beside_bare(url: str, bare: Path, count: int, fans: int) -> tuple[Written, float]:
    """As `write_all`; and the events a second of a bare sqlite3 loop that writes the same rows, statement by statement, into `bare`."""
    with _Recorder() as recorder:
        written = write_all(url, count, fans)
    return written, count / _seconds_to_write(bare, recorder.batches)


async def _write_all(url: str, events: Sequence[FanEvent]) -> Written:
    async with _opened(url) as (database, store):
        received = [Received(one, one.at_ms, is_live=True) for one in events]
        async with _collecting():
            started, cpu_s = time.perf_counter(), time.process_time()
            batches = [received[start : start + BATCH] for start in range(0, len(received), BATCH)]
            await asyncio.gather(*(_write(database, store, batch) for batch in batches))
            per_s = len(events) / (time.perf_counter() - started)
            cpu_us = (time.process_time() - cpu_s) / len(events) * 1e6
    return Written(per_s, cpu_us, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


@contextlib.asynccontextmanager
async def _opened(url: str) -> AsyncIterator[tuple[Database, FanStore]]:
    """As a studio opens it: with the lease of its room, and hearing what other studios change."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    database = Database(url, room="r1")
    await database.open()
    database.listen(lambda _heard: None)
    try:
        yield database, FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    finally:
        await database.close()


@contextlib.asynccontextmanager
async def _collecting() -> AsyncIterator[None]:
    """Garbage as the engine treats it: what was there before is frozen, new is collected ten times a second, and once more."""

    async def collect() -> None:
        for number in itertools.count(1):
            await asyncio.sleep(0.1)
            gc.collect(0 if number % 3 else 1)

    gc.collect()
    gc.freeze()
    gc.disable()
    collector = asyncio.create_task(collect())
    try:
        yield
    finally:
        collector.cancel()
        gc.enable()


async def _write(database: Database, store: FanStore, batch: list[Received]) -> None:
    await database.write(lambda connection: store.apply(connection, batch), rows=len(batch))


@dataclass(frozen=True, slots=True)
class Looked:
    """Times of look-ups in ms, sorted, how many events a second were written meanwhile, and how late an idle thread wakes."""

    times_ms: list[float]
    written_per_s: float
    wake_p99_ms: float


def look_up_while_writing(url: str, fans: int, per_s: int, seconds: int) -> Looked:
    """Fans looked up at random, fifty a second, while events come in at just this rate, ten batches a second as the intake has it."""
    return asyncio.run(_look_up_while_writing(url, fans, per_s, seconds))


async def _look_up_while_writing(url: str, fans: int, per_s: int, seconds: int) -> Looked:
    wakes_ms = sorted(_wakes_ms(1.0))
    async with _opened(url) as (database, store):
        received = [Received(one, one.at_ms, is_live=True) for one in made_events(per_s * seconds, fans)]
        times_ms: list[float] = []
        async with _collecting():
            started = time.perf_counter()
            looking = asyncio.create_task(_look_up(database, store, fans, times_ms))
            writes: list[asyncio.Task[None]] = []
            size = per_s // 10
            for number in range(seconds * 10):
                await asyncio.sleep(max(0.0, started + number / 10 - time.perf_counter()))
                writes.append(asyncio.create_task(_write(database, store, received[number * size : (number + 1) * size])))
            await asyncio.gather(*writes)
            took_s = time.perf_counter() - started
            looking.cancel()
    return Looked(sorted(times_ms), len(received) / max(took_s, seconds), wakes_ms[len(wakes_ms) * 99 // 100])


def _wakes_ms(seconds: float) -> list[float]:
    """How much later than asked this machine wakes a thread that has nothing to wait for: no look-up can be faster."""
    late: list[float] = []
    until = time.perf_counter() + seconds
    while (before := time.perf_counter()) < until:
        time.sleep(0.001)
        late.append((time.perf_counter() - before - 0.001) * 1000)
    return late


async def _look_up(database: Database, store: FanStore, fans: int, times_ms: list[float]) -> None:
    dice = random.Random(1)
    moment = fan_detail.Moment(START_MS, store.book, store.show_days, EMPTY)
    while True:
        fan = fan_id(dice.randint(1, fans))
        before = time.perf_counter()
        found = await database.read(lambda connection, fan=fan: fan_detail.detail_of(connection, "douyin", fan, moment))
        times_ms.append((time.perf_counter() - before) * 1000)
        assert found is not None
        await asyncio.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Asked:
    """The slower of ten answers in ms, the tenth of them left out."""

    top_ms: float
    rank_ms: float
    tiers_ms: float
    wrong_ranks: int


def ask(url: str, fans: int) -> Asked:
    """The questions of a host."""
    return asyncio.run(_ask(url, fans))


async def _ask(url: str, fans: int) -> Asked:
    async with _opened(url) as (database, store):
        moment = fan_detail.Moment(START_MS, store.book, store.show_days, EMPTY)
        some = [fan_id(1 + number * 7919 % fans) for number in range(40)]
        top = await _times(database, lambda connection: fan_queries.page(connection, "spent_minor", 50, "", moment), 40)
        ranks = [
            (await _times(database, lambda connection, fan=fan: fan_detail.detail_of(connection, "douyin", fan, moment), 1))[0]
            for fan in some
        ]
        tiers = await _times(database, counters.tier_histogram, 40)
        wrong = [await database.read(lambda connection, fan=fan: _is_wrong(connection, fan, moment)) for fan in some[:5]]
    return Asked(_slow(top), _slow(ranks), _slow(tiers), sum(wrong))


async def _times(database: Database, question: Callable[[Any], object], count: int) -> list[float]:
    times = []
    for _ in range(count):
        before = time.perf_counter()
        await database.read(question)
        times.append((time.perf_counter() - before) * 1000)
    return times


def _slow(times_ms: list[float]) -> float:
    return sorted(times_ms)[len(times_ms) * 9 // 10]


def _is_wrong(connection: Any, fan: str, moment: fan_detail.Moment) -> bool:
    """Whether the place differs from a count of everybody, made here by SQL alone."""
    found = fan_detail.detail_of(connection, "douyin", fan, moment)
    assert found is not None
    more = connection.exec_driver_sql(f"SELECT count(*) FROM person WHERE is_staff = 0 AND spent_minor > {found.person.spent_minor}")
    return found.rank != more.scalar() + 1


class _Recorder:
    """What is written, statement by statement, so that a bare loop can write the same again."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[str, Any, bool]]] = [[]]

    def __enter__(self) -> Self:
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)
        return self

    def __exit__(self, *_: object) -> None:
        event.remove(Engine, "before_cursor_execute", self._statement)
        event.remove(Engine, "commit", self._commit)

    def _statement(self, _connection: object, _cursor: object, statement: str, parameters: Any, _context: object, is_many: bool) -> None:  # noqa: FBT001 - as SQLAlchemy calls it
        if statement.startswith(("INSERT", "UPDATE", "DELETE")):
            self.batches[-1].append((statement, parameters, is_many))

    def _commit(self, _connection: object) -> None:
        if self.batches[-1]:
            self.batches.append([])


def _seconds_to_write(path: Path, batches: Sequence[Sequence[tuple[str, Any, bool]]]) -> float:
    gc.collect()
    gc.freeze()
    target = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "cache_size=-64000", "wal_autocheckpoint=8000"):
        target.execute(f"PRAGMA {pragma}")
    started = time.perf_counter()
    for batch in batches:
        target.execute("BEGIN IMMEDIATE")
        for statement, rows, is_many in batch:
            (target.executemany if is_many else target.execute)(statement, rows)
        target.execute("COMMIT")
    took_s = time.perf_counter() - started
    target.close()
    return took_s
