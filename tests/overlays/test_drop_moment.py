"""The life of a drop card by the wall clock."""

from dataclasses import replace
from itertools import pairwise

import pytest

from overlays.drop_moment import clock_text, moment_of, reel_names
from tests.overlays.air_samples import COUPON, DRAWN, LOCKED, NOW, OPEN, WINNERS

END = NOW + 60_000


def test_the_countdown_is_the_wall_clocks():
    left = [moment_of(OPEN, NOW + elapsed).seconds_left for elapsed in (0, 1, 999, 1000, 1001, 59_999, 60_000, 90_000)]
    assert left == [60, 60, 60, 59, 59, 1, 0, 0]
    assert moment_of(OPEN, NOW - 1) is None


def test_the_last_ten_seconds_are_marked():
    assert not moment_of(OPEN, NOW + 49_999).is_last
    assert moment_of(OPEN, NOW + 50_000).is_last
    assert not moment_of(replace(COUPON, closes_at_ms=0), NOW + 10**9).is_last


def test_a_card_comes_in_over_180_ms():
    seen = [moment_of(OPEN, NOW + elapsed).seen for elapsed in (0, 60, 120, 180, 5000)]
    assert seen[0] == 0
    assert seen == sorted(seen)
    assert seen[3] == seen[4] == 1


def test_three_reels_run_one_after_the_other_and_then_all_winners_stand():
    shown = [(m.phase, m.reel, m.revealed) for m in (moment_of(DRAWN, END + elapsed) for elapsed in (0, 3199, 3200, 6400, 9600, 10_800))]
    assert shown == [("reel", 0, 0), ("reel", 0, 0), ("reel", 1, 1), ("reel", 2, 2), ("reel", 2, 3), ("winners", 2, 3)]


def test_there_are_never_more_than_three_reels_and_the_others_are_listed():
    many = replace(DRAWN, winners=WINNERS * 4)
    assert moment_of(many, END + 9_599).revealed == 2
    assert moment_of(many, END + 9_600).revealed == 12
    assert [moment_of(many, END + 10_800 + 4000 * turn).page for turn in range(3)] == [0, 1, 2]


def test_winners_stay_twelve_seconds_after_the_last_reel_and_then_the_card_leaves():
    gone = 3 * 3200 + 12_000
    assert moment_of(DRAWN, END + gone).seen == 1
    assert 0 < moment_of(DRAWN, END + gone + 60).seen < 1
    assert moment_of(DRAWN, END + gone + 180) is None


@pytest.mark.parametrize("reel", [0, 1, 2])
def test_a_reel_slows_down_and_lands_on_its_winner(reel):
    places = [moment_of(DRAWN, END + reel * 3200 + elapsed) for elapsed in range(0, 3200, 100)]
    steps = [later.turned - earlier.turned for earlier, later in pairwise(places)]
    assert steps == sorted(steps, reverse=True)
    middle = {round(distance): entrant for distance, entrant in reel_names(DRAWN, reel, 26)}
    assert middle[0] == DRAWN.winners[reel]
    assert DRAWN.winners[reel] not in [entrant for distance, entrant in middle.items() if distance]


def test_the_next_reel_starts_where_the_last_one_stopped():
    assert reel_names(DRAWN, 1, 0.0)[0] == (0.0, DRAWN.winners[0])


def test_a_reel_of_one_entrant_shows_that_one():
    alone = replace(DRAWN, winners=WINNERS[:1], reel=WINNERS[:1])
    assert reel_names(alone, 0, 26) == ((0, WINNERS[0]),)
    assert reel_names(alone, 0, 3.5) == ()


def test_a_card_changes_its_height_over_160_ms():
    assert moment_of(LOCKED, END).fold == 0
    assert moment_of(LOCKED, END).before == "open"
    assert moment_of(LOCKED, END + 160).fold == 1
    assert moment_of(DRAWN, END + 3 * 3200 + 1200).fold == 0


def test_a_drop_closed_early_has_its_new_height_at_once():
    assert moment_of(LOCKED, NOW + 20_000).fold == 1


def test_a_coupon_that_closes_has_no_list_to_lock():
    assert moment_of(replace(COUPON, state="closing"), END).phase == "note"


def test_a_restarted_engine_shows_the_same_moment():
    assert moment_of(DRAWN, END + 5_000) == moment_of(replace(DRAWN), END + 5_000)


def test_a_drop_that_ended_without_winners_says_so_for_twelve_seconds():
    over = replace(COUPON, state="closed", settled_at_ms=END)
    assert moment_of(over, END + 11_999).phase == "note"
    assert moment_of(over, END + 12_180) is None
    assert moment_of(replace(over, settled_at_ms=0), END + 10**9).phase == "note"


@pytest.mark.parametrize(("seconds", "text"), [(0, "00:00"), (42, "00:42"), (3599, "59:59"), (3600, "1:00:00"), (36_061, "10:01:01")])
def test_a_clock_reads_like_a_clock(seconds, text):
    assert clock_text(seconds) == text
