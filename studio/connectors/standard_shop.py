"""A shop's own message as Encore documents it (`docs/shops.md`): `{type, timestamp, data}` becomes `ShopNews`.

It believes no `fan` in it: who bought is shown by a one-time code alone.
"""

from collections.abc import Mapping
from typing import Any, Final

from studio.errors import InvalidInput
from studio.model.events import FanEvent, Rejection, parse_object
from studio.model.shop import ShopNews, noted_code

_TYPES: Final = {
    "order.placed": "order_placed",
    "order.paid": "order",
    "order.refunded": "refund",
    "order.shipped": "shipped",
    "order.delivered": "delivered",
}
_COPIED: Final = ("order", "amount_minor", "currency", "items", "promo", "expires_at", "eta")
_MAX_ORDER, _MAX_REFUND = 100, 80
_MAX_COUPONS, _MAX_COUPON = 10, 20


def read_standard(document: Mapping[str, Any], hook: str, now_ms: int) -> ShopNews | None:
    """What the message tells, None for a type that says nothing of an order. Raises InvalidInput with the key at fault."""
    kind = _TYPES.get(str(document.get("type")))
    if kind is None:
        return None
    data = document.get("data")
    if not isinstance(data, dict):
        raise InvalidInput("hooks.body", reason="data: not an object")
    order = identifier(data, "order", _MAX_ORDER)
    suffix = f"refund:{identifier(data, 'refund', _MAX_REFUND)}" if kind == "refund" else kind
    line = {name: data[name] for name in _COPIED if name in data}
    event = shop_event({**line, "id": f"{order}:{suffix}", "type": kind, "at": document.get("timestamp"), "platform": hook}, now_ms)
    note = data.get("note")
    return ShopNews(event, order, noted_code(note) if isinstance(note, str) else "", _coupons(data.get("coupons")))


def shop_event(line: dict[str, Any], now_ms: int) -> FanEvent:
    """A line of the contract's format as an event, by the rules that every event obeys. Raises InvalidInput."""
    read = parse_object(line, 1, now_ms)
    if isinstance(read, Rejection):
        raise InvalidInput("hooks.body", reason=read.error)
    return read


def identifier(data: Mapping[str, Any], key: str, longest: int) -> str:
    """A number or text that names something. Raises InvalidInput."""
    value = data.get(key)
    text = str(value) if type(value) is int else value
    if not isinstance(text, str) or not text.strip() or len(text) > longest or not text.isprintable():
        raise InvalidInput("hooks.body", reason=f"{key}: a text of 1 to {longest} signs")
    return text.strip()


def _coupons(given: Any) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for coupon in given[:_MAX_COUPONS] if isinstance(given, list) else ():
        code, off = (coupon.get("code"), coupon.get("discount_minor", 0)) if isinstance(coupon, dict) else ("", 0)
        if type(off) is not int or not 0 <= off <= 10**13:
            raise InvalidInput("hooks.body", reason="coupons.discount_minor: not an integer of minor units")
        if isinstance(code, str) and 0 < len(code.strip()) <= _MAX_COUPON:
            found[code.strip().upper()] = off
    return tuple(found.items())
