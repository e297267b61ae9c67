"""PostgreSQL goes away in the middle of a show: events wait on the disk, nothing is lost or counted twice, and the host is told in words."""

import asyncio
from pathlib import Path

import pytest
from room import NOW_MS, Room

from studio.audience import StoreTrouble, stubborn_store
from studio.errors import KnownError, StoreUnavailable
from studio.model.events import FanEvent
from studio.words import LOCALES, say
from tests.postgres import cluster


@pytest.fixture
def server():
    with cluster() as own:
        yield own


@pytest.fixture
async def room(server, tmp_path):
    async with Room(tmp_path, store=server.new(), name="r1") as room:
        room.troubles = []
        room.bus.subscribe(StoreTrouble, room.troubles.append)
        yield room


def order(number, minor=100_00, fan="u1"):
    return FanEvent(f"w{number}", "order", NOW_MS, "douyin", room="r1", fan_id=fan, order=f"o{number}", amount_minor=minor, currency="CNY")


def journal_of(tmp_path) -> list[Path]:
    return sorted((tmp_path / "journals").glob("*.journal"))


async def spent(room, fan="u1"):
    return (await room.audience.fan("douyin", fan))["spent_minor"]


async def test_a_server_that_dies_and_comes_back_costs_nothing(room, server, tmp_path):
    await room.audience.set_live(True)
    await room.audience.submit(order(0))
    await room.audience.drained()
    await asyncio.to_thread(server.stop, "immediate")
    for number in range(1, 30):
        await room.audience.submit(order(number))
    await room.audience.submit(order(29))
    await room.audience.drained()
    [journal] = journal_of(tmp_path)
    assert len(journal.read_text().splitlines()) == 30
    assert journal.stat().st_mode & 0o077 == 0
    [trouble] = room.troubles
    assert (trouble.code, trouble.is_kept) == ("store.unreachable", True)
    for locale in LOCALES:
        words = say("errors", locale, trouble.code, **trouble.params)
        assert "127.0.0.1" in words
        assert "{" not in words
        assert "磁盘" not in words
    with pytest.raises(StoreUnavailable):
        await room.take(room.line("chat", text="answered only once it is kept"))
    await asyncio.to_thread(server.start)
    await room.until(lambda: room.troubles[-1].code == "")
    assert await spent(room) == 30 * 100_00
    assert journal_of(tmp_path) == []
    await room.until(lambda: room.audience.board()["rows"] and room.audience.board()["rows"][0]["spent_minor"] == 30 * 100_00)
    assert [one.code for one in room.troubles] == ["store.unreachable", ""]


async def test_what_waits_at_the_end_of_the_show_is_stored_at_the_next_start(server, tmp_path):
    url = server.new()
    async with Room(tmp_path, store=url) as room:
        await asyncio.to_thread(server.stop, "immediate")
        await room.audience.set_live(True)
        for number in range(5):
            await room.audience.submit(order(number))
    assert len(journal_of(tmp_path)) == 1
    await asyncio.to_thread(server.start)
    async with Room(tmp_path, store=url, name="r2") as other:
        with pytest.raises(KnownError):
            await spent(other)
    async with Room(tmp_path, store=url) as again:
        assert await spent(again) == 5 * 100_00
        assert again.audience.moment().live_days != again.audience.moment().live_days.without_day(again.audience.moment().today)
    assert journal_of(tmp_path) == []


async def test_a_server_that_answers_nothing_holds_nobody_up(room, server, tmp_path, monkeypatch):
    """Frozen, it still takes connections: nothing but patience tells that it isn't there."""
    await room.audience.submit(order(0))
    await room.audience.drained()
    monkeypatch.setattr(stubborn_store, "_PATIENCE_S", 0.5)
    server.freeze()
    try:
        for number in range(1, 2_000):
            await room.audience.submit(order(number, 1_00), may_drop=False)
        await room.audience.drained()
        assert [one.code for one in room.troubles] == ["store.slow"]
    finally:
        server.thaw()
    await room.until(lambda: room.troubles[-1].code == "")
    assert await spent(room) == 100_00 + 1_999 * 1_00


async def test_without_a_journal_connectors_wait_and_nobody_speaks_of_a_full_disk(server, tmp_path):
    async with Room(tmp_path, store=server.new(), journals=None) as room:
        troubles = []
        room.bus.subscribe(StoreTrouble, troubles.append)
        await asyncio.to_thread(server.stop, "immediate")
        await room.audience.submit(order(0))
        await room.until(lambda: troubles)
        await asyncio.to_thread(server.start)
        await room.until(lambda: troubles[-1].code == "")
        assert [(one.code, one.is_kept) for one in troubles] == [("store.unreachable", False), ("", True)]
        assert await spent(room) == 100_00


async def test_a_room_that_another_studio_took_is_kept_in_the_journal_until_it_is_free(room, server):
    await room.audience.submit(order(0))
    await room.audience.drained()
    server.sql_in(room.url, "UPDATE room_lease SET holder = 'other', studio = 'PC-2', expires_at = expires_at")
    await room.audience.submit(order(1))
    await room.audience.drained()
    [trouble] = room.troubles
    assert (trouble.code, trouble.params["studio"]) == ("store.room_lost", "PC-2")
    server.sql_in(room.url, "DELETE FROM room_lease")
    await room.until(lambda: room.troubles[-1].code == "")
    assert await spent(room) == 200_00


CUT_OFF = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"


async def test_a_server_that_was_made_read_only_is_told_as_that(room, server, tmp_path):
    name = room.url.rpartition("/")[2]
    server.sql_in(room.url, f"ALTER DATABASE {name} SET default_transaction_read_only = on", CUT_OFF)
    await room.audience.submit(order(0))
    await room.until(lambda: room.troubles and room.troubles[-1].code == "store.read_only")
    # It is told before the journal has it: the disk is asked in a thread of its own.
    await room.until(lambda: len(journal_of(tmp_path)) == 1)
    server.sql_in(
        room.url, "SET default_transaction_read_only = off", f"ALTER DATABASE {name} RESET default_transaction_read_only", CUT_OFF
    )
    await room.until(lambda: room.troubles[-1].code == "")
    assert await spent(room) == 100_00
