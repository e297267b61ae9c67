"""What gives way when the machine is out of breath: sequences of loads, no clock."""

from hypothesis import given
from hypothesis import strategies as st

from studio.model.ease import MOST_PATIENCE_NS, PATIENCE_NS, TOP, Ease, Load, next_ease

QUARTER_NS = 250_000_000
FINE = Load(0.2, 0.3, 0, 0)
HARD = Load(0.4, 0.95, 1, 0)
LOADS = st.builds(Load, st.floats(0, 2), st.floats(0, 2), st.integers(0, 8), st.integers(0, 3))


def run(ease, load, seconds, start_ns=10**12):
    """(state, levels, time) after looking four times a second."""
    levels, now_ns = [], start_ns
    for _ in range(round(seconds * 4)):
        now_ns += QUARTER_NS
        ease = next_ease(ease, load, now_ns)
        levels.append(ease.level)
    return ease, levels, now_ns


def test_a_machine_with_room_changes_nothing():
    ease, levels, _ = run(Ease(), FINE, 60)
    assert set(levels) == {0}
    assert ease.patience_ns == PATIENCE_NS


def test_each_sign_of_overload_takes_a_step():
    for load in (HARD, Load(0.9, 0.1, 0, 0), Load(0.1, 0.1, 4, 0), Load(0.1, 0.1, 0, 1)):
        assert run(Ease(), load, 0.25)[1] == [1], load


def test_it_takes_one_step_a_second_down_to_the_last():
    assert run(Ease(), HARD, 6)[1][::4] == [1, 2, 3, 4, 4, 4]


def test_a_step_that_is_enough_is_the_last_one():
    ease, _, now_ns = run(Ease(), HARD, 0.25)
    _, levels, _ = run(ease, Load(0.5, 0.7, 1, 0), 60, now_ns)
    assert set(levels) == {1}, "neither too much nor room for more"


def test_it_comes_back_step_by_step_after_ten_seconds_each():
    ease, _, now_ns = run(Ease(), HARD, 4)
    _, levels, _ = run(ease, FINE, 45, now_ns)
    assert [levels[at * 4 - 1] for at in (9, 12, 22, 32, 42)] == [4, 3, 2, 1, 0]


def test_a_step_that_did_not_hold_is_given_back_later_each_time():
    ease, _, now_ns = run(Ease(), HARD, 0.25)
    waits = []
    for _ in range(6):
        began_ns = now_ns
        while ease.level:
            ease, _, now_ns = run(ease, FINE, 0.25, now_ns)
        waits.append(round((now_ns - began_ns) / 1e9))
        ease, _, now_ns = run(ease, FINE, 2, now_ns)
        ease, _, now_ns = run(ease, HARD, 0.25, now_ns)
    assert waits == [10, 20, 40, 80, 160, 160]


def test_a_minute_that_held_makes_it_patient_no_longer():
    ease, _, now_ns = run(Ease(), HARD, 0.25)
    ease, _, now_ns = run(ease, FINE, 11, now_ns)
    ease, _, now_ns = run(ease, HARD, 0.25, now_ns)
    assert ease.patience_ns == 2 * PATIENCE_NS
    ease, _, now_ns = run(ease, FINE, 60, now_ns)
    ease, _, now_ns = run(ease, HARD, 0.25, now_ns)
    assert ease.patience_ns == PATIENCE_NS


def test_the_encoder_comes_back_only_where_its_full_way_would_fit():
    ease, _, now_ns = run(Ease(), HARD, 2.25)
    assert ease.level == 3
    _, levels, _ = run(ease, Load(0.2, 0.45, 0, 0), 60, now_ns)
    assert set(levels) == {3}, "twice 45 % is too much"


@given(st.lists(LOADS, max_size=200))
def test_whatever_comes_the_level_moves_by_one_and_stays_within_its_bounds(loads):
    ease, now_ns = Ease(), 10**12
    for load in loads:
        now_ns += QUARTER_NS
        after = next_ease(ease, load, now_ns)
        assert abs(after.level - ease.level) <= 1
        assert 0 <= after.level <= TOP
        assert PATIENCE_NS <= after.patience_ns <= MOST_PATIENCE_NS
        ease = after
