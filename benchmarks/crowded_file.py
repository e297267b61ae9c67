"""Lays a fan file of millions of fans in a few minutes, by SQL alone, so that a benchmark can begin with a full one.

Fan number i is the account `u0000000i` on douyin, with a name of four signs; one in five has bought. The file is as if its ledger had
been archived away.
"""

import asyncio
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path

from sqlalchemy import Table, create_engine
from sqlalchemy.pool import StaticPool

from benchmarks.results import FOLDER
from studio.model.loyalty import DEFAULT_TIERS
from studio.store import engines, migrate, name_fill, tables
from studio.store.database import Database

KNOWN_SINCE_MS = 1_780_000_000_000
_HASH = "(i * 2654435761 % 4294967296)"
_IS_BUYER = f"{_HASH} % 5 = 0"
_SPENT = f"(990 + {_HASH} / 7 % 500 * ({_HASH} / 11 % 700))"
_FAN_ID = "'u' || substr('0000000' || i, -8)"
SIGNS = "小美子鹿阿泽桃橘茉莉清茶晴天月星云雨风花雪糖果豆奶咖啡猫狗兔熊鱼鸟大中心儿妈爸姐妹宝贝公主王陈李张刘杨赵黄周吴徐孙马朱胡林郭何高"
_SCATTER = 2_654_435_761
"""Odd: different numbers below 2^24 stay different when multiplied by it."""
_NAME = " || ".join(f"substr('{SIGNS}', 1 + (i * {_SCATTER} >> {shift} & 63), 1)" for shift in (0, 6, 12, 18))
_FOLLOWED = f"CASE WHEN {_HASH} % 3 = 0 THEN {KNOWN_SINCE_MS} END"
_ROWS: dict[Table, dict[str, str]] = {
    tables.person: {
        "person_id": "i",
        "spent_minor": f"CASE WHEN {_IS_BUYER} THEN {_SPENT} ELSE 0 END",
        "points": f"CASE WHEN {_IS_BUYER} THEN {_SPENT} / 100 ELSE 0 END",
        "orders": f"CASE WHEN {_IS_BUYER} THEN 1 ELSE 0 END",
        "first_order_at": f"CASE WHEN {_IS_BUYER} THEN {KNOWN_SINCE_MS} END",
        "last_order_at": f"CASE WHEN {_IS_BUYER} THEN {KNOWN_SINCE_MS} END",
        "first_seen_at": str(KNOWN_SINCE_MS),
        "last_seen_at": str(KNOWN_SINCE_MS),
        "active_at": str(KNOWN_SINCE_MS),
        "followed_at": _FOLLOWED,
        "chats": "3",
        "visits": "2",
        "visit_days": "x'7a50000003'",
    },
    tables.identity: {
        "identity_id": "i",
        "person_id": "i",
        "platform": "'douyin'",
        "fan_id": _FAN_ID,
        "name": _NAME,
        "name_at": "0",
    },
    tables.name: {"identity_id": "i", "name": _NAME, "first_seen_at": str(KNOWN_SINCE_MS)},
    tables.purchase: {
        "order_no": "'old' || substr('0000000' || i, -8)",
        "platform": "'douyin'",
        "person_id": "i",
        "amount_minor": _SPENT,
        "counted_minor": _SPENT,
        "currency": "'CNY'",
        "paid_at": str(KNOWN_SINCE_MS),
        "confirmed_at": str(KNOWN_SINCE_MS),
    },
}


def fan_id(number: int) -> str:
    """The account of fan `number` (from 1)."""
    return f"u{number:08d}"


def name_of(number: int) -> str:
    """What fan `number` is called; nobody else is."""
    return "".join(SIGNS[number * _SCATTER >> shift & 63] for shift in (0, 6, 12, 18))


def put(path: Path, fans: int) -> None:
    """A store with so many fans at `path`: laid once, brought up to date with the schema, and copied from then on."""
    laid_by = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:8]
    kept = FOLDER / "files" / f"fans-{fans}-{laid_by}.db"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        for old in kept.parent.glob(f"fans-{fans}-*"):
            old.unlink()
        partial = kept.with_suffix(".part")
        partial.unlink(missing_ok=True)
        lay(partial, fans)
        partial.with_name(partial.name + ".lock").unlink(missing_ok=True)
        partial.replace(kept)
    _bring_up_to_date(kept)
    shutil.copyfile(kept, path)
    # On the disk before anything is measured: gigabytes that the system still has to write would wait in the way of every commit.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def _bring_up_to_date(path: Path) -> None:
    engine = engines.make(engines.parse(f"sqlite:///{path}"), "crowd", is_read_only=False)
    with engine.begin() as connection:
        if migrate.current_revision(connection) != migrate.known_revisions()[-1]:
            migrate.upgrade(connection)
    engine.dispose()


def lay(path: Path, fans: int) -> None:
    """A store of the newest schema with so many fans."""
    asyncio.run(_lay_schema(path))
    if not fans:
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for pragma in ("journal_mode=OFF", "synchronous=OFF", "cache_size=-256000", "temp_store=FILE", "threads=2"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        indexes = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
        for name, _ in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        for statement in (*_inserts(fans), *_counters(), *(sql for _, sql in indexes)):
            connection.execute(statement)
        connection.execute("COMMIT")
        _fill_pairs(connection)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA main.wal_checkpoint(TRUNCATE)")


def _fill_pairs(connection: sqlite3.Connection) -> None:
    engine = create_engine("sqlite://", creator=lambda: connection, poolclass=StaticPool)
    with engine.connect() as told:
        name_fill.fill(told, print)


async def _lay_schema(path: Path) -> None:
    database = Database(f"sqlite:///{path}")
    await database.open()
    await database.close()


def _inserts(fans: int) -> Iterator[str]:
    numbers = f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {fans})"
    for table, given in _ROWS.items():
        values = ", ".join(given.get(column.name) or _default(column) for column in table.c)
        only = f" WHERE {_IS_BUYER}" if table is tables.purchase else ""
        yield f'{numbers} INSERT INTO "{table.name}" ({", ".join(table.c.keys())}) SELECT {values} FROM n{only}'


def _default(column: object) -> str:
    default = getattr(column, "default", None)
    value = default.arg if default is not None else None
    return "NULL" if value is None else repr(value)


def _counters() -> Iterator[str]:
    totals = {"fans": "count(*)", "spent_minor": "sum(spent_minor)", "orders": "sum(orders)"}
    bounds = [rule.from_minor for rule in DEFAULT_TIERS] + [1 << 62]
    for rank, (low, high) in enumerate(pairwise(bounds), 1):
        totals[f"tier:{rank}"] = f"count(*) FILTER (WHERE spent_minor >= {low} AND spent_minor < {high})"
    for name, value in totals.items():
        yield f"INSERT INTO counter SELECT '{name}', {value} FROM person"
    yield "INSERT INTO spend_count SELECT 0, spent_minor, count(*) FROM person WHERE spent_minor > 0 GROUP BY spent_minor"
    for shift in range(8, 64, 8):
        below = f"SELECT {shift}, bucket >> 8, sum(fans) FROM spend_count WHERE shift = {shift - 8} GROUP BY bucket >> 8"
        yield f"INSERT INTO spend_count {below}"
