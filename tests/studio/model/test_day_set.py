from hypothesis import given
from hypothesis import strategies as st

from studio.model.day_set import EMPTY, DaySet

days = st.sets(st.integers(0, 30_000), max_size=12)


@given(days, st.randoms())
def test_it_is_a_set_of_days_in_any_order(wanted, random):
    shuffled = list(wanted)
    random.shuffle(shuffled)
    made = DaySet.of(shuffled)
    assert list(made) == sorted(wanted)
    assert len(made) == len(wanted)
    assert made == DaySet.of(sorted(wanted)), "one set has one form"
    assert DaySet.from_bytes(made.to_bytes()) == made


@given(days, st.integers(-5, 30_005), st.integers(-5, 30_005))
def test_counting_between_two_days(wanted, first, last):
    assert DaySet.of(sorted(wanted)).between(first, last) == sum(first <= day <= last for day in wanted)


@given(days, st.integers(0, 30_000))
def test_adding_taking_and_looking_back(wanted, day):
    made = DaySet.of(sorted(wanted))
    assert (day in made) == (day in wanted)
    assert set(made.with_day(day)) == wanted | {day}
    assert set(made.without_day(day)) == wanted - {day}
    assert made.last_before(day) == max((one for one in wanted if one < day), default=None)


def test_a_year_of_visits_is_small():
    assert len(DaySet.of(range(20_000, 20_365)).to_bytes()) <= 50
    assert EMPTY.to_bytes() == b""
    assert DaySet.from_bytes(None) == EMPTY
