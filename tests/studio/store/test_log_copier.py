"""SQLite's log is copied into the file beside the writer: it stays short under a writer that never rests, and nothing in it is lost."""

import asyncio
import os
import sys
import threading

import pytest
from sqlalchemy import text

from studio.store import engines, log_copier
from studio.store.database import Database

KILOBYTE = "x" * 1_000


@pytest.fixture
async def busy(tmp_path, monkeypatch):
    """A store whose log is copied often, and how often it began anew."""
    monkeypatch.setattr(log_copier, "_PAGES", 100)
    begun: list[None] = []

    def copy(engine):
        begun.append(engines.copy_log(engine))

    monkeypatch.setattr(log_copier, "copy_log", copy)
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    await database.write(lambda connection: connection.execute(text("CREATE TABLE line (n INTEGER PRIMARY KEY, words TEXT)")) and None)
    yield database, begun
    await database.close()


async def add(database, first):
    rows = [{"n": first + number, "words": KILOBYTE} for number in range(50)]
    await database.write(lambda connection: connection.execute(text("INSERT INTO line VALUES (:n, :words)"), rows) and None, rows=50)


def count(connection):
    return connection.execute(text("SELECT count(*) FROM line")).scalar_one()


async def until_begun(database, begun, times):
    """Write until the log began anew so many times; how many rows that took."""
    written = 0
    async with asyncio.timeout(60):
        while len(begun) < times:
            await add(database, written)
            written += 50
    return written


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere threads have no niceness of their own")
async def test_who_copies_stands_back_and_who_writes_does_not(busy):
    database, begun = busy
    await until_begun(database, begun, 1)
    nice = {thread.name: os.getpriority(os.PRIO_PROCESS, thread.native_id) for thread in threading.enumerate()}
    assert nice["store-log"] > nice["store"] == nice["MainThread"]


async def test_the_log_begins_anew_while_the_writer_goes_on(busy, tmp_path):
    database, begun = busy
    written = await until_begun(database, begun, 20)
    before = (tmp_path / "encore.db-wal").stat().st_size
    assert await database.read(count) == written
    assert before < written * len(KILOBYTE)
    await database.close()
    again = Database(f"sqlite:///{tmp_path}/encore.db", is_read_only=True)
    await again.open()
    assert await again.read(count) == written
    await again.close()


async def test_somebody_who_reads_for_long_sees_one_moment_and_loses_nobody_anything(busy):
    database, begun = busy
    await add(database, 0)
    with database._read_engine.connect() as reader:
        assert count(reader) == 50
        more = 50
        async with asyncio.timeout(60):
            while len(begun) < 3:
                await add(database, more)
                more += 50
        assert count(reader) == 50
    assert await database.read(count) == more


async def test_what_is_flushed_is_in_the_file_alone(busy, tmp_path):
    database, begun = busy
    await until_begun(database, begun, 2)
    await database.flush()
    assert (tmp_path / "encore.db-wal").stat().st_size == 0


async def test_a_calm_room_leaves_no_long_log(tmp_path, monkeypatch):
    """Its transactions are of one row and a dozen pages each: counted by rows alone, its log becomes many times as long as the file."""
    monkeypatch.setattr(log_copier, "_PAGES", 1_000)
    database = Database(f"sqlite:///{tmp_path}/encore.db")
    await database.open()
    await database.write(lambda connection: connection.execute(text("CREATE TABLE line (n INTEGER PRIMARY KEY, words TEXT)")) and None)
    for number in range(300):
        row = {"n": number, "words": 50 * KILOBYTE}
        await database.write(lambda connection, row=row: connection.execute(text("INSERT INTO line VALUES (:n, :words)"), row) and None)
    longest = (tmp_path / "encore.db-wal").stat().st_size
    await database.close()
    assert longest < 2_500 * 4_096
