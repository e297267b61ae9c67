"""Shopify's webhooks as `ShopNews`: orders/create, orders/paid, refunds/create, fulfillments/create and /update (Admin API, REST payloads).

Amounts are decimal texts there and are read digit by digit; a number with a point would have been rounded already and is refused.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from studio.connectors.standard_shop import identifier, shop_event
from studio.errors import InvalidInput
from studio.model.money import exponent
from studio.model.shop import ShopNews, noted_code

_AMOUNT: Final = re.compile(r"([0-9]{1,12})(?:\.([0-9]{1,4}))?")
_PAID: Final = frozenset({"paid", "partially_refunded", "refunded"})
_MAX_ITEMS, _MAX_COUPONS, _MAX_COUPON = 200, 10, 20


def read_shopify(topic: str, document: Mapping[str, Any], hook: str, now_ms: int) -> ShopNews | None:
    """What a message of this topic tells, None where it tells nothing of money or delivery. Raises InvalidInput."""
    if topic in {"orders/create", "orders/paid"}:
        return _order(document, hook, now_ms)
    if topic == "refunds/create":
        return _refund(document, hook, now_ms)
    if topic in {"fulfillments/create", "fulfillments/update"}:
        return _fulfilment(document, hook, now_ms)
    return None


def _order(document: Mapping[str, Any], hook: str, now_ms: int) -> ShopNews:
    order, currency = identifier(document, "id", 40), str(document.get("currency"))
    kind = "order" if document.get("financial_status") in _PAID else "order_placed"
    line = {
        "id": f"{order}:{kind}",
        "type": kind,
        "at": document.get("processed_at") or document.get("created_at"),
        "platform": hook,
        "order": order,
        "amount_minor": minor(document.get("total_price"), currency, "total_price"),
        "currency": currency,
        "items": [_item(item, currency) for item in _objects(document, "line_items")[:_MAX_ITEMS]],
        "promo": minor(document.get("total_discounts", "0"), currency, "total_discounts") > 0,
    }
    notes = [document.get("note"), *(note.get("value") for note in _objects(document, "note_attributes"))]
    code = next((code for note in notes if isinstance(note, str) and (code := noted_code(note))), "")
    name = document.get("name")
    label = name[:100] if isinstance(name, str) and name.isprintable() and name.strip() else order
    return ShopNews(shop_event(line, now_ms), label, code, _coupons(document, currency))


def _item(item: Mapping[str, Any], currency: str) -> dict[str, Any]:
    return {
        "sku": item.get("sku") or item.get("variant_id"),
        "name": item.get("name") or item.get("title"),
        "qty": item.get("quantity", 1),
        "price_minor": minor(item.get("price", "0"), currency, "line_items.price"),
    }


def _coupons(document: Mapping[str, Any], currency: str) -> tuple[tuple[str, int], ...]:
    found: dict[str, int] = {}
    for coupon in _objects(document, "discount_codes")[:_MAX_COUPONS]:
        code = coupon.get("code")
        if isinstance(code, str) and 0 < len(code.strip()) <= _MAX_COUPON:
            found[code.strip().upper()] = minor(coupon.get("amount", "0"), currency, "discount_codes.amount")
    return tuple(found.items())


def _refund(document: Mapping[str, Any], hook: str, now_ms: int) -> ShopNews | None:
    order, refund = identifier(document, "order_id", 40), identifier(document, "id", 40)
    paid = [
        one
        for one in _objects(document, "transactions")
        if one.get("kind") == "refund" and one.get("status") == "success" and isinstance(one.get("currency"), str)
    ]
    if not paid:
        return None  # a return without money: nothing for the ledger
    currency = str(paid[0]["currency"])
    if any(one["currency"] != currency for one in paid):
        raise InvalidInput("hooks.body", reason="transactions: more than one currency")
    line = {
        "id": f"{order}:refund:{refund}",
        "type": "refund",
        "at": document.get("processed_at") or document.get("created_at"),
        "platform": hook,
        "order": order,
        "amount_minor": sum(minor(one.get("amount"), currency, "transactions.amount") for one in paid),
        "currency": currency,
    }
    return ShopNews(shop_event(line, now_ms), order)


def _fulfilment(document: Mapping[str, Any], hook: str, now_ms: int) -> ShopNews | None:
    if document.get("status") not in {"success", "pending", "open"}:
        return None
    order = identifier(document, "order_id", 40)
    kind = "delivered" if document.get("shipment_status") == "delivered" else "shipped"
    at = document.get("updated_at" if kind == "delivered" else "created_at")
    return ShopNews(shop_event({"id": f"{order}:{kind}", "type": kind, "at": at, "platform": hook, "order": order}, now_ms), order)


def _objects(document: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    value = document.get(key)
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def minor(amount: Any, currency: str, key: str) -> int:
    """A decimal text in minor units of its currency, exactly. Raises InvalidInput for anything else."""
    found = _AMOUNT.fullmatch(amount) if isinstance(amount, str) else None
    digits = exponent(currency)
    fraction = (found[2] or "").rstrip("0") if found else ""
    if found is None or len(fraction) > digits:
        raise InvalidInput("hooks.body", reason=f"{key}: a decimal text with at most {digits} digits after the point")
    return int(found[1]) * 10**digits + int(fraction.ljust(digits, "0") or "0")
