"""An order of a shop as the control API tells it: JSON-ready, with its code for those who hand it on.

It decides nothing.
"""

import json
from collections.abc import Mapping
from typing import Any

from studio.model.events import format_time
from studio.model.shop import shown_code


def queue_row(order: Mapping[str, Any]) -> dict[str, Any]:
    """A row of `GET /v1/shop/orders`."""
    return {
        "hook": order["hook"],
        "order": order["order_no"],
        "label": order["label"],
        "state": order["state"],
        "code": shown_code(order["code"]) if order.get("code") else None,
        "code_from": order["code_from"],
        "paid": bool(order["is_paid"]),
        "amount_minor": order["amount_minor"],
        "refunded_minor": order["refunded_minor"],
        "currency": order["currency"],
        "items": json.loads(order["items"]) if order["items"] else [],
        "at": format_time(order["first_at"]),
        "platform": order["platform"],
        "id": order["fan_id"],
        "bound_at": format_time(order["bound_at"]) if order["bound_at"] else None,
    }
