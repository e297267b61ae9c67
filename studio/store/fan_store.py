"""Events into the fan file: ledger and projections of a batch in the one transaction that the caller has open.

It runs on the `store` thread alone and keeps nothing between batches but the ids of what must not be stored.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Column, Connection

from studio.model.event_lines import pack
from studio.model.events import FanEvent
from studio.model.fans import Fan
from studio.model.loyalty import Rules, tier_of
from studio.model.room_clock import ShowDays
from studio.model.rule_book import RoomRules, RuleBook
from studio.store import bulk, counters, name_index, recount, rule_ledger, tables, tell
from studio.store.hot_fans import HotFans
from studio.store.reduce import Reducer
from studio.store.turns import turns
from studio.store.waiting import nets_by_rate
from studio.store.working import Batch, ComboTop, FanDay, Identity, Person, Purchase, Received

_MAX_UNSTORED = 20_000
"""Ids of unidentified fans' events that are remembered to tell repeats: a few minutes of a busy room."""
_EVENT_AT = tables.event.c.keys().index("at")
_STORED_WITHOUT_FAN = frozenset({"refund", "shipped", "delivered"})


@dataclass(slots=True)
class Applied:
    """What became of a batch. `persons` stands beside the events: who was touched, 0 for nobody, -1 for a duplicate."""

    accepted: int = 0
    duplicate: int = 0
    persons: list[int] = field(default_factory=list)
    fans: dict[int, Fan] = field(default_factory=dict)
    rules_number: int = 0
    """By which rules: another number than the loop knows means that they were changed."""


class FanStore:
    """The fan file of one room: its currency, its show days, and the rules: those given, until the ledger holds others."""

    def __init__(self, rules: Rules, show_days: ShowDays, currency: str) -> None:
        self.defaults = rules
        self.book = RuleBook.of(rules)
        self.show_days = show_days
        self.currency = currency
        self.reducer = Reducer(RoomRules(self.book, show_days, currency))
        self._unstored: OrderedDict[tuple[str, str], None] = OrderedDict()
        self._hot = HotFans()

    @property
    def rules(self) -> Rules:
        """The rules that hold now."""
        return self.book.rules

    def follow_rules(self, connection: Connection) -> None:
        """Take up what the ledger says: another studio may have changed the rules, or a transaction that did was undone."""
        if rule_ledger.newest(connection) != self.book.number:
            self.book = rule_ledger.load_book(connection, self.defaults)
            self.reducer = Reducer(RoomRules(self.book, self.show_days, self.currency))

    def apply(self, connection: Connection, received: Sequence[Received]) -> Applied:
        """Store the events that are new, with everything that follows from them."""
        exclusive(connection)
        self.follow_rules(connection)
        known = _known_events(connection, received)
        known.update(key for one in received if (key := (one.event.platform, one.event.id)) in self._unstored)
        seq = last_number(connection, tables.event.c.seq)
        self._hot.begin(connection, seq)
        batch = self.load(connection, [one for one in received if (one.event.platform, one.event.id) not in known], self._hot)
        batch.last_seq = seq
        applied = Applied(rules_number=self.book.number)
        rows: list[tuple[Any, ...]] = []
        for one in received:
            turns.give_way()
            event = one.event
            key = (event.platform, event.id)
            if key in known or self.reducer.is_duplicate_order(batch, event):
                applied.duplicate += 1
                applied.persons.append(-1)
                continue
            known.add(key)
            applied.accepted += 1
            if not is_stored(event):
                self._remember(key)
                applied.persons.append(0)
                continue
            batch.last_seq = seq = seq + 1
            identity = self.reducer.apply(batch, seq, one)
            rows.append(_event_row(identity, seq, one))
            applied.persons.append(_touched(batch, identity, event))
        bulk.insert(connection, tables.event, rows)
        counters.cover(connection, [row[_EVENT_AT] for row in rows])
        self.save(connection, batch)
        self._hot.end(connection, batch)
        applied.fans = {person_id: batch.persons[person_id].to_fan(identity) for person_id, identity in batch.last_identity.items()}
        return applied

    def reapply(self, connection: Connection, numbered: Sequence[tuple[int, Received]]) -> None:
        """Reduce events again that stand in the ledger already."""
        batch = self.load(connection, [one for _, one in numbered])
        for seq, one in numbered:
            batch.last_seq = seq
            self.reducer.apply(batch, seq, one)
        counters.cover(connection, [one.event.at_ms for _, one in numbered])
        self.save(connection, batch)

    def load(self, connection: Connection, received: Sequence[Received], hot: HotFans | None = None) -> Batch:
        """Everything in the store that these events touch; accounts that are new get a number and a person."""
        batch = Batch()
        hot = hot or HotFans()
        first_ms: dict[tuple[str, str], int] = {}
        orders: set[str] = set()
        for one in received:
            event = one.event
            if event.fan_id and is_stored(event):
                key = (event.platform, event.fan_id)
                first_ms[key] = min(first_ms.get(key, event.at_ms), event.at_ms)
            if event.order:
                orders.add(event.order)
        hot.lend_identities(batch, first_ms)
        unread = {fan_id for platform, fan_id in first_ms if (platform, fan_id) not in batch.identities}
        for row in bulk.load(connection, tables.identity, "fan_id", unread):
            if (row[2], row[3]) in first_ms and (row[2], row[3]) not in batch.identities:
                batch.identities[row[2], row[3]] = Identity(*row)
        for row in bulk.load(connection, tables.purchase, "order_no", orders):
            batch.purchases[row[1], row[0]] = Purchase(*row)
        self._load_persons(connection, batch, hot)
        self._add_new(connection, batch, first_ms)
        self._load_details(connection, batch, received)
        return batch

    def _load_persons(self, connection: Connection, batch: Batch, hot: HotFans) -> None:
        wanted = {identity.person_id for identity in batch.identities.values()}
        owners = {purchase.person_id for purchase in batch.purchases.values() if purchase.person_id is not None}
        hot.lend_persons(batch, wanted | owners)
        for row in bulk.load(connection, tables.person, "person_id", (wanted | owners) - batch.persons.keys()):
            turns.give_way()
            batch.persons[row[0]] = Person.from_row(row, 0 if row[27] else tier_of(row[1], self.rules))
        if len(self.book.rates) > 1:
            batch.nets_minor = nets_by_rate(connection, batch.persons, self.book, self.show_days)
        for row in bulk.load(connection, tables.identity, "person_id", owners - wanted):
            batch.last_identity.setdefault(row[1], Identity(*row))

    def _add_new(self, connection: Connection, batch: Batch, first_ms: dict[tuple[str, str], int]) -> None:
        new = [key for key in first_ms if key not in batch.identities]
        if new:
            last = last_number(connection, tables.identity.c.identity_id, tables.person.c.person_id)
            for number, key in enumerate(new, last + 1):
                batch.identities[key] = Identity(number, number, *key, is_changed=True)
        for key, at_ms in first_ms.items():
            number = batch.identities[key].person_id
            if number not in batch.persons:
                batch.persons[number] = Person(number, first_seen_at=at_ms, is_staff=key in self.rules.staff)

    def _load_details(self, connection: Connection, batch: Batch, received: Sequence[Received]) -> None:
        days: dict[int, set[int]] = {}
        combos: set[str] = set()
        for one in received:
            event = one.event
            identity = batch.identities.get((event.platform, event.fan_id))
            if identity is None:
                continue
            if event.is_visit or event.type in {"leave", "paid_chat"}:
                days.setdefault(self.show_days.day_of(event.at_ms), set()).add(identity.person_id)
            if event.combo:
                combos.add(event.combo)
        for day, persons in days.items():
            for row in bulk.load(connection, tables.fan_day, "person_id", persons, show_day=day):
                batch.days[row[0], day] = FanDay.from_row(row)
        for row in bulk.load(connection, tables.combo, "combo", combos):
            batch.combos[row[0], row[1]] = ComboTop(*row[2:])

    def save(self, connection: Connection, batch: Batch) -> None:
        """Write the batch's rows; what came out of order is told again from the ledger first."""
        recount.put_right(connection, self.reducer, batch)
        _save_persons(connection, batch)
        bulk.upsert(connection, tables.fan_day, [day.to_row() for day in batch.days.values()])
        bulk.upsert(connection, tables.purchase, [batch.purchases[key].to_row() for key in batch.touched_purchases])
        bulk.upsert(connection, tables.combo, [(*key, *_combo_row(batch.combos[key])) for key in batch.touched_combos])
        bulk.insert(connection, tables.spend, batch.spend_rows, columns=_SPEND_COLUMNS)
        bulk.insert(connection, tables.points, batch.point_rows, columns=_POINT_COLUMNS)
        bulk.insert(connection, tables.bought, batch.bought_rows)
        bulk.keep_earliest(connection, tables.name, batch.name_rows)
        name_index.note(connection, batch.name_rows)
        self.count(connection, batch.persons.values())

    def count(self, connection: Connection, persons: Iterable[Person]) -> None:
        """Bring the counters up to what these persons are now."""
        counters.count(connection, persons, self.rules)

    def is_staff(self, platform: str, fan_id: str) -> bool:
        """Whether an account is of somebody who works here."""
        return (platform, fan_id) in self.rules.staff

    def _remember(self, key: tuple[str, str]) -> None:
        self._unstored[key] = None
        if len(self._unstored) > _MAX_UNSTORED:
            self._unstored.popitem(last=False)


def _combo_row(top: ComboTop) -> tuple[int, int, int]:
    return top.total, top.count, top.paid_minor


_SPEND_COLUMNS = tuple(tables.spend.c.keys())[1:]
_POINT_COLUMNS = tuple(tables.points.c.keys())[1:]


def _save_persons(connection: Connection, batch: Batch) -> None:
    changes: list[tuple[Sequence[Any] | None, tuple[Any, ...]]] = []
    for person in batch.persons.values():
        turns.give_way()
        row = person.to_row()
        changes.append((person.stored, row))
        person.stored = row
    bulk.save(connection, tables.person, changes)
    renamed = [identity for identity in batch.identities.values() if identity.is_changed]
    bulk.upsert(connection, tables.identity, [identity.to_row() for identity in renamed])
    for identity in renamed:
        identity.is_changed = False
    if batch.persons:
        tell.changed(connection, batch.persons)


def exclusive(connection: Connection) -> None:
    """One writer of the fan file at a time: SQLite's transaction is that already, PostgreSQL gets a lock until the commit."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(1162756946)")


def last_number(connection: Connection, *columns: Column[Any]) -> int:
    """The highest number given so far in some columns."""
    # Asked by every batch: without the ORM's machinery it costs a hundredth of a millisecond.
    told = ", ".join(f'(SELECT max("{column.name}") FROM "{column.table.name}")' for column in columns)  # noqa: S608 - our own columns
    return max(number or 0 for number in connection.exec_driver_sql(f"SELECT {told}").one())


def is_stored(event: FanEvent) -> bool:
    """Whether the event may stand in the file: an unidentified fan's never, a shop's own word on an order always."""
    return bool(event.fan_id) or event.type in _STORED_WITHOUT_FAN


def _known_events(connection: Connection, received: Sequence[Received]) -> set[tuple[str, str]]:
    ids = {one.event.id for one in received}
    rows = bulk.load_columns(connection, tables.event, ("platform", "event_id"), "event_id", ids)
    return {(row[0], row[1]) for row in rows}


def _event_row(identity: Identity | None, seq: int, received: Received) -> tuple[Any, ...]:
    event = received.event
    return (
        seq,
        event.platform,
        event.id,
        event.type,
        event.at_ms,
        received.received_ms,
        event.room,
        identity.identity_id if identity else None,
        int(received.is_live),
        pack(event),
    )


def _touched(batch: Batch, identity: Identity | None, event: FanEvent) -> int:
    if identity is None or event.type in _STORED_WITHOUT_FAN:
        return batch.purchases[event.platform, event.order].person_id or 0
    return identity.person_id
