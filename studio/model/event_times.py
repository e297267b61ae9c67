"""Times as event lines and the control API tell them: RFC 3339, kept as milliseconds since 1970 in UTC.

It reads no clock.
"""

import math
import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from studio.model.event_fields import Refused

_TIME = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)")


def parse_time(value: Any, key: str) -> int:
    """RFC 3339 as milliseconds since 1970. Raises Refused for anything else, and for times before 1970."""
    if type(value) is not str:
        raise Refused(f"{key}: missing" if value is None else f"{key}: not an RFC 3339 time")
    if not _TIME.fullmatch(value):
        raise Refused(f"{key}: not an RFC 3339 time")
    try:
        time_ms = math.floor(datetime.fromisoformat(value.upper()).timestamp() * 1000 + 0.5)
    except (ValueError, OverflowError) as error:
        raise Refused(f"{key}: not an RFC 3339 time") from error
    if time_ms < 0:
        raise Refused(f"{key}: before 1970")
    return time_ms


def format_time(time_ms: int) -> str:
    """Milliseconds since 1970 as RFC 3339 in UTC."""
    return f"{_to_the_second(time_ms // 1000)}.{time_ms % 1000:03d}Z"


@lru_cache(1_024)
def _to_the_second(time_s: int) -> str:
    """Of the thousand events of one second, the first is told by the calendar."""
    return datetime.fromtimestamp(time_s, UTC).isoformat()[:19]
