"""The loyalty rules as pure functions: tier, price, watched time, streak, regular.

They read no clock and no store; whatever depends on *now* gets it as an argument. Points are in `studio.model.points`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from studio.model.day_set import DaySet
from studio.model.scene import Tier

DAY_MS = 86_400_000
WATCH_WINDOW_MS = 5 * 60_000
PRESENT_MS = 30 * 60_000

TIER_NAMES: dict[Tier, str] = {Tier.NEW: "新朋友", Tier.JUNIOR: "初级", Tier.MIDDLE: "中级", Tier.SENIOR: "高级"}


DEFAULT_NAMES: Final = tuple(TIER_NAMES.values())


@dataclass(frozen=True, slots=True)
class TierRule:
    """One tier: its name, the net spend from which it holds, and the percentage of the price that it pays."""

    name: str
    from_minor: int
    percent: int
    birthday_points: int = 0
    rights: tuple[str, ...] = ()
    """What else the tier may, in the host's words: a row each of the rights matrix."""


ItemKind: TypeAlias = Literal["sample", "cash_off", "ticket"]
TICKET: Final = "ticket"
"""The item that gives a lottery ticket where the rules price nothing."""
POINTS_DROP: Final = "points"
"""Stands in the list of handouts where the others name their drop, whose ids are 32 hex signs."""


@dataclass(frozen=True, slots=True)
class RedeemItem:
    """What points can be had for: `item` names it in the API; `value_minor` is what a cash-off takes off."""

    item: str
    name: str
    kind: ItemKind
    points: int
    value_minor: int = 0


DEFAULT_TIERS = (TierRule("新朋友", 0, 100), TierRule("初级", 1, 95), TierRule("中级", 500_00, 90), TierRule("高级", 2000_00, 85))
SECOND_TIERS = (TierRule("新朋友", 0, 100), TierRule("初级", 500_00, 95), TierRule("中级", 2000_00, 90), TierRule("高级", 5000_00, 85))


@dataclass(frozen=True, slots=True)
class Rules:
    """What a host may set. Amounts are minor units of the room's currency."""

    tiers: tuple[TierRule, ...] = DEFAULT_TIERS
    minor_per_point: int = 100
    checkin_points: int = 5
    watched_points: int = 10
    watched_ms: int = 30 * 60_000
    share_points: int = 20
    shares_a_week: int = 3
    ticket_every: int = 7
    regular_followed_ms: int = 7 * DAY_MS
    regular_minor: int = 9_90
    confirm_after_delivery_ms: int = 7 * DAY_MS
    confirm_after_payment_ms: int = 15 * DAY_MS
    birthday_days: int = 7
    """How many days, the birthday included, the gift waits to be given."""
    items: tuple[RedeemItem, ...] = ()
    """As soon as there is one, nothing else can be redeemed, and at no other price."""
    staff: frozenset[tuple[str, str]] = field(default_factory=frozenset)
    """(platform, fan id) of those who work here."""


def next_tier_name(spent_minor: int, rules: Rules) -> str | None:
    """What the next tier is called; None in the top one."""
    rank = tier_of(spent_minor, rules)
    return None if rank >= len(rules.tiers) else rules.tiers[rank].name


def tier_of(spent_minor: int, rules: Rules) -> Tier:
    """The highest tier whose lower bound is reached."""
    rank = 1
    for number, rule in enumerate(rules.tiers, 1):
        if spent_minor >= rule.from_minor:
            rank = number
    return Tier(rank)


def to_next_minor(spent_minor: int, rules: Rules) -> int | None:
    """What is missing to the next tier; None in the top one."""
    rank = tier_of(spent_minor, rules)
    return None if rank >= len(rules.tiers) else rules.tiers[rank].from_minor - spent_minor


def tier_price_minor(price_minor: int, tier: Tier, rules: Rules) -> int:
    """The price for a tier, rounded to the nearest minor unit, halves up."""
    return (price_minor * rules.tiers[tier - 1].percent + 50) // 100


def confirmed_at_ms(paid_at_ms: int, delivered_at_ms: int | None, rules: Rules) -> int:
    """When an order stops being provisional."""
    if delivered_at_ms is None:
        return paid_at_ms + rules.confirm_after_payment_ms
    return delivered_at_ms + rules.confirm_after_delivery_ms


@dataclass(slots=True)
class Watch:
    """Watched time of one fan on one show day, told in order of time; `add` and `leave` refuse (answer False) what is out of order.

    Watched is the union of [t, t + 5 min) over the events t, each cut by the first leave at or after t: at one moment the leave wins.
    """

    watched_ms: int = 0
    covered_until_ms: int = 0
    last_at_ms: int = 0
    left_at_ms: int = -1

    def add(self, at_ms: int) -> bool:
        """An event of the fan."""
        if at_ms < self.last_at_ms:
            return False
        self.last_at_ms = at_ms
        if at_ms != self.left_at_ms:
            until_ms = at_ms + WATCH_WINDOW_MS
            self.watched_ms += until_ms - max(at_ms, self.covered_until_ms)
            self.covered_until_ms = until_ms
        return True

    def leave(self, at_ms: int) -> bool:
        """The fan left."""
        if at_ms < self.last_at_ms:
            return False
        self.last_at_ms = self.left_at_ms = at_ms
        if self.covered_until_ms > at_ms:
            self.watched_ms -= self.covered_until_ms - at_ms
            self.covered_until_ms = at_ms
        return True


def watched_ms(events: Iterable[tuple[int, bool]]) -> int:
    """Watched time of (at, is leave) in any order: the definition that `Watch` follows step by step."""
    watch = Watch()
    for at_ms, is_leave in sorted(events, key=lambda event: (event[0], not event[1])):
        if is_leave:
            watch.leave(at_ms)
        else:
            watch.add(at_ms)
    return watch.watched_ms


def is_present(last_seen_ms: int, left_ms: int, now_ms: int) -> bool:
    """Whether the last such event is not a leave and under 30 minutes old."""
    return last_seen_ms > left_ms and now_ms - last_seen_ms < PRESENT_MS


def is_regular(spent_minor: int, followed_at_ms: int | None, now_ms: int, rules: Rules) -> bool:
    """Followed for more than seven days, or bought for 9.90 yuan."""
    if spent_minor >= rules.regular_minor:
        return True
    return followed_at_ms is not None and now_ms - followed_at_ms > rules.regular_followed_ms


def streak_days(checkins: DaySet, live_days: DaySet, today: int) -> int:
    """Check-ins on consecutive live days up to today; a live day that isn't over breaks nothing."""
    streak = 0
    for day in range(min(today, live_days.last), live_days.first - 1, -1):
        if day in live_days:
            if day in checkins:
                streak += 1
            elif day != today:
                break
    return streak
