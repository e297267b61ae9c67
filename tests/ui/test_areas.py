"""A rectangle under a hand stays inside the picture, keeps its least size and, where it must, its shape."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.model.shot import LEAST_SIDE, WHOLE, Area, area_text, parse_area
from ui.models.areas import GRIPS, INSIDE, drawn, grip_at, grown, settled, shaped

SHARE = st.floats(0, 1)
WAY = st.floats(-2, 2)
RATIO = st.sampled_from([1.0, 0.31640625, 1.7777])


@st.composite
def areas(draw, ratio=None):
    width = draw(st.floats(LEAST_SIDE, 1))
    height = draw(st.floats(LEAST_SIDE, 1))
    area = shaped(Area(0, 0, width, height), ratio) if ratio else Area(0, 0, width, height)
    return area._replace(x=draw(SHARE) * (1 - area.width), y=draw(SHARE) * (1 - area.height))


def is_sound(area):
    return area.x >= -1e-9 and area.y >= -1e-9 and area.x + area.width <= 1 + 1e-9 and area.y + area.height <= 1 + 1e-9


@given(areas(), st.sampled_from([*GRIPS, INSIDE, ""]), WAY, WAY)
def test_however_far_it_is_drawn_it_stays_a_sound_area(area, grip, across, down):
    after = drawn(area, grip, (across, down))
    assert is_sound(after)
    assert min(after.width, after.height) >= LEAST_SIDE - 1e-9
    if grip in {INSIDE, ""}:
        assert (after.width, after.height) == (area.width, area.height)
    assert parse_area(area_text(settled(after)) or "0,0,1,1")


@given(RATIO, st.data())
def test_one_that_keeps_its_shape_keeps_it_at_every_corner(ratio, data):
    start = Area(0.2, 0.2, 0.5 * min(1, ratio), 0.5 * min(1, ratio) / ratio)
    after = drawn(start, data.draw(st.sampled_from(["nw", "ne", "sw", "se"])), (data.draw(WAY), data.draw(WAY)), ratio)
    assert is_sound(after)
    assert after.width / after.height == pytest.approx(ratio)
    larger = grown(after, data.draw(WAY), ratio)
    assert larger.width / larger.height == pytest.approx(ratio)


@given(areas(), WAY)
def test_growing_stays_inside(area, by):
    assert is_sound(grown(area, by))


def test_a_corner_pulls_its_two_sides_and_the_other_corner_stays():
    after = drawn(Area(0.2, 0.2, 0.4, 0.4), "se", (0.1, -0.1))
    assert after == pytest.approx(Area(0.2, 0.2, 0.5, 0.3))
    after = drawn(Area(0.2, 0.2, 0.4, 0.4), "nw", (0.2, 0.0), 1.0)
    assert after == pytest.approx(Area(0.3, 0.3, 0.3, 0.3))


def test_handles_win_over_the_inside_and_outside_is_nothing():
    area = Area(0.2, 0.2, 0.4, 0.4)
    assert grip_at(area, (0.2, 0.2), (0.02, 0.02), keeps_shape=True) == "nw"
    assert grip_at(area, (0.4, 0.2), (0.02, 0.02), keeps_shape=False) == "n"
    assert grip_at(area, (0.4, 0.2), (0.02, 0.02), keeps_shape=True) == INSIDE
    assert grip_at(area, (0.9, 0.9), (0.02, 0.02), keeps_shape=False) == ""


def test_what_is_shown_of_an_area_has_the_canvas_shape_and_nearly_all_is_all():
    assert shaped(Area(0, 0, 1, 0.5), 1.0) == Area(0.25, 0, 0.5, 0.5)
    assert settled(Area(0.001, 0, 0.995, 0.995)) == WHOLE
