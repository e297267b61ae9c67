import cv2
import numpy as np
import pytest
from skimage.color import deltaE_ciede2000, rgb2lab

from capture.look import makeup
from capture.look.picture import to_frame, to_rgb
from tests.capture.look.pictures import face, mask, rgb
from tests.capture.look.worn import found, worn

SHADES = ("#b01030", "#d06a6a", "#7a2048", "#e0785a")


def lips_of(person, shape, shrink=0.85):
    """The middle of the lower and upper lip, well inside."""
    outer, inner = person.points[list(makeup.LIPS)], person.points[list(makeup.MOUTH)]
    drawn = np.zeros(shape, np.uint8)
    cv2.fillPoly(drawn, [np.rint(outer.mean(axis=0) + (outer - outer.mean(axis=0)) * shrink).astype(np.int32)], 1)
    cv2.fillPoly(drawn, [np.rint(inner.mean(axis=0) + (inner - inner.mean(axis=0)) * 1.25).astype(np.int32)], 0)
    return drawn.astype(bool)


def mean_lab(picture, where):
    return rgb2lab(picture[where][None])[0].mean(axis=0)


@pytest.mark.parametrize("shade", SHADES)
def test_lips_take_a_shade_given_by_hex(shade):
    frame, person = face("presenter"), found("presenter")
    where = lips_of(person, frame.y.shape)
    wanted = rgb2lab(np.array([[[int(shade[i : i + 2], 16) for i in (1, 3, 5)]]], np.uint8))[0, 0]
    before, after = (mean_lab(to_rgb(picture), where) for picture in (frame, worn(frame, person, lips=1.0, lip_colour=shade)))
    assert deltaE_ciede2000(after, wanted) < 0.45 * deltaE_ciede2000(before, wanted) + 2
    turn = np.degrees(np.arctan2(after[2], after[1]) - np.arctan2(wanted[2], wanted[1]))
    assert abs((turn + 180) % 360 - 180) < 12


def test_a_shade_keeps_the_texture_and_highlights_of_the_lips():
    frame, person = face("presenter"), found("presenter")
    where = lips_of(person, frame.y.shape)
    frame = type(frame)(frame.planes.copy(), 0, 0)
    rows, columns = np.nonzero(cv2.erode(where.astype(np.uint8), np.ones((5, 5), np.uint8)))
    spark = rows[len(rows) // 2], columns[len(rows) // 2]
    frame.y[spark] = 225
    shown = worn(frame, person, lips=1.0, lip_colour="#901030")

    def detail(plane):
        luma = plane.astype(np.float32)
        return float((luma - cv2.GaussianBlur(luma, (0, 0), 3))[where].std())

    assert detail(shown.y) > 0.6 * detail(frame.y)
    around = shown.y[spark[0] - 3 : spark[0] + 4, spark[1] - 3 : spark[1] + 4].astype(int)
    given = frame.y[spark[0] - 3 : spark[0] + 4, spark[1] - 3 : spark[1] + 4].astype(int)
    assert int(shown.y[spark]) - np.median(around) > 0.65 * (225 - np.median(given))


def test_teeth_skin_and_everything_else_stay_as_they_were_under_lip_colour():
    frame, person = to_frame(rgb("astronaut")), found("astronaut")
    shown = worn(frame, person, lips=1.0, lip_colour="#a00020")
    changed = np.abs(shown.v.astype(int) - frame.v).astype(np.uint8)
    assert changed.max() > 10
    assert not changed[mask("astronaut", "skin")[::2, ::2]].any()
    outer = person.points[list(makeup.LIPS)]
    far = np.ones(frame.y.shape, np.uint8)
    cv2.fillPoly(far, [np.rint(outer.mean(axis=0) + (outer - outer.mean(axis=0)) * 2).astype(np.int32)], 0)
    assert np.array_equal(shown.y[far > 0], frame.y[far > 0])
    mouth = np.zeros(frame.y.shape, np.uint8)
    inner = person.points[list(makeup.MOUTH)]
    cv2.fillPoly(mouth, [np.rint(inner.mean(axis=0) + (inner - inner.mean(axis=0)) * 0.7).astype(np.int32)], 1)
    assert changed[mouth[::2, ::2] > 0].mean() < 4


def test_a_finger_before_the_lips_keeps_its_colour():
    frame, person = face("presenter"), found("presenter")
    picture = to_rgb(frame)
    x, y = np.rint(person.points[list(makeup.LIPS)].mean(axis=0)).astype(int)
    picture[y - 60 : y + 60, x - 14 : x + 14] = (60, 130, 90)
    frame = to_frame(picture)
    shown = worn(frame, person, lips=1.0, lip_colour="#a00020")
    box = np.s_[y - 50 : y + 50, x - 9 : x + 9]
    assert deltaE_ciede2000(rgb2lab(to_rgb(frame)[box]), rgb2lab(to_rgb(shown)[box])).mean() <= 2


def test_blush_warms_the_cheeks_and_nothing_else():
    frame, person = face("presenter"), found("presenter")
    shown = worn(frame, person, blush=1.0)
    warmer = shown.v.astype(int) - frame.v
    x, y = np.rint(person.points[[50, 205]].mean(axis=0) / 2).astype(int)
    assert warmer[y - 8 : y + 8, x - 8 : x + 8].mean() > 2
    assert not warmer[mask("presenter", "wall")[::2, ::2]].any()
    assert np.abs(warmer[mask("presenter", "hair")[::2, ::2]]).mean() < 0.5


def test_brows_get_darker_and_the_eyes_do_not():
    frame, person = face("presenter"), found("presenter")
    shown = worn(frame, person, brows=1.0)
    darker = frame.y.astype(int) - shown.y
    brow = np.zeros(frame.y.shape, np.uint8)
    cv2.fillConvexPoly(brow, cv2.convexHull(np.rint(person.points[list(makeup.RIGHT_BROW)]).astype(np.int32)), 1)
    assert darker[brow > 0].mean() > 8
    x, y = np.rint(person.points[468]).astype(int)
    assert not darker[y - 6 : y + 7, x - 10 : x + 11].any()


@pytest.mark.parametrize("slider", ["lips", "blush", "brows"])
def test_each_slider_is_even_and_begins_at_nothing(slider):
    frame, person = face("presenter"), found("presenter")
    changes = [np.abs(worn(frame, person, **{slider: value}).planes.astype(int) - frame.planes).sum() for value in (0.0, 0.02, 0.5, 1.0)]
    assert changes[0] == 0
    assert changes[1] < 0.1 * changes[3]
    assert changes == sorted(changes)


def test_a_hex_shade_has_the_values_of_the_standard():
    assert makeup.to_yuv("#000000") == pytest.approx((16, 128, 128))
    assert makeup.to_yuv("#ffffff") == pytest.approx((235, 128, 128))
    assert makeup.to_yuv("#FF0000") == pytest.approx((62.6, 102.3, 240.0), abs=0.1)
