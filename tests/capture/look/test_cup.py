"""A thing of more colours than landmarks before a face: what lies between those that it hides is the thing's too."""

import cv2
import numpy as np
import pytest

from benchmarks.quality.portraits import portrait
from benchmarks.quality.things import held
from capture.look.mask import Region
from capture.look.picture import Booth, to_frame
from capture.look.skin import _between, quarter_of
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings
from tests.capture.look.pictures import FRAME_NS, SETTLE, again, copy, face, settled

GLAZE = (70, 96, 178)
"""Y, U, V."""


def ring_before_a_cheek(frame, place, skin):
    """A cup seen from above: a red ring around what could be this skin in good light; also where that is, less its edge."""
    cup, (x, y) = copy(frame), (int(value) for value in place)
    for radius, colour in ((70, GLAZE), (24, (int(skin.luma + 25), int(skin.u + 4), int(skin.v - 4)))):
        for plane, value, shrink in ((cup.y, colour[0], 1), (cup.u, colour[1], 2), (cup.v, colour[2], 2)):
            cv2.circle(plane, (x // shrink, y // shrink), radius // shrink, value, -1)
    inside = np.zeros(frame.y.shape, np.uint8)
    cv2.circle(inside, (x, y), 16, 1, -1)
    return cup, inside.astype(bool)


def test_the_pale_inside_of_a_cup_before_a_cheek_stays_as_the_camera_saw_it():
    frame = face("presenter")
    booth = Booth(1920, 1080, LookSettings(smooth=1.0, whiten=1.0, rosy=1.0))
    for number in range(24):
        booth.show(VideoFrame(frame.planes, number * FRAME_NS, number))
    found, skin = booth.faces.items[0].points, booth.faces.items[0].skin
    cup, inside = ring_before_a_cheek(frame, found[425], skin)
    for number in range(24, 36):
        shown = booth.show(VideoFrame(cup.planes, number * FRAME_NS, number))
    assert np.abs(shown.y[inside].astype(int) - cup.y[inside]).mean() < 1
    cheek = np.s_[int(found[50][1]) - 8 : int(found[50][1]) + 8, int(found[50][0]) - 8 : int(found[50][0]) + 8]
    assert (shown.y[cheek].astype(int) - cup.y[cheek]).mean() > 5, "the other cheek has its beauty"


def skin_seen(frame, found):
    """Where the look finds skin, at the frame's size."""
    quarter = quarter_of(frame, found.points, found.width, found.skin, found.cover)
    region, whole = quarter.region, np.zeros(frame.y.shape, np.float32)
    size = (region.right - region.left, region.bottom - region.top)
    whole[region.top : region.bottom, region.left : region.right] = cv2.resize(quarter.mask, size)
    return whole > 0.5


@pytest.mark.parametrize(
    ("name", "thing", "place", "least"),
    [
        ("hopper", "espresso cup", (0.0, 0.3), 0.7),
        ("curls", "white cup", (0.26, 0.16), 0.82),
        ("curls", "blue jar", (0.26, 0.16), 0.8),
    ],
)
def test_a_thing_before_a_face_takes_beauty_from_no_other_part_of_it(name, thing, place, least):
    rgb = portrait(name).rgb
    frame = to_frame(rgb)
    _, booth = settled(frame, smooth=1.0)
    before = booth.faces.items[0]
    middle = before.points.mean(axis=0) + np.array(place, np.float32) * before.width
    picture, _ = held(rgb, thing, tuple(middle), before.width)
    covered = to_frame(picture)
    for number in range(SETTLE, SETTLE + 15):
        booth.show(again(covered, number))
    is_changed = (np.abs(picture.astype(int) - rgb).max(axis=2) > 3).astype(np.uint8)
    near = cv2.dilate(is_changed, np.ones((3, 3), np.uint8), iterations=round(0.06 * before.width)) > 0
    own = skin_seen(frame, before) & ~near
    kept = skin_seen(covered, booth.faces.items[0])[own].mean()
    assert kept > least


def test_only_landmarks_that_lie_together_have_something_between_them():
    region, width = Region(0, 0, 400, 400), 300.0
    angles = np.linspace(0, 2 * np.pi, 12, endpoint=False)
    ring = np.stack([200 + 40 * np.cos(angles), 200 + 40 * np.sin(angles)], axis=1).astype(np.float32)
    assert _between(ring, width, region)[50, 50] > 0.99
    assert _between(ring, width, region)[10, 10] == 0
    assert _between(ring[:4], width, region).max() == 0, "a few are a landmark that slipped"
    apart = np.array([(40, 40), (360, 40), (40, 360), (360, 360), (200, 40), (40, 200)], np.float32)
    assert _between(apart, width, region).max() == 0
    assert _between(np.full((8, 2), 1e5, np.float32), width, region).max() == 0
