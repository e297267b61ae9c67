from hypothesis import given
from hypothesis import strategies as st

from studio.model import loyalty, points
from studio.model.day_set import DaySet
from studio.model.loyalty import DAY_MS, SECOND_TIERS, Rules, Watch
from studio.model.rule_book import RuleBook
from studio.model.scene import Tier

RULES = Rules()
BOOK = RuleBook.of(RULES)
MINUTE_MS = 60_000


def test_tiers_include_their_lower_bound():
    bounds = {0: Tier.NEW, 1: Tier.JUNIOR, 499_99: Tier.JUNIOR, 500_00: Tier.MIDDLE, 1999_99: Tier.MIDDLE, 2000_00: Tier.SENIOR}
    assert {spent: loyalty.tier_of(spent, RULES) for spent in bounds} == bounds
    second = Rules(tiers=SECOND_TIERS)
    assert [loyalty.tier_of(spent, second) for spent in (499_99, 500_00, 2000_00, 5000_00)] == [1, 2, 3, 4]


def test_what_is_missing_to_the_next_tier():
    assert [loyalty.to_next_minor(spent, RULES) for spent in (0, 1, 499_99, 500_00, 2000_00)] == [1, 499_99, 1, 1500_00, None]


def test_the_tier_price_is_rounded_to_the_nearest_minor_unit():
    assert loyalty.tier_price_minor(9990, Tier.NEW, RULES) == 9990
    assert loyalty.tier_price_minor(9990, Tier.JUNIOR, RULES) == 9491
    assert loyalty.tier_price_minor(9990, Tier.MIDDLE, RULES) == 8991
    assert loyalty.tier_price_minor(1, Tier.SENIOR, RULES) == 1


@given(st.lists(st.integers(0, 10**9), max_size=8))
def test_splitting_an_order_gains_no_points(amounts):
    total = 0
    given = 0
    for amount in amounts:
        given += points.order_points(total + amount, RULES) - points.order_points(total, RULES)
        total += amount
    assert given == points.order_points(sum(amounts), RULES) == sum(amounts) // 100


def test_points_of_unconfirmed_orders_cannot_be_redeemed():
    assert points.redeemable_points(105, waiting=100) == 5
    assert points.redeemable_points(105, waiting=40) == 65
    assert points.redeemable_points(-40, waiting=0) == 0


def watched(*events: tuple[float, str]) -> int:
    return loyalty.watched_ms((int(minute * MINUTE_MS), kind == "leave") for minute, kind in events)


def test_watched_is_the_union_of_five_minutes_after_each_event():
    assert watched((0, "chat")) == 5 * MINUTE_MS
    assert watched((0, "chat"), (3, "like")) == 8 * MINUTE_MS
    assert watched((0, "chat"), (10, "chat")) == 10 * MINUTE_MS
    assert watched((0, "enter"), (2, "leave")) == 2 * MINUTE_MS
    assert watched((0, "enter"), (2, "leave"), (3, "enter")) == 7 * MINUTE_MS


def test_two_devices_do_not_add():
    one = [(minute, "chat") for minute in range(0, 30, 4)]
    assert watched(*one) == watched(*one, *one)


def test_29_59_is_not_half_an_hour():
    chats = [(minute, "chat") for minute in range(0, 28, 4)]
    assert watched(*chats, (29 + 59 / 60, "leave")) < RULES.watched_ms
    assert watched(*chats, (28, "chat"), (30, "leave")) == RULES.watched_ms


events = st.lists(st.tuples(st.integers(0, 3_600_000), st.booleans()), max_size=30)


@given(events)
def test_step_by_step_is_the_definition(told):
    ordered = sorted(told, key=lambda event: (event[0], not event[1]))
    leaves = [at for at, is_leave in ordered if is_leave]
    covered = []
    for at, is_leave in ordered:
        if not is_leave:
            end = min([at + loyalty.WATCH_WINDOW_MS, *(leave for leave in leaves if leave >= at)])
            covered.append((at, end))
    total = reach = 0
    for start, end in covered:
        total += max(0, end - max(start, reach))
        reach = max(reach, end)
    assert loyalty.watched_ms(told) == total


@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=12))
def test_at_one_moment_the_order_of_arrival_does_not_count(told):
    by_time = sorted(told, key=lambda event: event[0])
    watch = Watch()
    for at, is_leave in by_time:
        assert watch.leave(at) if is_leave else watch.add(at)
    assert watch.watched_ms == loyalty.watched_ms(told)


def test_what_is_out_of_order_is_refused_and_changes_nothing():
    watch = Watch()
    watch.add(100)
    before = (watch.watched_ms, watch.covered_until_ms)
    assert not watch.add(99)
    assert not watch.leave(99)
    assert (watch.watched_ms, watch.covered_until_ms) == before


def test_present_is_half_an_hour_after_the_last_event_that_is_no_leave():
    assert loyalty.is_present(last_seen_ms=100, left_ms=-1, now_ms=100 + 30 * MINUTE_MS - 1)
    assert not loyalty.is_present(last_seen_ms=100, left_ms=-1, now_ms=100 + 30 * MINUTE_MS)
    assert not loyalty.is_present(last_seen_ms=100, left_ms=100, now_ms=101)
    assert loyalty.is_present(last_seen_ms=101, left_ms=100, now_ms=101)


def test_a_regular_has_followed_for_more_than_seven_days_or_bought():
    assert not loyalty.is_regular(989, None, 0, RULES)
    assert loyalty.is_regular(990, None, 0, RULES)
    assert not loyalty.is_regular(0, 0, 7 * DAY_MS, RULES)
    assert loyalty.is_regular(0, 0, 7 * DAY_MS + 1, RULES)


def test_days_off_air_do_not_break_a_streak():
    live = DaySet.of([10, 11, 15, 16])
    assert loyalty.streak_days(DaySet.of([10, 11, 15, 16]), live, 16) == 4
    assert loyalty.streak_days(DaySet.of([10, 11, 15]), live, 16) == 3, "today is not over"
    assert loyalty.streak_days(DaySet.of([10, 11, 15]), live, 17) == 0
    assert loyalty.streak_days(DaySet.of([10, 15, 16]), live, 16) == 2
    assert loyalty.streak_days(DaySet(), live, 16) == 0
    assert loyalty.streak_days(DaySet.of([10]), DaySet(), 16) == 0


@given(st.sets(st.integers(0, 60)), st.sets(st.integers(0, 60)))
def test_each_seventh_day_of_a_streak_gives_one_ticket(checkins, live):
    tickets = run = 0
    for day in sorted(live):
        run = run + 1 if day in checkins else 0
        tickets += run > 0 and run % 7 == 0
    assert points.streak_tickets(DaySet.of(sorted(checkins)), DaySet.of(sorted(live)), BOOK) == tickets


def test_three_shares_a_week_count():
    monday = 4  # 1970-01-05
    assert points.share_points(DaySet.of(range(monday, monday + 7)), BOOK) == 3 * 20
    assert points.share_points(DaySet.of(range(monday + 5, monday + 9)), BOOK) == 4 * 20
