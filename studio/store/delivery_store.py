"""The outbox of things that a person has to hand out: prizes, and coupons whose fulfilment is manual.

A row is written in the transaction that decides it, so that nothing won is ever forgotten; it sends nothing by itself.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, insert, select, update

from studio.errors import NotFound
from studio.model.drops import DropRecord
from studio.store.drop_tables import deliveries, drops


def add_deliveries(connection: Connection, record: DropRecord, items: Sequence[tuple[str, str, str, str]], now_ms: int) -> None:
    """Things that a person has to hand out: (reference, platform, fan id, what)."""
    rows = [
        {"drop_id": record.id, "ref": ref, "platform": platform, "fan_id": fan_id, "what": what, "state": "todo", "created_at_ms": now_ms}
        for ref, platform, fan_id, what in items
    ]
    if rows:
        connection.execute(insert(deliveries), rows)


def open_deliveries(connection: Connection, room: str, limit: int) -> list[dict[str, Any]]:
    """What is still to be handed out, oldest first."""
    query = (
        select(deliveries)
        .join(drops, drops.c.id == deliveries.c.drop_id)
        .where(drops.c.room == room, deliveries.c.state == "todo")
        .order_by(deliveries.c.created_at_ms, deliveries.c.ref)
        .limit(limit)
    )
    return [dict(row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def mark_delivered(connection: Connection, drop_id: str, ref: str, name: str, now_ms: int) -> None:
    """Handed out. Raises NotFound unless it was to do."""
    chosen = (deliveries.c.drop_id == drop_id, deliveries.c.ref == ref, deliveries.c.state == "todo")
    done = connection.execute(update(deliveries).where(*chosen).values(state="done", done_at_ms=now_ms, done_by=name))
    if done.rowcount != 1:
        raise NotFound("drops.no_delivery", id=drop_id[:40])
