"""Coupons out: one guarded UPDATE decides each, and the tables' unique keys stand behind it.

Functions on a connection; a code that was given is given again to the same claim and to nobody else.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn

from sqlalchemy import Connection, and_, insert, or_, select, update

from studio.errors import Conflict, InvalidInput
from studio.model.coupons import CouponSpec, new_code
from studio.model.drops import DropRecord, may_enter
from studio.store.delivery_store import add_delivery
from studio.store.drop_tables import claims, drops
from studio.store.entry_store import FanLookup


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody wants a coupon; `claim_id` makes asking again harmless."""

    platform: str
    fan_id: str
    claim_id: str
    received_at_ms: int


def claim(connection: Connection, record: DropRecord, wish: Claim, lookup: FanLookup, *, is_open: bool) -> tuple[str, bool]:
    """(code, whether it is new). Raises Conflict with the param `reason`: already, not_entitled, sold_out or closed."""
    spec = record.spec
    assert isinstance(spec, CouponSpec)  # noqa: S101 - the caller looked
    standing = lookup(connection, wish.platform, wish.fan_id)
    same_fan = and_(claims.c.platform == wish.platform, claims.c.fan_id == wish.fan_id)
    query = select(claims.c.claim_id, claims.c.code, claims.c.platform, claims.c.fan_id).where(
        claims.c.drop_id == record.id, or_(claims.c.claim_id == wish.claim_id, claims.c.person == standing.person, same_fan)
    )
    taken = connection.execute(query).all()
    for row in taken:
        if row.claim_id == wish.claim_id:
            if (row.platform, row.fan_id) != (wish.platform, wish.fan_id):
                raise InvalidInput("drops.claim_id_taken")
            return row.code, False
    if len(taken) >= spec.per_fan:
        _refuse("already")
    if not may_enter(spec.who, standing):
        _refuse("not_entitled")
    # `issued` never falls: what this snapshot knows to be sold out stays so, and needs no UPDATE to say it.
    if record.issued >= spec.limit or not _take_one(connection, record.id, is_open=is_open):
        _refuse_issue(connection, record)
    code = new_code()
    connection.execute(
        insert(claims).values(
            drop_id=record.id,
            claim_id=wish.claim_id,
            code=code,
            person=standing.person,
            slot=len(taken),
            platform=wish.platform,
            fan_id=wish.fan_id,
            claimed_at_ms=wish.received_at_ms,
        )
    )
    if spec.fulfilment == "manual":
        add_delivery(connection, record, f"coupon:{code}", wish.platform, wish.fan_id, code, wish.received_at_ms)
    return code, True


def claim_each(connection: Connection, record: DropRecord, wishes: Sequence[Claim], lookup: FanLookup) -> list[str]:
    """Claims from chat, in order; for each `issued`, `already`, or why the answer is no."""
    outcomes: list[str] = []
    for wish in wishes:
        try:
            _, is_new = claim(connection, record, wish, lookup, is_open=True)
            outcomes.append("issued" if is_new else "already")
        except Conflict as error:
            outcomes.append(str(error.params["reason"]))
        except InvalidInput:
            outcomes.append("taken")
    return outcomes


def _take_one(connection: Connection, drop_id: str, *, is_open: bool) -> bool:
    if not is_open:
        return False
    guard = (drops.c.id == drop_id, drops.c.state == "open", drops.c.issued < drops.c.issue_limit)
    return connection.execute(update(drops).where(*guard).values(issued=drops.c.issued + 1)).rowcount == 1


def _refuse_issue(connection: Connection, record: DropRecord) -> NoReturn:
    row = connection.execute(select(drops.c.issued, drops.c.issue_limit).where(drops.c.id == record.id)).one()
    _refuse("sold_out" if row.issue_limit and row.issued >= row.issue_limit else "closed")


def _refuse(reason: str) -> NoReturn:
    raise Conflict(f"drops.claim_{reason}", reason=reason)
