"""What was had for points and a person hands over: samples to be sent, money to be taken off a price.

A row is written in the transaction that took the points, so that nothing paid for is forgotten; it sends nothing by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, delete, func, insert, select, update

from studio.errors import NotFound
from studio.model.events import format_time
from studio.model.loyalty import POINTS_DROP, RedeemItem
from studio.store.tables import identity, points, redemption

HANDED_KINDS: Final = ("sample", "cash_off")
"""A ticket needs nobody's hands."""


@dataclass(frozen=True, slots=True)
class Counter:
    """Where things are handed over: the room and its currency, and who sees to it."""

    room: str = ""
    currency: str = ""
    by: str = ""


def add(connection: Connection, number: int, item: RedeemItem, counter: Counter, now_ms: int) -> None:
    """Let the item that row `number` of the ledger took points for be handed over."""
    row = {
        "points_seq": number, "room": counter.room, "kind": item.kind, "what": item.name, "value_minor": item.value_minor,
        "currency": counter.currency, "state": "todo", "at": now_ms, "asked_by": counter.by[:200], "done_at": 0, "done_by": "",
    }  # fmt: skip
    connection.execute(insert(redemption).values(row))


def listed(connection: Connection, room: str, state: str, limit: int) -> list[dict[str, Any]]:
    """As `delivery_store.deliveries_in`, with {points, value_minor, currency}: to be handed over, oldest first; or done, newest first."""
    is_done = state == "done"
    query = (
        select(redemption, points.c.delta, identity.c.platform, identity.c.fan_id, identity.c.name)
        .join(points, points.c.seq == redemption.c.points_seq)
        .join(identity, identity.c.identity_id == points.c.identity_id, isouter=True)
        .where(redemption.c.room == room, redemption.c.state == state)
        .order_by(redemption.c.done_at.desc() if is_done else redemption.c.at, redemption.c.points_seq)
        .limit(limit)
    )
    return [
        {
            "drop": POINTS_DROP,
            "kind": row.kind,
            "title": "",
            "ref": str(row.points_seq),
            "platform": row.platform or "",
            "id": row.fan_id or "",
            "name": row.name or "",
            "what": row.what,
            "points": -row.delta,
            "value_minor": row.value_minor,
            "currency": row.currency,
            "at": format_time(row.at),
            "done_at": format_time(row.done_at) if is_done else None,
            "done_by": row.done_by if is_done else None,
        }
        for row in connection.execute(query)
    ]


def count_waiting(connection: Connection, room: str) -> int:
    """How many things are still to be handed over."""
    query = select(func.count()).select_from(redemption).where(redemption.c.room == room, redemption.c.state == "todo")
    return connection.execute(query).scalar_one()


def mark_done(connection: Connection, ref: str, name: str, now_ms: int) -> None:
    """Handed over. Raises NotFound unless it was to do."""
    _turn(connection, ref, "todo", {"state": "done", "done_at": now_ms, "done_by": name[:200]})


def put_back(connection: Connection, ref: str) -> None:
    """Not handed over after all. Raises NotFound unless it was marked so."""
    _turn(connection, ref, "done", {"state": "todo", "done_at": 0, "done_by": ""})


def call_off(connection: Connection, number: int, name: str, now_ms: int) -> bool:
    """The points go back: nothing is to be handed over any more. False when it was already, also by somebody a moment ago."""
    mine = redemption.c.points_seq == number
    gone = update(redemption).where(mine, redemption.c.state == "todo").values(state="back", done_at=now_ms, done_by=name[:200])
    if connection.execute(gone).rowcount:
        return True
    return connection.execute(select(redemption.c.state).where(mine)).scalar() != "done"


def told(connection: Connection, accounts: Iterable[int]) -> list[dict[str, Any]]:
    """[{what, kind, state, at, done_at}]: everything that these accounts had or are to have in hand."""
    query = (
        select(redemption)
        .join(points, points.c.seq == redemption.c.points_seq)
        .where(points.c.identity_id.in_(list(accounts)))
        .order_by(redemption.c.points_seq)
    )
    return [
        {
            "what": row.what,
            "kind": row.kind,
            "state": row.state,
            "at": format_time(row.at),
            "done_at": format_time(row.done_at) if row.done_at else None,
        }
        for row in connection.execute(query)
    ]


def forget(connection: Connection, accounts: Iterable[int]) -> None:
    """Nobody is there any more to whom it could be handed over; what was, stays as it happened and names nobody."""
    mine = select(points.c.seq).where(points.c.identity_id.in_(list(accounts)))
    connection.execute(delete(redemption).where(redemption.c.points_seq.in_(mine), redemption.c.state == "todo"))


def _turn(connection: Connection, ref: str, state: str, values: dict[str, Any]) -> None:
    number = int(ref) if ref.isascii() and ref.isdigit() and len(ref) < 19 else 0
    chosen = (redemption.c.points_seq == number, redemption.c.state == state)
    if connection.execute(update(redemption).where(*chosen).values(**values)).rowcount != 1:
        raise NotFound("drops.no_delivery", id=ref[:40])
