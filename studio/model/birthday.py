"""A fan's birthday, month and day without a year: read, and when its gift can be given.

Pure: it reads no clock; *today* is an argument.
"""

import re
from datetime import date, timedelta
from typing import Final

from studio.errors import InvalidInput

_WRITTEN: Final = re.compile(r"\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?\s*")
_LEAP_YEAR: Final = 2000
GIFT_EVERY_DAYS: Final = 300
"""Between two gifts to one person: a birthday that is told anew shortly before another one gives nothing twice."""


def parse_birthday(text: str) -> str:
    """`5-20`, `05-20` or `5月20日` as "05-20". Raises InvalidInput for what is no day of a year."""
    found = _WRITTEN.fullmatch(text)
    try:
        day = date(_LEAP_YEAR, int(found[1]), int(found[2])) if found else None
    except ValueError:
        day = None
    if day is None:
        raise InvalidInput("fans.birthday")
    return f"{day:%m-%d}"


def days_of_gift(today: date, days: int) -> list[str]:
    """The birthdays, as "05-20", whose gift can be given today: those of today and of the `days` - 1 days before.

    In a year without a 29th of February its birthdays are on the 28th.
    """
    found: list[str] = []
    for back in range(days):
        day = today - timedelta(back)
        found.append(f"{day:%m-%d}")
        if (day.month, day.day) == (2, 28) and (day + timedelta(1)).day == 1:
            found.append("02-29")
    return found
