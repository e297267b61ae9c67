"""A fan file in memory and short words for events, for the tests of the ledger."""

import sqlite3
from dataclasses import replace
from functools import cache

import sqlalchemy
from sqlalchemy.pool import StaticPool

from studio.model.events import FanEvent, parse_time
from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays
from studio.store import (
    analysis_tables,
    drop_tables,
    fan_archive,
    fan_detail,
    fan_queries,
    lease_tables,
    person_tables,
    rule_change,
    shop_tables,
    tables,
)
from studio.store.fan_store import FanStore
from studio.store.working import Received

T0 = parse_time("2026-11-22T12:00:00Z", "at")
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


OURS = (
    tables.event, tables.spend, tables.points, tables.live_day, tables.person, tables.identity, tables.name, tables.name_pair,
    tables.fan_day, tables.purchase, tables.bought, tables.combo, tables.counter, tables.spend_count, tables.rule_change,
    person_tables.link, person_tables.link_account, person_tables.contact, person_tables.hold, person_tables.retention_mark,
    drop_tables.drops, drop_tables.entries, drop_tables.ranks, drop_tables.claims, drop_tables.deliveries,
    analysis_tables.standing, shop_tables.shop_order, shop_tables.member_code, lease_tables.room_lease,
)  # fmt: skip


@cache
def _template() -> sqlite3.Connection:
    engine = sqlalchemy.create_engine("sqlite://", poolclass=StaticPool)
    with engine.begin() as connection:
        tables.metadata.create_all(connection, tables=OURS)
        source = connection.connection.driver_connection
        copy = sqlite3.connect(":memory:", check_same_thread=False)
        source.backup(copy)
    engine.dispose()
    return copy


@cache
def _engine() -> sqlalchemy.Engine:
    """One connection for the whole run: what SQLAlchemy compiles is compiled once."""
    return sqlalchemy.create_engine("sqlite://", poolclass=StaticPool)


class FanFile:
    """One fan file of one room, in memory; making another one empties it."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.connection = _engine().connect()
        _template().backup(self.connection.connection.driver_connection)
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
