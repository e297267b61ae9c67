"""Points and tickets that no event gave: redeemed, imported, given. They belong to an account and count for whoever it is.

It reads the ledger and writes nothing.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, true

from studio.model.loyalty import TICKET
from studio.store.tables import REMADE_POINTS, identity, points

TICKET_KIND: Final = "ticket"
"""Points given for a lottery ticket that the rules price; without prices it is a `redeem` of the item "ticket"."""
_IS_TICKET: Final = or_(points.c.kind == TICKET_KIND, and_(points.c.ref == TICKET, points.c.kind == "redeem"))


def given_by_hand(connection: Connection, of: ColumnElement[bool] | None = None) -> dict[int, tuple[int, int]]:
    """{person: (points, tickets)}; `of` narrows it down to some accounts by a condition on `identity`."""
    query: Any = (
        select(identity.c.person_id, func.sum(points.c.delta), func.count().filter(_IS_TICKET))
        .join(identity, identity.c.identity_id == points.c.identity_id)
        .where(points.c.kind.not_in(REMADE_POINTS), true() if of is None else of)
        .group_by(identity.c.person_id)
    )
    rows: Any = connection.execute(query)
    return {row[0]: (int(row[1] or 0), int(row[2] or 0)) for row in rows}
