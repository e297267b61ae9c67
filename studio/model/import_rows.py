"""One row of a table as what it brings: a fan's name, points, following and orders as events, or a product.

The same row of the same source always gives the same ids, so that a file taken in twice counts once.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo
from typing import Any, Final

from studio.errors import InvalidInput
from studio.model import cells
from studio.model.cells import BadCell
from studio.model.contacts import CONTACT_KINDS, ContactKind, is_masked, normal_form
from studio.model.event_fields import MAX_MONEY_MINOR
from studio.model.events import IMPORT, MAX_NAME, FanEvent
from studio.model.import_plan import ImportPlan, platform_id
from studio.model.products import Product, read_product

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_MAX_PLATFORM: Final = 40
_FACT_BREAKS: Final = ("\n", "；", ";", "|")


@dataclass(frozen=True, slots=True)
class RowRules:
    """What holds for every row of one import; `now_ms` is when it began, and stays so when it goes on after a break."""

    plan: ImportPlan
    room: str
    currency: str
    zone: tzinfo
    now_ms: int


def fan_events(row: Mapping[str, str], rules: RowRules) -> list[FanEvent]:
    """What a row, by field, says of a fan. Raises BadCell with the field that is wrong; then nothing of the row counts."""
    fan = _fan(row, rules)
    followed_ms = _day(row, "followed_at", rules)
    events = []
    if followed_ms is not None:
        events.append(FanEvent(id=_id(rules, "follow", fan), type="follow", at_ms=followed_ms, **{**fan, "name": ""}))
    order = _order(row, rules, fan, followed_ms)
    points = cells.whole("points", row["points"]) if row.get("points") else 0
    if points or order is None or not row.get("order"):
        events.append(FanEvent(id=_id(rules, IMPORT, fan), type=IMPORT, at_ms=rules.now_ms, points=points, **fan))
    return [*events, *([order] if order else [])]


def contacts_of(row: Mapping[str, str]) -> list[tuple[ContactKind, str]]:
    """The contacts of a row; what a platform hid behind stars is passed over. Raises BadCell for what is no contact."""
    found: list[tuple[ContactKind, str]] = []
    for kind in CONTACT_KINDS:
        value = cells.restored(row.get(kind) or "").strip()
        if not value or is_masked(value):
            continue
        try:
            normal_form(kind, value)
        except InvalidInput as error:
            raise BadCell("cell.contact", field=kind, value="") from error
        found.append((kind, value))
    return found


def _fan(row: Mapping[str, str], rules: RowRules) -> dict[str, Any]:
    platform = platform_id(cells.restored(row.get("platform") or "")) or rules.plan.platform
    cells.code("platform", platform)
    if len(platform) > _MAX_PLATFORM:
        raise BadCell("cell.too_long", field="platform", value=platform[:40], limit=_MAX_PLATFORM)
    name = cells.restored(row.get("name") or "").strip()[:MAX_NAME]
    shown = _CONTROL.sub(" ", name)
    return {"platform": platform, "room": rules.room, "fan_id": cells.identifier("id", row.get("id") or ""), "name": shown}


def _order(row: Mapping[str, str], rules: RowRules, fan: dict[str, Any], followed_ms: int | None) -> FanEvent | None:
    """The order that a row is, or the one that stands for all that was bought before: dated by the last purchase, else the following."""
    currency = cells.restored(row.get("currency") or "").strip().upper() or rules.currency
    if len(currency) != 3 or not currency.isascii() or not currency.isalpha():
        raise BadCell("cell.currency", field="currency", value=currency[:40])
    amount_minor = _money(row, "spent", currency)
    number = cells.code("order", row["order"]) if row.get("order") else ""
    if not amount_minor:
        if number and amount_minor is None:
            raise BadCell("cell.empty", field="spent", value="")
        return None
    ordered_ms = _day(row, "ordered_at", rules)
    if number and ordered_ms is None:
        raise BadCell("cell.empty", field="ordered_at", value="")
    at_ms = ordered_ms or followed_ms or rules.now_ms
    opening = _id(rules, "opening", fan)
    money: dict[str, Any] = {"order": number or opening, "amount_minor": amount_minor, "currency": currency}
    return FanEvent(id=f"order:{number}" if number else opening, type="order", at_ms=at_ms, **money, **fan)


def _money(row: Mapping[str, str], name: str, currency: str) -> int | None:
    if row.get(f"{name}_minor"):
        return cells.whole(f"{name}_minor", row[f"{name}_minor"], MAX_MONEY_MINOR)
    return cells.money_minor(name, row[name], currency) if row.get(name) else None


def _day(row: Mapping[str, str], name: str, rules: RowRules) -> int | None:
    return cells.moment_ms(name, row[name], rules.now_ms, rules.zone) if row.get(name) else None


def _id(rules: RowRules, what: str, fan: dict[str, Any]) -> str:
    told = f"{what}:{rules.plan.source}:{fan['fan_id']}"
    return told if len(told) <= 200 else f"{what}:{hashlib.sha256(told.encode()).hexdigest()}"


def product_of(row: Mapping[str, str], rules: RowRules) -> Product:
    """A row as a product. Raises BadCell, InvalidInput."""
    told = {name: cells.restored(row.get(name) or "").strip() for name in ("sku", "name", "seller")}
    cells.code("sku", told["sku"])
    facts = cells.restored(row.get("facts") or "")
    for sign in _FACT_BREAKS:
        facts = facts.replace(sign, "\n")
    price_minor = _money(row, "price", rules.currency)
    if price_minor is None:
        raise BadCell("cell.empty", field="price", value="")
    numbers: dict[str, Any] = {
        "link_no": cells.whole("link_no", row["link_no"]) if row.get("link_no") else None,
        "price_minor": price_minor,
        "floor_minor": _money(row, "floor", rules.currency),
        "stock": cells.whole("stock", row["stock"]) if row.get("stock") else None,
    }
    return read_product({**told, **numbers, "facts": [fact.strip() for fact in facts.splitlines() if fact.strip()]})
