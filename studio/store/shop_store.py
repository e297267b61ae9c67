"""Orders of shops: each message once, each event of an order once, each order bound once, by the code that its buyer got.

Functions on a connection inside the caller's transaction; what has to go into the ledger is handed back as events.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from studio.errors import Conflict, NotFound
from studio.model.event_lines import pack, unpack
from studio.model.events import FanEvent
from studio.model.shop import ShopNews, as_bought_by
from studio.store.coupon_uses import note_coupons
from studio.store.fan_store import exclusive
from studio.store.shop_tables import shop_event, shop_message, shop_order

MESSAGE_DAYS: Final = 30
"""How long a webhook's id is remembered: shops repeat for at most a few days, and after that the order's own numbers tell a repeat."""
CODE_DAYS: Final = 60
"""How long a code is good: a parcel has arrived, and the buyer has come to a show."""
_DAY_MS: Final = 86_400_000
# Asked for each message of a sale: built once, as building them costs as much as asking.
_MESSAGE: Final = select(shop_message.c.hook).where(
    shop_message.c.hook == bindparam("hook"), shop_message.c.message_id == bindparam("message_id")
)
_EVENT: Final = select(shop_event.c.seq).where(shop_event.c.hook == bindparam("hook"), shop_event.c.event_id == bindparam("event_id"))
_ORDER: Final = select(shop_order).where(shop_order.c.hook == bindparam("hook"), shop_order.c.order_no == bindparam("order_no"))
_ADD_MESSAGE: Final = insert(shop_message)
_ADD_EVENT: Final = insert(shop_event)
_ADD_ORDER: Final = insert(shop_order)


@dataclass(frozen=True, slots=True)
class Message:
    """A webhook whose signature holds."""

    hook: str
    message_id: str
    news: ShopNews
    received_ms: int


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of a message: the order's row as it stands now, whether it was new, and the events for the ledger."""

    order: dict[str, Any]
    is_new: bool
    events: tuple[FanEvent, ...] = field(default=())


def take(connection: Connection, message: Message, new_code: str) -> Taken:
    """Keep what a shop tells; the same message, or another with the same news, changes nothing."""
    exclusive(connection)
    hook, event, news = message.hook, message.news.event, message.news
    row = {"hook": hook, "message_id": message.message_id}
    is_known = connection.execute(_MESSAGE, row).first() is not None
    is_known = is_known or connection.execute(_EVENT, {"hook": hook, "event_id": event.id}).first() is not None
    if is_known:
        return Taken(_order(connection, hook, event.order) or {"state": "ignored"}, is_new=False)
    connection.execute(_ADD_MESSAGE, {**row, "received_at": message.received_ms})
    told = {
        "hook": hook,
        "event_id": event.id,
        "order_no": event.order,
        "type": event.type,
        "at": event.at_ms,
        "received_at": message.received_ms,
        "payload": pack(event),
    }
    connection.execute(_ADD_EVENT, told)
    order = _noted(connection, message, _order(connection, hook, event.order) or _first(connection, message, new_code))
    note_coupons(connection, hook, news)
    is_bound = order["state"] == "bound"
    return Taken(order, is_new=True, events=(as_bought_by(event, order["platform"], order["fan_id"]),) if is_bound else ())


def _order(connection: Connection, hook: str, order_no: str) -> dict[str, Any] | None:
    found = connection.execute(_ORDER, {"hook": hook, "order_no": order_no}).mappings().first()
    return dict(found) if found else None


def _first(connection: Connection, message: Message, new_code: str) -> dict[str, Any]:
    """The row of an order that is heard of for the first time."""
    values = {
        "hook": message.hook,
        "order_no": message.news.event.order,
        "label": message.news.label,
        "state": "waiting",
        "code": new_code,
        "code_from": "encore",
        "code_at": message.received_ms,
        "first_at": message.news.event.at_ms,
    }
    connection.execute(_ADD_ORDER, values)
    return _order(connection, message.hook, message.news.event.order) or values


def _noted(connection: Connection, message: Message, order: dict[str, Any]) -> dict[str, Any]:
    """What this message says of the order, put into its row."""
    news, event = message.news, message.news.event
    changed: dict[str, Any] = {}
    if event.type in {"order", "order_placed"}:
        changed = {"label": news.label, "first_at": event.at_ms}
        if event.type == "order" or not order["is_paid"]:
            changed |= {"amount_minor": event.amount_minor, "currency": event.currency, "items": event.items}
        changed["is_paid"] = int(order["is_paid"] or event.type == "order")
        if news.code and order["state"] == "waiting" and _is_free(connection, news.code):
            changed |= {"code": news.code, "code_from": "note", "code_at": message.received_ms}
    elif event.type == "refund":
        changed = {"refunded_minor": order["refunded_minor"] + event.amount_minor}
    if changed:
        connection.execute(update(shop_order).where(*_is(order)).values(changed))
    return order | changed


def _is(order: dict[str, Any]) -> tuple[Any, Any]:
    return shop_order.c.hook == order["hook"], shop_order.c.order_no == order["order_no"]


def _is_free(connection: Connection, code: str) -> bool:
    return connection.execute(select(shop_order.c.hook).filter_by(code=code)).first() is None


def bind(connection: Connection, platform: str, fan_id: str, code: str, now_ms: int) -> Sequence[FanEvent] | None:
    """The order whose code was said belongs to this viewer from now on: its events for the ledger. None for a wrong code."""
    exclusive(connection)
    wanted = select(shop_order).where(
        shop_order.c.code == code, shop_order.c.state == "waiting", shop_order.c.code_at > now_ms - CODE_DAYS * _DAY_MS
    )
    order = connection.execute(wanted.with_for_update()).mappings().first()
    if order is None:
        return None
    changed = {"state": "bound", "code": None, "platform": platform, "fan_id": fan_id, "bound_at": now_ms}
    connection.execute(update(shop_order).where(*_is(dict(order))).values(changed))
    rows = connection.execute(
        select(shop_event).filter_by(hook=order["hook"], order_no=order["order_no"]).order_by(shop_event.c.at, shop_event.c.seq)
    )
    return [as_bought_by(_event(row), platform, fan_id) for row in rows.mappings()]


def _event(row: Any) -> FanEvent:
    return FanEvent(row["event_id"], row["type"], row["at"], row["hook"], **unpack(row["payload"]))


def renew_code(connection: Connection, hook: str, order_no: str, code: str, by: str, now_ms: int) -> dict[str, Any]:
    """Another code for an order that has no buyer yet; the old one is void. Raises NotFound, Conflict."""
    changed = {"state": "waiting", "code": code, "code_from": "encore", "code_at": now_ms, "settled_by": by[:200]}
    return _step(connection, hook, order_no, changed)


def dismiss(connection: Connection, hook: str, order_no: str, by: str) -> dict[str, Any]:
    """No viewer's order: it leaves the queue, and a new code brings it back. Raises NotFound, Conflict."""
    return _step(connection, hook, order_no, {"state": "dismissed", "code": None, "settled_by": by[:200]})


def _step(connection: Connection, hook: str, order_no: str, changed: dict[str, Any]) -> dict[str, Any]:
    exclusive(connection)
    order = _order(connection, hook, order_no)
    if order is None:
        raise NotFound("hooks.no_order", hook=hook[:40], order=order_no[:100])
    if order["state"] == "bound":
        raise Conflict("hooks.bound")
    connection.execute(update(shop_order).where(*_is(order)).values(changed))
    return order | changed


def orders(connection: Connection, state: str, limit: int, after: int) -> tuple[list[dict[str, Any]], int]:
    """(A page of orders in this state, newest first, before the time `after` when it is given; how many there are in all)."""
    total = connection.execute(select(func.count()).select_from(shop_order).filter_by(state=state)).scalar() or 0
    query = select(shop_order).filter_by(state=state).order_by(shop_order.c.first_at.desc(), shop_order.c.order_no)
    if after:
        query = query.where(shop_order.c.first_at < after)
    return [dict(row) for row in connection.execute(query.limit(limit)).mappings()], total


def forget_old_messages(connection: Connection, now_ms: int) -> None:
    """Drop the ids of webhooks that no shop repeats any more."""
    connection.execute(delete(shop_message).where(shop_message.c.received_at < now_ms - MESSAGE_DAYS * _DAY_MS))
