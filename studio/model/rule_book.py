"""The rules as they were changed: which hold now, and by which each show day's points are given.

A change of tiers, prices, items, rights or staff holds for everybody at once. What is earned (points, tickets, when an order is
confirmed) follows the rules of its own show day, so that a change takes nothing away and no order of arrival matters.
"""

from bisect import bisect_right
from dataclasses import dataclass, fields
from itertools import groupby

from studio.model.loyalty import Rules
from studio.model.room_clock import ShowDays

STANDING = frozenset({"tiers", "regular_followed_ms", "regular_minor", "birthday_days", "items", "staff"})
"""Rules that hold for everybody at once."""


@dataclass(frozen=True, slots=True)
class Era:
    """From this show day on, these rules give points."""

    from_day: int
    rules: Rules


@dataclass(frozen=True, slots=True)
class RuleBook:
    """`rules` hold now; `eras` begin with day 0 and ascend."""

    rules: Rules
    eras: tuple[Era, ...]
    number: int = 0
    """The change's number in the ledger; 0 are the built-in rules."""
    rates: tuple[tuple[int, int], ...] = ()
    """(from day, minor units a point) of each stretch of days with one rate for orders."""

    @classmethod
    def of(cls, rules: Rules) -> "RuleBook":
        """One set of rules for all time."""
        return cls._made(rules, (Era(0, rules),), 0)

    @classmethod
    def _made(cls, rules: Rules, eras: tuple[Era, ...], number: int) -> "RuleBook":
        stretches = groupby(eras, key=lambda era: era.rules.minor_per_point)
        return cls(rules, eras, number, tuple((next(some).from_day, rate) for rate, some in stretches))

    def changed(self, rules: Rules, from_day: int, number: int) -> "RuleBook":
        """The book after a change; a later decision also replaces what was planned for days that it covers."""
        kept = tuple(era for era in self.eras if era.from_day < from_day)
        return self._made(rules, (*kept, Era(from_day, rules)), number)

    def on(self, day: int) -> Rules:
        """The rules by which this show day's points are given."""
        eras = self.eras
        if len(eras) == 1:
            return eras[0].rules
        return eras[max(0, bisect_right(eras, day, key=_start) - 1)].rules

    def stretch_of(self, day: int) -> int:
        """Which of `rates` a day belongs to."""
        return max(0, bisect_right(self.rates, day, key=lambda rate: rate[0]) - 1)


def _start(era: Era) -> int:
    return era.from_day


def earning_changes(old: Rules, new: Rules) -> bool:
    """Whether a change touches what is earned, and so waits for the next show day."""
    return any(getattr(old, item.name) != getattr(new, item.name) for item in fields(Rules) if item.name not in STANDING)


@dataclass(frozen=True, slots=True)
class RoomRules:
    """A room's rules, its show days and the currency that counts."""

    book: RuleBook
    show_days: ShowDays
    currency: str

    def at(self, at_ms: int) -> Rules:
        """The rules by which what happened then is rewarded."""
        book = self.book
        return book.eras[0].rules if len(book.eras) == 1 else book.on(self.show_days.day_of(at_ms))
