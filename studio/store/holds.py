"""Legal holds: persons of whom nothing may be deleted while a dispute or a law asks for it, with the reason and who said so.

A hold hides nothing and keeps no copy.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, select

from studio.errors import InvalidInput
from studio.model.events import format_time
from studio.store import bulk
from studio.store.links import Asked
from studio.store.person_tables import hold, retention_mark
from studio.store.tables import identity


def put(connection: Connection, accounts: Sequence[int], asked: Asked) -> None:
    """Hold a person's accounts; again, the reason is renewed. Raises InvalidInput without a reason."""
    if not asked.reason.strip():
        raise InvalidInput("privacy.no_reason")
    bulk.upsert(connection, hold, [(account, asked.at_ms, asked.by[:200], asked.reason.strip()[:500]) for account in accounts])


def release(connection: Connection, accounts: Sequence[int]) -> bool:
    """Let retention and erasing go on; whether there was a hold. What was passed over meanwhile is looked at again."""
    gone = connection.execute(delete(hold).where(hold.c.identity_id.in_(list(accounts)))).rowcount
    if gone:
        connection.execute(delete(retention_mark))
    return bool(gone)


def told(connection: Connection, accounts: Sequence[int]) -> dict[str, Any] | None:
    """{at, by, reason} of the hold on any of these accounts, or None."""
    row = connection.execute(select(hold).where(hold.c.identity_id.in_(list(accounts))).order_by(hold.c.at)).first()
    return None if row is None else {"at": format_time(row.at), "by": row.asked_by, "reason": row.reason}


def everybody(connection: Connection) -> list[dict[str, Any]]:
    """[{platform, id, name, at, by, reason}] of all accounts under a hold, oldest first."""
    query = select(hold, identity.c.platform, identity.c.fan_id, identity.c.name)
    joined = query.join(identity, identity.c.identity_id == hold.c.identity_id).order_by(hold.c.at, hold.c.identity_id)
    return [
        {
            "platform": row.platform,
            "id": row.fan_id,
            "name": row.name,
            "at": format_time(row.at),
            "by": row.asked_by,
            "reason": row.reason,
        }
        for row in connection.execute(joined)
    ]
