import threading
from dataclasses import replace
from itertools import pairwise

import cv2
import numpy as np
import pytest

from capture.look import BeautyLook
from capture.look.faces import Faces
from capture.look.picture import Booth, to_frame
from studio.errors import InvalidInput
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings, VideoSettings
from studio.model.shot import ShotSettings
from tests.capture.look.pictures import FRAME_NS, again, clip, copy, detail, face, mask, rgb, settled

SHOT = ShotSettings()

EVERYTHING = {
    **dict.fromkeys(("smooth", "whiten", "rosy", "sharpen", "even_tone", "eye_bags", "smile_lines", "teeth", "eye_light"), 1.0),
    **dict.fromkeys(("slim", "narrow", "chin", "forehead", "eyes", "nose", "mouth", "lips", "blush", "brows"), 1.0),
}


@pytest.fixture
def look():
    made = BeautyLook(VideoSettings())
    assert made.wait_ready(180)
    return made


def test_a_look_that_is_off_gives_back_the_same_bits(look):
    frame = face("presenter")
    for settings in (LookSettings(), LookSettings(enabled=False, smooth=1.0, exposure=1.0), LookSettings(lut_strength=0.2)):
        look.configure(settings)
        after = copy(frame)
        assert look.sample(after, SHOT) is None, "nobody asks for faces"
        look.apply(after, Faces(), SHOT)
        assert np.array_equal(after.planes, frame.planes)


def test_a_look_that_was_never_configured_changes_nothing(look):
    after = copy(face("presenter"))
    look.apply(after, None, SHOT)
    assert np.array_equal(after.planes, face("presenter").planes)


def test_without_a_face_skin_changes_no_bit_and_colour_still_works():
    random = np.random.default_rng(1)
    frame = VideoFrame(random.integers(16, 236, (540, 640), dtype=np.uint8), 0, 0)
    after, booth = settled(frame, smooth=1.0, whiten=1.0, rosy=1.0)
    assert booth.faces.count == 0
    assert np.array_equal(after.planes, frame.planes)
    after, _ = settled(frame, smooth=1.0, exposure=0.5)
    assert after.y.mean() > frame.y.mean() + 5


def test_every_second_new_frame_is_sampled_and_a_repeated_one_never(look):
    look.configure(LookSettings(smooth=0.5))
    frame = face("presenter")
    wanted = [look.sample(again(frame, number), SHOT) is not None for number in range(6)]
    assert wanted == [True, False, True, False, True, False]
    assert look.sample(again(frame, 6), SHOT) is not None
    assert look.sample(again(frame, 6), SHOT) is None
    assert look.sample(again(frame, 6), SHOT) is None


def test_the_sample_holds_no_view_of_the_frame(look):
    look.configure(LookSettings(smooth=0.5))
    frame = copy(face("presenter"))
    sample = look.sample(frame, SHOT)
    before = sample.overview.copy()
    frame.planes[:] = 0
    assert np.array_equal(sample.overview, before)
    assert sample.time_ns == frame.time_ns


def test_faces_fade_in_within_a_fifth_of_a_second_and_never_pop():
    frame = face("presenter")
    where = mask("presenter", "skin")
    booth = Booth(1920, 1080, LookSettings(smooth=1.0))
    kept = [detail(booth.show(again(frame, number)).y, where) / detail(frame.y, where) for number in range(16)]
    first = next(index for index, value in enumerate(kept) if value < 0.999)
    assert kept[first] > 0.75
    assert max(-np.diff(kept)) < 0.25
    assert kept[first + 6] == pytest.approx(kept[-1], abs=0.02)


def test_a_face_that_leaves_fades_out_where_it_was():
    frame, where = face("presenter"), mask("presenter", "skin")
    _, booth = settled(frame, smooth=1.0)
    look, found = booth._look, booth.faces
    gone = Faces((), 15 * FRAME_NS)
    kept = []
    for number in range(15, 24):
        shown = copy(again(frame, number))
        look.apply(shown, found if number == 15 else gone, SHOT)
        kept.append(detail(shown.y, where) / detail(frame.y, where))
    assert kept[0] < 0.5
    assert kept == sorted(kept)
    assert max(np.diff(kept)) < 0.25
    assert kept[-1] == 1.0


def test_a_tracker_that_hangs_leaves_no_old_mask_on_the_picture():
    frame = face("presenter")
    _, booth = settled(frame, smooth=1.0)
    shown = frame
    for number in range(15, 60):
        shown = copy(again(frame, number))
        booth._look.apply(shown, booth.faces, SHOT)
    assert np.array_equal(shown.planes, frame.planes)


def test_the_mask_follows_a_moving_face_between_two_meshes():
    frame = face("presenter")

    def moved(number):
        planes = VideoFrame.black(1920, 1080, number * FRAME_NS, number)
        for plane, source, step in ((planes.y, frame.y, 6), (planes.u, frame.u, 3), (planes.v, frame.v, 3)):
            plane[:] = np.roll(source, number * step, axis=1)
        return planes

    booth = Booth(1920, 1080, LookSettings(smooth=0.5))
    for number in range(20):
        booth.show(moved(number))
    shown = next(iter(booth._look._presence._shown.values()))
    eyes = [(shown.face.points + np.array(shown.face.speed) * (19 * FRAME_NS - shown.face.time_ns) / 1e9)[index] for index in (33, 263)]
    _, still = settled(frame, smooth=0.5)
    truth = [still.faces.items[0].points[index] + np.array([19 * 6, 0]) for index in (33, 263)]
    assert np.abs(np.array(eyes) - np.array(truth)).max() < 0.03 * shown.face.width


def test_landmarks_on_a_still_face_hardly_tremble_though_the_camera_has_noise():
    frame, random = face("presenter"), np.random.default_rng(2)
    booth = Booth(1920, 1080, LookSettings(smooth=0.5))
    seen = []
    noise = [random.normal(0, 2, frame.y.shape).astype(np.float32) for _ in range(5)]
    for number in range(46):
        noisy = copy(again(frame, number))
        noisy.y[:] = (frame.y + noise[number % 5]).clip(16, 235)
        booth.show(noisy)
        if number > 20:
            seen.append(booth.faces.items[0].points)
    assert np.std(np.array(seen), axis=0).mean() < 0.15


@pytest.mark.parametrize(("width", "height"), [(64, 64), (66, 66), (854, 482), (1280, 722), (480, 854), (3840, 2160), (64, 3840)])
def test_any_size_of_a_canvas_goes_through(width, height):
    portrait = rgb("astronaut")[:260, 90:350]
    side = min(width, height)
    picture = np.full((height, width, 3), 120, np.uint8)
    top, left = (height - side) // 2, (width - side) // 2
    picture[top : top + side, left : left + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_CUBIC)
    frame = to_frame(picture)
    after, booth = settled(frame, exposure=0.1, **EVERYTHING)
    assert after.planes.shape == (height * 3 // 2, width)
    if side >= 400 and max(width, height) < 3 * side:
        assert booth.faces.count == 1


@pytest.mark.parametrize(("across", "down"), [(0.5, 0), (-0.5, 0), (0, 0.55), (0, -0.45), (0.5, 0.5)])
def test_a_face_half_out_of_the_frame_is_no_trouble(across, down):
    frame = face("presenter")
    found = settled(frame, smooth=0.5)[1].faces
    shift = (int(960 - found.items[0].points[:, 0].mean()), 0)
    picture = VideoFrame.black(1920, 1080)
    dx, dy = int(across * 1920 + shift[0]) // 2 * 2, int(down * 1080) // 2 * 2
    for plane, source, step in ((picture.y, frame.y, 1), (picture.u, frame.u, 2), (picture.v, frame.v, 2)):
        matrix = np.array([[1, 0, dx / step], [0, 1, dy / step]], np.float32)
        plane[:] = cv2.warpAffine(source, matrix, (plane.shape[1], plane.shape[0]), borderMode=cv2.BORDER_REPLICATE)
    after, _ = settled(picture, **EVERYTHING)
    assert after.planes.shape == picture.planes.shape
    wall = np.s_[:100, :200] if dx > 0 else np.s_[:100, -200:]
    assert np.array_equal(after.y[wall], picture.y[wall])


@pytest.mark.parametrize("jump", [np.nan, np.inf, -1e9, 1e9, 5000.0])
def test_landmarks_that_jump_anywhere_cost_no_frame(look, jump):
    _, booth = settled(face("presenter"), smooth=1.0)
    found = booth.faces.items[0]
    look.configure(LookSettings(**EVERYTHING))
    points = found.points.copy()
    points[::3] = jump
    for number, item in enumerate((found, replace(found, points=points), replace(found, speed=(1e9, -1e9)), replace(found, width=1e7))):
        shown = copy(again(face("presenter"), number + 1))
        look.apply(shown, Faces((item,), shown.time_ns), SHOT)


def test_a_grey_picture_a_poster_and_a_face_of_wrong_proportions_cost_no_frame():
    frame = face("presenter")
    grey = copy(frame)
    grey.u[:] = 128
    grey.v[:] = 128
    poster = copy(frame)
    poster.y[:] = cv2.GaussianBlur(frame.y, (0, 0), 4)
    flat = copy(frame)
    for plane in (flat.y, flat.u, flat.v):
        plane[:] = cv2.resize(plane[plane.shape[0] // 4 : plane.shape[0] // 2], (plane.shape[1], plane.shape[0]))
    for picture in (grey, poster, flat):
        after, _ = settled(picture, **EVERYTHING)
        assert after.planes.shape == frame.planes.shape


def test_a_face_the_mesh_is_half_sure_of_has_half_of_the_look():
    frame = face("presenter")
    _, booth = settled(frame, smooth=1.0)
    found = booth.faces.items[0]
    for number in range(15, 24):
        unsure = replace(found, certainty=0.5, time_ns=number * FRAME_NS)
        shown = copy(again(frame, number))
        booth._look.apply(shown, Faces((unsure,), number * FRAME_NS), ShotSettings())
    where = mask("presenter", "skin")
    whole = detail(settled(frame, smooth=1.0)[0].y, where)
    assert whole < detail(shown.y, where) < detail(frame.y, where)


def test_a_cube_that_cannot_be_used_leaves_the_old_look(look, tmp_path):
    broken = tmp_path / "broken.cube"
    broken.write_text("LUT_3D_SIZE 2\n0 0 x\n")
    look.configure(LookSettings(exposure=0.5))
    before = copy(face("presenter"))
    look.apply(before, None, SHOT)
    with pytest.raises(InvalidInput):
        look.configure(LookSettings(lut=str(broken)))
    after = copy(face("presenter"))
    look.apply(after, None, SHOT)
    assert np.array_equal(after.planes, before.planes)


def test_settings_change_while_three_threads_work(look):  # noqa: C901 - three threads, one after the other below
    look.configure(LookSettings(smooth=0.5))
    frames, stop, trouble = clip(12), threading.Event(), []
    faces = [None]

    def guarded(work):
        def run():
            try:
                while not stop.is_set():
                    work()
            except Exception as error:  # noqa: BLE001 - whatever it is, the test shows it
                trouble.append(error)

        return run

    samples = []

    def configure():
        for value in (0.0, 0.5, 1.0):
            look.configure(LookSettings(smooth=value, whiten=value, exposure=value))

    def find():
        if samples:
            faces[0] = look.track(samples.pop())

    threads = [threading.Thread(target=guarded(work)) for work in (configure, find)]
    for thread in threads:
        thread.start()
    try:
        for number in range(60):
            frame = copy(again(frames[number % 12], number))
            sample = look.sample(frame, SHOT)
            if sample is not None:
                samples.append(sample)
            look.apply(frame, faces[0], SHOT)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert not trouble


def test_the_look_on_the_clip_does_not_flicker():
    """What smoothing takes away changes no faster on skin than the camera's own noise."""
    frames = clip(24)
    booth = Booth(1920, 1080, LookSettings(smooth=0.8))
    shown = [booth.show(frame) for frame in frames]
    where = mask("presenter", "skin")
    changes = [[np.abs(after.y.astype(int) - before.y)[where].mean() for before, after in pairwise(row[16:])] for row in (frames, shown)]
    assert np.mean(changes[1]) <= np.mean(changes[0])
