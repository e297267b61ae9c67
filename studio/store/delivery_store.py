"""The outbox of things that a person has to hand out: prizes, and coupons whose fulfilment is manual.

A row is written in the transaction that decides it, so that nothing won is ever forgotten; it sends nothing by itself.
"""

from typing import Any

from sqlalchemy import Connection, insert, select, update

from studio.errors import NotFound
from studio.model.drops import DropRecord
from studio.store.drop_tables import deliveries, drops


def add_delivery(connection: Connection, record: DropRecord, ref: str, platform: str, fan_id: str, what: str, now_ms: int) -> None:
    """Something that a person has to hand out."""
    connection.execute(
        insert(deliveries).values(
            drop_id=record.id, ref=ref, platform=platform, fan_id=fan_id, what=what, state="todo", created_at_ms=now_ms
        )
    )


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
