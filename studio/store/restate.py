"""Persons told again from the ledger, after accounts went from one to another.

What a person is follows from the events of their accounts and from nothing else: two merged fans are what one fan with both
accounts' events would have been. No rule stands here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection, delete, func, select

from studio.model.loyalty import tier_of
from studio.store import bulk, tell
from studio.store.by_hand import given_by_hand
from studio.store.fan_store import FanStore
from studio.store.ledger import ledger_rows, of_accounts, received_of
from studio.store.recount import gifts_minor
from studio.store.reduce_orders import add_up_orders
from studio.store.tables import event, fan_day, identity, person, points, purchase
from studio.store.working import Batch, Identity, Person, Purchase

_PAGE: Final = 1_000
_NEVER_MS: Final = 2**62


@dataclass(frozen=True, slots=True)
class Cause:
    """Why persons are told again; names the rows of points that settle the difference."""

    kind: str
    seq: int
    at_ms: int


def restate(connection: Connection, store: FanStore, persons: Iterable[int], cause: Cause) -> None:
    """Make the projections of these persons fit the accounts as they stand; `persons` are those that were and those that are."""
    numbers = set(persons)
    known = {row[0]: _loaded(store, row) for row in bulk.load(connection, person, "person_id", numbers)}
    bought = [Purchase(*row) for row in bulk.load(connection, purchase, "person_id", numbers)]
    owners = _owners(connection, bought)
    moved = [replace(one, person_id=owners[one.identity_id]) for one in bought if one.identity_id in owners]
    accounts = [Identity(*row) for row in bulk.load(connection, identity, "person_id", numbers)]
    batch = _told_again(connection, store, accounts, known)
    for told in batch.persons.values():
        mine = [one for one in moved if one.person_id == told.person_id]
        add_up_orders(store.reducer.room, told, mine)
    _add_by_hand(connection, batch)
    bulk.upsert(connection, purchase, [one.to_row() for one in moved])
    _write(connection, store, batch, known)
    _settle_points(connection, batch, cause)


def _owners(connection: Connection, bought: Sequence[Purchase]) -> dict[int, int]:
    accounts = {one.identity_id for one in bought if one.identity_id is not None}
    rows = bulk.load_columns(connection, identity, ("identity_id", "person_id"), "identity_id", accounts)
    return {row[0]: row[1] for row in rows}


def _loaded(store: FanStore, row: bulk.Row) -> Person:
    return Person.from_row(row, 0 if row[27] else tier_of(row[1], store.rules))


def _told_again(connection: Connection, store: FanStore, accounts: Sequence[Identity], known: dict[int, Person]) -> Batch:
    batch = Batch(identities={(one.platform, one.fan_id): one for one in accounts})
    for account in accounts:
        number = account.person_id
        told = batch.persons.setdefault(number, Person(number, first_seen_at=_NEVER_MS))
        told.is_staff = told.is_staff or store.is_staff(account.platform, account.fan_id)
    for number, told in batch.persons.items():
        told.counted = known[number].counted if number in known else (0, 0, 0, 0)
    query = ledger_rows().where(of_accounts(connection, [one.identity_id for one in accounts])).order_by(event.c.at, event.c.seq)
    # In order of time nothing but combos has to be looked up again; each account's name and level are what they were.
    for row in connection.execute(query.execution_options(yield_per=_PAGE)):
        store.reducer.act(batch, received_of(row))
    for number in batch.regifts:
        mine = [one.identity_id for one in accounts if one.person_id == number]
        batch.persons[number].gifts_minor = gifts_minor(connection, mine, store.currency)
    for told in batch.persons.values():
        told.first_seen_at = _first_seen(told, known)
    return batch


def _first_seen(told: Person, known: dict[int, Person]) -> int:
    """Somebody without a single event was brought in by hand: known since they were."""
    if told.first_seen_at != _NEVER_MS:
        return told.first_seen_at
    return min((one.first_seen_at for one in known.values()), default=0)


def _add_by_hand(connection: Connection, batch: Batch) -> None:
    given = given_by_hand(connection, identity.c.person_id.in_(batch.persons))
    for number, told in batch.persons.items():
        told.adjusted_points, told.bonus_tickets = given.get(number, (0, 0))
        told.points += told.adjusted_points


def _write(connection: Connection, store: FanStore, batch: Batch, known: dict[int, Person]) -> None:
    gone = [one for number, one in known.items() if number not in batch.persons]
    for one in gone:
        one.is_staff = True  # in no figure: what the counters hold for them is taken out
    everybody = known.keys() | batch.persons.keys()
    connection.execute(delete(fan_day).where(fan_day.c.person_id.in_(everybody)))
    connection.execute(delete(person).where(person.c.person_id.in_([one.person_id for one in gone])))
    bulk.upsert(connection, person, [told.to_row() for told in batch.persons.values()])
    bulk.insert(connection, fan_day, [day.to_row() for day in batch.days.values()])
    store.count(connection, [*batch.persons.values(), *gone])
    tell.changed(connection, everybody)


def _settle_points(connection: Connection, batch: Batch, cause: Cause) -> None:
    """Rows that make the ledger of points say what each person has: rules count once for one person what they gave two."""
    query = (
        select(identity.c.person_id, func.sum(points.c.delta))
        .join(identity, identity.c.identity_id == points.c.identity_id)
        .where(identity.c.person_id.in_(batch.persons))
        .group_by(identity.c.person_id)
    )
    booked = {row[0]: int(row[1] or 0) for row in connection.execute(query)}
    rows = [
        (number, cause.kind, cause.at_ms, told.points - booked.get(number, 0), str(cause.seq), None)
        for number, told in batch.persons.items()
        if told.points != booked.get(number, 0)
    ]
    bulk.insert(connection, points, rows, columns=tuple(points.c.keys())[1:])
