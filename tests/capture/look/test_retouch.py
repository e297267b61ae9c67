import cv2
import numpy as np
import pytest

from capture.look.anatomy import LEFT_BAG, MOUTH, RIGHT_BAG
from capture.look.picture import to_frame
from tests.capture.look.pictures import face, mask, rgb
from tests.capture.look.worn import found, worn

SLIDERS = ("sharpen", "even_tone", "eye_bags", "smile_lines", "teeth", "eye_light")


def inside(frame, points, grown=1.0):
    drawn = np.zeros(frame.y.shape, np.uint8)
    middle = points.mean(axis=0)
    cv2.fillPoly(drawn, [np.rint(middle + (points - middle) * grown).astype(np.int32)], 1)
    return drawn.astype(bool)


def with_shadow(frame, outlines, levels):
    """The frame with a soft shadow in the outlines."""
    share = np.zeros(frame.y.shape, np.float32)
    for outline in outlines:
        share += inside(frame, outline, 0.8)
    share = cv2.GaussianBlur(share.clip(0, 1), (0, 0), 5)
    planes = frame.planes.copy()
    planes[: frame.height] = np.rint(frame.y - share * levels).clip(16, 235)
    return type(frame)(planes, 0, 0), share > 0.7


@pytest.mark.parametrize("slider", SLIDERS)
def test_each_slider_is_even_begins_at_nothing_and_leaves_the_wall_alone(slider):
    name = "astronaut" if slider == "teeth" else "presenter"
    frame, person = to_frame(rgb(name)) if name == "astronaut" else face(name), found(name)
    shown = [worn(frame, person, **{slider: value}) for value in (0.0, 0.02, 0.5, 1.0)]
    changes = [np.abs(one.planes.astype(int) - frame.planes).sum() for one in shown]
    assert changes[0] == 0
    assert changes[1] < 0.1 * changes[3]
    assert changes == sorted(changes)
    assert changes[3] > 500
    assert np.array_equal(shown[3].y[mask(name, "wall")], frame.y[mask(name, "wall")])


def test_shadows_under_the_eyes_get_lighter_and_never_lighter_than_the_cheek():
    person = found("presenter")
    frame, dark = with_shadow(face("presenter"), [person.points[list(outline)] for outline in (RIGHT_BAG, LEFT_BAG)], 28)
    shown = worn(frame, person, eye_bags=1.0)
    lifted = shown.y[dark].astype(int) - frame.y[dark]
    assert lifted.mean() > 7
    assert shown.y[dark].mean() <= face("presenter").y[dark].mean() + 3


def test_folds_from_nose_to_mouth_get_lighter():
    person = found("presenter")
    line = person.points[[203, 206, 216]]
    frame = type(face("presenter"))(face("presenter").planes.copy(), 0, 0)
    drawn = np.zeros(frame.y.shape, np.uint8)
    cv2.polylines(drawn, [np.rint(line).astype(np.int32)], isClosed=False, color=255, thickness=7)
    share = cv2.GaussianBlur(drawn, (0, 0), 3).astype(np.float32) / 255
    frame.y[:] = np.rint(frame.y - share * 30).clip(16, 235)
    shown = worn(frame, person, smile_lines=1.0)
    assert (shown.y.astype(int) - frame.y)[share > 0.6].mean() > 4


def test_teeth_get_whiter_and_lips_keep_their_colour():
    frame, person = to_frame(rgb("astronaut")), found("astronaut")
    shown = worn(frame, person, teeth=1.0)
    teeth = inside(frame, person.points[list(MOUTH)], 0.6) & (frame.y > 150)
    small = teeth[::2, ::2]
    assert shown.y[teeth].mean() > frame.y[teeth].mean() + 3
    assert np.abs(shown.u[small].astype(int) - 128).mean() < np.abs(frame.u[small].astype(int) - 128).mean()
    lower_lip = np.rint(person.points[17] * 0.5 + person.points[14] * 0.5).astype(int)
    assert abs(int(shown.v[lower_lip[1] // 2, lower_lip[0] // 2]) - int(frame.v[lower_lip[1] // 2, lower_lip[0] // 2])) <= 3


def test_eyes_get_brighter_and_the_pupil_stays_dark():
    frame, person = face("presenter"), found("presenter")
    shown = worn(frame, person, eye_light=1.0)
    x, y = np.rint(person.points[468]).astype(int)
    box = np.s_[y - 5 : y + 6, x - 22 : x + 23]
    assert shown.y[box].mean() > frame.y[box].mean() + 2
    assert shown.y[box].min() <= frame.y[box].min() + 6


def test_sharpening_strengthens_eyes_brows_and_lips_and_not_the_noise_of_skin():
    frame, person = face("presenter"), found("presenter")
    shown = worn(frame, person, sharpen=1.0)

    def gradient(plane, where):
        luma = plane.astype(np.float32)
        return float(np.hypot(cv2.Sobel(luma, cv2.CV_32F, 1, 0), cv2.Sobel(luma, cv2.CV_32F, 0, 1))[where].mean())

    assert gradient(shown.y, mask("presenter", "features")) > 1.1 * gradient(frame.y, mask("presenter", "features"))
    assert gradient(shown.y, mask("presenter", "skin")) < 1.1 * gradient(frame.y, mask("presenter", "skin"))


def test_a_red_patch_of_skin_comes_nearer_to_the_rest():
    frame, person = face("presenter"), found("presenter")
    planes = frame.planes.copy()
    spotted = type(frame)(planes, 0, 0)
    box = np.s_[215:235, 532:546]
    spotted.v[box] += 8
    shown = worn(spotted, person, even_tone=1.0)
    before = spotted.v[box].mean() - frame.v[box].mean()
    rest = worn(frame, person, even_tone=1.0)
    assert shown.v[box].mean() - rest.v[box].mean() < 0.6 * before
