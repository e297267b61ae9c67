"""A thing of more colours than landmarks before a face: what lies between those that it hides is the thing's too."""

import cv2
import numpy as np

from capture.look.mask import Region
from capture.look.picture import Booth
from capture.look.skin import _between
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings
from tests.capture.look.pictures import FRAME_NS, copy, face

GLAZE = (70, 96, 178)
"""Y, U, V."""


def ring_before_a_cheek(frame, place, skin):
    """A cup seen from above: a red ring around what could be this skin in good light; also where that is, less its edge."""
    held, (x, y) = copy(frame), (int(value) for value in place)
    for radius, colour in ((70, GLAZE), (24, (int(skin.luma + 25), int(skin.u + 4), int(skin.v - 4)))):
        for plane, value, shrink in ((held.y, colour[0], 1), (held.u, colour[1], 2), (held.v, colour[2], 2)):
            cv2.circle(plane, (x // shrink, y // shrink), radius // shrink, value, -1)
    inside = np.zeros(frame.y.shape, np.uint8)
    cv2.circle(inside, (x, y), 16, 1, -1)
    return held, inside.astype(bool)


def test_the_pale_inside_of_a_cup_before_a_cheek_stays_as_the_camera_saw_it():
    frame = face("presenter")
    booth = Booth(1920, 1080, LookSettings(smooth=1.0, whiten=1.0, rosy=1.0))
    for number in range(24):
        booth.show(VideoFrame(frame.planes, number * FRAME_NS, number))
    found, skin = booth.faces.items[0].points, booth.faces.items[0].skin
    held, inside = ring_before_a_cheek(frame, found[425], skin)
    for number in range(24, 36):
        shown = booth.show(VideoFrame(held.planes, number * FRAME_NS, number))
    assert np.abs(shown.y[inside].astype(int) - held.y[inside]).mean() < 1
    cheek = np.s_[int(found[50][1]) - 8 : int(found[50][1]) + 8, int(found[50][0]) - 8 : int(found[50][0]) + 8]
    assert (shown.y[cheek].astype(int) - held.y[cheek]).mean() > 5, "the other cheek has its beauty"


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
