import pytest

from studio.errors import InvalidInput
from studio.model.events import parse_time
from studio.model.room_clock import RoomClock, ShowDays, date_of, week_of


def at(text):
    return parse_time(text, "at")


def test_the_show_day_begins_at_six_in_the_rooms_own_time():
    days = ShowDays("Asia/Shanghai")
    assert date_of(days.day_of(at("2026-11-22T05:59:59.999+08:00"))) == "2026-11-21"
    assert date_of(days.day_of(at("2026-11-22T06:00:00+08:00"))) == "2026-11-22"
    assert date_of(days.day_of(at("2026-11-23T02:00:00+08:00"))) == "2026-11-22"


@pytest.mark.parametrize("timezone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "UTC"])
def test_a_day_begins_where_the_one_before_ends_also_when_clocks_change(timezone):
    days = ShowDays(timezone)
    for day in range(20_530, 20_760):
        starts = days.starts_ms(day)
        assert days.day_of(starts) == day
        assert days.day_of(starts - 1) == day - 1
        assert days.ends_ms(day) == days.starts_ms(day + 1)


def test_a_time_zone_that_nobody_knows_is_refused():
    with pytest.raises(InvalidInput):
        ShowDays("Mars/Olympus")
    with pytest.raises(InvalidInput):
        ShowDays("../../etc/passwd")


def test_weeks_run_from_monday_to_sunday():
    monday = ShowDays("UTC").day_of(at("2026-11-16T12:00:00Z"))
    assert {week_of(day) for day in range(monday, monday + 7)} == {week_of(monday)}
    assert week_of(monday - 1) == week_of(monday) - 1


def test_now_is_the_wall_clock_or_the_last_replayed_event():
    clock = RoomClock(lambda: 5_000)
    assert clock.now_ms() == 5_000
    clock.replayed(1_000)
    clock.replayed(900)
    assert clock.now_ms() == 1_000, "an event out of order does not set the clock back"
    clock.follow_wall()
    assert clock.now_ms() == 5_000
