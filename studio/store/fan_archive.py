"""The whole fan file at once: made again from the ledger, written out, summed up.

It streams: ten million fans pass through in pages, never as one list.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, delete, func, select, text, update

from studio.model.day_set import DaySet
from studio.model.events import format_time
from studio.model.room_clock import date_of
from studio.store import bulk, counters, links
from studio.store.by_hand import given_by_hand
from studio.store.fan_store import FanStore, exclusive
from studio.store.ledger import ledger_rows, received_of
from studio.store.staff import sync_staff
from studio.store.tables import (
    PROJECTIONS,
    REMADE_POINTS,
    bought,
    counter,
    event,
    fan_day,
    identity,
    live_day,
    name,
    person,
    points,
    purchase,
    spend,
)
from studio.store.working import Received

_PAGE: Final = 1_000
# Told word for word: SQLite takes the index of notes only where the condition is its own.
_TO_LOOK_AT: Final = select(func.count()).select_from(purchase).where(text("note <> ''"))
_TIMES: Final = ("first_order_at", "last_order_at", "first_seen_at", "last_seen_at", "active_at", "followed_at")


def rebuild(connection: Connection, store: FanStore) -> int:
    """Make every projection again from the ledger, in the one transaction that is open; how many events that took."""
    exclusive(connection)
    store.follow_rules(connection)
    for table in (*PROJECTIONS, spend):
        connection.execute(delete(table))
    connection.execute(delete(points).where(points.c.kind.in_(REMADE_POINTS)))
    connection.execute(update(identity).values(name="", name_at=-1, avatar="", club_level=0, is_member=0))
    links.replay(connection)
    count = seq = 0
    while numbered := _ledger_page(connection, seq):
        store.reapply(connection, numbered)
        seq = numbered[-1][0]
        count += len(numbered)
    _give_back_by_hand(connection)
    sync_staff(connection, store)
    return count


def _ledger_page(connection: Connection, after: int) -> list[tuple[int, Received]]:
    rows = connection.execute(ledger_rows().where(event.c.seq > after).order_by(event.c.seq).limit(_PAGE))
    return [(row.seq, received_of(row)) for row in rows]


def _give_back_by_hand(connection: Connection) -> None:
    """Points and tickets that no event gave."""
    for number, (delta, tickets) in given_by_hand(connection).items():
        connection.execute(
            update(person)
            .where(person.c.person_id == number)
            .values(points=person.c.points + delta, adjusted_points=delta, bonus_tickets=tickets)
        )


def export_lines(connection: Connection) -> Iterator[str]:
    """Everything that is known, one person a line as JSON, in the order in which they came; then the room's own figures."""
    after = 0
    while rows := connection.execute(select(person).where(person.c.person_id > after).order_by(person.c.person_id).limit(_PAGE)).all():
        yield from _persons(connection, rows)
        after = rows[-1].person_id
    totals = {row.name: row.value for row in connection.execute(select(counter).order_by(counter.c.name)) if row.value}
    yield _line({"counters": totals})
    for row in connection.execute(select(live_day).order_by(live_day.c.room, live_day.c.show_day)):
        yield _line({"room": row.room, "live_day": date_of(row.show_day)})


def person_told(connection: Connection, number: int) -> dict[str, Any]:
    """One person as `export_lines` tells everybody."""
    rows = connection.execute(select(person).where(person.c.person_id == number)).all()
    return json.loads(next(_persons(connection, rows)))


def _persons(connection: Connection, rows: Any) -> Iterator[str]:
    numbers = [row.person_id for row in rows]
    accounts = _grouped(bulk.load(connection, identity, "person_id", numbers), 1)
    days = _grouped(bulk.load(connection, fan_day, "person_id", numbers), 0)
    orders = _grouped(bulk.load(connection, purchase, "person_id", numbers), 2)
    categories = _grouped(bulk.load(connection, bought, "order_no", [order[0] for some in orders.values() for order in some]), 0)
    names = _grouped(bulk.load(connection, name, "identity_id", [row[0] for some in accounts.values() for row in some]), 0)
    for row in rows:
        told: dict[str, Any] = {key: _told(key, value) for key, value in row._mapping.items()}  # noqa: SLF001 - SQLAlchemy's own name
        told["identities"] = [_account(account, names.get(account[0], [])) for account in sorted(accounts.get(row.person_id, []))]
        told["days"] = [{"day": date_of(day[1]), "chats": day[2], "watched_ms": day[3]} for day in sorted(days.get(row.person_id, []))]
        told["purchases"] = [
            _purchase(order, categories.get(order[0], [])) for order in sorted(orders.get(row.person_id, []), key=lambda order: order[:2])
        ]
        yield _line(told)


def _grouped(rows: Any, key: int) -> dict[int, list[Any]]:
    result: dict[int, list[Any]] = {}
    for row in rows:
        result.setdefault(row[key], []).append(tuple(row))
    return result


def _told(key: str, value: Any) -> Any:
    if key.endswith("_days"):
        return [date_of(day) for day in DaySet.from_bytes(value)]
    if key in _TIMES:
        return None if value is None else format_time(value)
    return value


def _account(row: Any, names: list[Any]) -> dict[str, Any]:
    account = dict(zip(identity.c.keys(), row, strict=True))
    # When the name was told last is stored only when something else changes: it depends on the size of the batches.
    del account["name_at"]
    account["names"] = [{"name": one[1], "since": format_time(one[2])} for one in sorted(names, key=lambda one: (one[2], one[1]))]
    return account


def _purchase(row: Any, categories: list[Any]) -> dict[str, Any]:
    told: dict[str, Any] = {
        key: format_time(value) if key.endswith("_at") and value is not None else value
        for key, value in zip(purchase.c.keys(), row, strict=True)
        if key not in {"person_id", "identity_id"}
    }
    told["categories"] = {one[2]: {"qty": one[3], "amount_minor": one[4]} for one in sorted(categories) if one[1] == row[1]}
    return told


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def stats(connection: Connection) -> dict[str, Any]:
    """How many, how much, how far."""
    totals = {row.name: row.value for row in connection.execute(select(counter))}
    first_ms, last_ms = totals.get(counters.FIRST_EVENT_AT), totals.get(counters.LAST_EVENT_AT)
    return {
        "fans": totals.get("fans", 0),
        "events": connection.execute(select(func.max(event.c.seq))).scalar() or 0,
        "first_event_at": None if first_ms is None else format_time(first_ms),
        "last_event_at": None if last_ms is None else format_time(last_ms),
        "orders": totals.get("orders", 0),
        "spent_minor": totals.get("spent_minor", 0),
        "gifts_minor": totals.get("gifts_minor", 0),
        "tiers": {str(tier): fans for tier, fans in counters.tier_histogram(connection).items()},
        "to_look_at": connection.execute(_TO_LOOK_AT).scalar_one(),
    }
