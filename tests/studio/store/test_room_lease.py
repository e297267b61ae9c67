"""One writer for a room: a second studio is refused in words, a lost room is written by nobody else's hand, and nothing is lost."""

import asyncio
import subprocess
import sys
import time

import pytest
from sqlalchemy import select, update

from studio.errors import StoreUnavailable
from studio.store import room_lease
from studio.store.database import Database
from studio.store.lease_tables import room_lease as table
from studio.store.room_lease import LEASE_MS
from studio.store.tables import live_day
from studio.words import LOCALES, say_error


@pytest.fixture
async def studio(store_url):
    database = Database(store_url, room="r1")
    await database.open()
    yield database
    await database.close()


def day(number):
    return lambda connection: connection.execute(live_day.insert().values(room="r1", show_day=number)) and None


def days(connection):
    return sorted(connection.execute(select(live_day.c.show_day)).scalars())


def lease(connection):
    return connection.execute(select(table)).one()


def given_to(studio, *, ends_in_ms):
    """Another studio has it, as its own transaction would leave the row."""
    ends_at = int(time.time() * 1000) + ends_in_ms
    return lambda connection: connection.execute(update(table).values(holder="other", studio=studio, expires_at=ends_at)) and None


async def aside(database, function):
    """What another studio commits: not through the writer of this one."""
    await asyncio.to_thread(_commit, database, function)


def _commit(database, function):
    with database._write_engine.begin() as connection:
        function(connection)


async def test_a_job_that_fails_alone_is_undone_whole_and_costs_the_room_nothing(studio):
    def fail(connection):
        day(3)(connection)
        raise ZeroDivisionError

    before = (await studio.read(lease)).expires_at
    await asyncio.sleep(0.02)
    with pytest.raises(ZeroDivisionError):
        await studio.write(fail)
    assert (await studio.read(lease)).expires_at > before
    assert await studio.read(days) == []


async def test_a_room_is_taken_renewed_by_each_transaction_and_given_back(studio, store_url):
    taken = await studio.read(lease)
    assert (taken.room, taken.studio) != ("", "")
    assert 0 <= taken.expires_at - taken.since <= LEASE_MS + 30_000
    await asyncio.sleep(0.02)
    await studio.write(day(1))
    assert (await studio.read(lease)).expires_at > taken.expires_at
    await studio.close()
    reader = Database(store_url, is_read_only=True)
    await reader.open()
    assert await reader.read(lambda connection: connection.execute(select(table)).all()) == []
    await reader.close()


async def test_a_second_studio_on_the_room_is_told_who_has_it(postgres_url):
    first, second = Database(postgres_url, room="r1"), Database(postgres_url, room="r1")
    await first.open()
    await aside(first, lambda connection: connection.execute(update(table).values(studio="PC-2")) and None)
    with pytest.raises(StoreUnavailable) as error:
        await second.open()
    assert error.value.code == "store.room_in_use"
    for locale in LOCALES:
        words = say_error(error.value, locale)
        assert all(word in words for word in ("PC-2", "r1", "15"))
        assert "{" not in words
    other_room = Database(postgres_url, room="r2")
    await other_room.open()
    await first.write(day(1))
    await other_room.close()
    await first.close()
    await second.open()
    await second.close()


async def test_of_two_studios_that_open_at_once_one_has_the_room(postgres_url):
    studios = [Database(postgres_url, room="r1") for _ in range(4)]
    await studios[0].open()
    await studios[0].close()
    answers = await asyncio.gather(*(one.open() for one in studios), return_exceptions=True)
    assert [isinstance(answer, StoreUnavailable) for answer in answers].count(False) == 1
    for one in studios:
        await one.close()


async def test_a_lost_room_is_not_written_and_taken_up_again_when_it_is_free(studio):
    await studio.write(day(1))
    await aside(studio, given_to("PC-2", ends_in_ms=14_000))
    with pytest.raises(StoreUnavailable) as error:
        await studio.write(day(2))
    assert (error.value.code, error.value.params["studio"], error.value.retryable) == ("store.room_lost", "PC-2", True)
    assert await studio.read(days) == [1]
    assert (await studio.read(lease)).holder == "other"
    await aside(studio, given_to("PC-2", ends_in_ms=-1))
    await studio.write(day(2))
    assert await studio.read(days) == [1, 2]


async def test_a_lease_that_ran_out_is_taken_over(store_url):
    first = Database(store_url, room="r1")
    await first.open()
    await aside(first, given_to("PC-2", ends_in_ms=-1))
    await first.close()  # not ours any more: it stays
    second = Database(store_url, room="r1")
    await second.open()
    assert (await second.read(lease)).studio != "PC-2"
    await second.close()


async def test_a_clock_that_was_set_back_doesnt_lock_the_room_for_a_day(studio):
    await aside(studio, given_to("PC-2", ends_in_ms=24 * 3_600_000))
    await studio.write(day(1))
    assert await studio.read(days) == [1]


async def test_a_studio_without_anything_to_write_keeps_its_room(store_url, monkeypatch):
    monkeypatch.setattr("studio.store.writer.RENEW_S", 0.05)
    studio = Database(store_url, room="r1")
    await studio.open()
    before = (await studio.read(lease)).expires_at
    async with asyncio.timeout(30):
        while (await studio.read(lease)).expires_at <= before:  # noqa: ASYNC110 - the row has no event
            await asyncio.sleep(0.02)
    await studio.close()


async def test_a_long_transaction_ends_with_a_lease_that_holds(studio, monkeypatch):
    monkeypatch.setattr(room_lease, "RENEW_S", 0.0)
    await studio.write(given_to_self)
    assert (await studio.read(lease)).expires_at > time.time() * 1000


def given_to_self(connection):
    """As if the transaction had taken longer than the lease."""
    connection.execute(update(table).values(expires_at=0))


KILLED = """
import asyncio, sys
from studio.store.database import Database

async def main():
    database = Database(sys.argv[1], room="r1")
    await database.open()
    print("open", flush=True)
    await asyncio.sleep(300)

asyncio.run(main())
"""


def opened_elsewhere(url):
    return subprocess.Popen([sys.executable, "-c", KILLED, url], stdout=subprocess.PIPE, text=True)


async def test_a_studio_that_was_killed_has_its_room_again_at_once(store_url):
    child = await asyncio.to_thread(opened_elsewhere, store_url)
    try:
        assert await asyncio.to_thread(child.stdout.readline) == "open\n"
    finally:
        child.kill()
        child.wait()
        child.stdout.close()
    again = Database(store_url, room="r1")
    async with asyncio.timeout(30):
        while True:
            try:
                await again.open()
                break
            except StoreUnavailable as error:  # the server needs a moment to see that its client has gone
                assert error.code == "store.room_in_use"
                await asyncio.sleep(0.05)
    await again.close()
