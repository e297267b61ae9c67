"""Coupons used in a shop's orders: a row when one is used, a reversal for what each refund takes back.

It knows only coupons that were issued here, and changes no row that stands.
"""

from typing import Any

from sqlalchemy import Connection, Table, bindparam, func, insert, select

from studio.model.shop import ShopNews, reversed_minor
from studio.store.drop_tables import claims
from studio.store.shop_tables import coupon_use, shop_event, shop_order


def _of_order(table: Table) -> tuple[Any, Any]:
    return table.c.hook == bindparam("hook"), table.c.order_no == bindparam("order_no")


# Asked for each order of a sale: built once, as building them costs as much as asking.
_USED = select(coupon_use.c.code, coupon_use.c.amount_minor).where(*_of_order(coupon_use), coupon_use.c.kind == "use")
_REFUND = select(shop_event.c.seq).where(*_of_order(shop_event), shop_event.c.type == "refund").limit(1)


def note_coupons(connection: Connection, hook: str, news: ShopNews) -> None:
    """Add what this news, which is new, means for coupons; a refund that came before its order is made up for at the order."""
    event = news.event
    if event.type == "order":
        for code, off_minor in news.coupons:
            if connection.execute(select(claims.c.code).where(claims.c.code == code)).first() is not None:
                _add(connection, hook, news, code, ("use", event.id, off_minor))
    if event.type in {"order", "refund"}:
        _reverse(connection, hook, news)


def _reverse(connection: Connection, hook: str, news: ShopNews) -> None:
    event = news.event
    of_order = {"hook": hook, "order_no": event.order}
    used = connection.execute(_USED, of_order).all()
    if not used or connection.execute(_REFUND, of_order).first() is None:
        return
    amount: int = connection.execute(select(shop_order.c.amount_minor).filter_by(**of_order, is_paid=1)).scalar() or 0
    refunded: int = connection.execute(select(shop_order.c.refunded_minor).filter_by(**of_order)).scalar() or 0
    for code, off_minor in used:
        total = select(func.sum(coupon_use.c.amount_minor)).filter_by(**of_order, kind="reversal", code=code)
        before = -int(connection.execute(total).scalar() or 0)
        change = reversed_minor(off_minor, amount, refunded) - before
        if change > 0 or before == 0:
            _add(connection, hook, news, code, ("reversal", f"{event.id}:reversal", -change))


def _add(connection: Connection, hook: str, news: ShopNews, code: str, what: tuple[str, str, int]) -> None:
    event = news.event
    kind, ref, amount_minor = what
    values: dict[str, Any] = {"code": code, "hook": hook, "order_no": event.order, "kind": kind, "ref": ref}
    connection.execute(insert(coupon_use).values(**values, at=event.at_ms, amount_minor=amount_minor, currency=event.currency))
