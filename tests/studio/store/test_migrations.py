"""A store of each earlier version comes up to date with everything that was in it, on both stores; a copy is made first, a newer one refused."""

import asyncio
import json

import pytest
from sqlalchemy import Connection, inspect, text

from studio.errors import StoreUnavailable
from studio.model.events import format_time
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import engines, fan_archive, migrate, sqlite_file
from studio.store.database import Database
from studio.store.fan_store import FanStore

VERSIONS = migrate.known_revisions()
AT = 1_795_348_800_000
ITEMS = json.dumps([{"sku": "a", "name": "口红 01", "category": "口红", "qty": 2, "price_minor": 9_900}], ensure_ascii=False)
ORDER = json.dumps({"name": "小美", "order": "o1", "amount_minor": 19_800, "currency": "CNY", "items": ITEMS}, ensure_ascii=False)


def fill(connection: Connection, version: str) -> None:
    """What a show of that version left: two fans, an order half refunded, chat, a gift, a check-in, a drop with an entry."""
    owner = "person_id" if version < "0004" else "identity_id"

    def put(table: str, **values) -> None:
        known = {column["name"] for column in inspect(connection).get_columns(table)}
        assert set(values) <= known, (table, set(values) - known)
        names = ", ".join(f'"{name}"' for name in values)
        connection.execute(text(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(f":{name}" for name in values)})'), values)

    events = (
        ("order", 1, ORDER),
        ("refund", None, json.dumps({"order": "o1", "amount_minor": 9_900, "currency": "CNY"})),
        ("chat", 2, json.dumps({"name": "阿柚", "text": "好看"}, ensure_ascii=False)),
        (
            "gift",
            2,
            json.dumps({"name": "阿柚", "gift": "玫瑰", "count": 3, "paid_minor": 30, "currency": "CNY", "combo": "c", "combo_total": 3}),
        ),
        ("checkin", 1, json.dumps({"name": "小美"}, ensure_ascii=False)),
    )
    for seq, (kind, fan, payload) in enumerate(events, 1):
        at = AT + seq * 1_000
        put("event", seq=seq, platform="douyin", event_id=f"e{seq}", type=kind, at=at, received_at=at, room="r1", identity_id=fan, is_live=1,
            payload=payload)  # fmt: skip
    for number, (fan, name) in enumerate((("u1", "小美"), ("u2", "阿柚")), 1):
        put("person", **(EMPTY | {"person_id": number, "first_seen_at": AT}))
        put("identity", identity_id=number, person_id=number, platform="douyin", fan_id=fan, name=name, name_at=AT, avatar="", club_level=0,
            is_member=0)  # fmt: skip
        put("name", identity_id=number, name=name, first_seen_at=AT)
    for seq, (kind, amount) in enumerate((("order", 19_800), ("refund", -9_900)), 1):
        put("spend", event_seq=seq, platform="douyin", order_no="o1", kind=kind, at=AT, amount_minor=amount, counted_minor=amount,
            currency="CNY", note="", **{owner: 1})  # fmt: skip
    for kind, delta in (("order", 198), ("refund", -99), ("checkin", 5), ("gift", 7)):
        put("points", kind=kind, at=AT, delta=delta, ref="", **{owner: 1})
    put("purchase", order_no="o1", platform="douyin", person_id=1, amount_minor=19_800, refunded_minor=9_900, counted_minor=9_900, refunds=1,
        currency="CNY", is_promo=0, paid_at=AT, confirmed_at=AT, note="", **({} if version < "0004" else {"identity_id": 1}))  # fmt: skip
    put("combo", combo="c", identity_id=2, total=3)
    put("live_day", room="r1", show_day=20_780)
    if version >= "0005":
        put("bought", order_no="o1", platform="douyin", category="口红", qty=2, amount_minor=19_800)
        put("standing", person_id=1, show_day=20_779, segment="silent", layer="new")
    if version >= "0003":
        put("product", room="r1", sku="a", name="口红 01", seller="", picture="", price_minor=9_900, facts="[]", updated_at=AT)
    if version >= "0004":
        put("link", kind="apart", at=AT, asked_by="host", reason="")
    if version >= "0006":
        put("member_code", code_hash="x", platform="douyin", fan_id="u1", made_at=AT, made_by="host", revoked_at=0)


def count(connection: Connection) -> None:
    """What that version's batches kept of the ledger's first and last moment."""
    for name, seconds in (("first_event_at", 1), ("last_event_at", 5)):
        values = {"name": name, "at": AT + seconds * 1_000}
        connection.execute(text("INSERT INTO counter (name, value) VALUES (:name, :at)"), values)


EMPTY = dict.fromkeys(("spent_minor", "gifts_minor", "support_minor", "adjusted_points", "bonus_tickets", "orders", "promo_orders", "refunds",
                       "last_seen_at", "active_at", "likes", "chats", "visits", "is_staff", "points"), 0) | {
    "left_at": -1, "unfollowed_at": -1, "on_air": "", "on_air_at": -1}  # fmt: skip


@pytest.fixture
def old_url(request, tmp_path):
    """The address of a store that nobody has laid a table in, once of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/old.db"
        return
    postgres = request.getfixturevalue("postgres")
    url = postgres.new()
    yield url
    postgres.drop(url)


def lay(url: str, version: str) -> None:
    """A store as that version left it."""
    engine = engines.make(engines.parse(url), "old", is_read_only=False)
    with engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql(f"PRAGMA application_id = {sqlite_file.APPLICATION_ID}")
        migrate.upgrade(connection, version)
        fill(connection, version)
        if version >= "0014":
            count(connection)
    engine.dispose()


def told(connection: Connection) -> dict:
    fans = [json.loads(line) for line in fan_archive.export_lines(connection)]
    return {fan["identities"][0]["fan_id"]: fan for fan in fans if "identities" in fan}


@pytest.mark.parametrize("old_url", ["sqlite", "postgresql"], indirect=True)
@pytest.mark.parametrize("version", VERSIONS)
async def test_a_store_of_each_version_comes_up_to_date_and_says_what_it_said(old_url, version, tmp_path):
    await asyncio.to_thread(lay, old_url, version)
    database = Database(old_url)
    await database.open()
    assert await database.read(migrate.current_revision) == VERSIONS[-1]
    span = [(await database.read(fan_archive.stats))[name] for name in ("first_event_at", "last_event_at")]
    assert span == [format_time(AT + 1_000), format_time(AT + 5_000)]
    store = FanStore(Rules(), ShowDays("Asia/Shanghai"), "CNY")
    assert await database.write(lambda connection: fan_archive.rebuild(connection, store)) == 5
    fans = await database.read(told)
    assert (fans["u1"]["spent_minor"], fans["u1"]["orders"], fans["u1"]["points"]) == (9_900, 1, 99 + 5 + 7)
    assert (fans["u2"]["gifts_minor"], fans["u2"]["chats"]) == (30, 1)
    bought = await database.read(lambda connection: connection.execute(text("SELECT category, qty, amount_minor FROM bought")).all())
    assert [tuple(row) for row in bought] == [("口红", 2, 19_800)]
    if version >= "0003":
        assert await database.read(lambda connection: connection.execute(text("SELECT count(*) FROM product")).scalar()) == 1
    await database.close()
    copies = sorted(path.name for path in tmp_path.glob("old.db.before-*"))
    assert copies == ([f"old.db.before-{version}"] if database.is_sqlite and version != VERSIONS[-1] else [])


@pytest.mark.parametrize("old_url", ["sqlite", "postgresql"], indirect=True)
async def test_a_newer_store_is_refused_and_left_as_it_is(old_url):
    await asyncio.to_thread(lay, old_url, VERSIONS[-1])
    database = Database(old_url)
    await database.open()
    await database.write(lambda connection: connection.execute(text("UPDATE alembic_version SET version_num = '9999'")) and None)
    before = await database.read(told)
    await database.close()
    for is_read_only in (False, True):
        with pytest.raises(StoreUnavailable) as error:
            await Database(old_url, is_read_only=is_read_only, room="r1").open()
        assert (error.value.code, error.value.params["revision"]) == ("store.newer", "9999")
    engine = engines.make(engines.parse(old_url), "look", is_read_only=True)
    with engine.connect() as connection:
        assert told(connection) == before
        assert migrate.current_revision(connection) == "9999"
    engine.dispose()


async def test_a_server_is_not_brought_up_to_date_under_studios_that_work_with_it(postgres):
    url = postgres.new()
    await asyncio.to_thread(lay, url, VERSIONS[-2])
    postgres.sql_in(
        url, "INSERT INTO room_lease VALUES ('r7', 'x', 'PC-2', 0, (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 9000)"
    )
    with pytest.raises(StoreUnavailable) as error:
        await Database(url).open()
    assert (error.value.code, error.value.params["studios"]) == ("store.upgrade_waits", "PC-2")
    postgres.sql_in(url, "DELETE FROM room_lease")
    database = Database(url)
    await database.open()
    await database.close()
    postgres.drop(url)
