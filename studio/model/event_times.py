"""Times as event lines and the control API tell them: RFC 3339, kept as milliseconds since 1970 in UTC.

It reads no clock.
"""

import math
import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from studio.model.event_fields import Refused

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


_SECOND = slice(17, 19)
_LAST_MS: Final = 253_402_300_799_999
"""The end of 9999 in UTC: what an offset or rounding takes beyond it could be told to nobody."""


def parse_time(value: Any, key: str) -> int:
    """RFC 3339 as milliseconds since 1970. Raises Refused for anything else, and for times before 1970 or after 9999.

    A leap second, the 60th at the end of a month in UTC, is the last millisecond of the 59th: it stays on its day, and before the next.
    """
    if type(value) is not str:
        raise Refused(f"{key}: missing" if value is None else f"{key}: not an RFC 3339 time")
    if not _TIME.fullmatch(value):
        raise Refused(f"{key}: not an RFC 3339 time")
    try:
        if value[_SECOND] == "60":
            return _leap_ms(f"{value[: _SECOND.start]}59{value[_SECOND.stop :]}")
        time_ms = math.floor(datetime.fromisoformat(value.upper()).timestamp() * 1000 + 0.5)
    except (ValueError, OverflowError) as error:
        raise Refused(f"{key}: not an RFC 3339 time") from error
    if time_ms < 0:
        raise Refused(f"{key}: before 1970")
    if time_ms > _LAST_MS:
        raise Refused(f"{key}: after 9999")
    return time_ms


def _leap_ms(before: str) -> int:
    """The last millisecond of the second before a leap second. Raises ValueError where there can be none (RFC 3339, 5.7)."""
    second = datetime.fromisoformat(before.upper()).astimezone(UTC).replace(microsecond=0)
    after = second + timedelta(seconds=1)
    if (after.day, after.hour, after.minute, after.second) != (1, 0, 0, 0) or after.year <= 1970:
        raise ValueError(before)
    return int(after.timestamp() * 1000) - 1


def format_time(time_ms: int) -> str:
    """Milliseconds since 1970 as RFC 3339 in UTC."""
    return f"{_to_the_second(time_ms // 1000)}.{time_ms % 1000:03d}Z"


@lru_cache(1_024)
def _to_the_second(time_s: int) -> str:
    """Of the thousand events of one second, the first is told by the calendar."""
    return datetime.fromtimestamp(time_s, UTC).isoformat()[:19]
