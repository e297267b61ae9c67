"""How often a face is looked at: rarely while it moves as foreseen, at once when it doesn't."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from capture.look.faces import Rectangle
from capture.look.pace import AT_REST, CALM, LONGEST_NS, OFTEN, Pace, Watch
from capture.look.picture import Booth
from capture.look.sampler import Target, Wanted
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings
from tests.capture.look.pictures import FRAME_NS, again, copy, face

POINTS = np.random.default_rng(1).uniform(0, 300, (478, 2)).astype(np.float32)


def rolled(frame, number, across):
    """The frame moved by whole pixels (an even number of them)."""
    moved = VideoFrame.empty(frame.width, frame.height, number * FRAME_NS, number)
    for plane, source, step in ((moved.y, frame.y, across), (moved.u, frame.u, across // 2), (moved.v, frame.v, across // 2)):
        plane[:] = np.roll(source, step, axis=1)
    return moved


def noisy(frame, number, deviation):
    random = np.random.default_rng(number)
    shown = copy(again(frame, number))
    shown.y[:] = np.rint(frame.y + random.normal(0, deviation, frame.y.shape)).clip(16, 235)
    return shown


def looks(booth, frames):
    """Which of the frames were looked at, by their numbers."""
    seen = []
    for frame in frames:
        before = booth.faces
        booth.show(frame)
        if booth.faces is not before:
            seen.append(frame.seq)
    return seen


def settled(count=60):
    frame = face("presenter")
    booth = Booth(1920, 1080, LookSettings(smooth=0.5))
    looks(booth, (noisy(frame, number, 2) for number in range(count)))
    return frame, booth


def test_a_face_at_rest_before_a_noisy_camera_is_looked_at_in_every_sixth_frame():
    frame, booth = settled()
    seen = looks(booth, (noisy(frame, number, 4) for number in range(60, 84)))
    assert set(np.diff(seen)) == {AT_REST}


def test_a_face_that_starts_off_is_looked_at_within_the_next_frames():
    frame, booth = settled()
    number = 60
    while not looks(booth, [noisy(frame, number, 2)]):
        number += 1
    seen = looks(booth, (rolled(frame, number + step, 10 * step) for step in range(1, 13)))
    assert seen[0] <= number + OFTEN
    assert max(np.diff(seen)) <= CALM


def test_a_thing_that_comes_before_a_face_at_rest_is_seen_at_once():
    frame, booth = settled()
    found = booth.faces.items[0]
    x, y = (int(value) for value in found.points[425])
    held = copy(frame)
    cv2.rectangle(held.y, (x - 50, y - 80), (x + 50, y + 80), 60, -1)
    seen = looks(booth, (noisy(held, number, 2) for number in range(60, 66)))
    assert seen[0] - 60 <= OFTEN


@pytest.mark.parametrize(("off", "apart"), [(0.05, AT_REST), (0.4, CALM), (2.0, CALM)])
def test_landmarks_that_are_elsewhere_than_foreseen_are_looked_at_more_often(off, apart):
    pace = Pace()
    for _ in range(4):
        pace.note(POINTS, POINTS + np.float32(off * 3), 3)
    assert pace.frames_apart(is_calm=True) == apart
    assert pace.frames_apart(is_calm=False) == (OFTEN if off > 0.7 else apart)


def test_a_mouth_that_rests_between_two_words_is_not_a_face_at_rest():
    pace, talking = Pace(), POINTS.copy()
    talking[:100, 1] += 6
    pace.note(POINTS, talking, 3)
    pace.note(POINTS, POINTS, 3)
    assert pace.frames_apart(is_calm=True) == CALM
    for _ in range(6):
        pace.note(POINTS, POINTS, 3)
    assert pace.frames_apart(is_calm=True) == AT_REST


def stirred(watch, frame, wanted):
    """Whether it is looked at before its time, two frames after the last look."""
    return [watch.due(again(frame, frame.seq - 1 + step), wanted, 1) is not None for step in (0, 1)][-1]


@pytest.mark.parametrize("place", [(-400.0, 300.0), (1900.0, 1070.0), (960.0, 5000.0)])
def test_a_face_at_the_edge_or_outside_of_the_frame_is_no_trouble(place):
    frame, watch = face("presenter"), Watch()
    target = Target(1, Rectangle(*place, 400.0, 0.3), (30.0, 0.0), 0)
    wanted = Wanted((target,), overview=False, apart=AT_REST)
    assert watch.due(again(frame, 0), wanted, 1) is not None, "what isn't known is looked at"
    assert any(watch.due(again(frame, number), wanted, 1) for number in range(1, AT_REST + 1))


def test_a_slow_camera_and_a_machine_out_of_breath_do_not_lose_a_face():
    frame, watch = face("presenter"), Watch()
    wanted = Wanted((Target(1, Rectangle(960.0, 400.0, 400.0, 0.0), (0.0, 0.0), 0),), overview=False, apart=AT_REST)
    looked = [number for number in range(0, 60, 3) if watch.due(again(frame, number), wanted, 2)]
    assert max(np.diff(looked)) * FRAME_NS <= LONGEST_NS + 3 * FRAME_NS


def test_a_face_that_goes_on_at_its_speed_has_not_stirred_and_one_that_stops_has():
    frame = face("presenter")
    booth = Booth(1920, 1080, LookSettings(smooth=0.5))
    for number in range(6):
        booth.show(again(frame, number))
    square = booth.faces.items[0]
    middle, side = square.points.mean(axis=0), 1.5 * square.width
    target = Target(1, Rectangle(float(middle[0]), float(middle[1]), side, 0.0), (120.0, 0.0), 0)
    wanted = Wanted((target,), overview=False, apart=AT_REST)
    for shown, asked, is_other in (
        (rolled(frame, 4, 16), wanted, False),
        (again(frame, 4), wanted, True),
        (rolled(frame, 4, 16), replace(wanted, targets=(replace(target, face_id=2),)), True),
    ):
        watch = Watch()
        watch.due(again(frame, 0), wanted, 1)
        assert stirred(watch, shown, asked) is is_other


def test_of_four_faces_at_rest_the_one_that_stirs_is_looked_at_out_of_turn():
    frame = face("presenter")
    booth = Booth(1920, 1080, LookSettings(smooth=0.5))
    for number in range(6):
        booth.show(again(frame, number))
    x, y = (float(value) for value in booth.faces.items[0].points.mean(axis=0))
    targets = tuple(Target(number, Rectangle(x + 420 * (number - 2), y, 400.0, 0.0), (0.0, 0.0), 0) for number in range(1, 4))
    wanted, watch = Wanted(targets, overview=False, apart=3), Watch()
    for number in range(3):
        turns = (*targets[number:], *targets[:number])
        assert watch.due(again(frame, number), replace(wanted, targets=turns, apart=1), 1) is not None
    other = copy(again(frame, 4))
    cv2.circle(other.y, (round(x), round(y)), 60, 30, -1)
    assert watch.due(again(frame, 3), wanted, 1) is None
    due = watch.due(other, wanted, 1)
    assert [target.face_id for target in due.targets] == [2, 1, 3]
