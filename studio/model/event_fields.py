"""The fields of an event line, one rule each: a wrong value is refused with the key's name, never repaired.

It knows no event type; only broken text (lone surrogates, NUL) is replaced instead of refused.
"""

import re
from typing import Any, Final

MAX_MONEY_MINOR: Final = 10**12
"""Ten billion yuan: above any real amount, and nine million such orders still fit 64 bits."""
MAX_COUNT: Final = 10**9

_BROKEN = re.compile("[\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CURRENCY = re.compile("[A-Z]{3}")


class Refused(Exception):
    """Why a line can't be used."""


def shown(value: object) -> str:
    """A stranger's value inside a reason: short and on one line."""
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def identifier(document: dict[str, Any], key: str, limit: int) -> str:
    """A text (or whole number) that names something: not empty, no control signs."""
    value = optional_identifier(document, key, limit)
    if not value:
        raise Refused(f"no {key}")
    return value


def optional_identifier(document: dict[str, Any], key: str, limit: int) -> str:
    """Like `identifier`, or empty."""
    value = document.get(key)
    if type(value) is str:
        if len(value) > limit:
            raise Refused(f"{key}: longer than {limit}")
        if not value.isprintable() and _CONTROL.search(value):
            raise Refused(f"{key}: control signs")
        return value.strip()
    if value is None:
        return ""
    if type(value) is int and abs(value) < 10**30:
        return str(value)
    raise Refused(f"{key}: not a text")


def fan_identifier(value: Any) -> str:
    """A fan's id, empty where the platform gives none."""
    return optional_identifier({"fan.id": value}, "fan.id", 200)


def optional_text(document: dict[str, Any], key: str, limit: int) -> str:
    """A text for people, cut at `limit`; halves of surrogate pairs become U+FFFD, NUL (which PostgreSQL takes nowhere) is left out."""
    value = document.get(key)
    if type(value) is str:
        value = value[:limit]
        return value if value.isprintable() else _BROKEN.sub("\ufffd", value.replace("\0", ""))
    if value is None:
        return ""
    raise Refused(f"{key}: not a text")


def cut_text(document: dict[str, Any], key: str, limit: int) -> tuple[str, bool]:
    """A text that must be there, and whether it was cut."""
    value = document.get(key)
    if type(value) is not str:
        raise Refused(f"{key}: missing" if value is None else f"{key}: not a text")
    return optional_text(document, key, limit), len(value) > limit


def whole(document: dict[str, Any], key: str, default: int = 0) -> int:
    """A count from 0 to a billion."""
    value = document.get(key)
    if value is None:
        return default
    if type(value) is not int:
        raise Refused(f"{key}: not a whole number")
    if not 0 <= value <= MAX_COUNT:
        raise Refused(f"{key}: negative" if value < 0 else f"{key}: too large")
    return value


def money(document: dict[str, Any], key: str, default: int | None = None) -> int:
    """An amount in minor units: an integer, not negative; a float is refused even where it is whole."""
    value = document.get(key)
    if value is None:
        if default is None:
            raise Refused(f"{key}: missing")
        return default
    if type(value) is not int:
        raise Refused(f"{key}: not an integer of minor units")
    if not 0 <= value <= MAX_MONEY_MINOR:
        raise Refused(f"{key}: negative" if value < 0 else f"{key}: too large")
    return value


def currency(document: dict[str, Any], *, is_needed: bool) -> str:
    """An ISO 4217 code."""
    value = document.get("currency")
    if value is None:
        if is_needed:
            raise Refused("currency: missing")
        return ""
    if type(value) is not str or not _CURRENCY.fullmatch(value):
        raise Refused("currency: not an ISO 4217 code")
    return value


def flag(document: dict[str, Any], key: str) -> bool:
    """True or false, false where it is missing."""
    value = document.get(key)
    if value is None:
        return False
    if type(value) is not bool:
        raise Refused(f"{key}: not true or false")
    return value
