"""The texts of a table's cells as values, and back: money, counts, days and ids as spreadsheets and shops write them.

What can't be read without guessing is refused with the reason; nothing is rounded, completed or repaired.
"""

import re
from datetime import UTC, datetime, tzinfo
from typing import Final

from studio.errors import InvalidInput
from studio.model.event_fields import MAX_COUNT, MAX_MONEY_MINOR
from studio.model.events import DAY_MS, Refused, parse_time
from studio.model.money import exponent

_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_QUOTED_FORMULA = re.compile(r'="(.*)"', re.DOTALL)
_SHORTENED = re.compile(r"\d+(?:\.\d+)?[eE]\+?\d+", re.ASCII)
_DECIMAL_ID = re.compile(r"\d+\.0+", re.ASCII)
_MASKED = re.compile(r"[*＊•●]")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NUMBER = re.compile(r"(-?)(\d{1,3}(?:[,，]\d{3})+|\d+)(?:\.(\d+))?", re.ASCII)
_MONEY_MARKS = re.compile(r"[\s¥￥$€£₩₫元円원]|CNY|RMB|USD|JPY|KRW|VND|人民币")
_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?(?:[ T]*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?", re.ASCII)
_PLAIN_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)", re.ASCII)
_UNIX = re.compile(r"\d{10}(\d{3})?", re.ASCII)
_EARLIEST_MS: Final = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000)
"""Shops write an unknown day as 1900 or 1970; nobody followed a live room before 2000."""
_MAX_ID: Final = 200


class BadCell(InvalidInput):
    """A cell that can't be used: which field, what stood there, and why."""


def _bad(code: str, field: str, text: str, **more: int) -> BadCell:
    shown = "".join(sign if sign.isprintable() else "�" for sign in text[:41])
    return BadCell(code, **{"field": field, "value": shown if len(shown) <= 40 else shown[:39] + "…", **more})


def neutralised(text: str) -> str:
    """The text as a spreadsheet may show it: what it would run as a formula gets a quote in front (OWASP, CSV injection)."""
    return "'" + text if _is_risky(text) else text


def restored(text: str) -> str:
    """The opposite of `neutralised`; also takes off ="…", by which shops keep a spreadsheet from touching a number."""
    if text.startswith("'") and _is_risky(text[1:]):
        return text[1:]
    wrapped = _QUOTED_FORMULA.fullmatch(text.strip())
    return wrapped[1].replace('""', '"') if wrapped else text


def _is_risky(text: str) -> bool:
    return text.lstrip("'").lstrip(" \u00a0\u3000").startswith(_FORMULA_SIGNS)


def identifier(field: str, text: str) -> str:
    """Somebody's id. Raises BadCell for what `code` refuses, and for one that tells nobody: 0, or partly hidden by stars."""
    text = code(field, text)
    if text == "0":
        raise _bad("cell.empty", field, text)
    if _MASKED.search(text):
        raise _bad("cell.masked", field, text)
    return text


def code(field: str, text: str) -> str:
    """What names a thing, exactly as it stands. Raises BadCell for none, and for one that a spreadsheet has spoilt."""
    text = restored(text).strip()
    if not text:
        raise _bad("cell.empty", field, text)
    if _SHORTENED.fullmatch(text) or _DECIMAL_ID.fullmatch(text):
        raise _bad("cell.shortened", field, text)
    if _CONTROL.search(text):
        raise _bad("cell.control", field, text)
    if len(text) > _MAX_ID:
        raise _bad("cell.too_long", field, text, limit=_MAX_ID)
    return text


def whole(field: str, text: str, high: int = MAX_COUNT) -> int:
    """A count of at least 0; 1,200 and 1200.00 are the same. Raises BadCell."""
    return _whole(field, text, 0, high, "cell.whole")


def money_minor(field: str, text: str, currency: str) -> int:
    """An amount as people write it (¥1,299.50) in minor units. Raises BadCell for one with a fraction of a minor unit."""
    return _whole(field, _MONEY_MARKS.sub("", restored(text)), exponent(currency), MAX_MONEY_MINOR, "cell.money")


def _whole(field: str, text: str, digits: int, high: int, code: str) -> int:
    text = restored(text).strip()
    found = _NUMBER.fullmatch(text)
    if _SHORTENED.fullmatch(text):
        raise _bad("cell.shortened_number", field, text)
    if found is None or len(text) > 40:
        raise _bad(code, field, text)
    sign, number, fraction = found[1], found[2].replace(",", "").replace("，", ""), (found[3] or "").rstrip("0")
    if len(fraction) > digits:
        raise _bad(code, field, text)
    value = int(number + fraction.ljust(digits, "0"))
    if sign and value:
        raise _bad("cell.negative", field, text)
    if value > high:
        raise _bad("cell.too_high", field, text)
    return value


def moment_ms(field: str, text: str, now_ms: int, zone: tzinfo) -> int:
    """A day or moment as milliseconds since 1970: ISO, 2024/1/5, 2024年1月5日 8:30, 20240105, seconds or milliseconds since 1970.

    Without a zone of its own it is the room's. 5/1/2024 is refused: half of the world reads it as May. Raises BadCell.
    """
    text = restored(text).strip()
    time_ms = _moment_ms(text, zone)
    if time_ms is None:
        raise _bad("cell.day", field, text)
    if not _EARLIEST_MS <= time_ms <= now_ms + DAY_MS:
        raise _bad("cell.day_range", field, text)
    return time_ms


def _moment_ms(text: str, zone: tzinfo) -> int | None:
    if _UNIX.fullmatch(text):
        return int(text) * (1 if len(text) == 13 else 1000)
    found = _PLAIN_DAY.fullmatch(text) or _DAY.fullmatch(text)
    if found is None:
        try:
            return parse_time(text, "")
        except Refused:
            return None
    try:
        local = datetime(*(int(part or 0) for part in found.groups()), tzinfo=zone)  # pyright: ignore[reportArgumentType]
    except ValueError:
        return None
    return int(local.timestamp() * 1000)
