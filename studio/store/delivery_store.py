"""The outbox of things that a person has to hand out: prizes, and coupons whose fulfilment is manual.

A row is written in the transaction that decides it, so that nothing won is ever forgotten; it sends nothing by itself.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, and_, func, insert, select, update

from studio.errors import NotFound
from studio.model.drops import DropRecord
from studio.model.events import format_time
from studio.store.drop_tables import deliveries, drops
from studio.store.tables import identity


def add_deliveries(connection: Connection, record: DropRecord, items: Sequence[tuple[str, str, str, str]], now_ms: int) -> None:
    """Things that a person has to hand out: (reference, platform, fan id, what)."""
    rows = [
        {"drop_id": record.id, "ref": ref, "platform": platform, "fan_id": fan_id, "what": what, "state": "todo", "created_at_ms": now_ms}
        for ref, platform, fan_id, what in items
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def deliveries_in(connection: Connection, room: str, state: str, limit: int) -> list[dict[str, Any]]:
    """[{drop, title, kind, ref, platform, id, name, what, at, done_at, done_by}]: to be handed out, oldest first; or done, newest first."""
    is_done = state == "done"
    shown = identity.c.platform == deliveries.c.platform, identity.c.fan_id == deliveries.c.fan_id
    query = (
        select(
            deliveries.c.drop_id,
            drops.c.kind,
            drops.c.spec,
            *(deliveries.c[name] for name in ("ref", "platform", "fan_id", "what", "created_at_ms", "done_at_ms", "done_by")),
            identity.c.name,
        )
        .select_from(deliveries.join(drops, drops.c.id == deliveries.c.drop_id).outerjoin(identity, and_(*shown)))
        .where(drops.c.room == room, deliveries.c.state == state)
        .order_by(deliveries.c.done_at_ms.desc() if is_done else deliveries.c.created_at_ms, deliveries.c.drop_id, deliveries.c.ref)
        .limit(limit)
    )
    return [
        {
            "drop": row.drop_id,
            "kind": row.kind,
            "title": json.loads(row.spec)["title"],
            "ref": row.ref,
            "platform": row.platform,
            "id": row.fan_id,
            "name": row.name or "",
            "what": row.what,
            "at": format_time(row.created_at_ms),
            "done_at": format_time(row.done_at_ms) if is_done else None,
            "done_by": row.done_by if is_done else None,
        }
        for row in connection.execute(query)
    ]


def count_waiting(connection: Connection, room: str) -> int:
    """How many things are still to be handed out."""
    both = deliveries.join(drops, drops.c.id == deliveries.c.drop_id)
    query = select(func.count()).select_from(both).where(drops.c.room == room, deliveries.c.state == "todo")
    return connection.execute(query).scalar_one()


def mark_delivered(connection: Connection, drop_id: str, ref: str, name: str, now_ms: int) -> None:
    """Handed out. Raises NotFound unless it was to do."""
    _turn(connection, drop_id, ref, "todo", {"state": "done", "done_at_ms": now_ms, "done_by": name})


def take_back(connection: Connection, drop_id: str, ref: str) -> None:
    """Not handed out after all. Raises NotFound unless it was marked so."""
    _turn(connection, drop_id, ref, "done", {"state": "todo", "done_at_ms": 0, "done_by": ""})


def _turn(connection: Connection, drop_id: str, ref: str, state: str, values: dict[str, Any]) -> None:
    chosen = (deliveries.c.drop_id == drop_id, deliveries.c.ref == ref, deliveries.c.state == state)
    if connection.execute(update(deliveries).where(*chosen).values(**values)).rowcount != 1:
        raise NotFound("drops.no_delivery", id=drop_id[:40])
