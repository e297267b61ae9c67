"""What happens in the room, one JSON object a line: a line becomes a `FanEvent` or a `Rejection` with its reason.

It keeps nothing, reads no clock (the caller says what time it is) and never takes half of a line.
"""

import json
import re
from codecs import BOM_UTF8
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from studio.model import event_fields as fields
from studio.model.event_fields import Refused
from studio.model.event_times import format_time, parse_time
from studio.model.keywords import matches_keyword

__all__ = [
    "FanEvent",
    "Rejection",
    "format_time",
    "matches_keyword",
    "parse_line",
    "parse_object",
    "parse_time",
]

MAX_LINE_BYTES: Final = 64 << 10
MAX_DEPTH: Final = 32
MAX_TEXT: Final = 2_000
MAX_NAME: Final = 200
"""Signs of a display name that are kept: the longest that a platform allows is 64."""
DAY_MS: Final = 86_400_000
LATE_MS: Final = 600_000
"""Received later than this after its own time, an event counts for spend and history only."""

VISIT_TYPES: Final = frozenset({"enter", "chat", "like", "gift", "share", "checkin"})
ORDER_TYPES: Final = frozenset({"order_placed", "order", "refund", "shipped", "delivered"})
TYPES: Final = VISIT_TYPES | ORDER_TYPES | {"leave", "follow", "unfollow", "member", "paid_chat"}
IMPORT: Final = "import"  # points from elsewhere: a host's alone, so it isn't among `TYPES`
ON_AIR: Final = "on_air"  # hidden or shown by those who run the show: likewise, and nothing that the fan did

_BRACKETS = re.compile(r"[\[{]")
_MASKED = re.compile(r"[*＊•●]")
_quickly: Final = msgspec.json.Decoder().decode


@dataclass(frozen=True, slots=True)
class FanEvent:
    """One thing that a fan did. Times are milliseconds since 1970 in UTC; a field that the type doesn't have is empty.

    `fan_id` is empty for an unidentified fan: shown in chat, never in the file, points or drops.
    """

    id: str
    type: str
    at_ms: int
    platform: str
    room: str = ""
    fan_id: str = ""
    name: str = ""
    avatar: str = ""
    club_level: int = 0
    is_member: bool | None = None
    role: str = ""
    text: str = ""
    is_cut: bool = False
    count: int = 0
    gift: str = ""
    combo: str = ""
    combo_total: int | None = None
    paid_minor: int = 0
    order: str = ""
    amount_minor: int = 0
    currency: str = ""
    items: str = ""
    """The order's items as compact JSON; read again only where somebody looks at the order."""
    is_promo: bool = False
    expires_at_ms: int = 0
    eta: str = ""
    points: int = 0

    @property
    def is_visit(self) -> bool:
        """Whether it shows that the fan was here."""
        return self.type in VISIT_TYPES


@dataclass(frozen=True, slots=True)
class Rejection:
    """A line that can't be used, by its number (from 1), and why."""

    line: int
    error: str


def parse_line(line: bytes, number: int, now_ms: int, *, room: str = "") -> FanEvent | Rejection | None:
    """The event on a line, why there is none, or None for a blank line. `room` stands in where the event names none.

    A byte order mark before the first line, as editors of Windows write it, says nothing.
    """
    if number == 1:
        line = line.removeprefix(BOM_UTF8)
    if len(line) > MAX_LINE_BYTES:
        return Rejection(number, "longer than 64 KiB")
    text = line.decode("utf-8", errors="replace").strip()
    if not text:
        return None
    try:
        if len(_BRACKETS.findall(text)) > MAX_DEPTH and _depth(text) > MAX_DEPTH:
            return Rejection(number, "nested deeper than 32")
        return _event(_decode(text), now_ms, room)
    except Refused as error:
        return Rejection(number, str(error))


def parse_object(document: Any, number: int, now_ms: int, *, room: str = "") -> FanEvent | Rejection:
    """The event of an object that is decoded already."""
    try:
        return _event(document, now_ms, room)
    except Refused as error:
        return Rejection(number, str(error))


def _decode(text: str) -> Any:
    try:
        return _quickly(text)
    except (ValueError, RecursionError):
        return _patiently(text)


def _patiently(text: str) -> Any:
    """Half of a sign pair is let through here, to be replaced; and it is said what isn't JSON."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused("not JSON") from error


def _no_constant(name: str) -> None:
    raise Refused(f"not JSON: {name}")


def _depth(text: str) -> int:
    depth = deepest = 0
    is_text = is_escaped = False
    for sign in text:
        if is_text:
            if is_escaped:
                is_escaped = False
            elif sign == "\\":
                is_escaped = True
            elif sign == '"':
                is_text = False
        elif sign == '"':
            is_text = True
        elif sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    return deepest


def _event(document: Any, now_ms: int, room: str) -> FanEvent:
    if type(document) is not dict:
        raise Refused("not an object")
    event_id = fields.identifier(document, "id", 200)
    kind = document.get("type")
    if type(kind) is not str or kind not in TYPES:
        raise Refused("unknown type" if kind is None else f"unknown type {fields.shown(kind)}")
    at_ms = parse_time(document.get("at"), "at")
    if at_ms > now_ms + DAY_MS:
        raise Refused("at: more than a day ahead")
    common = {
        "id": event_id,
        "type": kind,
        "at_ms": at_ms,
        "platform": fields.identifier(document, "platform", 40),
        "room": fields.optional_text(document, "room", 100) or room,
        **_fan(document.get("fan")),
    }
    read = _PAYLOADS.get(kind)
    return FanEvent(**common, **read(document)) if read else FanEvent(**common)


def _fan(fan: Any) -> dict[str, Any]:
    if fan is None:
        return {}
    if type(fan) is not dict:
        raise Refused("fan: not an object")
    fan_id = fields.fan_identifier(fan.get("id"))
    if fan_id == "0" or _MASKED.search(fan_id):
        fan_id = ""
    result: dict[str, Any] = {"fan_id": fan_id, "name": fields.optional_text(fan, "name", MAX_NAME)}
    if fan.get("avatar"):
        result["avatar"] = fields.optional_text(fan, "avatar", 1_000)
    if fan.get("club_level"):
        result["club_level"] = fields.whole(fan, "club_level")
    if fan.get("member") is not None:
        result["is_member"] = fields.flag(fan, "member")
    if fan.get("role"):
        result["role"] = fields.optional_text(fan, "role", 40)
    return result


def _chat(document: dict[str, Any]) -> dict[str, Any]:
    text, is_cut = fields.cut_text(document, "text", MAX_TEXT)
    return {"text": text, "is_cut": is_cut}


def _like(document: dict[str, Any]) -> dict[str, Any]:
    return {"count": fields.whole(document, "count", 1)}


def _gift(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "gift": fields.optional_text(document, "gift", 200),
        "count": fields.whole(document, "count", 1),
        "combo": fields.optional_identifier(document, "combo", 200),
        "combo_total": fields.whole(document, "combo_total") if document.get("combo_total") is not None else None,
        **_paid(document),
    }


def _paid(document: dict[str, Any]) -> dict[str, Any]:
    paid_minor = fields.money(document, "paid_minor", 0)
    return {"paid_minor": paid_minor, "currency": fields.currency(document, is_needed=paid_minor > 0)}


def _paid_chat(document: dict[str, Any]) -> dict[str, Any]:
    return {**_paid(document), **_chat(document)}


def _order(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "order": fields.identifier(document, "order", 200),
        "amount_minor": fields.money(document, "amount_minor"),
        "currency": fields.currency(document, is_needed=True),
        "items": _items(document.get("items")),
        "is_promo": fields.flag(document, "promo"),
    }


def _order_placed(document: dict[str, Any]) -> dict[str, Any]:
    expires = document.get("expires_at")
    return {**_order(document), "expires_at_ms": parse_time(expires, "expires_at") if expires is not None else 0}


def _refund(document: dict[str, Any]) -> dict[str, Any]:
    return {
        "order": fields.identifier(document, "order", 200),
        "amount_minor": fields.money(document, "amount_minor"),
        "currency": fields.currency(document, is_needed=True),
    }


def _delivery(document: dict[str, Any]) -> dict[str, Any]:
    return {"order": fields.identifier(document, "order", 200), "eta": fields.optional_text(document, "eta", 100)}


def _items(items: Any) -> str:
    if items is None:
        return ""
    if type(items) is not list:
        raise Refused("items: not a list")
    kept = []
    for item in items[:200]:
        if type(item) is not dict:
            raise Refused("items: not a list of objects")
        kept.append(
            {
                "sku": fields.optional_identifier(item, "sku", 100),
                "name": fields.optional_text(item, "name", 200),
                "category": fields.optional_text(item, "category", 100),
                "qty": fields.whole(item, "qty", 1),
                "price_minor": fields.money(item, "price_minor", 0),
            }
        )
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":")) if kept else ""


_PAYLOADS: Final = {
    "chat": _chat,
    "like": _like,
    "gift": _gift,
    "member": _paid,
    "paid_chat": _paid_chat,
    "order_placed": _order_placed,
    "order": _order,
    "refund": _refund,
    "shipped": _delivery,
    "delivered": _delivery,
}
