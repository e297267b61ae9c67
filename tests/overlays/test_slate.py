"""What is said while the picture is gone: readable over any picture, in motion, clear of the cards."""

from dataclasses import replace

import numpy as np
import pytest

from overlays import ConvertTools
from overlays.slate import clock_text
from studio.model.scene import AirSlate, AirView
from tests.overlays.air_samples import BOARD, CANVASES, MOMENTS, NOW, TICKERS, ground, overlays

SLATE = AirSlate(NOW, 8 * 3600)
ON = AirView(slate=SLATE)


def layers(view, elapsed_ms=5000, size=CANVASES[0]):
    return overlays(*size).draw(view, NOW + elapsed_ms)


def luminance(level):
    """Relative luminance of a limited-range grey (WCAG 2, sRGB)."""
    share = np.clip((np.asarray(level, float) - 16) / 219, 0, 1)
    return np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)


@pytest.mark.parametrize("kind", ["white", "black", "noise", "grey"])
@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_words_keep_4_5_to_1_over_any_picture(kind, theme):
    behind = float(luminance(ConvertTools().dimmed(ground(kind), 1.0).y).max())
    painted = overlays().draw(replace(ON, theme=theme), NOW + 5000).items[1]
    solid = painted.alpha == 255
    text = luminance(painted.luma[solid])
    assert (np.percentile(text, 5) + 0.05) / (behind + 0.05) >= 4.5


def test_it_comes_within_a_quarter_of_a_second_and_never_stands_still():
    assert layers(ON, 0).items == ()
    early, later = (max(int(layer.alpha.max()) for layer in layers(ON, at).items) for at in (40, 240))
    assert early < later == 255
    keys = [tuple(layer.key for layer in layers(ON, at).items) for at in range(5000, 7400, 100)]
    assert len(set(keys)) == 24, "a turn of the ring has 24 pictures"


def test_a_clock_that_is_set_back_takes_nothing_off_the_picture():
    before, after = layers(ON, 5000).items, layers(ON, -3_595_000).items
    assert len(before) == len(after)
    assert max(int(layer.alpha.max()) for layer in after) == 255


def test_the_clock_shows_the_rooms_time_whatever_the_machines_zone_is():
    assert clock_text(AirSlate(0, 8 * 3600), 0) == "08:00:00"
    assert clock_text(AirSlate(0, -5 * 3600), 3_723_000) == "20:02:03"


@pytest.mark.parametrize("size", [*CANVASES, (1280, 720), (720, 1280), (1080, 1080), (3840, 2160)])
@pytest.mark.parametrize("drop", [None, "open", "winners"])
@pytest.mark.parametrize("locale", ["zh_CN", "en"])
def test_it_covers_no_card_and_leaves_the_canvas_nowhere(size, drop, locale):
    cards = replace(ON, slate=None, board=BOARD, drop=MOMENTS[drop][0] if drop else None, ticker=TICKERS["points"], locale=locale)
    elapsed = MOMENTS[drop][1] if drop else 1000
    others = {(layer.x, layer.y, *layer.alpha.shape) for layer in layers(cards, elapsed, size).items}
    whole = layers(replace(cards, slate=SLATE), elapsed, size).items
    slate = [layer for layer in whole if (layer.x, layer.y, *layer.alpha.shape) not in others]
    assert slate or drop
    for layer in slate:
        height, width = layer.alpha.shape
        assert 0 <= layer.x <= size[0] - width
        assert 0 <= layer.y <= size[1] - height
        for x, y, high, wide in others:
            assert layer.x + width <= x or x + wide <= layer.x or layer.y + height <= y or y + high <= layer.y


def test_the_ground_is_dark_soft_and_of_the_same_colours():
    frame = ground("noise")
    frame.u[:] = 90
    before = frame.planes.copy()
    dark = ConvertTools().dimmed(frame, 1.0)
    assert np.array_equal(frame.planes, before), "the source is only read"
    assert float(dark.y.mean()) == pytest.approx(16 + 0.31 * (float(frame.y.mean()) - 16), abs=2)
    assert dark.y.std() < 3 < frame.y.std()
    assert float(dark.u.mean()) == pytest.approx(128 + 0.6 * (90 - 128), abs=1)
    assert np.array_equal(ConvertTools().dimmed(frame, 0.0).planes, before)
