"""The same store on PostgreSQL, started from Debian's package for this test."""

import asyncio

import pytest
from fan_file import make
from sqlalchemy.exc import IntegrityError

from studio.errors import Conflict, StoreUnavailable
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.model.settings import PrivacySettings
from studio.store import bulk, contacts, fan_archive, fan_detail, fan_queries, holds, links, name_index, redeem, retention, suggestions
from studio.store.database import Database
from studio.store.erase import erase
from studio.store.fan_store import FanStore
from studio.store.links import Asked
from studio.store.tables import live_day
from studio.store.vault import Vault
from studio.store.working import Received


@pytest.fixture
async def database(postgres_url):
    database = Database(postgres_url)
    await database.open()
    yield database
    await database.close()


def received(*events):
    return [Received(event, event.at_ms, is_live=True) for event in events]


async def test_the_ledger_says_the_same_on_postgresql(database):
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    events = [
        make("e1", "refund", order="o1", amount_minor=30_00),
        make("e2", "order", order="o1", amount_minor=700_00, name="50% off"),
        make("e3", "chat", minute=10, text="签到"),
        make("e4", "gift", minute=11, gift="玫瑰", count=1, combo="c", combo_total=3, paid_minor=10),
        make("e5", "leave", minute=8),
        make("e6", "share", "u2", minute=8),
    ]
    first = await database.write(lambda connection: store.apply(connection, received(*events)))
    again = await database.write(lambda connection: store.apply(connection, received(*events)))
    assert (first.accepted, again.accepted, again.duplicate) == (6, 0, 6)
    before = await database.read(lambda connection: list(fan_archive.export_lines(connection)))
    assert await database.write(lambda connection: fan_archive.rebuild(connection, store)) == 6
    assert await database.read(lambda connection: list(fan_archive.export_lines(connection))) == before
    moment = fan_detail.Moment(events[0].at_ms, store.book, store.show_days, fan_queries.DaySet())
    detail = await database.read(lambda connection: fan_detail.detail_of(connection, "douyin", "u1", moment))
    assert (detail.person.spent_minor, detail.person.points, detail.person.gifts_minor, detail.rank) == (670_00, 675, 30, 1)
    found, after = await database.read(lambda connection: fan_queries.page(connection, "points", 1, "", moment))
    assert [one.key for one in found] == ["douyin:u1"]
    assert (await database.read(lambda connection: fan_queries.page(connection, "points", 5, after, moment)))[0][0].key == "douyin:u2"


def crowd(minute):
    """Forty fans, enough for a batch to go by COPY: chat, likes and orders, some of them named anew."""
    for number in range(40):
        fan, key = f"u{number}", f"{minute}-{number}"
        yield make(f"c{key}", "chat", fan, minute, text="好看\t\\N", name=f"小{number % 7}{minute}")
        yield make(f"l{key}", "like", fan, minute + 1, count=number)
        yield make(f"o{key}", "order", fan, minute + 2, order=f"o{key}", amount_minor=number * 10_00)


async def test_many_rows_at_once_say_the_same_as_on_sqlite(database, file):
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    both = list(crowd(0)), list(crowd(5))
    for batch in both:
        await database.write(lambda connection, batch=batch: store.apply(connection, received(*batch)))
        file.receive(*received(*batch))
    # Two batches in one transaction: the second must not find the rows of the first where they were staged.
    more = list(crowd(10)), list(crowd(15))
    await database.write(lambda connection: [store.apply(connection, received(*batch)) for batch in more] and None)
    for batch in more:
        file.receive(*received(*batch))
    assert await database.read(lambda connection: list(fan_archive.export_lines(connection))) == file.export()


async def test_rows_that_break_a_rule_are_refused_as_one_by_one(database):
    rows = [("r1", day) for day in range(20)]
    await database.write(lambda connection: bulk.insert(connection, live_day, rows))
    with pytest.raises(IntegrityError):
        await database.write(lambda connection: bulk.insert(connection, live_day, rows))


async def test_two_studios_on_one_store_never_overdraw(database, postgres_url):
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    days = [make(f"c{number}", "checkin", minute=number * 24 * 60) for number in range(20)]
    await database.write(lambda connection: store.apply(connection, received(*days)))
    moment = fan_detail.Moment(days[-1].at_ms, store.book, store.show_days, fan_queries.DaySet())
    other = Database(postgres_url)
    await other.open()
    wishes = [redeem.Wish("douyin", "u1", f"click{number}", "sample", 1) for number in range(10_000)]
    answers = await asyncio.gather(
        *(
            (database, other)[number % 2].write(lambda connection, wish=wish: redeem.redeem(connection, wish, moment))
            for number, wish in enumerate(wishes)
        ),
        return_exceptions=True,
    )
    await other.close()
    assert sum(isinstance(answer, tuple) for answer in answers) == 100
    detail = await database.read(lambda connection: fan_detail.detail_of(connection, "douyin", "u1", moment))
    assert detail.person.points == 0


async def test_a_server_that_is_not_there_is_an_error_in_words_without_the_password():
    database = Database("postgresql://encore:hush@127.0.0.1:1/nothing")
    with pytest.raises(StoreUnavailable) as error:
        await database.open()
    assert error.value.code == "store.unreachable"
    assert "hush" not in str(error.value)


async def test_persons_are_merged_held_tidied_and_erased_on_postgresql(database):
    store, asked, key = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY"), Asked("host", 0, "why"), Vault(bytes(32))
    events = [
        make("e1", "order", order="o1", amount_minor=300_50),
        make("e2", "order", "u2", order="o2", amount_minor=200_50),
        make("e3", "checkin", "u2"),
        make("e4", "chat", "u2", 1, text="some words", name="old"),
        make("e5", "chat", "u2", 2, text="亮牌", name="new"),
    ]
    await database.write(lambda connection: store.apply(connection, received(*events)))
    for number in (1, 2):
        await database.write(lambda connection, number=number: contacts.keep(connection, key, number, "phone", "13800138000", 0, "test"))
    [suggested] = await database.read(lambda connection: suggestions.suggestions(connection, 5))
    assert [one["id"] for one in suggested["accounts"]] == ["u1", "u2"]

    def export(connection):
        return list(fan_archive.export_lines(connection))

    alone = await database.read(export)
    done = await database.write(lambda connection: links.merge(connection, store, ("douyin", "u1"), ("douyin", "u2"), asked))
    both = await database.read(export)
    await database.write(lambda connection: fan_archive.rebuild(connection, store))
    assert await database.read(export) == both
    assert (await database.read(lambda connection: links.history(connection, [2])))[0]["can_undo"]
    await database.write(lambda connection: links.undo(connection, store, done.seq, asked))
    assert await database.read(export) == alone
    now_ms = events[0].at_ms + 9 * 86_400_000
    settings = PrivacySettings(chat_days=1, former_name_days=1, phone_days=1)
    tidied = await retention.run(database, store, settings, now_ms)
    assert (tidied.texts, tidied.names, tidied.contacts) == (1, 2, 2)
    await database.write(lambda connection: holds.put(connection, [2], asked))
    with pytest.raises(Conflict):
        await database.write(lambda connection: erase(connection, store, ("douyin", "u2")))
    await database.write(lambda connection: holds.release(connection, [2]))
    await database.write(lambda connection: erase(connection, store, ("douyin", "u2")))
    left = await database.read(export)
    assert "u2" not in "".join(left)
    await database.write(lambda connection: fan_archive.rebuild(connection, store))
    assert await database.read(export) == left


async def test_fans_are_found_by_a_part_of_their_name_as_on_sqlite(database, file):
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    named = [
        make(f"e{number}", "chat", f"u{number}", number, text="x", name=f"爱笑的小{'美桃'[number % 2]}{number}") for number in range(40)
    ]
    events = [*named, make("e99", "chat", "u3", 90, text="x", name="改名了")]
    await database.write(lambda connection: store.apply(connection, received(*events)))
    file.receive(*received(*events))
    for text in ("小美", "小桃3", "笑", "改名", "u7", "没有"):
        there = await database.read(lambda connection, text=text: name_index.find(connection, text, 50))
        assert there == name_index.find(file.connection, text, 50)
    assert await database.read(lambda connection: name_index.find(connection, "小桃3", 50).persons)
