"""Points and tickets that no event gave: redeemed, given, taken back. They belong to an account and count for whoever it is.

It reads the ledger and writes nothing.
"""

from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Text, and_, cast, func, literal, or_, select, true

from studio.model.loyalty import TICKET
from studio.store.tables import REMADE_POINTS, identity, points

TICKET_KIND: Final = "ticket"
"""Points given for a lottery ticket that the rules price; without prices it is a `redeem` of the item "ticket"."""
BACK: Final = "back"
"""A row by hand was taken back, by a row that names it."""
TICKET_BACK: Final = "ticket_back"
"""Likewise, and a lottery ticket with it."""
BACK_CLICK: Final = "undo:"
"""The click of such a row is this and the number of the row that it takes back: the database lets there be one."""
_IS_TICKET: Final = or_(points.c.kind == TICKET_KIND, and_(points.c.ref == TICKET, points.c.kind == "redeem"))


def given_by_hand(connection: Connection, of: ColumnElement[bool] | None = None) -> dict[int, tuple[int, int]]:
    """{person: (points, tickets)}; `of` narrows it down to some accounts by a condition on `identity`."""
    tickets = func.count().filter(_IS_TICKET) - func.count().filter(points.c.kind == TICKET_BACK)
    query: Any = (
        select(identity.c.person_id, func.sum(points.c.delta), tickets)
        .join(identity, identity.c.identity_id == points.c.identity_id)
        .where(points.c.kind.not_in(REMADE_POINTS), true() if of is None else of)
        .group_by(identity.c.person_id)
    )
    rows: Any = connection.execute(query)
    return {row[0]: (int(row[1] or 0), int(row[2] or 0)) for row in rows}


def is_taken_back() -> ColumnElement[bool]:
    """Whether there is a row that takes a row of `points` back."""
    back = points.alias("taking_back")
    click = literal(BACK_CLICK).concat(cast(points.c.seq, Text))
    return select(back.c.seq).where(back.c.click_id == click).correlate(points).exists()


def gave_ticket(kind: str, ref: str) -> bool:
    """Whether a row of the ledger gave a lottery ticket; the same as `given_by_hand` counts."""
    return kind == TICKET_KIND or (kind == "redeem" and ref == TICKET)
