"""Colour-true from a rendered chart: found, read, fitted, applied, and refused where it tells nothing."""

import json
from dataclasses import asdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.color import deltaE_ciede2000, rgb2lab

from capture.look import colour
from capture.look.chart import WANTED, patch_colours, read_chart, small_scene
from capture.look.delta_e import ciede2000, lab_of
from capture.look.profile_file import read_profile
from capture.look.white import drift, white_gains
from studio.errors import InvalidInput
from studio.model.colour_profile import PATCHES, ColourProfile, from_document, to_document
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings
from tests.capture.look.charts import apart, frame_of
from tests.capture.look.pictures import copy, face

LIGHTS = {
    "warm lamp": {"light": (0.95, 0.68, 0.42)},
    "green tube": {"light": (0.68, 0.9, 0.62)},
    "cool and dark": {"light": (0.32, 0.42, 0.6)},
    "a sensor that mixes": {"mixing": [[0.78, 0.17, 0.05], [0.1, 0.74, 0.16], [0.03, 0.22, 0.75]], "light": (0.9, 0.8, 0.6)},
}


def profile_of(reading, path):
    profile = ColourProfile(
        "Camera 1",
        "evening",
        "2026-11-23T12:00:00Z",
        reading.matrix,
        reading.mean_before,
        reading.mean_after,
        reading.max_after,
        reading.scene,
    )
    path.write_text(json.dumps(to_document(profile)))
    return str(path)


@pytest.mark.parametrize("name", LIGHTS)
@pytest.mark.parametrize("angle", [0.0, 8.0, 175.0])
def test_a_chart_under_wrong_light_is_found_and_shown_truly(name, angle, tmp_path):
    frame, corners = frame_of(angle=angle, noise=2.0, **LIGHTS[name])
    reading = read_chart(frame)
    assert reading.mean_before >= 6
    assert reading.mean_after <= 2
    assert reading.max_after <= 5
    colour.apply(frame, colour.bake(LookSettings(colour_profile=profile_of(reading, tmp_path / "p.json"))))
    shown = apart(patch_colours(frame, corners))
    assert shown.mean() <= 2, shown
    assert shown.max() <= 5, shown
    told = np.array([patch.after for patch in reading.patches])
    assert np.abs(told - shown).max() < 1.2, "what the assistant says is what is on the picture"


def test_the_patches_are_named_in_the_charts_order_whichever_way_it_is_held():
    for angle in (0.0, 90.0, 180.0, 270.0):
        frame, _ = frame_of(angle=angle, share=0.5)
        reading = read_chart(frame)
        assert [patch.name for patch in reading.patches] == list(PATCHES)
        assert np.abs(np.array([patch.seen for patch in reading.patches]) / 255 - WANTED).max() < 0.04
        assert reading.mean_after < 1


def test_the_fit_is_the_same_whatever_else_is_in_the_picture_and_ignores_what_is_blown():
    frame, _ = frame_of(light=(1.18, 1.0, 0.9))
    reading = read_chart(frame)
    good = [patch.after for patch in reading.patches if patch.name not in {"white", "yellow", "orange_yellow"}]
    assert np.mean(good) <= 2


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (face("presenter"), "look.chart_missing"),
        (VideoFrame.black(640, 360), "look.chart_missing"),
        (VideoFrame.black(64, 64), "look.chart_missing"),
        (frame_of(light=(0.02, 0.02, 0.02))[0], "look.chart_dark"),
        (frame_of(light=(4, 4, 4))[0], "look.chart_blown"),
        (frame_of(share=0.1, angle=0.0)[0], "look.chart_small"),
    ],
)
def test_a_chart_that_tells_nothing_is_refused_in_words(frame, code):
    with pytest.raises(InvalidInput) as refusal:
        read_chart(frame)
    assert refusal.value.code in {code, "look.chart_missing"}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(*[st.floats(0, 1)] * 6), min_size=1, max_size=30))
def test_delta_e_is_what_another_library_says(pairs):
    values = np.array(pairs)
    one, other = values[:, :3], values[:, 3:]
    assert np.allclose(lab_of(one), rgb2lab(one), atol=0.02)
    assert np.allclose(ciede2000(rgb2lab(one), rgb2lab(other)), deltaE_ciede2000(rgb2lab(one), rgb2lab(other)), atol=1e-3)


def test_a_profile_survives_its_file_and_a_broken_one_is_refused(tmp_path):
    reading = read_chart(frame_of()[0])
    path = tmp_path / "p.json"
    profile_of(reading, path)
    profile = read_profile(path)
    assert profile.matrix == reading.matrix
    good = to_document(profile)
    assert asdict(from_document(good)) == asdict(profile)
    broken = [
        [],
        {},
        {**good, "format": "x"},
        {**good, "matrix": [1] * 8},
        {**good, "matrix": [float("nan")] * 9},
        {**good, "scene": [[0, 0, 0]]},
    ]
    for document in [*broken, {**good, "matrix": [1e9] * 9}, {**good, "scene": [[0, 0, 300]] * 144}]:
        path.write_text(json.dumps(document))
        with pytest.raises(InvalidInput, match=r"look\.profile_broken"):
            colour.bake(LookSettings(colour_profile=str(path)))
    for content in (b"", b"\xff\xfe", b"[" * 100_000, b"0" * 70_000):
        path.write_bytes(content)
        with pytest.raises(InvalidInput, match=r"look\.profile_broken"):
            read_profile(path)
    with pytest.raises(InvalidInput, match=r"look\.profile_unreadable"):
        read_profile(tmp_path / "none.json")


@pytest.mark.parametrize("name", LIGHTS)
def test_one_click_on_the_white_patch_makes_greys_grey(name):
    frame, corners = frame_of(noise=2.0, **LIGHTS[name])
    gains = white_gains(frame, tuple(corners[19].mean(axis=0)))
    before = patch_colours(frame, corners)[18:23]
    colour.apply(frame, colour.bake(LookSettings(white_balance=" ".join(f"{gain:.4f}" for gain in gains))))
    after = patch_colours(frame, corners)[18:23]
    casts = [lab_of(colours.clip(0, 1))[:, 1:] for colours in (before, after)]
    assert np.hypot(*casts[0].T).max() > 10 or name == "a sensor that mixes"
    assert np.hypot(*casts[1].T).max() < 2.5


@pytest.mark.parametrize(
    ("level", "u", "v", "code"),
    [
        (20, 128, 128, "look.white_dark"),
        (234, 128, 128, "look.white_blown"),
        (60, 128, 220, "look.white_dark"),
        (90, 128, 195, "look.white_coloured"),
    ],
)
def test_a_place_that_is_no_white_is_refused(level, u, v, code):
    frame = VideoFrame.black(640, 360)
    frame.y[:], frame.u[:], frame.v[:] = level, u, v
    with pytest.raises(InvalidInput) as refusal:
        white_gains(frame, (320, 180))
    assert refusal.value.code == code


@pytest.mark.parametrize("place", [(0, 0), (639, 359), (-50, 20), (1e6, 1e6)])
def test_a_place_at_or_beyond_the_edge_is_no_trouble(place):
    frame = VideoFrame.black(640, 360)
    frame.y[:] = 150
    try:
        assert white_gains(frame, place) == pytest.approx((1, 1, 1), abs=0.02)
    except InvalidInput as refusal:
        assert refusal.code == "look.white_dark"


def test_drift_tells_the_light_from_a_host_who_moves_and_from_a_camera_that_was_moved():
    source = face("presenter")
    before = small_scene(source)
    assert drift(before, before) == (0.0, True)
    host = copy(source)
    host.y[300:900, 600:1300] = 90
    host.v[150:450, 300:650] = 160
    moved, is_same = drift(before, small_scene(host))
    assert moved < 1
    assert is_same
    warm = copy(source)
    colour.apply(warm, colour.bake(LookSettings(temperature=0.35)))
    moved, is_same = drift(before, small_scene(warm))
    assert moved > 3
    assert is_same
    dim = copy(source)
    colour.apply(dim, colour.bake(LookSettings(exposure=-0.5)))
    assert drift(before, small_scene(dim))[0] > 5
    turned = VideoFrame(source.planes.copy(), 0, 0)
    turned.y[:] = source.y[::-1, ::-1]
    assert not drift(before, small_scene(turned))[1]
