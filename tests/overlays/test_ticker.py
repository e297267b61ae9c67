"""The ticker on the picture: where it is and nowhere else, when it is due and not over the drop card."""

from dataclasses import replace

import numpy as np
import pytest

from studio.model.layout import air_layout
from studio.model.scene import AirView
from tests.overlays.air_samples import CANVASES, MOMENTS, NOW, TICKERS, box_of, drawn, ground


@pytest.mark.parametrize("size", [*CANVASES, (1080, 1080), (640, 360)])
@pytest.mark.parametrize("kind", TICKERS)
def test_nothing_changes_outside_its_place(size, kind):
    frame, layers = drawn(AirView(ticker=TICKERS[kind]), NOW + 1000, "noise", size)
    layout, before = air_layout(*size), ground("noise", *size)
    left, top, right, bottom = box_of(layers)
    place = layout.ticker
    assert place.x * layout.scale - 2 <= left < right <= place.right * layout.scale + 2
    assert place.y * layout.scale - 2 <= top < bottom <= place.bottom * layout.scale + 2
    changed = np.argwhere(frame.y != before.y)
    assert len(changed) > 500
    assert (changed.min(axis=0) >= (top, left)).all()
    assert (changed.max(axis=0) < (bottom, right)).all()


def test_it_comes_fades_and_goes():
    ticker = TICKERS["points"]
    shown = {at: len(drawn(AirView(ticker=ticker), NOW + at)[1].items) for at in (-1, 90, 1500, 2950, 3000, 9000)}
    assert shown == {-1: 0, 90: 1, 1500: 1, 2950: 1, 3000: 0, 9000: 0}


def test_it_gives_way_to_a_drop_card_that_reaches_it():
    drop, elapsed = MOMENTS["open"]
    ticker = replace(TICKERS["points"], starts_at_ms=NOW + elapsed - 1000, ends_at_ms=NOW + elapsed + 2000)
    for size in CANVASES:
        alone = len(drawn(AirView(drop=drop), NOW + elapsed, size=size)[1].items)
        assert len(drawn(AirView(drop=drop, ticker=ticker), NOW + elapsed, size=size)[1].items) == alone + 1
    low = (1080, 1520)  # hardly tall: the card reaches up to the board
    drop, elapsed = MOMENTS["reel"]
    ticker = replace(TICKERS["points"], starts_at_ms=NOW + elapsed - 1000, ends_at_ms=NOW + elapsed + 2000)
    alone = len(drawn(AirView(drop=drop), NOW + elapsed, size=low)[1].items)
    assert len(drawn(AirView(drop=drop, ticker=ticker), NOW + elapsed, size=low)[1].items) == alone


def test_a_name_that_is_markup_is_drawn_as_it_is():
    ticker = replace(TICKERS["points"], name="<img src=x>\u202e{0}")
    _, layers = drawn(AirView(ticker=ticker), NOW + 1000)
    assert len(layers.items) == 1
