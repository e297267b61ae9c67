"""The items of an order by category: what was bought of each, for intervals and cohorts.

It reads what `studio.model.events` wrote and judges nothing.
"""

import json
from typing import Final, NamedTuple

_MAX_AMOUNT: Final = 10**13
"""As for an order: a list price times a count that nobody checks must still fit the ledger's 64 bits."""


class Bought(NamedTuple):
    """Pieces, and what they cost by their list price."""

    qty: int
    amount_minor: int


def bought_by_category(items: str) -> dict[str, Bought]:
    """{category: what of it} of an event's `items`; the category is empty where an item names none."""
    if not items:
        return {}
    found: dict[str, Bought] = {}
    for item in json.loads(items):
        category = item["category"].strip()
        known = found.get(category, Bought(0, 0))
        found[category] = Bought(known.qty + item["qty"], min(known.amount_minor + item["qty"] * item["price_minor"], _MAX_AMOUNT))
    return found
