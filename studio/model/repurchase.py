"""Buying again as pure functions: purchase days, the usual interval, who is due, how many of a cohort came back.

A purchase is a show day with at least one counted order: splitting an order gains nothing. It reads no clock and no store.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final, Literal, TypeAlias

COHORT_DAYS: Final = (30, 60, 90)
RATE_DAYS: Final = (30, 60, 90, 365)
OWN_GAPS: Final = 2
"""Gaps of a fan's own that make a habit: after three purchases the median says more about them than about others."""
OTHERS_GAPS: Final = 5
"""Gaps of everybody in a category before their median stands in for a fan who has bought there once or twice."""
GRACE_DAYS: Final = 7
"""How long somebody stays due: later than a week it isn't the usual time any more."""

Basis: TypeAlias = Literal["own", "others"]


@dataclass(frozen=True, slots=True)
class Buying:
    """What BG/NBD is fitted to, in days: purchases after the first, from the first to the last, from the first to today."""

    frequency: int
    recency: int
    age: int


@dataclass(frozen=True, slots=True)
class Due:
    """When a fan is expected to buy in a category again, and whose habit says so."""

    day: int
    interval_days: int
    basis: Basis

    def is_due(self, today: int) -> bool:
        """Whether today is the day, or one of the seven after it."""
        return 0 <= today - self.day <= GRACE_DAYS


def buying_of(days: Sequence[int], today: int) -> Buying:
    """`days` are purchase days in ascending order without repeats, none after today, at least one."""
    return Buying(len(days) - 1, days[-1] - days[0], today - days[0])


def gaps_of(days: Sequence[int]) -> list[int]:
    """Days between one purchase and the next."""
    return [later - earlier for earlier, later in pairwise(days)]


def middle(gaps: Mapping[int, int]) -> int | None:
    """The lower median of {gap: how often}; None when there is none."""
    half = (sum(gaps.values()) + 1) // 2
    for gap in sorted(gaps):
        half -= gaps[gap]
        if half <= 0:
            return gap
    return None


def usual_gap(gaps: Mapping[int, int]) -> int | None:
    """Everybody's median gap in a category, where five gaps are known."""
    return middle(gaps) if sum(gaps.values()) >= OTHERS_GAPS else None


def due_of(days: Sequence[int], usual: int | None) -> Due | None:
    """When somebody with these purchase days in a category is due; `usual` is the gap that everybody in it has.

    The fan's own median gap from three purchases on, else everybody's, else nothing is said.
    """
    own = gaps_of(days)
    interval = middle(Counter(own)) if len(own) >= OWN_GAPS else usual
    if interval is None:
        return None
    return Due(days[-1] + interval, interval, "own" if len(own) >= OWN_GAPS else "others")


@dataclass(slots=True)
class Cohort:
    """Those who bought first in one month. `of[n]`: whose first n days are over; `again[n]`: who of them bought again within them."""

    buyers: int = 0
    of: dict[int, int] = field(default_factory=lambda: dict.fromkeys(COHORT_DAYS, 0))
    again: dict[int, int] = field(default_factory=lambda: dict.fromkeys(COHORT_DAYS, 0))

    def add(self, days: Sequence[int], today: int) -> None:
        """One fan of the cohort, by their purchase days."""
        self.buyers += 1
        for window in COHORT_DAYS:
            if today - days[0] >= window:
                self.of[window] += 1
                self.again[window] += len(days) > 1 and days[1] - days[0] <= window


@dataclass(slots=True)
class Rate:
    """The repurchase rate of the last `days` show days: of those who bought in them, the share that bought on two days or more."""

    days: int
    buyers: int = 0
    again: int = 0

    def add(self, days: Sequence[int], today: int) -> None:
        """One fan, by their purchase days."""
        within = sum(day > today - self.days for day in days)
        self.buyers += within >= 1
        self.again += within >= 2
