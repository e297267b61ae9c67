"""An event written down: for the ledger without what its columns hold already, or as a line of the contract's format.

It writes what `studio.model.events` reads, and judges nothing.
"""

import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

import msgspec

from studio.model.events import FanEvent, format_time

_EMPTY: Final[dict[str, Any]] = {
    "name": "",
    "avatar": "",
    "club_level": 0,
    "is_member": None,
    "role": "",
    "text": "",
    "is_cut": False,
    "count": 0,
    "gift": "",
    "combo": "",
    "combo_total": None,
    "paid_minor": 0,
    "order": "",
    "amount_minor": 0,
    "currency": "",
    "items": "",
    "is_promo": False,
    "expires_at_ms": 0,
    "eta": "",
    "points": 0,
}
_FAN: Final = ("name", "avatar", "club_level", "is_member", "role")
_PAID: Final = ("paid_minor", "currency")
_ORDER: Final = ("order", "amount_minor", "currency", "items", "is_promo", "expires_at_ms")
_BY_TYPE: Final[dict[str, tuple[str, ...]]] = {
    "chat": ("text", "is_cut"),
    "like": ("count",),
    "gift": ("gift", "count", "combo", "combo_total", *_PAID),
    "member": _PAID,
    "paid_chat": ("text", "is_cut", *_PAID),
    "order_placed": _ORDER,
    "order": _ORDER,
    "refund": ("order", "amount_minor", "currency"),
    "shipped": ("order", "eta"),
    "delivered": ("order", "eta"),
    "import": ("points",),
    "on_air": ("text",),
}


def _taking(fields: tuple[tuple[str, Any], ...]) -> tuple[tuple[str, ...], Callable[[FanEvent], tuple[Any, ...]], tuple[Any, ...]]:
    """Names, their values of an event in one call, and what is empty."""
    names, empties = zip(*fields, strict=True)
    return names, attrgetter(*names), empties


_FIELDS: Final = {kind: tuple((name, _EMPTY[name]) for name in (*_FAN, *names)) for kind, names in _BY_TYPE.items()}
_FAN_FIELDS: Final = tuple((name, _EMPTY[name]) for name in _FAN)
_TAKEN: Final = {kind: _taking(fields) for kind, fields in _FIELDS.items()}
_FAN_TAKEN: Final = _taking(_FAN_FIELDS)
_FAN_KEYS: Final = {"name": "name", "avatar": "avatar", "club_level": "club_level", "is_member": "member", "role": "role"}
_ALWAYS: Final = frozenset({"text", "amount_minor", "count"})
"""Fields that a type which has them always tells in a line, zero or empty as they may be."""

_encoder = msgspec.json.Encoder()


def pack(event: FanEvent) -> str:
    """What the ledger's own columns don't hold, as JSON without the empty fields."""
    names, values_of, empties = _TAKEN.get(event.type, _FAN_TAKEN)
    values = {name: value for name, value, empty in zip(names, values_of(event), empties, strict=True) if value != empty}
    return _encoder.encode(values).decode() if values else ""


def unpack(payload: str) -> dict[str, Any]:
    """The opposite of `pack`: arguments for `FanEvent`."""
    return json.loads(payload) if payload else {}


def to_line(event: FanEvent) -> str:
    """The event as a line of the contract's format, without a line break."""
    fan: dict[str, Any] = {"id": event.fan_id}
    line: dict[str, Any] = {
        "id": event.id,
        "type": event.type,
        "at": format_time(event.at_ms),
        "platform": event.platform,
        "room": event.room,
        "fan": fan,
    }
    for name, empty in _FIELDS.get(event.type, _FAN_FIELDS):
        value = getattr(event, name)
        if name in _FAN_KEYS:
            if value != empty:
                fan[_FAN_KEYS[name]] = value
        elif value != empty or name in _ALWAYS:
            _tell(line, name, value)
    return _encoder.encode(line).decode()


def _tell(line: dict[str, Any], name: str, value: Any) -> None:
    if name == "items":
        line["items"] = json.loads(value)
    elif name == "expires_at_ms":
        line["expires_at"] = format_time(value)
    elif name == "is_promo":
        line["promo"] = value
    elif name != "is_cut":
        line[name] = value
