"""One list of everything that a person has to hand over, whatever gave it: drops, or points.

It holds no table of its own.
"""

from typing import Any

from sqlalchemy import Connection

from studio.model.loyalty import POINTS_DROP
from studio.store import delivery_store, redemptions


def handouts_in(connection: Connection, room: str, state: str, limit: int) -> list[dict[str, Any]]:
    """To be handed over, oldest first; or done, newest first."""
    rows = [*delivery_store.deliveries_in(connection, room, state, limit), *redemptions.listed(connection, room, state, limit)]
    if state == "done":
        rows.sort(key=lambda row: str(row["done_at"]), reverse=True)
    else:
        rows.sort(key=lambda row: str(row["at"]))
    return rows[:limit]


def count_waiting(connection: Connection, room: str) -> int:
    """How many things are still to be handed over."""
    return delivery_store.count_waiting(connection, room) + redemptions.count_waiting(connection, room)


def mark_done(connection: Connection, drop: str, ref: str, name: str, now_ms: int) -> None:
    """Handed over. Raises NotFound unless it was to do."""
    if drop == POINTS_DROP:
        redemptions.mark_done(connection, ref, name, now_ms)
    else:
        delivery_store.mark_delivered(connection, drop, ref, name, now_ms)


def put_back(connection: Connection, drop: str, ref: str) -> None:
    """Not handed over after all. Raises NotFound unless it was marked so."""
    if drop == POINTS_DROP:
        redemptions.put_back(connection, ref)
    else:
        delivery_store.take_back(connection, drop, ref)
