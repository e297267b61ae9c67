"""What time it is for the rules, and which show day a moment belongs to.

It never reads the wall clock itself: the caller hands in a function, so that tests and replays decide.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from studio.errors import InvalidInput

SHOW_DAY_STARTS_HOUR = 6
"""A show that runs past midnight is one show: the room's day begins when the last viewers are asleep."""
_SLOT_MS = 900_000
"""Every time zone's offset is a multiple of a quarter of an hour: within a slot the show day can't change."""
_EPOCH_ORDINAL = datetime(1970, 1, 1, tzinfo=UTC).toordinal()
_MAX_SLOTS = 100_000


class RoomClock:
    """*Now* for every rule: the wall clock, or while events are replayed the latest `at` that was replayed (loop thread).

    A replayed event that is out of order by hours does not set the clock back: it counts as received late, as it was.
    """

    def __init__(self, wall_ms: Callable[[], int]) -> None:
        self._wall_ms = wall_ms
        self._replayed_ms: int | None = None

    @property
    def is_replaying(self) -> bool:
        """Whether the events' own time rules."""
        return self._replayed_ms is not None

    def now_ms(self) -> int:
        """Milliseconds since 1970."""
        return self._wall_ms() if self._replayed_ms is None else self._replayed_ms

    def replayed(self, at_ms: int) -> None:
        """An event of a replay was handed out."""
        self._replayed_ms = at_ms if self._replayed_ms is None else max(self._replayed_ms, at_ms)

    def follow_wall(self) -> None:
        """The replay is over and the room goes on by the wall clock."""
        self._replayed_ms = None


class ShowDays:
    """The room's show days: the local date from 06:00 to 06:00, as a number of days since 1970-01-01."""

    def __init__(self, timezone: str) -> None:
        try:
            self._zone = ZoneInfo(timezone)
        except (ZoneInfoNotFoundError, ValueError, OSError) as error:
            raise InvalidInput("audience.timezone", timezone=timezone) from error
        self._slots: dict[int, int] = {}

    def day_of(self, at_ms: int) -> int:
        """The show day of a moment."""
        slot = at_ms // _SLOT_MS
        day = self._slots.get(slot)
        if day is None:
            local = datetime.fromtimestamp(at_ms / 1000, self._zone)
            day = local.toordinal() - _EPOCH_ORDINAL - (local.hour < SHOW_DAY_STARTS_HOUR)
            if len(self._slots) >= _MAX_SLOTS:
                self._slots.clear()
            self._slots[slot] = day = max(day, 0)
        return day

    def starts_ms(self, day: int) -> int:
        """The first moment of a show day."""
        date = datetime.fromordinal(day + _EPOCH_ORDINAL)
        local = date.replace(hour=SHOW_DAY_STARTS_HOUR, tzinfo=self._zone)
        return int(local.timestamp() * 1000)

    def ends_ms(self, day: int) -> int:
        """The first moment after a show day."""
        return self.starts_ms(day + 1)

    def local_time(self, at_ms: int) -> datetime:
        """A moment in the room's own time."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self._zone)


def check_time_zone(name: str) -> str:
    """What is allowed where `name` is no time zone that this computer knows."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return "a time zone that this computer knows, as Asia/Shanghai"
    return ""


def week_of(day: int) -> int:
    """A number for the week, Monday to Sunday, of a day: 1970-01-01 was a Thursday."""
    return (day + 3) // 7


def date_of(day: int) -> str:
    """The day as 2026-11-22."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat()


def month_of(day: int) -> int:
    """The calendar month of a day as year × 12 + month − 1, so that months can be counted."""
    date = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)
    return date.year * 12 + date.month - 1
