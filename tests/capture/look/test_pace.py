"""How often a face is looked at: rarely while it moves as foreseen, at once when it doesn't."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from capture.look.faces import Rectangle
from capture.look.one_euro import GAP_NS
from capture.look.pace import AT_REST, AT_REST_OF_SEVERAL, CALM, LONGEST_NS, OFTEN, Pace, Watch, at_rest
from capture.look.picture import Booth, to_frame
from capture.look.sampler import Target, Wanted
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings
from tests.capture.look.pictures import FRAME_NS, again, copy, face, rgb

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


FULL, SMALL = (1920, 1080), (1280, 720)


def presenter(size):
    """The presenter's picture at that size."""
    whole, frame = face("presenter"), VideoFrame.empty(*size)
    for plane, source in ((frame.y, whole.y), (frame.u, whole.u), (frame.v, whole.v)):
        plane[:] = cv2.resize(source, (plane.shape[1], plane.shape[0]), interpolation=cv2.INTER_AREA)
    return frame


def settled(count=60, size=FULL):
    frame = presenter(size)
    booth = Booth(*size, LookSettings(smooth=0.5))
    looks(booth, (noisy(frame, number, 2) for number in range(count)))
    return frame, booth


@pytest.mark.parametrize(("size", "apart"), [(FULL, AT_REST), (SMALL, 14)])
def test_a_face_at_rest_before_a_noisy_camera_is_looked_at_as_often_as_the_frame_has_pixels(size, apart):
    frame, booth = settled(size=size)
    seen = looks(booth, (noisy(frame, number, 4) for number in range(60, 60 + 4 * apart)))
    assert set(np.diff(seen)) == {apart}
    assert apart == at_rest(*size, is_alone=True)


@pytest.mark.parametrize("size", [FULL, SMALL])
def test_a_newcomer_is_looked_at_often_until_a_thing_before_it_would_be_noticed(size):
    booth = Booth(*size, LookSettings(smooth=0.5))
    seen = looks(booth, (noisy(presenter(size), number, 2) for number in range(20)))
    assert booth.faces.count == 1
    assert list(np.diff(seen[1:7])) == [OFTEN] * 5


def test_no_frame_has_its_face_at_rest_looked_at_more_often_than_1080p_or_less_often_than_faces_in_company():
    assert at_rest(3840, 2160, is_alone=True) == at_rest(1920, 1080, is_alone=True) == AT_REST
    assert at_rest(320, 180, is_alone=True) == at_rest(1920, 1080, is_alone=False) == AT_REST_OF_SEVERAL


@pytest.mark.parametrize("size", [FULL, SMALL])
def test_a_face_that_starts_off_is_looked_at_within_the_next_frames(size):
    frame, booth = settled(size=size)
    number = 60
    while not looks(booth, [noisy(frame, number, 2)]):
        number += 1
    seen = looks(booth, (rolled(frame, number + step, size[0] // 192 // 2 * 2 * step) for step in range(1, 13)))
    assert seen[0] <= number + OFTEN
    assert max(np.diff(seen)) <= CALM


@pytest.mark.parametrize("size", [FULL, SMALL])
def test_a_mouth_that_opens_in_a_face_at_rest_is_seen_at_once(size):
    frame, booth = settled(size=size)
    found = booth.faces.items[0]
    (x, y), across = found.points[13], found.width
    columns, rows = np.meshgrid(np.arange(size[0], dtype=np.float32), np.arange(size[1], dtype=np.float32))
    near = np.exp(-(((columns - x) / (0.16 * across)) ** 2) - ((rows - y) / (0.1 * across)) ** 2)
    apart = np.tanh((rows - y) / (0.02 * across)) * near * np.float32(0.02 * across)
    open_, number = copy(frame), 60
    open_.y[:] = cv2.remap(frame.y, columns, rows - apart, cv2.INTER_LINEAR)
    while not looks(booth, [noisy(frame, number, 2)]):
        number += 1
    seen = looks(booth, (noisy(open_, number + step, 2) for step in range(1, AT_REST)))
    assert seen[0] <= number + OFTEN


@pytest.mark.parametrize("size", [FULL, SMALL])
def test_a_thing_that_comes_before_a_face_at_rest_is_seen_at_once(size):
    frame, booth = settled(size=size)
    found = booth.faces.items[0]
    x, y = (int(value) for value in found.points[425])
    half, held = size[0] // 38, copy(frame)
    cv2.rectangle(held.y, (x - half, y - half * 8 // 5), (x + half, y + half * 8 // 5), 60, -1)
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


def test_somebody_who_joins_a_face_at_rest_is_seen_within_little_more_than_a_second():
    frame, booth = settled()
    together = copy(frame)
    guest = to_frame(cv2.resize(rgb("astronaut")[:260, 90:350], (640, 640)))
    together.y[200:840, 1280:], together.u[100:420, 640:], together.v[100:420, 640:] = guest.y, guest.u, guest.v
    number = 60
    while booth.faces.count < 2:
        booth.show(noisy(together, number, 2))
        number += 1
        assert number < 60 + 40


def stirred(watch, frame, wanted):
    """Whether it is looked at before its time, two frames after the last look."""
    return any(watch.due(again(frame, frame.seq - 1 + step), wanted, 1) is not None for step in (0, 1))


@pytest.mark.parametrize("place", [(-400.0, 300.0), (1900.0, 1070.0), (960.0, 5000.0)])
def test_a_face_at_the_edge_or_outside_of_the_frame_is_no_trouble(place):
    frame, watch = face("presenter"), Watch()
    target = Target(1, Rectangle(*place, 400.0, 0.3), (30.0, 0.0), 0, apart=AT_REST)
    wanted = Wanted((target,), overview=False)
    assert watch.due(again(frame, 0), wanted, 1) is not None, "what isn't known is looked at"
    assert any(watch.due(again(frame, number), wanted, 1) for number in range(1, AT_REST + 1))


def resting(count, apart):
    """So many faces beside each other, over the presenter's picture."""
    return [Target(number, Rectangle(300.0 + 430 * number, 450.0, 400.0, 0.0), (0.0, 0.0), 0, apart=apart) for number in range(count)]


def watched(targets, frames, rarer=1):
    """Which face was looked at on which frame, by number; its time is then that frame's, as the tracker says it."""
    watch, known, looks_at = Watch(), {target.face_id: target for target in targets}, {target.face_id: [] for target in targets}
    for shown in frames:
        due = watch.due(shown, Wanted(tuple(known.values()), overview=False), rarer)
        if due is not None:
            first = due.targets[0]
            known[first.face_id] = replace(first, time_ns=shown.time_ns)
            looks_at[first.face_id].append(shown.seq)
    return looks_at


@pytest.mark.parametrize(("count", "apart"), [(1, AT_REST), (2, AT_REST_OF_SEVERAL), (4, AT_REST_OF_SEVERAL), (4, OFTEN)])
@pytest.mark.parametrize("step", [1, 2, 4])
@pytest.mark.parametrize("rarer", [1, 2])
def test_neither_a_slow_camera_nor_a_machine_out_of_breath_makes_a_face_fade(count, apart, step, rarer):
    looks_at = watched(resting(count, apart), [again(face("presenter"), number) for number in range(0, 120 * step, step)], rarer)
    for numbers in looks_at.values():
        assert max(np.diff(numbers)) * FRAME_NS < GAP_NS - 3 * FRAME_NS
        assert max(np.diff(numbers)) * FRAME_NS <= max(LONGEST_NS + count * step * FRAME_NS, apart * rarer * step * FRAME_NS)


def test_four_faces_at_rest_need_about_a_mesh_in_every_fourth_frame():
    looks_at = watched(resting(4, AT_REST_OF_SEVERAL), [again(face("presenter"), number) for number in range(160)])
    assert sum(len(numbers) for numbers in looks_at.values()) <= 4 * (160 / AT_REST_OF_SEVERAL + 1)


def test_of_four_faces_one_that_never_rests_leaves_the_others_their_turns():
    restless, frames = face("presenter"), []
    for number in range(120):
        shown = copy(again(restless, number))
        shown.y[300:600, 150:450] = 40 + 60 * (number // 2 % 3)
        frames.append(shown)
    looks_at = watched(resting(4, AT_REST_OF_SEVERAL), frames)
    assert len(looks_at[0]) > 2 * len(looks_at[1])
    assert all(max(np.diff(looks_at[number])) * FRAME_NS <= LONGEST_NS + 4 * FRAME_NS for number in (1, 2, 3))


def test_a_face_that_goes_on_at_its_speed_has_not_stirred_and_one_that_stops_has():
    frame = face("presenter")
    booth = Booth(1920, 1080, LookSettings(smooth=0.5))
    for number in range(6):
        booth.show(again(frame, number))
    square = booth.faces.items[0]
    middle, side = square.points.mean(axis=0), 1.5 * square.width
    target = Target(1, Rectangle(float(middle[0]), float(middle[1]), side, 0.0), (120.0, 0.0), 0, apart=AT_REST)
    wanted = Wanted((target,), overview=False)
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
    targets = [
        Target(number, Rectangle(x + 420 * (number - 2), y, 400.0, 0.0), (0.0, 0.0), 0, apart=AT_REST_OF_SEVERAL) for number in (1, 2, 3)
    ]
    wanted, watch = Wanted(tuple(targets), overview=False), Watch()
    for number in range(3):
        assert watch.due(again(frame, number), wanted, 1) is not None
    assert watch.due(again(frame, 3), wanted, 1) is None
    other = copy(again(frame, 4))
    cv2.circle(other.y, (round(x), round(y)), 60, 30, -1)
    due = watch.due(other, wanted, 1)
    assert due is not None
    assert due.targets[0].face_id == 2
