"""A fan file in memory and short words for events, for the tests of the ledger."""

import sqlite3
from dataclasses import replace
from functools import cache

import sqlalchemy
from hypothesis import HealthCheck, given, settings
from sqlalchemy.pool import StaticPool

from studio.model.events import FanEvent, parse_time
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import fan_archive, fan_detail, fan_queries, migrate, rule_change, tables
from studio.store.fan_store import FanStore
from studio.store.working import Received

T0 = parse_time("2026-11-22T12:00:00Z", "at")
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


_server: list[sqlalchemy.Engine] = []


def use(server: sqlalchemy.Engine | None) -> None:
    """Let fan files live on this server from now on, or in memory."""
    _server[:] = [] if server is None else [server]


@cache
def _template() -> sqlite3.Connection:
    engine = sqlalchemy.create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        migrate.upgrade(connection)
        source = connection.connection.driver_connection
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        source.commit()
        source.backup(copy)
    engine.dispose()
    return copy


@cache
def _engine() -> sqlalchemy.Engine:
    """One connection for the whole run: what SQLAlchemy compiles is compiled once."""
    return sqlalchemy.create_engine("sqlite://", poolclass=StaticPool)


def _empty() -> sqlalchemy.Connection:
    if not _server:
        connection = _engine().connect()
        _template().backup(connection.connection.driver_connection)
        return connection
    connection = _server[0].connect()
    # An example that fails leaves its transaction open: the next one says so instead of waiting for ever.
    connection.exec_driver_sql("SET lock_timeout = '10s'")
    # Numbers that were given stay given when a transaction is undone.
    connection.exec_driver_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")
    return connection


def on_both(examples, *strategies):
    """A property that holds on both stores: so many examples in memory, a fifth of them on the server, where each costs ten times as much."""

    def decorate(body):
        def told(count):
            slow = settings(max_examples=count, deadline=None, suppress_health_check=[HealthCheck.too_slow])
            return slow(given(*strategies)(body))

        runs = {"sqlite": told(examples), "postgresql": told(examples // 5)}

        def test(kind):
            runs[kind]()

        test.__name__, test.__doc__ = body.__name__, body.__doc__
        return test

    return decorate


class FanFile:
    """One fan file of one room, in memory or in a transaction that ends with it; making another one empties it."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.connection = _empty()
        self.days = ShowDays("Asia/Shanghai")
        self.store = FanStore(rules or Rules(), self.days, "CNY")
        self.number = 0

    def close(self) -> None:
        self.connection.close()

    def take(self, *events: FanEvent, late_ms: int = 0, is_live: bool = False):
        return self.receive(*(Received(event, event.at_ms + late_ms, is_live) for event in events))

    def receive(self, *received: Received):
        return self.store.apply(self.connection, list(received))

    def change_rules(self, rules: Rules, now_ms: int = T0):
        return rule_change.apply(self.connection, self.store, rules, seen=None, by="host", now_ms=now_ms)

    def event(self, kind: str, fan: str = "u1", minute: float = 0, **more) -> FanEvent:
        self.number += 1
        return make(f"e{self.number}", kind, fan, minute, **more)

    def moment(self, now_ms: int = T0):
        live = fan_queries.live_days(self.connection, "r1")
        return fan_detail.Moment(now_ms, self.store.book, self.days, live)

    def detail(self, fan: str = "u1", now_ms: int = T0):
        return fan_detail.detail_of(self.connection, "douyin", fan, self.moment(now_ms))

    def person(self, fan: str = "u1"):
        return self.detail(fan).person

    def counters(self) -> dict[str, int]:
        return {row.name: row.value for row in self.connection.execute(sqlalchemy.select(tables.counter))}

    def export(self) -> list[str]:
        return list(fan_archive.export_lines(self.connection))


def make(event_id: str, kind: str, fan: str = "u1", minute: float = 0, **more) -> FanEvent:
    money = {"currency": "CNY"} if kind in {"order", "refund", "order_placed", "gift"} else {}
    values = {"platform": "douyin", "room": "r1", "name": "小美", **money, **more}
    return FanEvent(id=event_id, type=kind, at_ms=T0 + int(minute * MINUTE_MS), fan_id=fan, **values)


def again(event: FanEvent, **changes) -> FanEvent:
    return replace(event, **changes)
