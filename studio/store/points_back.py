"""Points by hand taken back: a redeemed item or a gift, by a row of the ledger that names the other.

What was handed over already, or spent since, is not.
"""

from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, select

from studio.errors import Conflict, NotFound
from studio.model.fans import Fan
from studio.store import bulk, redemptions, tell
from studio.store.birthdays import GIFT
from studio.store.by_hand import BACK, BACK_CLICK, TICKET_BACK, TICKET_KIND, gave_ticket
from studio.store.fan_detail import Moment, detail_of
from studio.store.fan_store import exclusive
from studio.store.tables import person, points

_BY_HAND: Final = ("redeem", TICKET_KIND, GIFT)


@dataclass(frozen=True, slots=True)
class Back:
    """Whose row of the ledger of points is to be taken back, which one, and who wants it."""

    platform: str
    fan_id: str
    number: int
    by: str = ""


def take_back(connection: Connection, asked: Back, moment: Moment) -> tuple[dict[str, Any], Fan]:
    """{points, redeemable, number, back}; once, however often it is asked. Raises NotFound, Conflict with why not."""
    exclusive(connection)
    found = detail_of(connection, asked.platform, asked.fan_id, moment)
    if found is None:
        raise NotFound("fans.unknown", platform=asked.platform, id=asked.fan_id)
    row = connection.execute(select(points).where(points.c.seq == asked.number)).first()
    if row is None or row.kind not in _BY_HAND or row.identity_id not in {one.identity_id for one in found.identities}:
        raise NotFound("fans.undo_unknown", number=asked.number)
    back = -row.delta
    if not _is_done(connection, asked.number):
        if back < 0 and found.redeemable < -back:
            raise Conflict("fans.undo_spent", points=-back, redeemable=found.redeemable)
        if not redemptions.call_off(connection, asked.number, asked.by, moment.now_ms):
            raise Conflict("fans.undo_handed")
        is_ticket = gave_ticket(row.kind, row.ref)
        values = (
            row.identity_id, TICKET_BACK if is_ticket else BACK, moment.now_ms, back, str(asked.number), f"{BACK_CLICK}{asked.number}",
        )  # fmt: skip
        bulk.insert(connection, points, [values], columns=tuple(points.c.keys())[1:])
        found.person.points += back
        found.person.adjusted_points += back
        found.person.bonus_tickets -= is_ticket
        bulk.upsert(connection, person, [found.person.to_row()])
        tell.changed(connection, [found.person.person_id])
    answer = {"points": found.person.points, "redeemable": found.redeemable, "number": asked.number, "back": back}
    return answer, found.person.to_fan(found.latest)


def _is_done(connection: Connection, number: int) -> bool:
    """Whether it was taken back already. Raises Conflict where a caller's own click stands in the way."""
    click = f"{BACK_CLICK}{number}"
    done = connection.execute(select(points.c.kind, points.c.ref).where(points.c.click_id == click)).first()
    if done is not None and (done.kind not in {BACK, TICKET_BACK} or done.ref != str(number)):
        raise Conflict("fans.click_used", click_id=click)
    return done is not None
