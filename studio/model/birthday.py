"""A fan's birthday, month and day without a year: read, and on which day it is celebrated.

Pure: it reads no clock; *today* is an argument.
"""

import re
from datetime import date, timedelta
from typing import Final

from studio.errors import InvalidInput

_WRITTEN: Final = re.compile(
    r"\s*(?:(?:19|20)\d\d\s*[-/.年]\s*)?(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?(?:[ t]0{1,2}:00(?::00)?)?\s*", re.IGNORECASE
)
"""With or without a year, and with the midnight that a spreadsheet writes behind a day."""
_LEAP_YEAR: Final = 2000
GIFT_EVERY_DAYS: Final = 300
"""Between two gifts to one person: a birthday that is told anew shortly before another one gives nothing twice."""


def parse_birthday(text: str) -> str:
    """`5-20`, `05-20`, `5月20日` or `1990-05-20` as "05-20": a year that was told is forgotten. Raises InvalidInput for what is no day."""
    found = _WRITTEN.fullmatch(text)
    try:
        day = date(_LEAP_YEAR, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput("fans.birthday")
    return f"{day:%m-%d}"


def celebrated(first: date, last: date) -> dict[str, date]:
    """The birthdays, as "05-20", that are celebrated from `first` to `last`, and on which of these days.

    In a year without a 29th of February its birthdays are on the 28th. Less than a year apart, or the later day of two counts.
    """
    found: dict[str, date] = {}
    for ahead in range((last - first).days + 1):
        day = first + timedelta(ahead)
        found[f"{day:%m-%d}"] = day
        if (day.month, day.day) == (2, 28) and (day + timedelta(1)).day == 1:
            found["02-29"] = day
    return found
