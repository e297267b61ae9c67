"""Several faces before one camera: none of them fades while it is there, whoever else comes, hangs on the wall or is one too many."""

import cv2
import numpy as np
import pytest

from capture.look.picture import Booth, to_frame
from studio.model.frames import VideoFrame
from studio.model.settings import LookSettings
from tests.capture.look.pictures import FRAME_NS, copy, face, rgb

LOOK = LookSettings(smooth=0.8, whiten=0.5)


def weights(booth):
    """How much of the look each face has, by its number."""
    return {face_id: shown.weight for face_id, shown in booth._look._presence._shown.items()}


def shown(booth, frame, numbers, step=1):
    """A camera with noise that has a picture in every `step`th frame's time: the least weight of each face, and the numbers of all."""
    random, least, seen = np.random.default_rng(1), {}, set()
    ring = [np.rint(frame.planes + random.normal(0, 2, frame.planes.shape)).clip(0, 255).astype(np.uint8) for _ in range(3)]
    for number in numbers:
        booth.show(VideoFrame(ring[number % 3], number * step * FRAME_NS, number))
        now = weights(booth)
        seen |= set(now)
        least = {face_id: min(weight, least.get(face_id, 1.0)) for face_id, weight in now.items()}
    return least, seen


def four():
    one, other = rgb("astronaut")[:300, 75:375], rgb("hopper")[40:340, 110:410]
    return to_frame(np.vstack([np.hstack([one, other]), np.hstack([other[:, ::-1], one[:, ::-1]])]))


@pytest.mark.parametrize(("step", "ease"), [(1, 1), (2, 0), (3, 0)])
def test_four_faces_at_rest_keep_all_of_the_look_before_a_slow_camera_and_on_a_machine_out_of_breath(step, ease):
    booth, frame = Booth(600, 600, LOOK), four()
    booth._look.ease(ease)
    shown(booth, frame, range(30), step)
    least, seen = shown(booth, frame, range(30, 90), step)
    assert len(seen) == 4
    assert min(least.values()) > 0.95


def test_a_poster_behind_the_host_costs_the_host_nothing_and_does_not_blink():
    frame = copy(face("presenter"))
    poster = to_frame(cv2.resize(rgb("hopper")[40:340, 110:410], (360, 360)))
    frame.y[40:400, 1480:1840], frame.u[20:200, 740:920], frame.v[20:200, 740:920] = poster.y, poster.u, poster.v
    booth = Booth(1920, 1080, LOOK)
    shown(booth, frame, range(40))
    least, seen = shown(booth, frame, range(40, 70))
    assert len(seen) == 2
    assert min(least.values()) > 0.9


def test_of_twenty_faces_the_same_four_are_made_up_all_the_time():
    portrait = rgb("astronaut")[:260, 90:350]
    wall = np.full((540, 960, 3), 90, np.uint8)
    for number, side in enumerate([90] * 16 + [160] * 4):
        left, top = ((number % 8) * 117 + 5, (number // 8) * 95 + 5) if number < 16 else ((number - 16) * 230 + 20, 310)
        wall[top : top + side, left : left + side] = cv2.resize(portrait, (side, side), interpolation=cv2.INTER_AREA)
    booth, frame = Booth(960, 540, LOOK), to_frame(wall)
    shown(booth, frame, range(30))
    least, seen = shown(booth, frame, range(30, 60))
    assert len(seen) == 4
    assert min(least.values()) > 0.9


def test_a_face_that_walks_in_over_the_edge_comes_evenly():
    host, booth, before = face("presenter"), Booth(1920, 1080, LOOK), {}
    steps = []
    for number in range(60):
        frame = VideoFrame.black(1920, 1080, number * FRAME_NS, number)
        across = max(1200 - 24 * number, 0)
        for plane, source, shrink in ((frame.y, host.y, 1), (frame.u, host.u, 2), (frame.v, host.v, 2)):
            plane[:, across // shrink :] = source[:, : source.shape[1] - across // shrink]
        booth.show(frame)
        now = weights(booth)
        steps += [abs(weight - before.get(face_id, 0.0)) for face_id, weight in now.items()]
        steps += [weight for face_id, weight in before.items() if face_id not in now]
        before = now
    assert max(steps) < 0.25
    assert max(before.values()) > 0.95
