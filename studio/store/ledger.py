"""Events as they stand in the ledger, read back into what they were when they came.

It reads only.
"""

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, and_, func, literal_column, select

from studio.model.event_lines import unpack
from studio.model.events import FanEvent
from studio.store.tables import EVENT_BLOCK_BITS, event, identity
from studio.store.working import Received

# Told word for word as the index has it.
_BLOCK: Final[ColumnElement[int]] = literal_column(f"(event.seq >> {EVENT_BLOCK_BITS})")


def of_accounts(connection: Connection, accounts: Collection[int]) -> ColumnElement[bool]:
    """The condition that an event is of one of these accounts: the index answers it, block by block of the ledger."""
    last = connection.execute(select(func.max(event.c.seq))).scalar() or 0
    return and_(_BLOCK.in_(range((last >> EVENT_BLOCK_BITS) + 1)), event.c.identity_id.in_(accounts))


def ledger_rows() -> Select[Any]:
    """Rows that `received_of` understands: events with the fan id of their account."""
    return select(event, identity.c.fan_id).join(identity, identity.c.identity_id == event.c.identity_id, isouter=True)


def received_of(row: Any) -> Received:
    """A row of `ledger_rows` as the event that was received."""
    told = FanEvent(
        id=row.event_id,
        type=row.type,
        at_ms=row.at,
        platform=row.platform,
        room=row.room,
        fan_id=row.fan_id or "",
        **unpack(row.payload),
    )
    return Received(told, row.received_at, bool(row.is_live))
