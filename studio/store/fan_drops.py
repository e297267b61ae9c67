"""Persons in drops: who they are there after a merge, what is told of them, and what stays when they are erased.

A proof lists a hash for each entry; without the entry's salt nobody can tie it to anybody, and it verifies as before.
"""

import secrets
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Table, func, select, update

from studio.model.events import format_time
from studio.store.drop_tables import claims, deliveries, drops, entries
from studio.store.tables import identity

_NOBODY = "＊"


def rename(connection: Connection, accounts: Iterable[int]) -> None:
    """In open drops, let these accounts stand for the persons that they belong to now: one entry a person holds on."""
    mine, first = identity.alias("mine"), identity.alias("first")
    query = (
        select(mine.c.platform, mine.c.fan_id, first.c.platform.label("of"), first.c.fan_id.label("key"))
        .join(first, first.c.identity_id == mine.c.person_id)
        .where(mine.c.identity_id.in_(list(accounts)))
    )
    for row in connection.execute(query).all():
        key = f"{row.of}:{row.key}"
        for table in (entries, claims):
            _rename(connection, table, (row.platform, row.fan_id), key)


def _rename(connection: Connection, table: Table, account: tuple[str, str], key: str) -> None:
    """What stands under that person already keeps its place; a second entry of before the merge stays what it was."""
    is_mine = (table.c.platform == account[0], table.c.fan_id == account[1])
    is_open = table.c.drop_id.in_(select(drops.c.id).where(drops.c.state == "open"))
    for row in connection.execute(select(table).where(*is_mine, is_open, table.c.person != key)).all():
        taken = select(func.count()).where(table.c.drop_id == row.drop_id, table.c.person == key)
        count = connection.execute(taken).scalar_one()
        values: dict[str, Any] = {"person": key}
        if table is claims and count:  # numbered past all others of the drop, so that neither of the table's keys is in the way
            values["slot"] = connection.execute(select(func.max(claims.c.slot)).where(claims.c.drop_id == row.drop_id)).scalar_one() + 1
        elif count:
            continue
        same = [column == row._mapping[column.name] for column in table.primary_key.columns]  # noqa: SLF001 - SQLAlchemy's own name
        connection.execute(update(table).where(*same).values(values))


def told(connection: Connection, account: tuple[str, str]) -> dict[str, list[dict[str, Any]]]:
    """What drops know of an account: its entries with what proves them, its coupons, what is to be delivered."""
    both = entries.join(drops, drops.c.id == entries.c.drop_id)
    entered = select(entries, drops.c.spec).select_from(both).where(*_of(entries, account)).order_by(entries.c.received_at_ms)
    claimed = select(claims).where(*_of(claims, account)).order_by(claims.c.claimed_at_ms)
    due = select(deliveries).where(*_of(deliveries, account)).order_by(deliveries.c.created_at_ms)
    return {
        "entries": [
            {
                "drop": row.drop_id,
                "n": row.n,
                "at": format_time(row.received_at_ms),
                "name": row.name,
                "shown": row.shown,
                "tickets": row.tickets,
                "source": row.source,
                "fan": row.fan,
                "r": bytes(row.salt).hex(),
                "entered_by": row.entered_by,
                "reason": row.reason,
            }
            for row in connection.execute(entered)
        ],
        "coupons": [{"drop": row.drop_id, "code": row.code, "at": format_time(row.claimed_at_ms)} for row in connection.execute(claimed)],
        "deliveries": [
            {"drop": row.drop_id, "what": row.what, "state": row.state, "at": format_time(row.created_at_ms)}
            for row in connection.execute(due)
        ],
    }


def forget(connection: Connection, account: tuple[str, str]) -> int:
    """Take an erased account out of all drops; how many rows that were. Hash, tickets and source of an entry stay."""
    nobody = f"erased:{secrets.token_hex(8)}"
    count = 0
    for row in connection.execute(select(entries.c.drop_id, entries.c.n, entries.c.shown).where(*_of(entries, account))).all():
        moment = row.shown.rpartition(" ")[2]
        blank = {"person": nobody, "fan_id": nobody, "name": "", "shown": f"{_NOBODY} {moment}", "salt": b"", "reason": ""}
        connection.execute(update(entries).where(entries.c.drop_id == row.drop_id, entries.c.n == row.n).values(blank))
        count += 1
    for row in connection.execute(select(claims.c.drop_id, claims.c.claim_id, claims.c.slot).where(*_of(claims, account))).all():
        blank = {"person": nobody, "fan_id": nobody, "claim_id": f"{nobody}:{row.slot}"}
        connection.execute(update(claims).where(claims.c.drop_id == row.drop_id, claims.c.claim_id == row.claim_id).values(blank))
        count += 1
    gone = update(deliveries).where(*_of(deliveries, account)).values(fan_id=nobody)
    return count + connection.execute(gone).rowcount


def _of(table: Table, account: tuple[str, str]) -> tuple[Any, Any]:
    return table.c.platform == account[0], table.c.fan_id == account[1]
