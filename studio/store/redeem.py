"""Points for things: taken once for a click, and never more than can be redeemed, under any concurrency.

It hands out nothing itself but lottery tickets.
"""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.fans import Fan
from studio.store import bulk, tell
from studio.store.by_hand import TICKET
from studio.store.fan_detail import Moment, detail_of
from studio.store.fan_store import exclusive
from studio.store.tables import identity, person, points
from studio.store.working import Person


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants an item for points; `click_id` makes it happen once."""

    platform: str
    fan_id: str
    click_id: str
    item: str
    cost: int


def redeem(connection: Connection, wish: Wish, moment: Moment) -> tuple[dict[str, Any], Fan]:
    """Take points for an item; the same click again changes nothing. Raises NotFound, Conflict, InvalidInput."""
    if wish.cost <= 0 or not wish.click_id:
        raise InvalidInput("fans.redeem", points=wish.cost)
    exclusive(connection)
    found = detail_of(connection, wish.platform, wish.fan_id, moment)
    if found is None:
        raise NotFound("fans.unknown", platform=wish.platform, id=wish.fan_id)
    row = found.person
    left = found.redeemable
    account = next(one.identity_id for one in found.identities if (one.platform, one.fan_id) == (wish.platform, wish.fan_id))
    done = connection.execute(
        select(identity.c.person_id, points.c.delta)
        .join(points, points.c.identity_id == identity.c.identity_id)
        .where(points.c.click_id == wish.click_id)
    ).first()
    if done is not None and tuple(done) != (row.person_id, -wish.cost):
        raise Conflict("fans.click_used", click_id=wish.click_id[:100])
    if done is None:
        if left < wish.cost:
            raise Conflict("fans.not_enough", points=wish.cost, redeemable=left)
        _take_points(connection, row, account, wish, moment.now_ms)
        left -= wish.cost
    return {"points": row.points, "redeemable": left}, row.to_fan(found.latest)


def _take_points(connection: Connection, row: Person, account: int, wish: Wish, now_ms: int) -> None:
    values = (account, "redeem", now_ms, -wish.cost, wish.item[:100], wish.click_id)
    bulk.insert(connection, points, [values], columns=tuple(points.c.keys())[1:])
    row.points -= wish.cost
    row.adjusted_points -= wish.cost
    row.bonus_tickets += wish.item == TICKET
    bulk.upsert(connection, person, [row.to_row()])
    tell.changed(connection, [row.person_id])
