"""Fans are kept in memory between batches: whatever else happens to the file, the next batch works on what stands in it."""

import pytest
import sqlalchemy
from fan_file import T0, FanFile, make

from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import hot_fans
from studio.store.database import Database
from studio.store.fan_store import FanStore
from studio.store.redeem import Wish, redeem
from studio.store.working import Received


def chats(file, count, start=0):
    return [file.event("chat", f"u{number}", minute=number / 100) for number in range(start, start + count)]


def test_points_taken_between_two_batches_stay_taken(file):
    file.take(file.event("checkin", minute=0))
    redeem(file.connection, Wish("douyin", "u1", "click", "sample", 3), file.moment())
    file.take(file.event("share", minute=1))
    assert file.person().points == 5 - 3 + 20


def test_a_batch_that_was_undone_leaves_no_trace_in_the_next(file):
    file.take(file.event("order", minute=0, order="o1", amount_minor=50_00))
    file.connection.exec_driver_sql("SAVEPOINT job")
    file.take(file.event("order", minute=1, order="o2", amount_minor=70_00))
    file.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
    file.take(file.event("order", minute=2, order="o3", amount_minor=1_00))
    assert (file.person().spent_minor, file.person().orders) == (51_00, 2)
    assert file.counters()["spent_minor"] == 51_00


def test_a_batch_that_failed_half_way_leaves_no_trace_in_the_next(file, monkeypatch):
    file.take(file.event("order", minute=0, order="o1", amount_minor=50_00))
    file.connection.exec_driver_sql("SAVEPOINT job")
    with monkeypatch.context() as broken:
        broken.setattr(file.store, "save", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            file.take(file.event("order", minute=1, order="o2", amount_minor=70_00))
    file.connection.exec_driver_sql("ROLLBACK TO SAVEPOINT job")
    file.take(file.event("chat", minute=2))
    assert file.person().spent_minor == 50_00


def test_those_who_are_forgotten_are_read_again(kind, monkeypatch):
    monkeypatch.setattr(hot_fans, "_GENERATION", 3)
    file = FanFile()
    for _ in range(4):
        for start in range(0, 20, 2):
            file.take(*chats(file, 2, start))
    assert [file.person(f"u{number}").chats for number in range(20)] == [4] * 20
    file.close()


def test_a_row_that_changes_in_no_indexed_column_is_stored_all_the_same(file):
    file.take(file.event("like", minute=0, count=3))
    file.take(file.event("like", minute=1, count=4))
    assert (file.person().likes, file.person().points) == (7, 0)


async def test_the_lease_that_each_transaction_renews_makes_nobody_forgotten(tmp_path):
    database = Database(f"sqlite:///{tmp_path}/encore.db", room="r1")
    await database.open()
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    read: list[str] = []

    def take(number):
        some = Received(make(f"e{number}", "like", minute=number, count=1), T0 + number * 60_000)
        return lambda connection: store.apply(connection, [some])

    try:
        await database.write(take(1))
        sqlalchemy.event.listen(database._write_engine, "before_cursor_execute", lambda *about: read.append(about[2]))
        await database.write(take(2))
        assert any("room_lease" in sql for sql in read)
        assert not any('FROM "person"' in sql or 'FROM "identity"' in sql for sql in read)
        await database.write(lambda connection: connection.exec_driver_sql("UPDATE person SET likes = 7") and None)
        await database.write(take(3))
        assert any('FROM "person"' in sql for sql in read)
        assert await database.read(lambda connection: connection.exec_driver_sql("SELECT likes FROM person").scalar()) == 8
    finally:
        await database.close()
