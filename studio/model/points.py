"""Points and tickets as pure functions of what somebody did, by the rules of each show day.

They read no clock and no store, and never give more for the same things told in another order.
"""

from collections.abc import Mapping

from studio.model.day_set import DaySet
from studio.model.loyalty import Rules
from studio.model.room_clock import week_of
from studio.model.rule_book import RuleBook


def order_points(net_minor: int, rules: Rules) -> int:
    """Points for the net spend of a lifetime: splitting an order gains nothing, a refund takes back."""
    return net_minor // rules.minor_per_point


def order_points_by_rate(nets_minor: Mapping[int, int], book: RuleBook) -> int:
    """The same where the rate was changed: net spend by stretch of one rate (`RuleBook.stretch_of` the day of payment)."""
    rates = book.rates
    return sum(net_minor // rates[stretch][1] for stretch, net_minor in nets_minor.items())


def share_points(shares: DaySet, book: RuleBook) -> int:
    """Points of all shares: one share a show day, the first few of a week (Monday to Sunday)."""
    points = week = counted = 0
    for day in shares:
        rules = book.on(day)
        if week_of(day) != week:
            week, counted = week_of(day), 0
        if counted < rules.shares_a_week:
            counted += 1
            points += rules.share_points
    return points


def redeemable_points(points: int, waiting: int) -> int:
    """What can be redeemed: points of orders that aren't confirmed wait, and below zero there is nothing."""
    return max(0, points - waiting)


def streak_tickets(checkins: DaySet, live_days: DaySet, book: RuleBook) -> int:
    """Tickets of all streaks: one at the 7th, 14th … day of each."""
    tickets = run = 0
    for day in live_days:
        run = run + 1 if day in checkins else 0
        if run and run % book.on(day).ticket_every == 0:
            tickets += 1
    return tickets
