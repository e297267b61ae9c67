import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.clock import MAX_PULL, TARGET_LEAD_NS, TickClock, is_lockable


def test_ticks_do_not_drift_over_ten_hours():
    clock = TickClock(30, 1_000)
    assert clock.due_ns(30 * 3600 * 10) == 1_000 + 36_000 * 1_000_000_000


@given(st.integers(1, 120), st.integers(0, 10**7), st.integers(0, 10**12))
def test_the_newest_due_tick_is_the_one_before_the_next(fps, index, origin):
    clock = TickClock(fps, origin)
    at = clock.index_at(clock.due_ns(index) + 1)
    assert at in {index, index - 1}
    assert clock.due_ns(at) <= clock.due_ns(index) + 1


@given(st.integers(-(10**9), 10**9))
def test_one_step_never_moves_the_rate_by_more_than_half_a_percent(lead_ns):
    clock = TickClock(30, 0)
    assert abs(clock.pulled(lead_ns).origin_ns) <= clock.period_ns * MAX_PULL


@pytest.mark.parametrize("late_ns", [20_000_000, -9_000_000])
def test_the_phase_settles_where_frames_arrive_just_before_their_tick(late_ns):
    clock = TickClock(30, 0)
    for index in range(400):
        arrival = index * 1_000_000_000 // 30 + late_ns
        clock = clock.pulled(clock.due_ns(index) - arrival)
    lead = clock.due_ns(400) - (400 * 1_000_000_000 // 30 + late_ns)
    assert abs(lead - TARGET_LEAD_NS) < 100_000


def test_only_a_source_of_the_same_rate_is_followed():
    assert is_lockable(29.97, 30)
    assert not is_lockable(25, 30)
    assert not is_lockable(0, 30)
