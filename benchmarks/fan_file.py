"""How fast events become a fan file, against a bare sqlite3 loop that writes the same rows in the same run.

    python benchmarks/fan_file.py [--events 60000] [--fans 20000] [--store URL]
    python benchmarks/fan_file.py --full 10000000     # into a file that holds so many fans already; they act by Zipf

It prints a table and writes benchmarks/results/fan_file.json; it changes no store but its own.
"""

import argparse
import asyncio
import gc
import json
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from sqlalchemy import Engine, event

from benchmarks.crowded_file import fan_id as stored_fan
from benchmarks.crowded_file import lay
from studio.model.event_lines import to_line
from studio.model.events import FanEvent, parse_line
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.settings import AudienceSettings
from studio.store import fan_detail, fan_queries
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.working import Received

START_MS = 1_795_348_800_000
BATCH = 500


def trace(count: int, fans: int) -> list[FanEvent]:
    """60 % chat, 15 likes, 15 enter and leave, 6 gifts, 3 orders and refunds, 1 repeated; fans by Zipf."""
    dice = random.Random(20_261_122)
    weights = [1 / (rank + 1) for rank in range(fans)]
    chosen = dice.choices(range(fans), weights, k=count)
    events: list[FanEvent] = []
    orders: list[tuple[str, str]] = []
    for number, fan in enumerate(chosen):
        roll = dice.random()
        fan_id = f"u{fan}"
        common = {"id": f"e{number}", "at_ms": START_MS + number, "platform": "douyin", "room": "r1", "name": f"粉丝{fan}"}
        if roll < 0.6:
            event = FanEvent(type="chat", fan_id=fan_id, text="这个颜色好看吗", **common)
        elif roll < 0.75:
            event = FanEvent(type="like", fan_id=fan_id, count=3, **common)
        elif roll < 0.9:
            event = FanEvent(type="leave" if roll < 0.82 else "enter", fan_id=fan_id, **common)
        elif roll < 0.96:
            event = FanEvent(type="gift", fan_id=fan_id, gift="玫瑰", count=1, paid_minor=10, currency="CNY", **common)
        elif roll < 0.985 or not orders:
            orders.append((f"o{number}", fan_id))
            event = FanEvent(type="order", fan_id=fan_id, order=f"o{number}", amount_minor=9_900, currency="CNY", **common)
        elif roll < 0.99:
            order, buyer = orders.pop(dice.randrange(len(orders)))
            event = FanEvent(type="refund", fan_id=buyer, order=order, amount_minor=4_950, currency="CNY", **common)
        else:
            event = events[-1]
        events.append(event)
    return events


def of_stored_fans(events: list[FanEvent], fans: int) -> list[FanEvent]:
    """The same events by fans of a full file: by Zipf, and the busy ones scattered over it as they are in a real one."""
    dice = random.Random(7)
    chosen = [int(fans ** dice.random()) * 7919 % fans + 1 for _ in events]
    return [replace(event, fan_id=stored_fan(fan), name=f"粉丝{fan}") for event, fan in zip(events, chosen, strict=True)]


def parsing(events: list[FanEvent]) -> float:
    """Lines parsed a second."""
    lines = [to_line(event).encode() for event in events[:20_000]]
    started = time.perf_counter()
    for number, line in enumerate(lines, 1):
        parse_line(line, number, START_MS + 10**9)
    return len(lines) / (time.perf_counter() - started)


async def ingesting(url: str, events: list[FanEvent]) -> tuple[float, list[float], int]:
    """Events a second through the store, look-up times in ms while it writes, and how many fans it made."""
    database = Database(url)
    await database.open()
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), AudienceSettings().currency)
    received = [Received(event, event.at_ms, is_live=True) for event in events]
    lookups: list[float] = []
    reader = asyncio.create_task(_look_up(database, store, lookups))
    started = time.perf_counter()
    writes = [_write(database, store, received[start : start + BATCH]) for start in range(0, len(received), BATCH)]
    await asyncio.gather(*writes)
    rate = len(events) / (time.perf_counter() - started)
    reader.cancel()
    persons = await database.read(lambda connection: connection.exec_driver_sql("SELECT count(*) FROM person").scalar())
    await database.close()
    return rate, lookups, persons


async def _write(database: Database, store: FanStore, batch: list[Received]) -> None:
    await database.write(lambda connection: store.apply(connection, batch), rows=len(batch))


async def _look_up(database: Database, store: FanStore, taken_ms: list[float]) -> None:
    dice = random.Random(1)
    moment = fan_detail.Moment(START_MS, store.book, store.show_days, fan_queries.DaySet())
    while True:
        fan = f"u{dice.randrange(1_000)}"
        started = time.perf_counter()
        await database.read(lambda connection, fan=fan: fan_detail.detail_of(connection, "douyin", fan, moment))
        taken_ms.append((time.perf_counter() - started) * 1000)
        await asyncio.sleep(0.02)


class Recorder:
    """What is written, statement by statement, so that a bare loop can write the same again."""

    def __init__(self) -> None:
        self.batches: list[list[tuple[str, list]]] = [[]]
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._commit)

    def _statement(self, _connection, _cursor, statement, parameters, _context, is_many) -> None:
        if is_many:
            self.batches[-1].append((statement, parameters))

    def _commit(self, _connection) -> None:
        if self.batches[-1]:
            self.batches.append([])

    def stop(self) -> None:
        """Listen no more."""
        event.remove(Engine, "before_cursor_execute", self._statement)
        event.remove(Engine, "commit", self._commit)


def bare(batches: list[list[tuple[str, list]]], folder: Path, count: int) -> float:
    """Events a second of a bare loop that writes the same rows in the same transactions into a copy of the file as it was before."""
    target = sqlite3.connect(folder / "bare.db", isolation_level=None)
    target.execute("PRAGMA journal_mode=WAL")
    target.execute("PRAGMA synchronous=FULL")
    target.execute("PRAGMA cache_size=-64000")
    target.execute("PRAGMA wal_autocheckpoint=8000")
    started = time.perf_counter()
    for batch in batches:
        target.execute("BEGIN IMMEDIATE")
        for statement, rows in batch:
            target.executemany(statement, rows)
        target.execute("COMMIT")
    rate = count / (time.perf_counter() - started)
    target.close()
    return rate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, default=60_000)
    parser.add_argument("--fans", type=int, default=20_000)
    parser.add_argument("--full", type=int, default=0, help="fans that the SQLite file holds before")
    parser.add_argument("--store", help="another store than a new SQLite file, for PostgreSQL")
    given = parser.parse_args()
    events = trace(given.events, given.fans)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "encore.db"
        url = given.store or f"sqlite:///{path}"
        if given.full:
            events = of_stored_fans(events, given.full)
        if not given.store:
            lay(path, given.full)
            shutil.copy(path, path.with_name("bare.db"))
        gc.collect()
        gc.freeze()  # as the engine does: it collects between frames
        recorder = Recorder()
        rate, lookups, persons = asyncio.run(ingesting(url, events))
        recorder.stop()
        bare_rate = 0.0 if given.store else bare(recorder.batches, Path(folder), len(events))
    lookups.sort()
    result = {
        "events": given.events,
        "fans": persons,
        "parsed_per_s": round(parsing(events)),
        "ingested_per_s": round(rate),
        "bare_sqlite3_per_s": round(bare_rate),
        "ratio_to_bare": round(rate / bare_rate, 2) if bare_rate else None,
        "lookup_p99_ms_while_writing": round(lookups[len(lookups) * 99 // 100], 2) if lookups else None,
    }
    for name, value in result.items():
        print(f"{name:32} {value}")
    results = Path(__file__).parent / "results"
    results.mkdir(exist_ok=True)
    (results / "fan_file.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
