"""Buying again: intervals, who is due, cohorts and rates, by their definitions."""

from hypothesis import given
from hypothesis import strategies as st

from studio.model.repurchase import Buying, Cohort, Due, Rate, buying_of, due_of, gaps_of, middle, usual_gap

DAYS = st.sets(st.integers(0, 800), min_size=1, max_size=30).map(sorted)


def test_a_buyer_is_told_in_days():
    assert buying_of([10], 40) == Buying(0, 0, 30)
    assert buying_of([10, 24, 38], 40) == Buying(2, 28, 30)


def test_the_middle_gap_is_one_that_occurred():
    assert middle({}) is None
    assert middle({28: 1}) == 28
    assert middle({10: 1, 20: 1}) == 10, "the lower of two"
    assert middle({10: 1, 20: 1, 400: 1}) == 20, "one long pause doesn't count for more than its one vote"


def test_three_purchases_are_a_habit_of_ones_own():
    assert due_of([0, 28, 56], 5) == Due(84, 28, "own")
    assert due_of([0, 28], 30) == Due(58, 30, "others")
    assert due_of([0], 30) == Due(30, 30, "others")
    assert due_of([0, 28], None) is None
    assert usual_gap({30: 5}) == 30
    assert usual_gap({30: 4}) is None, "four gaps are nobody's habit"


def test_somebody_is_due_on_the_day_and_for_a_week_after():
    due = Due(100, 28, "own")
    assert [day for day in range(90, 120) if due.is_due(day)] == list(range(100, 108))


def test_a_cohort_counts_only_those_whose_time_is_over():
    cohort = Cohort()
    for days in ([0], [0, 30], [0, 31], [50, 60]):
        cohort.add(days, today=100)
    assert cohort.buyers == 4
    assert cohort.of == {30: 4, 60: 3, 90: 3}
    assert cohort.again == {30: 2, 60: 2, 90: 2}


def test_the_rate_is_of_those_who_bought_within_the_days():
    rate = Rate(30)
    for days in ([70], [71], [71, 100], [5, 100], [5, 6]):
        rate.add(days, today=100)
    assert (rate.buyers, rate.again) == (3, 1), "day 71 to day 100 are thirty days"


@given(DAYS, st.integers(0, 400))
def test_gaps_add_up_and_nobody_is_counted_twice(days, later):
    today = days[-1] + later
    buying = buying_of(days, today)
    assert sum(gaps_of(days)) == buying.recency <= buying.age
    cohort, rate = Cohort(), Rate(90)
    cohort.add(days, today)
    rate.add(days, today)
    assert all(0 <= cohort.again[window] <= cohort.of[window] <= 1 for window in cohort.of)
    assert 0 <= rate.again <= rate.buyers <= 1
