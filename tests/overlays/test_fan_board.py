"""The board's rows: where they stand, how they move, and that a name never leaves its row."""

from dataclasses import replace

import numpy as np
import pytest

from overlays.fan_board import placed_rows
from studio.model.scene import AirBoard, AirFact, AirFan, AirView, Greeting, Tier
from tests.overlays.air_samples import BOARD, FANS, GREETED, NOBODY, NOW, box_of, colours, drawn

HOSTILE = (
    "<img src=x onerror=alert(1)><b>fat</b>",
    "{0.__class__} %s%n",
    "\u202etxet desrever\u2066",
    "Z\u0310\u0342\u0360a\u0301\u0302\u0303\u0304l\u0338\u0340go" * 20,
    "x" * 10_000,
    "😀🍊👩\u200d👩\u200d👧\u200d👦" * 300,
    "שלום עולם مرحبا بالعالم",
    "a\nb\r\nc\td\x00e",
    "\ud800broken\udfff",
    "\u200b\u200d\ufeff",
    "&amp; &lt; 中文English混排＊",
)


def keys(board: AirBoard, elapsed: int) -> list[str]:
    rows, _ = placed_rows(board, NOW + elapsed)
    return [row.fan.key for row in sorted(rows, key=lambda row: row.y)]


def test_rows_stand_in_board_order_56_apart():
    rows, height = placed_rows(BOARD, NOW)
    assert [(row.fan.key, row.y, row.height) for row in rows] == [(str(index + 1), 56 * index, 56) for index in range(6)]
    assert height == 336


def test_more_than_six_rows_are_never_drawn():
    crowd = tuple(replace(FANS[0], key=str(number)) for number in range(30))
    assert len(placed_rows(replace(BOARD, rows=crowd), NOW)[0]) == 6
    greeted = replace(BOARD, rows=crowd, greeting=Greeting(crowd[20], NOW))
    assert keys(greeted, 1000) == ["20", "0", "1", "2", "3", "4"]


def test_an_arrival_slides_in_at_the_top_and_pushes_the_others_down():
    rows, height = placed_rows(GREETED, NOW + 60)
    hello = next(row for row in rows if row.fan.key == "1")
    assert -24 < hello.y < 0
    assert 0 < hello.hello < 1
    assert 5 * 56 < height < 5 * 56 + 104
    rows, height = placed_rows(GREETED, NOW + 180)
    assert [(row.y, row.hello) for row in rows][:2] == [(0, 1), (104, 0)]
    assert height == 104 + 5 * 56


def test_the_greeting_lasts_four_seconds_and_folds_to_a_row_in_160_ms():
    assert placed_rows(GREETED, NOW + 3999)[1] == 104 + 280
    rows, height = placed_rows(GREETED, NOW + 4080)
    assert 336 < height < 384
    assert 0 < rows[0].hello < 1
    assert placed_rows(GREETED, NOW + 4160) == placed_rows(BOARD, NOW)


def test_a_fan_of_lower_rank_is_greeted_on_top_and_then_stands_at_their_place():
    late = replace(BOARD, greeting=Greeting(FANS[4], NOW))
    assert keys(late, 1000) == ["5", "1", "2", "3", "4", "6"]
    assert keys(late, 4160) == ["1", "2", "3", "4", "5", "6"]
    both = [(row.y, row.hello > 0, row.row > 0) for row in placed_rows(late, NOW + 4080)[0] if row.fan.key == "5"]
    assert both == [(0, True, False), (4 * 56, False, True)]


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)])
def test_no_amount_is_shown_unless_the_room_shows_amounts(size):
    fans = tuple(replace(fan, fact=AirFact("to_next", 4_242)) for fan in FANS)
    other = tuple(replace(fan, fact=AirFact("to_next", 99_999)) for fan in FANS)
    for greeting in (None, Greeting(fans[0], NOW)):
        one, two = (replace(BOARD, rows=rows, greeting=greeting and replace(greeting, fan=rows[0])) for rows in (fans, other))
        hidden, same = (drawn(AirView(board=board), NOW + 1000, size=size)[0].planes for board in (one, two))
        shown, differs = (drawn(AirView(board=board, show_amounts=True), NOW + 1000, size=size)[0].planes for board in (one, two))
        assert np.array_equal(hidden, same)
        assert not np.array_equal(shown, differs)


def test_an_arrival_outside_the_first_six_is_greeted_and_leaves():
    stranger = AirFan("x", "路人", Tier.NEW, is_devoted=False, fact=AirFact("first_visit", 1))
    board = replace(BOARD, greeting=Greeting(stranger, NOW))
    assert keys(board, 1000)[0] == "x"
    assert "x" not in keys(board, 4160)


def test_time_alone_decides_so_that_every_frame_of_a_moment_is_equal():
    assert placed_rows(GREETED, NOW + 77) == placed_rows(replace(GREETED), NOW + 77)


@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920)])
def test_with_nobody_there_only_the_title_row_stays(size):
    _, layers = drawn(AirView(board=NOBODY), NOW, size=size)
    _, top, _, bottom = box_of(layers)
    assert bottom - top in {68, 80}


def test_a_tall_board_turns_its_pairs_every_four_seconds():
    pages = [drawn(AirView(board=BOARD), NOW + 1000 + 4000 * turn, size=(1080, 1920))[1].items[0].key for turn in range(4)]
    assert len(set(pages)) == 3
    assert pages[0] == pages[3]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_drawn_inside_its_cell_and_nowhere_else(name):
    fans = tuple(replace(fan, name="" if fan.key == "3" else fan.name) for fan in FANS)
    hostile = tuple(replace(fan, name=name if fan.key == "3" else fan.name) for fan in FANS)
    quiet = colours(drawn(AirView(board=replace(BOARD, rows=fans)), NOW)[0]).astype(int)
    loud = colours(drawn(AirView(board=replace(BOARD, rows=hostile)), NOW)[0]).astype(int)
    rows, columns = np.nonzero(np.abs(loud - quiet).max(axis=2) > 2)
    if name == "\u200b\u200d\ufeff":
        assert rows.size == 0
        return
    top = 130 + 2 + 64 + 2 * 56
    assert top <= rows.min()
    assert rows.max() < top + 56
    assert columns.min() >= 48 + 20 + 36
    fact_left = 48 + 420 - 22 - 110
    assert columns.max() < fact_left


@pytest.mark.parametrize("name", HOSTILE[:9])
def test_a_hostile_name_is_greeted_inside_the_strip(name):
    fan = replace(FANS[0], name=name)
    board = replace(GREETED, greeting=Greeting(fan, NOW), rows=FANS[1:])
    quiet = replace(board, greeting=Greeting(replace(fan, name=""), NOW))
    one, other = (colours(drawn(AirView(board=each), NOW + 1000)[0]).astype(int) for each in (board, quiet))
    rows, columns = np.nonzero(np.abs(one - other).max(axis=2) > 2)
    assert rows.min() >= 130 + 66
    assert rows.max() < 130 + 66 + 104
    assert columns.max() < 48 + 420 - 20
