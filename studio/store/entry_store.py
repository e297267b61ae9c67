"""Entries of a lottery: who may enter is judged here, at the entry, inside the transaction that stores it.

Functions on a connection; one entry a person, the first, is a rule of the tables.
"""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from sqlalchemy import Connection, func, insert, select, update

from studio.model.draw import SALT_BYTES, EntrySource, fan_hash
from studio.model.drop_view import Entrant
from studio.model.drops import DropRecord, FanStanding, may_enter
from studio.model.lottery import LotterySpec
from studio.store.drop_tables import drops, entries

FanLookup: TypeAlias = Callable[[Connection, str, str], FanStanding]
"""(connection, platform, fan id) → what the fan file says of them now; a stranger is a new fan. Runs on the store's thread."""
EntryOutcome: TypeAlias = Literal["entered", "already", "not_entitled", "closed", "full"]

MAX_ENTRIES = 1_000_000
"""The list that a draw is built and measured for; beyond it an entry is refused in words."""
_PAGE = 5_000


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody wants to enter; `received_at_ms` is what counts."""

    platform: str
    fan_id: str
    name: str
    source: EntrySource
    received_at_ms: int
    entered_by: str = ""
    reason: str = ""


def enter(
    connection: Connection, record: DropRecord, offers: Sequence[Offer], lookup: FanLookup, shown: Callable[[str, int], str]
) -> list[EntryOutcome]:
    """Take the offers in order; one outcome each."""
    state = connection.execute(select(drops.c.state, drops.c.entries).where(drops.c.id == record.id)).one()
    if state.state != "open":
        return ["closed"] * len(offers)
    standings = [lookup(connection, offer.platform, offer.fan_id) for offer in offers]
    people, identities = _known(connection, record.id, offers, standings)
    rows: list[dict[str, Any]] = []
    outcomes: list[EntryOutcome] = []
    for offer, standing in zip(offers, standings, strict=True):
        identity = (offer.platform, offer.fan_id)
        if identity in identities or standing.person in people:
            outcomes.append("already")
        elif not may_enter(record.spec.who, standing):
            outcomes.append("not_entitled")
        elif state.entries + len(rows) >= MAX_ENTRIES:
            outcomes.append("full")
        else:
            people.add(standing.person)
            identities.add(identity)
            rows.append(_row(record, state.entries + len(rows), offer, standing, shown))
            outcomes.append("entered")
    if rows:
        connection.execute(insert(entries), rows)
        connection.execute(update(drops).where(drops.c.id == record.id).values(entries=drops.c.entries + len(rows)))
    return outcomes


def lines(connection: Connection, drop_id: str) -> Iterator[tuple[str, int]]:
    """(entry line as it is hashed, its tickets), in order."""
    for n, fan, tickets, source in _rows(connection, drop_id, entries.c.n, entries.c.fan, entries.c.tickets, entries.c.source):
        yield f"{n}|{fan}|{tickets}|{source}\n", tickets


def public_rows(connection: Connection, drop_id: str) -> list[dict[str, Any]]:
    """The entries as the proof shows them."""
    columns = (entries.c.n, entries.c.fan, entries.c.tickets, entries.c.source, entries.c.shown)
    return [
        {"n": n, "fan": fan, "tickets": count, "source": source, "shown": text}
        for n, fan, count, source, text in _rows(connection, drop_id, *columns)
    ]


def sample(connection: Connection, record: DropRecord, count: int) -> tuple[Entrant, ...]:
    """Some entrants, evenly spread, for the reel to run over."""
    wanted = sorted({index * record.entries // count for index in range(count)})
    query = select(entries.c.platform, entries.c.fan_id, entries.c.name, entries.c.badge, entries.c.is_devoted)
    query = query.where(entries.c.drop_id == record.id, entries.c.n.in_(wanted)).order_by(entries.c.n)
    return tuple(Entrant(*row) for row in connection.execute(query))


def salt_of(connection: Connection, drop_id: str, platform: str, fan_id: str) -> tuple[int, bytes] | None:
    """(n, r) of one entrant, to be given to them on request."""
    chosen = (entries.c.drop_id == drop_id, entries.c.platform == platform, entries.c.fan_id == fan_id)
    row = connection.execute(select(entries.c.n, entries.c.salt).where(*chosen)).first()
    return None if row is None else (row.n, bytes(row.salt))


def claimed(connection: Connection, drop_id: str, platform: str, fan_id: str, claim_id: str) -> int | None:
    """The number of the entry that this claim by call made, None if it made none."""
    own = (entries.c.drop_id == drop_id, entries.c.platform == platform, entries.c.fan_id == fan_id)
    return connection.execute(select(entries.c.n).where(*own, entries.c.source != "chat", entries.c.reason == claim_id)).scalar()


def last_entry_ms(connection: Connection, drop_id: str) -> int:
    """When the last entry came, 0 if none did: the clock was at least there once."""
    return connection.execute(select(func.max(entries.c.received_at_ms)).where(entries.c.drop_id == drop_id)).scalar() or 0


def _rows(connection: Connection, drop_id: str, *columns: Any) -> Iterator[Any]:
    # In pages by key: no driver then holds a million rows at once.
    after = -1
    while True:
        query = select(*columns).where(entries.c.drop_id == drop_id, entries.c.n > after).order_by(entries.c.n).limit(_PAGE)
        page = connection.execute(query).all()
        yield from page
        if len(page) < _PAGE:
            return
        after = page[-1][0]


def _known(
    connection: Connection, drop_id: str, offers: Sequence[Offer], standings: Sequence[FanStanding]
) -> tuple[set[str], set[tuple[str, str]]]:
    """Who of them is on the list already: as a person, and by platform and id."""
    of_drop = entries.c.drop_id == drop_id
    people = select(entries.c.person).where(of_drop, entries.c.person.in_({standing.person for standing in standings}))
    fans = [
        select(entries.c.platform, entries.c.fan_id).where(
            of_drop, entries.c.platform == platform, entries.c.fan_id.in_({offer.fan_id for offer in offers if offer.platform == platform})
        )
        for platform in {offer.platform for offer in offers}
    ]
    identities = {(row.platform, row.fan_id) for query in fans for row in connection.execute(query)}
    return set(connection.execute(people).scalars()), identities


def _row(record: DropRecord, n: int, offer: Offer, standing: FanStanding, shown: Callable[[str, int], str]) -> dict[str, Any]:
    assert isinstance(record.spec, LotterySpec)  # noqa: S101 - a coupon has claims, not entries
    salt = secrets.token_bytes(SALT_BYTES)
    name = offer.name or standing.name
    return {
        "drop_id": record.id,
        "n": n,
        "person": standing.person,
        "platform": offer.platform,
        "fan_id": offer.fan_id,
        "name": name,
        "shown": shown(name, offer.received_at_ms),
        "salt": salt,
        "fan": fan_hash(salt, offer.platform, offer.fan_id),
        "tickets": record.spec.tickets_of(standing.tier),
        "source": offer.source,
        "badge": int(standing.badge),
        "is_devoted": standing.is_devoted,
        "received_at_ms": offer.received_at_ms,
        "entered_by": offer.entered_by,
        "reason": offer.reason,
    }
