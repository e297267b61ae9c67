"""Where each fan of a block stands at a moment: tier, segment and layer, now or at the end of any show day that is over.

It only reads. A moment that is past is judged by what has its own time before it, whatever came since.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, func, select

from studio.model.day_set import DaySet
from studio.model.loyalty import Rules, tier_of
from studio.model.room_clock import ShowDays
from studio.model.segments import DAY_MS, LAYER_DAYS, Activity, Layer, Segment, layer_of, segment_of
from studio.store import bulk
from studio.store.ledger import of_accounts
from studio.store.reduce import ACTIVE_TYPES
from studio.store.tables import event, fan_day, identity, person, purchase, spend

BLOCK: Final = 5_000
"""Persons that are read in one transaction: some 30 ms, so that no reader holds back the log of a store that is being written."""
_RECENT_DAYS: Final = 30
_CHUNK: Final = 500
_COLUMNS: Final = (
    person.c.person_id,
    person.c.spent_minor,
    person.c.orders,
    person.c.promo_orders,
    person.c.last_order_at,
    person.c.first_seen_at,
    person.c.active_at,
    person.c.visit_days,
)


@dataclass(frozen=True, slots=True)
class At:
    """For which moment is judged, and by which rules; it travels to a worker process."""

    at_ms: int
    today: int
    rules: Rules
    currency: str
    is_past: bool = False

    @classmethod
    def end_of(cls, day: int, rules: Rules, show_days: ShowDays, currency: str) -> "At":
        """The last moment of a show day."""
        return cls(show_days.ends_ms(day), day, rules, currency, is_past=True)


class Judged(NamedTuple):
    """One fan at that moment."""

    person_id: int
    segment: Segment
    layer: Layer
    tier: int
    spent_minor: int


@dataclass(slots=True)
class _Figures:
    person_id: int
    spent_minor: int
    orders: int
    promo_orders: int
    last_order_at: int | None
    first_seen_at: int
    active_at: int
    visit_days: bytes | None


def last_person(connection: Connection) -> int:
    """The highest number of a person."""
    return connection.execute(select(func.max(person.c.person_id))).scalar() or 0


def blocks(last: int) -> Iterator[tuple[int, int]]:
    """(first, last) numbers of persons, block by block."""
    for first in range(1, last + 1, BLOCK):
        yield first, min(first + BLOCK - 1, last)


def within(column: Any, block: tuple[int, int]) -> ColumnElement[bool]:
    """The condition that a number lies in a block."""
    return column.between(*block)


def judge_block(connection: Connection, block: tuple[int, int], at: At) -> list[Judged]:
    """Everybody in the block but staff, who are in no figure, and those who weren't known yet."""
    rows = connection.execute(select(*_COLUMNS).where(within(person.c.person_id, block), person.c.is_staff == 0))
    fans = [found for row in rows if (found := _Figures(*row)).first_seen_at < at.at_ms]
    if at.is_past:
        _set_back(connection, fans, block, at)
    recent = _recent(connection, [fan.person_id for fan in fans if fan.orders >= 3], at.today)
    return [_judge(fan, recent.get(fan.person_id, (0, 0)), at) for fan in fans]


def _judge(fan: _Figures, recent: tuple[int, int], at: At) -> Judged:
    watched_ms, chats = recent
    activity = Activity(
        fan.first_seen_at, fan.active_at, fan.orders, fan.spent_minor, fan.promo_orders, fan.last_order_at, watched_ms, chats
    )
    segment, _ = segment_of(activity, at.at_ms)
    is_away = fan.active_at < at.at_ms - (LAYER_DAYS + 1) * DAY_MS
    layer: Layer = "new" if is_away else layer_of(DaySet.from_bytes(fan.visit_days), fan.orders, at.today)
    return Judged(fan.person_id, segment, layer, int(tier_of(fan.spent_minor, at.rules)), fan.spent_minor)


def _recent(connection: Connection, person_ids: Sequence[int], today: int) -> dict[int, tuple[int, int]]:
    """{person: (watched_ms, chats)} of the last 30 show days, of those in whose segment it can matter."""
    found: dict[int, tuple[int, int]] = {}
    for start in range(0, len(person_ids), _CHUNK):
        rows = connection.execute(
            select(fan_day.c.person_id, func.sum(fan_day.c.watched_ms), func.sum(fan_day.c.chats))
            .where(fan_day.c.person_id.in_(person_ids[start : start + _CHUNK]))
            .where(fan_day.c.show_day.between(today - _RECENT_DAYS + 1, today))
            .group_by(fan_day.c.person_id)
        )
        found.update((row[0], (int(row[1] or 0), int(row[2] or 0))) for row in rows)
    return found


def _set_back(connection: Connection, fans: list[_Figures], block: tuple[int, int], at: At) -> None:
    """Take out of the figures what happened at or after the moment."""
    paid_later = select(purchase.c.person_id).join(
        spend, (spend.c.platform == purchase.c.platform) & (spend.c.order_no == purchase.c.order_no)
    )
    moved = set(connection.execute(paid_later.where(within(purchase.c.person_id, block), spend.c.at >= at.at_ms)).scalars())
    later = {fan.person_id: fan for fan in fans if fan.active_at >= at.at_ms or fan.person_id in moved}
    for start in range(0, len(later), _CHUNK):
        some = list(later)[start : start + _CHUNK]
        active = _active_before(connection, some, at.at_ms)
        orders, spent = (
            {row[0]: tuple(row)[1:] for row in connection.execute(query)}
            for query in (_orders_before(some, at), _spent_before(some, at.at_ms))
        )
        for number in some:
            fan = later[number]
            fan.active_at = active.get(number, 0)
            count, promo, last = orders.get(number, (0, 0, None))
            fan.orders, fan.promo_orders, fan.last_order_at = int(count), int(promo or 0), last
            fan.spent_minor = int(spent.get(number, (0,))[0] or 0)


def _active_before(connection: Connection, person_ids: list[int], at_ms: int) -> dict[int, int]:
    """Accounts first: joined with them, SQLite goes through the whole ledger."""
    accounts = bulk.load_columns(connection, identity, ("identity_id", "person_id"), "person_id", person_ids)
    owners: dict[int, int] = {row[0]: row[1] for row in accounts}
    newest = (
        select(event.c.identity_id, func.max(event.c.at))
        .where(of_accounts(connection, owners.keys()), event.c.at < at_ms, event.c.type.in_(sorted(ACTIVE_TYPES)))
        .group_by(event.c.identity_id)
    )
    active: dict[int, int] = {}
    for account, last_ms in connection.execute(newest):
        active[owners[account]] = max(last_ms, active.get(owners[account], 0))
    return active


def _orders_before(person_ids: list[int], at: At) -> Any:
    return (
        select(purchase.c.person_id, func.count(), func.sum(purchase.c.is_promo), func.max(purchase.c.paid_at))
        .where(purchase.c.person_id.in_(person_ids), purchase.c.paid_at < at.at_ms, purchase.c.currency == at.currency)
        .group_by(purchase.c.person_id)
    )


def _spent_before(person_ids: list[int], at_ms: int) -> Any:
    same = (spend.c.platform == purchase.c.platform) & (spend.c.order_no == purchase.c.order_no)
    return (
        select(purchase.c.person_id, func.sum(spend.c.counted_minor))
        .join(spend, same)
        .where(purchase.c.person_id.in_(person_ids), spend.c.at < at_ms)
        .group_by(purchase.c.person_id)
    )
