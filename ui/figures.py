"""Numbers and times as people read them in the windows: money by its currency, durations, "3 minutes ago".

It refuses to compute anything and to read a clock.
"""

from datetime import UTC, datetime
from functools import lru_cache

from studio.model.money import told, typed
from ui.language import words


def money(amount_minor: int, currency: str = "CNY") -> str:
    """`284600` as "¥2,846.00", with a true minus sign."""
    return told(amount_minor, currency)


def minor_from_text(text: str, currency: str = "CNY") -> int | None:
    """What someone typed as an amount ("20", "¥20.50") in minor units; None when it isn't one."""
    return typed(text, currency)


def clock(seconds: float, *, with_hours: bool = False) -> str:
    """`42` as "00:42"; "00:42:10" from an hour on or where asked for."""
    whole = max(0, int(seconds))
    if with_hours or whole >= 3600:
        return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}"
    return f"{whole // 60:02d}:{whole % 60:02d}"


def ago(seconds: float) -> str:
    """How long something is past, in the largest unit that fits."""
    whole = max(0, int(seconds))
    if whole < 10:
        return words("ago.now")
    for size, msgid in ((86_400, "ago.days"), (3600, "ago.hours"), (60, "ago.minutes")):
        if whole >= size:
            return words(msgid, count=whole // size)
    return words("ago.seconds", count=whole)


def count(value: float) -> str:
    """A whole number with thousands set apart."""
    return f"{int(value):,}"


def size(count_bytes: float) -> str:
    """Bytes as KB, MB or GB."""
    megabytes = count_bytes / 1_000_000
    if 0 < megabytes < 1:
        return f"{max(1, round(megabytes * 1000))} KB"
    return f"{megabytes / 1000:.1f} GB" if megabytes >= 1000 else f"{megabytes:.0f} MB"


def duration(milliseconds: float) -> str:
    """A backlog: "40 ms", from a second on "2.8 s"."""
    return f"{milliseconds:.0f} ms" if milliseconds < 1000 else words("unit.seconds", value=f"{milliseconds / 1000:.1f}")


def decibels(value: float) -> str:
    """A level with a true minus sign; silence is a dash."""
    return "—" if value <= -90 else f"{'−' if value < 0 else ''}{abs(value):.0f} dB"


def moment(text: object) -> datetime | None:
    """An RFC 3339 time of the API, or None for what isn't one."""
    if not isinstance(text, str):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def day_and_time(text: object) -> str:
    """An API time as "2026-11-24 07:37" in this machine's zone, empty without one."""
    found = moment(text)
    return found.astimezone().strftime("%Y-%m-%d %H:%M") if found else ""


def time_of_day(text: object) -> str:
    """An API time as "20:42" in this machine's zone, empty without one."""
    return _minute(f"{text[:16]}Z") if isinstance(text, str) and text.endswith("Z") else ""


@lru_cache(maxsize=256)
def _minute(text: str) -> str:
    found = moment(text)
    return found.astimezone().strftime("%H:%M") if found else ""
