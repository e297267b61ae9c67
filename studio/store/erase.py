"""Erasing a person: what was theirs goes, what the books need stays without them.

Orders keep number, time, items and amounts, and belong to nobody; other events keep their id, so that one that is delivered again
isn't taken for news. A held person is not erased.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Table, delete, select, update

from studio.errors import Conflict, NotFound
from studio.model.events import ORDER_TYPES
from studio.model.loyalty import tier_of
from studio.store import bulk, fan_drops, links, name_index, redemptions, tell
from studio.store.analysis_tables import standing
from studio.store.fan_store import FanStore, exclusive
from studio.store.ledger import of_accounts
from studio.store.person_tables import contact, hold
from studio.store.shop_tables import member_code, shop_order
from studio.store.sqlite_file import overwriting
from studio.store.tables import REMADE_POINTS, combo, event, fan_day, identity, name, person, points, purchase, spend
from studio.store.working import Person

_PAGE: Final = 1_000
_MONEY: Final = ("gift", "member", "paid_chat", *sorted(ORDER_TYPES))
_KEPT_FIELDS: Final = ("count", "gift", "paid_minor", "currency", "order", "amount_minor", "items", "is_promo", "expires_at_ms")
"""What is kept of an event that moved money; a name, a picture, a level, words and combo ids are not."""
_NOBODY: Final = 0
"""The account of points of erased persons: there is none of that number."""


@dataclass(frozen=True, slots=True)
class Erased:
    """Who is gone: the number of the person, the accounts, and how much was touched."""

    person: int
    accounts: tuple[tuple[str, str], ...]
    events: int
    entries: int

    def told(self) -> dict[str, Any]:
        """As a command answers it; it names nobody."""
        return {"accounts": len(self.accounts), "events": self.events, "entries": self.entries}


def erase(connection: Connection, store: FanStore, account: links.Account) -> Erased:
    """Erase the person that an account belongs to, all accounts. Raises NotFound, Conflict while they are held."""
    exclusive(connection)
    store.follow_rules(connection)
    number, accounts = _accounts(connection, account)
    _refuse_held(connection, [one for one, _ in accounts])
    ids = [one for one, _ in accounts]
    with overwriting(connection):
        events = _strip_events(connection, ids)
        _strip_money(connection, ids)
        entries = sum(fan_drops.forget(connection, known) for _, known in accounts)
        for _, known in accounts:
            _forget_in_shops(connection, known)
        _delete_person(connection, store, number, ids)
    tell.changed(connection, [number])
    return Erased(number, tuple(known for _, known in accounts), events, entries)


def _accounts(connection: Connection, account: links.Account) -> tuple[int, list[tuple[int, links.Account]]]:
    platform, fan_id = account
    found = select(identity.c.person_id).where(identity.c.platform == platform, identity.c.fan_id == fan_id)
    number = connection.execute(found).scalar()
    if number is None:
        raise NotFound("fans.unknown", platform=platform, id=fan_id)
    rows = bulk.load_columns(connection, identity, ("identity_id", "platform", "fan_id"), "person_id", [number])
    return number, [(row[0], (row[1], row[2])) for row in rows]


def _refuse_held(connection: Connection, accounts: Sequence[int]) -> None:
    held = connection.execute(select(hold.c.reason).where(hold.c.identity_id.in_(accounts))).first()
    if held is not None:
        raise Conflict("privacy.held", reason=held.reason)


def _strip_events(connection: Connection, accounts: Sequence[int]) -> int:
    """Let the ledger's events belong to nobody, and say no more than what was paid; how many there were."""
    mine = of_accounts(connection, accounts)
    rows = connection.execute(select(event.c.seq, event.c.payload).where(mine, event.c.type.in_(_MONEY))).all()
    for row in rows:
        payload = json.loads(row.payload) if row.payload else {}
        kept = {key: payload[key] for key in _KEPT_FIELDS if key in payload}
        blank = json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""
        connection.execute(update(event).where(event.c.seq == row.seq).values(identity_id=None, payload=blank))
    return len(rows) + connection.execute(update(event).where(mine).values(identity_id=None, payload="")).rowcount


def _strip_money(connection: Connection, accounts: Sequence[int]) -> None:
    connection.execute(update(spend).where(spend.c.identity_id.in_(accounts)).values(identity_id=None))
    connection.execute(update(purchase).where(purchase.c.identity_id.in_(accounts)).values(identity_id=None, person_id=None))
    redemptions.forget(connection, accounts)
    connection.execute(delete(points).where(points.c.identity_id.in_(accounts), points.c.kind.in_(REMADE_POINTS)))
    connection.execute(update(points).where(points.c.identity_id.in_(accounts)).values(identity_id=_NOBODY))


def _forget_in_shops(connection: Connection, account: links.Account) -> None:
    """An order of a shop keeps its number, without the viewer that it was bound to; the way to the member's own page goes."""
    platform, fan_id = account
    bound = (shop_order.c.platform == platform, shop_order.c.fan_id == fan_id)
    connection.execute(update(shop_order).where(*bound).values(fan_id="", code=None))
    connection.execute(delete(member_code).where(member_code.c.platform == platform, member_code.c.fan_id == fan_id))


def _delete_person(connection: Connection, store: FanStore, number: int, accounts: Sequence[int]) -> None:
    rows = bulk.load(connection, person, "person_id", [number])
    for row in rows:
        gone = Person.from_row(row, 0 if row[27] else tier_of(row[1], store.rules))
        gone.is_staff = True  # in no figure from now on
        store.count(connection, [gone])
    links.forget(connection, accounts)
    for table in (person, fan_day):
        connection.execute(delete(table).where(table.c.person_id == number))
    name_index.forget(connection, accounts)
    # Merged accounts keep their past under the numbers that they had on their own.
    connection.execute(delete(standing).where(standing.c.person_id.in_([number, *accounts])))
    by_account: tuple[Table, ...] = (name, combo, contact, identity)
    for table in by_account:
        connection.execute(delete(table).where(table.c.identity_id.in_(accounts)))
