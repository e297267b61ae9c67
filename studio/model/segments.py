"""Growth layers and segments as pure functions: which one holds for a fan at a moment, and the numbers that make it hold.

They read no clock and no store. The rules are the contract's; each is one comparison that a host can check by hand.
"""

from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from studio.model.day_set import DaySet

DAY_MS: Final = 86_400_000

Layer: TypeAlias = Literal["new", "active", "core", "devoted"]
Segment: TypeAlias = Literal["silent", "loyal", "price_sensitive", "first_purchase", "other"]

LAYER_NAMES: dict[Layer, str] = {"new": "新用户", "active": "活跃", "core": "核心", "devoted": "铁杆"}
SEGMENT_NAMES: dict[Segment, str] = {
    "silent": "沉默",
    "loyal": "高价值忠诚",
    "price_sensitive": "价格敏感",
    "first_purchase": "潜力首购",
    "other": "其他",
}
LAYER_DAYS: Final = 120
"""The longest window of a layer, in show days: who hasn't been here for that long is new again."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a segment or layer holds: a sentence of the catalogue and its number."""

    code: str
    value: int


def layer_of(visits: DaySet, orders: int, today: int) -> Layer:
    """The highest growth layer that holds; a window of n days ends with today."""
    if orders >= 3 and visits.between(today - 119, today) >= 20:
        return "devoted"
    if orders >= 1 and visits.between(today - 59, today) >= 8:
        return "core"
    if visits.between(today - 29, today) >= 3:
        return "active"
    return "new"


def layer_reasons(visits: DaySet, orders: int, today: int) -> tuple[Reason, ...]:
    """The numbers that make the layer hold: visits within its window, and orders where it asks for them."""
    layer = layer_of(visits, orders, today)
    days = {"devoted": 120, "core": 60}.get(layer, 30)
    came = Reason(f"layer.visits_{days}", visits.between(today - days + 1, today))
    return (came, Reason("segment.orders", orders)) if layer in {"devoted", "core"} else (came,)


@dataclass(frozen=True, slots=True)
class Activity:
    """What a segment is judged by. The last two are of the last 30 days."""

    first_seen_ms: int
    last_active_ms: int
    orders: int
    spent_minor: int
    promo_orders: int
    last_order_ms: int | None
    watched_ms: int
    chats: int


def segment_of(fan: Activity, now_ms: int) -> tuple[Segment, tuple[Reason, ...]]:
    """The first segment that holds, with the numbers that make it hold."""
    silent_days = (now_ms - fan.last_active_ms) // DAY_MS
    if now_ms - fan.first_seen_ms >= 30 * DAY_MS and now_ms - fan.last_active_ms >= 30 * DAY_MS:
        return "silent", (Reason("segment.silent_days", silent_days),)
    bought = (Reason("segment.orders", fan.orders), Reason("segment.spent_minor", fan.spent_minor))
    if fan.orders >= 3 and fan.spent_minor >= 2000_00 and (fan.watched_ms >= 60 * 60_000 or fan.chats >= 20):
        return "loyal", (*bought, Reason("segment.watched_minutes", fan.watched_ms // 60_000), Reason("segment.chats", fan.chats))
    if fan.orders >= 2 and fan.promo_orders * 100 >= fan.orders * 80:
        return "price_sensitive", (bought[0], Reason("segment.promo_percent", fan.promo_orders * 100 // fan.orders))
    if fan.orders == 1 and fan.spent_minor >= 200_00 and fan.last_order_ms is not None and now_ms - fan.last_order_ms <= 60 * DAY_MS:
        return "first_purchase", (*bought, Reason("segment.days_since_order", (now_ms - fan.last_order_ms) // DAY_MS))
    return "other", (bought[0], Reason("segment.chats", fan.chats))
