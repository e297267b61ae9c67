"""The fan file is read once after it was opened, and SQLite keeps its locks."""

import asyncio
import sqlite3

import pytest
from other_program import take_whole

from studio.store import warming
from studio.store.database import Database
from studio.store.warming import Warming
from tests.servers import wait_until

PIECE = warming._PIECE_BYTES


@pytest.fixture
def asked(monkeypatch):
    """Where the pieces begin that were asked for, and what is asked really happens."""
    starts = []
    ask_for = warming._ask_for

    def note(file, start):
        ask_for(file, start)
        starts.append(start)

    monkeypatch.setattr(warming, "_ask_for", note)
    return starts


def test_every_piece_is_asked_for_once(tmp_path, asked):
    (tmp_path / "file").write_bytes(bytes(2 * PIECE + 1))
    thread = Warming(tmp_path / "file")
    thread.start()
    wait_until(lambda: len(asked) == 3)
    thread.stop()
    thread.stop()
    assert asked == [0, PIECE, 2 * PIECE]


def test_a_file_too_large_for_the_memory_is_left_alone(tmp_path, asked, monkeypatch):
    monkeypatch.setattr(warming, "_SHARE", 1 << 60)
    (tmp_path / "file").write_bytes(bytes(PIECE))
    thread = Warming(tmp_path / "file")
    thread.start()
    wait_until(lambda: not thread._thread.is_alive())
    thread.stop()
    assert asked == []


def test_it_ends_early_and_without_a_file(tmp_path, asked):
    with (tmp_path / "file").open("wb") as file:
        file.truncate(1000 * PIECE)
    thread = Warming(tmp_path / "file")
    thread.start()
    wait_until(lambda: asked)
    thread.stop()
    assert len(asked) < 1000
    gone = Warming(tmp_path / "gone")
    gone.start()
    gone.stop()


async def test_sqlite_keeps_its_locks_while_the_file_is_warmed(tmp_path, asked):
    """A process that closes any handle of a file gives up its locks on it: another program could then take the log away."""
    path = tmp_path / "encore.db"
    database = Database(f"sqlite:///{path}")
    await database.open()
    wait_until(lambda: asked and not database._warming._thread.is_alive())
    beside = await asyncio.to_thread(take_whole, path)
    await database.close()
    assert (beside, await asyncio.to_thread(take_whole, path)) == ("refused", "taken")
    assert sqlite3.connect(path).execute("PRAGMA quick_check").fetchone() == ("ok",)
