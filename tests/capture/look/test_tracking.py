import cv2
import numpy as np
import pytest

from capture.look import mesh, sampler, weights
from capture.look.detector import Detector
from capture.look.faces import Rectangle
from capture.look.one_euro import OneEuro
from capture.look.pace import AT_REST_OF_SEVERAL
from capture.look.picture import to_frame
from capture.look.tracker import Tracker
from studio.model.frames import VideoFrame
from tests.capture.look.pictures import FRAME_NS, again, face, rgb


@pytest.fixture(scope="module")
def networks():
    return Detector(weights.load("face_detector.tflite")), mesh.Mesh(weights.load("face_mesh.tflite"))


def followed(networks, frame, count=6, limit=1):
    tracker = Tracker(*networks, limit=limit)
    faces = None
    for number in range(count):
        faces = tracker.track(sampler.cut(again(frame, 2 * number), tracker.wanted))
    return faces, tracker


@pytest.mark.parametrize(
    ("name", "eyes"),
    [("presenter", ((905, 371), (1050, 378))), ("hopper", ((220, 188), (307, 184))), ("astronaut", ((203, 101), (246, 103)))],
)
def test_the_pupils_are_where_a_person_sees_them(networks, name, eyes):
    faces, _ = followed(networks, face(name))
    assert faces.count == 1
    found = faces.items[0].points[[468, 473]]
    assert np.abs(found - np.array(eyes)).max() < 0.035 * faces.items[0].width


@pytest.mark.parametrize("angle", [-35, -15, 20, 40])
def test_a_tilted_head_is_followed(networks, angle):
    picture = rgb("astronaut")
    matrix = cv2.getRotationMatrix2D((225, 125), angle, 1.4)
    turned = cv2.warpAffine(picture, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    upright, _ = followed(networks, face("astronaut"))
    faces, _ = followed(networks, to_frame(turned), 8)
    truth = upright.items[0].points @ matrix[:, :2].T + matrix[:, 2]
    assert faces.count == 1
    assert np.abs(faces.items[0].points - truth).mean() < 0.03 * faces.items[0].width


def test_the_detector_rests_while_the_only_face_is_followed_and_wakes_when_it_is_lost(networks):
    _, tracker = followed(networks, face("presenter"))
    assert not tracker.wanted.overview
    assert len(tracker.wanted.targets) == 1
    for number in (100, 102, 104):
        faces = tracker.track(sampler.cut(VideoFrame.black(1920, 1080, number * FRAME_NS, number), tracker.wanted))
        assert tracker.wanted.overview
    assert faces.count == 0
    assert tracker.wanted == sampler.Wanted((), overview=True)


def test_a_face_that_comes_back_is_another_face(networks):
    faces, tracker = followed(networks, face("presenter"))
    first = faces.items[0].id
    for number in (90, 92, 94):
        tracker.track(sampler.cut(VideoFrame.black(1920, 1080, number * FRAME_NS, number), tracker.wanted))
    for number in range(100, 106):
        faces = tracker.track(sampler.cut(again(face("presenter"), number), tracker.wanted))
    assert faces.count == 1
    assert faces.items[0].id != first


def test_a_face_that_is_covered_for_a_moment_stays_where_it_was(networks):
    faces, tracker = followed(networks, face("presenter"))
    first = faces.items[0]
    for number in (90, 92):
        faces = tracker.track(sampler.cut(VideoFrame.black(1920, 1080, number * FRAME_NS, number), tracker.wanted))
        assert faces.items[0].id == first.id
        assert np.abs(faces.items[0].points - first.points).max() < 2
    faces = tracker.track(sampler.cut(again(face("presenter"), 94), tracker.wanted))
    assert faces.items[0].id == first.id
    assert not tracker.wanted.overview


def four_people():
    one, other = rgb("astronaut")[:300, 75:375], rgb("hopper")[40:340, 110:410]
    return to_frame(np.vstack([np.hstack([one, other]), np.hstack([other[:, ::-1], one[:, ::-1]])]))


def test_four_faces_take_turns_at_one_mesh_a_sample_and_all_stay_on_the_picture(networks):
    frame, tracker, turns = four_people(), Tracker(*networks, limit=4), []
    count = 4 * 8  # a face is known, and may be at rest, after seven meshes
    for number in range(count):
        sample = sampler.cut(again(frame, number), tracker.wanted)
        assert len(sample.patches) <= 1
        turns += [patch.face_id for patch in sample.patches]
        faces = tracker.track(sample)
    assert faces.count == 4
    assert sorted(turns[-4:]) == sorted(turns[-8:-4]) == sorted(item.id for item in faces.items)
    assert {target.apart for target in tracker.wanted.targets} == {AT_REST_OF_SEVERAL}
    assert all((count - 1) * FRAME_NS - item.time_ns <= 4 * FRAME_NS for item in faces.items)


def test_of_twenty_faces_the_four_largest_are_taken(networks):
    portrait = rgb("astronaut")[:260, 90:350]
    wall = np.full((1080, 1920, 3), 90, np.uint8)
    sides = [170] * 16 + [320] * 4
    for number, side in enumerate(sides):
        left, top = ((number % 8) * 235 + 10, (number // 8) * 190 + 10) if number < 16 else ((number - 16) * 460 + 40, 620)
        wall[top : top + side, left : left + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    faces, _ = followed(networks, to_frame(wall), 12, limit=4)
    assert faces.count == 4
    assert min(float(item.points[:, 1].mean()) for item in faces.items) > 600


def test_two_people_are_followed_where_two_are_allowed_and_one_where_one_is(networks):
    pair = np.hstack([rgb("astronaut")[:500], cv2.resize(rgb("hopper"), (512, 600))[40:540]])
    faces, tracker = followed(networks, to_frame(pair), 8, limit=4)
    assert faces.count == 2
    middles = sorted(float(item.points[:, 0].mean()) for item in faces.items)
    assert middles[0] < 400
    assert middles[1] > 600
    assert not any(target.rectangle.side < 50 for target in tracker.wanted.targets)
    faces, _ = followed(networks, to_frame(pair), 8, limit=1)
    assert faces.count == 1


def test_a_wall_of_noise_has_no_face(networks):
    random = np.random.default_rng(3)
    frame = VideoFrame(random.integers(0, 256, (1080, 1280), dtype=np.uint8), 0, 0)
    faces, _ = followed(networks, frame)
    assert faces.count == 0


def test_the_skin_that_is_fitted_is_the_colour_of_the_cheeks(networks):
    faces, _ = followed(networks, face("presenter"), 10)
    skin = faces.items[0].skin
    cheek = np.s_[205:225, 530:548]
    assert abs(skin.u - face("presenter").u[cheek].mean()) < 5
    assert abs(skin.v - face("presenter").v[cheek].mean()) < 5


@pytest.mark.parametrize("angle", [0.0, 0.4, -1.2, 3.0])
def test_points_of_a_patch_go_to_the_frame_where_the_pixels_came_from(angle):
    rectangle = Rectangle(300.0, 200.0, 180.0, angle)
    frame = VideoFrame.black(640, 480)
    matrix = mesh.crop_matrix(rectangle, mesh.SIDE, 1)
    corner = matrix @ np.array([-0.5, -0.5, 1])
    expected = mesh.to_frame(np.array([[-0.5, -0.5]], np.float32), rectangle)[0]
    assert np.allclose(corner + 0.5, expected + 0.5, atol=1e-3) or np.allclose(corner, expected, atol=0.5)
    x, y = 320, 190
    cv2.circle(frame.y, (x, y), 3, 255, -1)
    patch = cv2.warpAffine(frame.y, matrix, (mesh.SIDE, mesh.SIDE), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP)
    rows, columns = np.nonzero(patch > 200)
    place = np.array([[(columns.mean() + 0.5) / mesh.SIDE - 0.5, (rows.mean() + 0.5) / mesh.SIDE - 0.5]], np.float32)
    assert np.allclose(mesh.to_frame(place, rectangle)[0] - 0.5, [x, y], atol=0.6)


class TestOneEuro:
    def test_a_still_point_gets_stiller(self):
        random, smooth = np.random.default_rng(4), OneEuro()
        raw = np.full((478, 2), 500, np.float32) + random.normal(0, 0.2, (90, 478, 2)).astype(np.float32)
        out = np.array([smooth(points, 300, number * 2 * FRAME_NS) for number, points in enumerate(raw)])
        assert out[30:].std(axis=0).mean() < 0.5 * raw[30:].std(axis=0).mean()

    def test_a_moving_face_is_hardly_late(self):
        smooth, speed, out = OneEuro(), 300.0, None
        for number in range(60):
            points = np.full((478, 2), 100 + speed * number * 2 / 30, np.float32)
            out = smooth(points, 300, number * 2 * FRAME_NS)
        assert abs(float(out[0, 0] - points[0, 0])) < 0.02 * 300

    def test_after_a_gap_or_a_step_back_in_time_it_starts_again(self):
        smooth = OneEuro()
        smooth(np.zeros((478, 2), np.float32), 300, 0)
        far = np.full((478, 2), 900, np.float32)
        assert smooth(far, 300, 2_000_000_000)[0, 0] == 900
        assert smooth(far - 100, 300, 1_000_000_000)[0, 0] == 800
