"""Events as they stand in the ledger, read back into what they were when they came.

It reads only.
"""

from typing import Any

from sqlalchemy import Select, select

from studio.model.event_lines import unpack
from studio.model.events import FanEvent
from studio.store.tables import event, identity
from studio.store.working import Received


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
