from dataclasses import replace

import cv2
import numpy as np
import pytest

from capture.look import shape
from capture.look.anatomy import CHIN, LEFT_EYE, LEFT_SIDE, LIPS, OVAL, RIGHT_EYE, RIGHT_SIDE, TOP
from capture.look.picture import to_frame, to_rgb
from studio.model.frames import VideoFrame
from tests.capture.look.pictures import face, rgb, settled
from tests.capture.look.worn import found, worn

SLIDERS = ("slim", "narrow", "chin", "forehead", "eyes", "nose", "mouth")


def again_found(frame):
    return settled(frame, smooth=0.01)[1].faces.items[0].points


def span(points, one, other):
    return float(np.hypot(*(points[one] - points[other])))


@pytest.mark.parametrize("slider", SLIDERS)
def test_what_is_away_from_the_face_is_the_same_bits(slider):
    frame, person = face("presenter"), found("presenter")
    shown = worn(frame, person, **{slider: 1.0})
    away = np.ones(frame.y.shape, np.uint8)
    middle = person.points[list(OVAL)].mean(axis=0)
    cv2.fillPoly(away, [np.rint(middle + (person.points[list(OVAL)] - middle) * 1.5).astype(np.int32)], 0)
    assert not np.array_equal(shown.y, frame.y)
    assert np.array_equal(shown.y[away > 0], frame.y[away > 0])
    assert np.array_equal(shown.u[away[::2, ::2] > 0], frame.u[away[::2, ::2] > 0])


def edges_of(luma, column, rows):
    """Where a dark line near a column is, row by row, to a fraction of a pixel."""
    window = 255 - luma[rows, column - 14 : column + 15].astype(np.float64)
    window -= window.min(axis=1, keepdims=True)
    return (window * np.arange(-14, 15)).sum(axis=1) / window.sum(axis=1)


def test_a_door_frame_behind_the_face_stays_straight():
    person = found("presenter")
    points = person.points
    for share in (0.2, 0.3, 0.45):
        column = int(points[LEFT_SIDE][0] + share * person.width)
        door = VideoFrame.black(1920, 1080)
        door.y[:] = 200
        door.y[:, column - 2 : column + 3] = 40
        shown = worn(door, person, slim=1.0, narrow=1.0, chin=1.0, forehead=1.0, eyes=1.0, nose=1.0, mouth=1.0)
        bent = edges_of(shown.y, column, slice(100, 1000)) - edges_of(door.y, column, slice(100, 1000))
        assert np.abs(bent).max() <= 0.5, f"{share} face widths beside the face"


def test_a_shelf_behind_the_face_stays_straight_beside_it():
    person = found("presenter")
    shelf = VideoFrame.black(1920, 1080)
    shelf.y[:] = 200
    row = int(person.points[LEFT_SIDE][1] + 0.2 * person.width)
    shelf.y[row - 2 : row + 3] = 40
    shown = worn(shelf, person, slim=1.0, narrow=1.0)
    left = int(person.points[RIGHT_SIDE][0])
    bent = edges_of(np.ascontiguousarray(shown.y[:, :left].T), row, slice(left - 200, left))
    assert np.abs(bent - bent[0]).max() <= 1, "the head is tilted by three degrees, and so is the way in which it gets slimmer"


def test_each_slider_does_what_its_name_says():
    frame, person = face("presenter"), found("presenter")
    before = again_found(frame)

    def change(measure, **look):
        return measure(again_found(worn(frame, person, **look))) / measure(before)

    assert change(lambda p: span(p, 172, 397), slim=1.0) < 0.98
    assert change(lambda p: span(p, 93, 323), narrow=1.0) < 0.985
    assert change(lambda p: span(p, 33, 133) + span(p, 159, 145) + span(p, 263, 362), eyes=1.0) > 1.05
    assert change(lambda p: span(p, 129, 358), nose=1.0) < 0.985
    assert change(lambda p: span(p, 61, 291), mouth=1.0) < 0.97
    assert change(lambda p: span(p, 17, CHIN), chin=1.0) < 0.97


@pytest.mark.parametrize("slider", SLIDERS)
def test_twice_the_strength_moves_twice_as_far(slider):
    person = found("presenter")
    region = shape._region(face("presenter"), person.points, person.width)
    one, two = (shape.field_of(person.points, person.width, shape.ShapeStrengths(**{slider: value}), 1.0, region) for value in (0.4, 0.8))
    assert np.allclose(two, 2 * one, atol=1e-4)
    assert np.abs(two).max() > 1


def test_no_place_folds_over_itself_with_everything_up():
    person = found("presenter")
    region = shape._region(face("presenter"), person.points, person.width)
    field = shape.field_of(person.points, person.width, shape.ShapeStrengths(1, 1, 1, 1, 1, 1, 1), 1.0, region)
    assert np.diff(field[0], axis=1).min() > -shape._CELL * 0.8
    assert np.diff(field[1], axis=0).min() > -shape._CELL * 0.8
    assert np.hypot(*field).max() < 0.10 * person.width


def test_a_face_that_turns_to_profile_loses_its_new_shape_evenly():
    points = found("presenter").points.copy()
    weights = []
    for share in np.linspace(0, 1, 40):
        turned = points.copy()
        turned[1] = points[1] + share * (points[LEFT_SIDE] - points[1])
        weights.append(shape.frontality(turned))
    assert weights[0] == 1
    assert weights[-1] == 0
    assert max(-np.diff(weights)) < 0.35


def test_half_a_weight_moves_half_as_far_and_none_changes_no_bit():
    frame, person = face("presenter"), found("presenter")
    assert np.array_equal(worn(frame, person, weight=0.0, slim=1.0).planes, frame.planes)
    region = shape._region(frame, person.points, person.width)
    whole, half = (shape.field_of(person.points, person.width, shape.ShapeStrengths(slim=1.0), weight, region) for weight in (1.0, 0.5))
    assert np.allclose(whole, 2 * half, atol=1e-4)


@pytest.mark.parametrize(("across", "down"), [(-1100, 0), (900, 0), (0, -500), (0, 600), (4000, 4000)])
def test_a_face_half_or_wholly_out_of_the_frame_is_no_trouble(across, down):
    frame, person = face("presenter"), found("presenter")
    moved = replace(person, points=person.points + np.array([across, down], np.float32))
    shown = worn(frame, moved, slim=1.0, eyes=1.0, smooth=1.0, whiten=1.0, lips=1.0, blush=1.0, brows=1.0, teeth=1.0, eye_bags=1.0)
    assert shown.planes.shape == frame.planes.shape


def test_a_tiny_face_and_a_huge_one_are_reshaped_too():
    picture = rgb("astronaut")[:260, 90:350]
    for side in (400, 1600):
        frame = to_frame(cv2.resize(picture, (side, side), interpolation=cv2.INTER_CUBIC))
        after, booth = settled(frame, slim=1.0, eyes=1.0)
        assert booth.faces.count == 1
        assert not np.array_equal(after.y, frame.y)
        assert to_rgb(after).shape == (side, side, 3)


def test_the_landmarks_that_shape_and_make_up_use_are_where_their_names_say():
    points, width = found("presenter").points, found("presenter").width
    assert points[TOP][1] < points[list(RIGHT_EYE)].mean(axis=0)[1] < points[list(LIPS)].mean(axis=0)[1] < points[CHIN][1]
    assert points[RIGHT_SIDE][0] < points[list(RIGHT_EYE)].mean(axis=0)[0] < points[list(LEFT_EYE)].mean(axis=0)[0] < points[LEFT_SIDE][0]
    assert span(points, RIGHT_SIDE, LEFT_SIDE) == pytest.approx(width, rel=0.2)
