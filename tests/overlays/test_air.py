"""The overlays of a canvas from outside: what is drawn again, what is reused, and that no canvas or view breaks them."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overlays import AirOverlays
from studio.model.scene import AirView
from studio.model.settings import VideoSettings
from tests.overlays.air_samples import (
    BOARD,
    BOARDS,
    CANVASES,
    COUPON,
    DRAWN,
    GREETED,
    MOMENTS,
    NOW,
    OPEN,
    box_of,
    copied,
    drawn,
    ground,
    overlays,
)


def test_a_still_picture_is_the_same_object_again():
    tool, view = overlays(), AirView(board=BOARD, drop=OPEN)
    first = tool.draw(view, NOW + 18_200)
    assert tool.draw(replace(view), NOW + 18_900) is first
    assert len(first.items) == 4


def test_a_tick_of_the_countdown_draws_only_the_digits_again():
    tool, view = overlays(), AirView(board=BOARD, drop=OPEN)
    before, after = tool.draw(view, NOW + 18_900).items, tool.draw(view, NOW + 19_100).items
    changed = [new for old, new in zip(before, after, strict=True) if new is not old]
    assert len(changed) == 1
    assert changed[0].alpha.size < 400 * 150


def test_an_entry_draws_only_the_count_again():
    tool = overlays()
    before = tool.draw(AirView(drop=OPEN), NOW + 18_500).items
    after = tool.draw(AirView(drop=replace(OPEN, entries=1287)), NOW + 18_500).items
    changed = [new for old, new in zip(before, after, strict=True) if new is not old]
    assert len(changed) == 1
    assert changed[0].alpha.size < 200 * 40


def test_the_layers_name_the_board_that_they_show():
    tool = overlays()
    one = tool.draw(AirView(board=BOARD), NOW)
    two = tool.draw(AirView(board=replace(BOARD, version=9)), NOW)
    assert (one.board_version, two.board_version) == (3, 9)
    assert two.items == one.items
    nothing = tool.draw(AirView(), NOW)
    assert (nothing.items, nothing.board_version) == ((), 0)


def test_the_sign_of_true_skin_is_ready_before_it_is_asked_for_and_on_no_picture_until_then():
    tool = overlays()
    first = tool.draw(AirView(board=BOARD), NOW)
    assert len(first.sign) == 1
    assert first.sign[0] not in first.items
    assert first.signed.items == first.items + first.sign
    assert tool.draw(AirView(), NOW).sign == first.sign
    assert tool.draw(AirView(locale="en"), NOW).sign != first.sign


def test_an_old_picture_is_not_kept_for_another_theme_language_or_board():
    seen = {
        drawn(AirView(board=board, theme=theme, locale=locale), NOW)[0].planes.tobytes()
        for board in (BOARD, GREETED)
        for theme in ("dark", "light")
        for locale in ("zh_CN", "en")
    }
    assert len(seen) == 8


def test_an_unknown_language_or_theme_is_drawn_in_english_and_dark():
    odd = drawn(AirView(board=BOARD, theme="../x", locale="../x"), NOW)[0]
    assert np.array_equal(odd.planes, drawn(AirView(board=BOARD, theme="dark", locale="en"), NOW)[0].planes)


@pytest.mark.parametrize("size", CANVASES)
@pytest.mark.parametrize("name", MOMENTS)
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_every_card_stays_in_the_safe_area_and_changes_nothing_outside_its_layers(size, name, locale):
    drop, elapsed = MOMENTS[name]
    before, (frame, layers) = ground("noise", *size), drawn(AirView(board=GREETED, drop=drop, locale=locale), NOW + elapsed, "noise", size)
    left, top, right, bottom = box_of(layers)
    if size[1] > size[0]:
        assert (left, top) >= (32, 166)
        assert right <= 912
        assert bottom <= 1568
    else:
        assert (left, top) >= (48, 86)
        assert right <= 1920 - 48
        assert bottom <= 1080 - 48
    for layer in layers.items:
        rows, columns = slice(layer.y, layer.y + layer.alpha.shape[0]), slice(layer.x, layer.x + layer.alpha.shape[1])
        frame.y[rows, columns] = before.y[rows, columns]
        half = slice(rows.start // 2, rows.stop // 2), slice(columns.start // 2, columns.stop // 2)
        frame.u[half], frame.v[half] = before.u[half], before.v[half]
    assert np.array_equal(frame.planes, before.planes)


def test_a_new_card_fades_in_from_its_edge():
    tool = overlays()
    places = [tool.draw(AirView(drop=OPEN), NOW + elapsed).items for elapsed in (0, 40, 100, 180)]
    assert places[0] == ()
    xs = [items[0].x for items in places[1:]]
    assert xs == sorted(xs, reverse=True)
    assert xs[0] > xs[-1] == 1452
    assert places[1][0].alpha.max() < places[2][0].alpha.max() < 255 == places[3][0].alpha.max()


def test_two_renderers_give_equal_pixels_for_one_moment():
    view = AirView(board=GREETED, drop=DRAWN)
    one, other = (AirOverlays(VideoSettings()).draw(view, NOW + 61_234) for _ in range(2))
    for a, b in zip(one.items, other.items, strict=True):
        assert (a.x, a.y) == (b.x, b.y)
        assert np.array_equal(a.luma, b.luma)


@settings(max_examples=25, deadline=None)
@given(st.integers(32, 1000).map(lambda half: 2 * half), st.integers(32, 1000).map(lambda half: 2 * half), st.sampled_from(sorted(MOMENTS)))
def test_no_even_canvas_from_64_up_breaks_them(width, height, name):
    tool, (drop, elapsed) = AirOverlays(VideoSettings(width=width, height=height)), MOMENTS[name]
    frame = ground("noise", width, height)
    layers = tool.draw(AirView(board=GREETED, drop=drop), NOW + elapsed)
    tool.blend(frame, layers)
    if min(width, height) < 324:
        assert layers.items == ()
    for layer in layers.items:
        assert layer.x % 2 == layer.y % 2 == layer.alpha.shape[0] % 2 == layer.alpha.shape[1] % 2 == 0
        assert layer.alpha_half.shape == layer.chroma_u.shape == (layer.alpha.shape[0] // 2, layer.alpha.shape[1] // 2)
        assert layer.x + layer.alpha.shape[1] <= width + 2


def test_drawing_on_one_thread_while_another_blends_gives_whole_pictures():
    tool, seen, failures = AirOverlays(VideoSettings(width=640, height=360)), [], []
    worker = threading.Thread(
        target=lambda: seen.extend(tool.draw(AirView(board=GREETED, drop=DRAWN), NOW + 60_000 + 40 * step) for step in range(60)),
        name="overlays",
    )
    worker.start()
    while worker.is_alive():
        for layers in seen[-2:]:
            frame, twin = ground("grey", 640, 360), ground("grey", 640, 360)
            tool.blend(frame, layers)
            tool.blend(twin, layers)
            failures += [] if np.array_equal(frame.planes, twin.planes) else [layers]
    worker.join(10)
    assert len(seen) == 60
    assert failures == []


@pytest.mark.parametrize("board", BOARDS)
def test_what_was_blended_once_can_be_blended_again(board):
    view = AirView(board=BOARDS[board][0], drop=COUPON)
    layers = overlays().draw(view, NOW + 1000)
    frame, other = ground("noise"), ground("noise")
    overlays().blend(frame, layers)
    keep = copied(frame)
    overlays().blend(other, layers)
    assert np.array_equal(keep.planes, other.planes)
