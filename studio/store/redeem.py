"""Points for things: taken once for a click, and never more than can be redeemed, under any concurrency.

It hands out nothing itself but lottery tickets.
"""

from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, select

from studio.errors import Conflict, InvalidInput, NotFound
from studio.model.events import format_time
from studio.model.fans import Fan
from studio.model.loyalty import TICKET, RedeemItem, Rules
from studio.store import bulk, redemptions, tell
from studio.store.by_hand import TICKET_KIND, gave_ticket, is_taken_back
from studio.store.fan_detail import Moment, detail_of
from studio.store.fan_store import exclusive
from studio.store.tables import identity, person, points, redemption
from studio.store.working import Person

_TAKEN = ("redeem", TICKET_KIND)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody wants an item for points; `click_id` makes it happen once. `cost` 0 is what the rules say it costs."""

    platform: str
    fan_id: str
    click_id: str
    item: str
    cost: int = 0
    counter: redemptions.Counter = field(default_factory=redemptions.Counter)


def redeem(connection: Connection, wish: Wish, moment: Moment) -> tuple[dict[str, Any], Fan]:
    """Take points for an item; the same click again changes nothing. Raises NotFound, Conflict, InvalidInput."""
    if wish.cost < 0 or not wish.click_id:
        raise InvalidInput("fans.redeem", points=wish.cost)
    exclusive(connection)
    found = detail_of(connection, wish.platform, wish.fan_id, moment)
    if found is None:
        raise NotFound("fans.unknown", platform=wish.platform, id=wish.fan_id)
    row = found.person
    left = found.redeemable
    account = next(one.identity_id for one in found.identities if (one.platform, one.fan_id) == (wish.platform, wish.fan_id))
    cost = _done_before(connection, wish, row)
    if not cost:
        if row.is_staff:
            raise Conflict("fans.redeem_staff")
        priced = priced_item(wish.item, wish.cost, moment.rules)
        cost = priced.points
        if left < cost:
            raise Conflict("fans.not_enough", points=cost, redeemable=left)
        _take_points(connection, row, account, wish, priced, moment.now_ms)
        left -= cost
    return {"points": row.points, "redeemable": left, "item": wish.item, "cost": cost}, row.to_fan(found.latest)


def priced_item(name: str, cost: int, rules: Rules) -> RedeemItem:
    """The item that a wish means. Where the rules price items nothing else is to be had, and at no other price.

    Raises NotFound, Conflict for another price, InvalidInput where neither the rules nor the wish say what it costs.
    """
    if not rules.items:
        if not cost:
            raise InvalidInput("fans.redeem", points=cost)
        return RedeemItem(name, name, "ticket" if name == TICKET else "sample", cost)
    for item in rules.items:
        if item.item == name:
            if cost not in (0, item.points):
                raise Conflict("fans.redeem_price", item=item.name, price=item.points)
            return item
    raise NotFound("fans.redeem_unlisted", item=name[:40], items=", ".join(item.item for item in rules.items))


def redeemed(connection: Connection, accounts: list[int], rules: Rules, limit: int = 10) -> list[dict[str, Any]]:
    """[{number, item, name, kind, points, at, state, can_undo}]: what these accounts had for points, the newest first.

    `state` is todo or done where somebody hands it over, back where the points went back, had otherwise.
    """
    names = {item.item: item.name for item in rules.items}
    query = (
        select(points, is_taken_back().label("is_back"), redemption.c.what, redemption.c.kind.label("handed"), redemption.c.state)
        .join(redemption, redemption.c.points_seq == points.c.seq, isouter=True)
        .where(points.c.identity_id.in_(accounts), points.c.kind.in_(_TAKEN))
        .order_by(points.c.seq.desc())
        .limit(limit)
    )
    return [_redeemed(row, names) for row in connection.execute(query)]


def _redeemed(row: Any, names: dict[str, str]) -> dict[str, Any]:
    state = "back" if row.is_back else row.state or "had"
    return {
        "number": row.seq,
        "item": row.ref,
        "name": row.what or names.get(row.ref, row.ref),
        "kind": row.handed or ("ticket" if gave_ticket(row.kind, row.ref) else "sample"),
        "points": -row.delta,
        "at": format_time(row.at),
        "state": state,
        "can_undo": state in {"todo", "had"},
    }


def _done_before(connection: Connection, wish: Wish, row: Person) -> int:
    """What this click took already, 0 for nothing. Raises Conflict when it was somebody else's, or for something else."""
    # What an erased person took belongs to no account.
    query = (
        select(identity.c.person_id, points.c.delta, points.c.ref, points.c.kind)
        .join(identity, identity.c.identity_id == points.c.identity_id, isouter=True)
        .where(points.c.click_id == wish.click_id)
    )
    done = connection.execute(query).first()
    if done is None:
        return 0
    is_same = done.person_id == row.person_id and done.kind in _TAKEN and done.ref == wish.item[:100]
    if not is_same or wish.cost not in (0, -done.delta):
        raise Conflict("fans.click_used", click_id=wish.click_id[:100])
    return -done.delta


def _take_points(connection: Connection, row: Person, account: int, wish: Wish, priced: RedeemItem, now_ms: int) -> None:
    is_priced_ticket = priced.kind == "ticket" and priced.item != TICKET
    kind = TICKET_KIND if is_priced_ticket else "redeem"
    values = (account, kind, now_ms, -priced.points, wish.item[:100], wish.click_id)
    bulk.insert(connection, points, [values], columns=tuple(points.c.keys())[1:])
    if priced.kind in redemptions.HANDED_KINDS:
        number = connection.execute(select(points.c.seq).where(points.c.click_id == wish.click_id)).scalar_one()
        redemptions.add(connection, number, priced, wish.counter, now_ms)
    row.points -= priced.points
    row.adjusted_points -= priced.points
    row.bonus_tickets += priced.kind == "ticket"
    bulk.upsert(connection, person, [row.to_row()])
    tell.changed(connection, [row.person_id])
