"""Cutting, mirroring, turning and following, on pictures whose every pixel is known and on a portrait."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from capture.look.faces import Face, Faces, Skin
from capture.look.framing import Framing, cut, turned
from capture.look.pipeline import BeautyLook
from capture.look.tracker import Tracker
from studio.model.frames import VideoFrame
from studio.model.profile_tables import parse
from studio.model.rules import InvalidSettings
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import WHOLE, Area, ShotSettings, View, area_text, fitted, parse_area, source_canvas, to_source
from tests.capture.look.pictures import FRAME_NS, again, clip, face, settled

SKIN = Skin(110, 150, 1, 0, 1, 150)


def ramp(width, height):
    """Y rises to the right, V downwards."""
    frame = VideoFrame.empty(width, height)
    frame.y[:] = np.linspace(20, 220, width).astype(np.uint8)
    frame.u[:] = 128
    frame.v[:] = np.linspace(60, 200, height // 2).astype(np.uint8)[:, None]
    return frame


def a_face(x, y, width):
    circle = np.linspace(0, 2 * np.pi, 478)
    points = np.stack([x + np.cos(circle) * width / 2, y + np.sin(circle) * width * 0.65], axis=1).astype(np.float32)
    return Face(1, points, (0.0, 0.0), width, SKIN)


def follow(places, shot, size=(1280, 720), fps=30):
    """The views for faces at these places, one a frame."""
    framing = Framing(*size)
    source = VideoFrame.black(*size)
    views = []
    for number, place in enumerate(places):
        now = round(number * 1e9 / fps)
        faces = Faces((a_face(*place),) if place else (), now)
        framing.frame(VideoFrame(source.planes, now, number), faces, shot, is_close=False)
        views.append(framing.view)
    return views


def test_with_nothing_to_frame_the_picture_is_a_copy_bit_for_bit():
    source = face("presenter")
    picture = Framing(source.width, source.height).frame(source, None, ShotSettings(), is_close=False)
    assert np.array_equal(picture.planes, source.planes)
    assert not np.shares_memory(picture.planes, source.planes)


def test_what_is_published_is_mirrored_only_when_asked_and_then_exactly():
    source = face("presenter")
    picture = Framing(source.width, source.height).frame(source, None, ShotSettings(mirror=True), is_close=False)
    for plane, original in zip((picture.y, picture.u, picture.v), (source.y, source.u, source.v), strict=True):
        assert np.abs(plane.astype(int) - original[:, ::-1]).max() <= 1


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_turned_picture_is_turned_exactly_in_every_plane(degrees):
    source = ramp(64, 48)
    picture = turned(source, degrees)
    turns = {90: 3, 180: 2, 270: 1}[degrees]
    for plane, original in zip((picture.y, picture.u, picture.v), (source.y, source.u, source.v), strict=True):
        assert np.array_equal(plane, np.rot90(original, turns))
    assert turned(source, 0) is source


def test_a_cut_shows_its_part_of_the_source_at_every_place():
    source = ramp(640, 360)
    view = View(160.0, 90.0, 320.0, 180.0)
    picture = cut(source, view, (640, 360))
    expected = 20 + 200 * (160 + (np.arange(640) + 0.5) / 2 - 0.5) / 639
    assert np.abs(picture.y[100].astype(float) - expected).max() <= 1.5
    rows = 60 + 140 * (45 + (np.arange(180) + 0.5) / 2 - 0.5) / 179
    assert np.abs(picture.v[:, 20].astype(float) - rows).max() <= 1.5
    mirrored = cut(source, view._replace(is_mirrored=True), (640, 360))
    assert np.abs(mirrored.y.astype(int) - picture.y[:, ::-1]).max() <= 1


def test_an_upright_canvas_is_cut_from_the_middle_of_a_lying_camera_and_keeps_its_shape():
    shot = ShotSettings(wide=True)
    assert source_canvas((1080, 1920), shot) == (1920, 1080)
    assert source_canvas((1080, 1920), replace(shot, rotate=90)) == (1080, 1920)
    assert source_canvas((1920, 1080), replace(shot, rotate=90)) == (1080, 1920)
    source = ramp(1920, 1080)
    framing = Framing(1080, 1920)
    picture = framing.frame(source, None, shot, is_close=False)
    assert (picture.width, picture.height) == (1080, 1920)
    assert framing.view == pytest.approx((656.25, 0, 607.5, 1080, False))


@given(
    st.tuples(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.1, 1), st.floats(0.1, 1)),
    st.sampled_from([(1920, 1080), (1080, 1920), (64, 64), (3840, 2160)]),
    st.sampled_from([(1920, 1080), (1080, 1920), (64, 64)]),
)
def test_a_view_lies_inside_its_area_and_has_the_canvas_shape(values, source, canvas):
    area = Area(values[0], values[1], min(values[2], 1 - values[0]), min(values[3], 1 - values[1]))
    view = fitted(area, source, canvas)
    assert view.width / view.height == pytest.approx(canvas[0] / canvas[1])
    assert view.x >= area.x * source[0] - 1e-6
    assert view.x + view.width <= (area.x + area.width) * source[0] + 1e-6
    assert view.y + view.height <= (area.y + area.height) * source[1] + 1e-6
    left, top = to_source(view._replace(is_mirrored=True), (0.0, 0.0))
    assert (left, top) == pytest.approx((view.x + view.width, view.y))


@pytest.mark.parametrize("text", ["1,2,3", "a,b,c,d", "0,0,0.05,1", "0.6,0,0.5,1", "nan,0,1,1", "-0.1,0,1,1", "0,0,inf,1", "0;0;1;1"])
def test_an_area_outside_the_picture_is_refused(text):
    for keys in ({"crop": text}, {"close_up_area": text}):
        with pytest.raises(InvalidSettings):
            parse({"shot": keys})


def test_an_area_survives_its_text():
    assert parse_area(area_text(Area(0.25, 0.1, 0.5, 0.6))) == (0.25, 0.1, 0.5, 0.6)
    assert area_text(WHOLE) == ""


def test_a_still_face_holds_the_view_still_and_a_nod_does_not_move_it():
    random = np.random.default_rng(3)
    still = [(640 + random.normal(0, 4), 300 + random.normal(0, 6), 180 + random.normal(0, 3)) for _ in range(240)]
    views = follow(still, ShotSettings(follow=True))
    settled_views = views[120:]
    assert len(set(settled_views)) == 1


def test_a_face_that_moves_is_followed_smoothly_and_without_overshooting():
    places = [(500, 320, 160)] * 90 + [(800, 340, 160)] * 120
    views = follow(places, ShotSettings(follow=True, follow_zoom=1.0))
    middles = np.array([view.x + view.width / 2 for view in views])
    steps = np.diff(middles[90:])
    assert middles[-1] == pytest.approx(800, abs=20)
    assert steps.min() >= -0.01, "never back"
    assert np.abs(np.diff(steps)).max() < 5, "no jerk"
    assert np.abs(steps).max() < 30


def test_a_lost_face_is_waited_for_and_then_the_view_opens_up_slowly():
    views = follow([(640, 300, 160)] * 60 + [None] * 150, ShotSettings(follow=True, follow_zoom=1.0))
    assert views[59].width < 700
    assert views[60 + 45] == views[60 + 30]
    assert views[-1].width == pytest.approx(1280)
    assert np.abs(np.diff([view.width for view in views[60:]])).max() < 60


@given(
    st.lists(st.one_of(st.none(), st.tuples(st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(8, 4000))), min_size=1, max_size=30)
)
def test_wherever_faces_jump_the_view_stays_inside_the_picture(places):
    for view in follow(places, ShotSettings(follow=True), size=(320, 180)):
        assert view.x >= -1e-6
        assert view.y >= -1e-6
        assert view.x + view.width <= 320 + 1e-6
        assert view.y + view.height <= 180 + 1e-6
        assert view.width >= 320 / 2.6


def test_skin_is_smoothed_where_the_face_stands_on_the_mirrored_cut_picture():
    source = face("presenter")
    _, booth = settled(source, smooth=0.9)
    look = booth._look
    shot = ShotSettings(crop="0.2,0,0.6,0.6", mirror=True)
    plain = look.frame(again(source, 20), booth.faces, shot)
    shown = look.frame(again(source, 20), booth.faces, shot)
    look.apply(shown, booth.faces, shot)
    rows, columns = np.nonzero(shown.y != plain.y)
    points = look._framing.moved(booth.faces.items[0].points)
    low, high = points.min(axis=0), points.max(axis=0)
    width = high[0] - low[0]
    assert len(rows) > 5000
    assert low[0] - 0.2 * width < columns.min()
    assert columns.max() < high[0] + 0.2 * width
    assert (columns.min() + columns.max()) / 2 == pytest.approx(float(low[0] + high[0]) / 2, abs=0.1 * float(width))


@pytest.mark.parametrize("shot", [ShotSettings(true_skin=True), ShotSettings(close_up=True, close_up_area="")])
def test_a_bare_shot_has_no_beauty_at_all_and_a_second_camera_no_colour_either(shot):
    source = face("presenter")
    _, booth = settled(source, smooth=0.9, whiten=0.8)
    look = booth._look
    picture = look.frame(again(source, 20), booth.faces, shot)
    look.apply(picture, booth.faces, shot)
    assert np.array_equal(picture.planes, source.planes)
    look.configure(LookSettings(exposure=0.5))
    second = ShotSettings(close_up=True, second="camera:1", rotate=180, mirror=True, crop="0.5,0.5,0.5,0.5")
    picture = look.frame(again(source, 21), booth.faces, second)
    look.apply(picture, booth.faces, second)
    assert np.array_equal(picture.planes, source.planes)


@pytest.mark.parametrize(
    "shot", [ShotSettings(true_skin=True), ShotSettings(close_up=True), ShotSettings(close_up=True, second="camera:1")]
)
def test_after_a_bare_shot_the_first_frame_has_all_of_its_beauty_again(shot):
    source = face("presenter")
    _, booth = settled(source, smooth=0.9, whiten=0.8)
    look, product = booth._look, VideoFrame.black(source.width, source.height)
    lit = float(booth.show(again(source, 20)).y.mean()) - float(source.y.mean())
    for number in range(21, 81):
        frame = again(source, number)
        sample = look.sample(frame, shot)
        if sample is not None:
            booth.faces = look.track(sample)
        picture = look.frame(again(product, number) if shot.second else frame, booth.faces, shot)
        look.apply(picture, booth.faces, shot)
    picture = look.frame(again(source, 81), booth.faces, ShotSettings())
    look.apply(picture, booth.faces, ShotSettings())
    assert float(picture.y.mean()) - float(source.y.mean()) == pytest.approx(lit, rel=0.1)


def test_following_finds_faces_though_beauty_is_off_and_a_turned_camera_shows_them_upright():
    source = clip(1)[0]
    look = BeautyLook(VideoSettings(width=source.width, height=source.height))
    assert look.wait_ready(180)
    look.configure(LookSettings())
    assert isinstance(look._tracker, Tracker)
    lying = turned(source, 90)
    shot = ShotSettings(follow=True, rotate=270)
    faces = None
    for number in range(20):
        frame = VideoFrame(lying.planes, number * FRAME_NS, number)
        sample = look.sample(frame, shot)
        if sample is not None:
            faces = look.track(sample)
        picture = look.frame(frame, faces, shot)
    assert faces.count == 1
    assert (picture.width, picture.height) == (source.width, source.height)
    assert look._framing.view.width < source.width
    assert look.sample(again(source, 99), ShotSettings()) is None
