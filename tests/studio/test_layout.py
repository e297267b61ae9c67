"""Where cards stand: inside the canvas and its safe area, apart from one another, on every canvas that a profile allows."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.model.layout import LEAST_SCALE, Rect, air_layout

EVEN = st.integers(32, 1920).map(lambda half: 2 * half)


def test_the_wide_canvas_has_the_measures_of_the_design():
    layout = air_layout(1920, 1080)
    assert layout.scale == 1
    assert not layout.is_tall
    assert (layout.board.x, layout.board.y, layout.board.width) == (48, 130, 420)
    assert layout.drop_rect(600) == Rect(1452, 216, 420, 600)


def test_the_tall_canvas_keeps_the_platforms_own_buttons_free():
    layout = air_layout(1080, 1920)
    assert layout.is_tall
    assert layout.scale == 1
    cards = Rect(32, 166, 880, 1402)
    assert (layout.board.x, layout.board.y) == (32, 166)
    for card in (layout.board, layout.drop):
        assert layout.safe.holds(card)
        assert cards.holds(card)


def test_a_tall_drop_card_hangs_from_its_place_and_grows_upward_when_it_must():
    layout = air_layout(1080, 1920)
    assert layout.drop_rect(324).y == 1076
    high = layout.drop_rect(700)
    assert high.bottom == layout.drop.bottom
    assert high.height == 700


def test_half_the_canvas_is_half_of_everything():
    small = air_layout(960, 540)
    assert small.scale == 0.5
    assert small.drop == air_layout(1920, 1080).drop


@given(EVEN, EVEN)
def test_on_every_canvas_cards_lie_inside_and_apart(width, height):
    layout = air_layout(width, height)
    canvas = Rect(0, 0, width / layout.scale + 1e-6, height / layout.scale + 1e-6)
    assert canvas.holds(layout.board)
    assert canvas.holds(layout.drop)
    apart_across = layout.board.right <= layout.drop.x
    apart_down = layout.board.bottom <= layout.drop.y
    assert apart_across or apart_down
    assert layout.is_tall == (height >= 1.4 * width)
    assert canvas.holds(layout.ticker)
    assert not layout.ticker.meets(layout.board)
    assert layout.is_tall or not layout.ticker.meets(layout.drop)


@given(EVEN, EVEN, st.floats(1, 5000))
def test_a_card_of_any_height_stays_in_its_room(width, height, card):
    layout = air_layout(width, height)
    assert layout.drop.holds(layout.drop_rect(card))


def test_the_ticker_keeps_the_platforms_own_buttons_free():
    for size in ((1920, 1080), (1280, 720), (1080, 1920), (720, 1280)):
        layout = air_layout(*size)
        assert layout.safe.holds(layout.ticker)
        assert not layout.ticker.meets(layout.sign_rect(300, 84))


@pytest.mark.parametrize(
    ("size", "has_room"), [((64, 64), False), ((426, 240), False), ((640, 360), True), ((360, 640), True), ((3840, 2160), True)]
)
def test_cards_that_nobody_could_read_are_left_out(size, has_room):
    layout = air_layout(*size)
    assert layout.has_room is has_room
    assert (layout.scale >= LEAST_SCALE) is has_room
